/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/outputs/fixture.h"

enum { FRAMES = 3 };

static struct segment_writer writer;
static struct segment_reader reader;

static int
setup(void **state)
{
	if (fixture_make(state) < 0 || segment_writer_init(&writer) < 0)
		return -1;
	return segment_reader_init(&reader);
}

static int
teardown(void **state)
{
	segment_writer_fini(&writer);
	segment_reader_fini(&reader);
	return fixture_remove(state);
}

static struct segment_spec
spec_of(uint64_t number)
{
	return (struct segment_spec){
		.head = { .number = number, .stream = 7, .kind = SEGMENT_ALERTS },
		.host = SPAN_OF("falcon"), .bytes = 64 << 10,
	};
}

static void
append(uint64_t position)
{
	static _Alignas(8) uint8_t bytes[SEGMENT_FRAME_MAX];
	struct segment_frame *frame = (void *)bytes;
	uint32_t len = fixture_alert(position, 0, "message", 7);

	assert_int_equal(segment_pack(reader.packer, frame, fixture_record, len), 0);
	frame->record_count = 1;
	frame->first.position = frame->last.position = position;
	assert_int_equal(segment_append(&writer, frame), 0);
}

/* Segment 1 with FRAMES frames; returns its directory. */
static int
make_segment(bool seal)
{
	struct segment_spec spec = spec_of(1);
	int dir = fixture_dir(".");

	assert_int_equal(segment_create(&writer, dir, &spec), 0);
	for (uint64_t i = 1; i <= FRAMES; i++)
		append(i);
	if (seal)
		assert_int_equal(segment_seal(&writer, true), 0);
	return dir;
}

/* Frames that can be read and unpacked from the start; *STATE gets what ended them. */
static uint32_t
count_frames(int dir, int *state)
{
	uint32_t count = 0;

	if ((*state = segment_open(&reader, dir, 1)) < 0)
		return 0;
	while ((*state = segment_next(&reader)) == SEGMENT_FRAME) {
		assert_int_equal(segment_records(&reader), 0);
		count++;
	}
	return count;
}

static void
names_are_numbers_and_back(void **state)
{
	char name[SEGMENT_NAME_MAX];

	(void)state;
	segment_name(name, 42);
	assert_string_equal(name, "0000000000000042.seg");
	assert_int_equal(segment_number(name), 42);
	assert_int_equal(segment_number("0000000000000042.se"), 0);
	assert_int_equal(segment_number("000000000000042.seg"), 0);
	assert_int_equal(segment_number("0000000000000042.segx"), 0);
	assert_int_equal(segment_number("-000000000000042.seg"), 0);
	assert_int_equal(segment_number(""), 0);
}

static void
what_is_written_is_read(void **state)
{
	int dir = make_segment(false), end;

	(void)state;
	assert_int_equal(count_frames(dir, &end), FRAMES);
	assert_int_equal(end, SEGMENT_OPEN);
	assert_string_equal(reader.host, "falcon");
	assert_int_equal(segment_seal(&writer, true), 0);
	assert_int_equal(count_frames(dir, &end), FRAMES);
	assert_int_equal(end, SEGMENT_SEALED);
	assert_int_equal(segment_check_seal(&reader, FRAMES, FRAMES), 0);
	assert_int_equal(segment_check_seal(&reader, FRAMES, FRAMES + 1), -EBADMSG);
	(void)close(dir);
}

/* Zeros that were cut off are zeros again: preallocated. */
static uint64_t
without_zeros(const uint8_t *bytes, uint64_t end)
{
	while (end > 0 && bytes[end - 1] == 0)
		end--;
	return end;
}

/* A file cut anywhere gives the frames that are whole, and recovery seals it there. */
static void
torn_at_every_byte(void **state)
{
	int dir = make_segment(false), fd, end;
	uint64_t first = writer.entries[0].offset, size = writer.used;
	char name[SEGMENT_NAME_MAX];
	uint8_t *bytes = malloc(size);
	bool torn;

	(void)state;
	segment_name(name, 1);
	fd = openat(dir, name, O_RDWR);
	assert_int_equal(pread(fd, bytes, size, 0), (ssize_t)size);
	for (uint64_t cut = 0; cut < size; cut++) {
		uint32_t whole = 0;

		for (uint32_t i = 1; i <= FRAMES; i++) {
			uint64_t frame_end = i < FRAMES ? writer.entries[i].offset : size;

			whole += cut >= without_zeros(bytes, frame_end);
		}
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, bytes, cut, 0), (ssize_t)cut);
		assert_int_equal(ftruncate(fd, (off_t)size + 4096), 0);
		if (cut < without_zeros(bytes, first)) {
			assert_int_equal(count_frames(dir, &end), 0);
			assert_true(end == -EBADMSG || end == -ENODATA || end == -ENOTSUP);
			continue;
		}
		assert_int_equal(count_frames(dir, &end), whole);
		if (cut % 7 != 0)
			continue;
		{
			struct segment_writer again;

			assert_int_equal(segment_writer_init(&again), 0);
			assert_int_equal(segment_resume(&again, dir, 1, &reader, &torn), 1);
			assert_int_equal(again.last.position, whole);
			assert_int_equal(segment_seal(&again, false), 0);
			segment_writer_fini(&again);
		}
		assert_int_equal(count_frames(dir, &end), whole);
		assert_int_equal(end, SEGMENT_SEALED);
	}
	free(bytes);
	(void)close(fd);
	(void)close(dir);
}

/*
 * One bit wrong anywhere: the frame it is in, or the head, is refused; the frames before it
 * are not.
 */
static void
a_flipped_bit_is_found(void **state)
{
	int dir = make_segment(true), fd, end;
	uint64_t size = writer.used;
	char name[SEGMENT_NAME_MAX];
	uint8_t byte, flipped;

	(void)state;
	segment_name(name, 1);
	fd = openat(dir, name, O_RDWR);
	for (uint64_t at = 0; at < size; at++) {
		uint32_t before = 0, count;

		for (uint32_t i = 1; i < FRAMES; i++)
			before += at >= writer.entries[i].offset;
		assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
		flipped = byte ^ (uint8_t)(1 << at % 8);
		assert_int_equal(pwrite(fd, &flipped, 1, (off_t)at), 1);
		count = count_frames(dir, &end);
		assert_int_equal(count, at < writer.entries[0].offset ? 0 : before);
		assert_true(end == SEGMENT_TORN || end < 0);
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
	}
	assert_int_equal(count_frames(dir, &end), FRAMES);
	(void)close(fd);
	(void)close(dir);
}

static void
a_damaged_index_is_found(void **state)
{
	int dir = make_segment(true), fd, end, found;
	char name[SEGMENT_NAME_MAX];
	struct stat st;
	uint8_t byte;

	(void)state;
	segment_name(name, 1);
	fd = openat(dir, name, O_RDWR);
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = (off_t)writer.used; at < st.st_size; at++) {
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		byte ^= 16;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		assert_int_equal(count_frames(dir, &end), FRAMES);
		found = -EBADMSG;
		if (end == SEGMENT_SEALED)
			found = segment_check_seal(&reader, FRAMES, FRAMES);
		assert_int_equal(found, -EBADMSG);
		byte ^= 16;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	(void)close(fd);
	(void)close(dir);
}

static void
a_frame_out_of_its_chain_is_refused(void **state)
{
	int dir = make_segment(false), end;

	(void)state;
	writer.chain ^= 1;
	append(9);
	assert_int_equal(count_frames(dir, &end), FRAMES);
	assert_int_equal(end, SEGMENT_TORN);
	(void)close(dir);
}

static void
a_damaged_frame_can_be_skipped(void **state)
{
	int dir = make_segment(true), fd, end;
	char name[SEGMENT_NAME_MAX];
	const uint8_t byte = 0xff;

	(void)state;
	segment_name(name, 1);
	fd = openat(dir, name, O_RDWR);
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)writer.entries[1].offset + 83), 1);
	assert_int_equal(count_frames(dir, &end), 1);
	assert_int_equal(end, SEGMENT_TORN);
	assert_true(segment_skip(&reader));
	assert_int_equal(segment_next(&reader), SEGMENT_FRAME);
	assert_int_equal(reader.frame->first.position, 3);
	(void)close(fd);
	(void)close(dir);
}

static void
a_segment_is_full_before_its_index_has_no_room(void **state)
{
	struct segment_spec spec = spec_of(1);
	int dir = fixture_dir("."), end;
	uint64_t count = 0;
	struct stat st;

	(void)state;
	assert_int_equal(segment_create(&writer, dir, &spec), 0);
	while (segment_fits(&writer, 1024))
		append(++count);
	assert_int_equal(segment_seal(&writer, true), 0);
	assert_int_equal(count_frames(dir, &end), count);
	assert_int_equal(end, SEGMENT_SEALED);
	assert_int_equal(fstat(reader.fd, &st), 0);
	assert_true(st.st_size <= 64 << 10);
	(void)close(dir);
}

static void
a_number_is_not_taken_twice(void **state)
{
	struct segment_spec spec = spec_of(1);
	int dir = make_segment(true);

	(void)state;
	assert_int_equal(segment_create(&writer, dir, &spec), -EEXIST);
	spec.head.number = 2;
	spec.bytes = (uint64_t)1 << 60;
	assert_true(segment_create(&writer, dir, &spec) < 0);
	assert_int_equal(spooldir_after(dir, 1), 0);
	(void)close(dir);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(names_are_numbers_and_back),
		TEST(what_is_written_is_read),
		TEST(torn_at_every_byte),
		TEST(a_flipped_bit_is_found),
		TEST(a_damaged_index_is_found),
		TEST(a_frame_out_of_its_chain_is_refused),
		TEST(a_damaged_frame_can_be_skipped),
		TEST(a_segment_is_full_before_its_index_has_no_room),
		TEST(a_number_is_not_taken_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
