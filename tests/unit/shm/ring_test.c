/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "ring_fixture.h"

enum { CAPACITY = RING_BYTES_MIN };

static void
entries_come_out_as_they_went_in(void **state)
{
	struct ring_fixture f;
	uint8_t buf[4096];

	(void)state;
	ring_fixture_open(&f, CAPACITY);
	assert_int_equal(ring_next(&f.consumer, buf, sizeof(buf)), 0);
	for (uint64_t i = 0; i < 100; i++)
		assert_true(ring_fixture_put(&f.producer, (uint32_t)(16 + 8 * (i % 50)), i));
	/* Committed is not published. */
	assert_int_equal(ring_next(&f.consumer, buf, sizeof(buf)), 0);
	ring_publish(&f.producer, 100);
	for (uint64_t i = 0; i < 100; i++) {
		uint64_t number;

		assert_int_equal(ring_next(&f.consumer, buf, sizeof(buf)), 16 + 8 * (i % 50));
		memcpy(&number, buf + 8, 8);
		assert_int_equal(number, i);
	}
	assert_int_equal(ring_next(&f.consumer, buf, sizeof(buf)), 0);
	assert_int_equal(ring_position(&f.consumer), 100);
	ring_fixture_close(&f);
}

static void
reserve_wraps_at_end(void **state)
{
	struct ring_fixture f;
	uint8_t buf[4096];
	uint64_t expected = 0;

	(void)state;
	ring_fixture_open(&f, CAPACITY);
	/* 1,000 does not divide the capacity. */
	for (uint64_t i = 0; i < 4 * CAPACITY / 1000; i++) {
		assert_true(ring_fixture_put(&f.producer, 1000, i));
		ring_publish(&f.producer, i + 1);
		assert_int_equal(ring_next(&f.consumer, buf, sizeof(buf)), 1000);
		assert_memory_equal(buf + 8, &expected, 8);
		for (size_t k = 16; k < 1000; k++)
			assert_int_equal(buf[k], expected & 0xff);
		expected++;
		ring_release(&f.consumer, i + 1);
	}
	ring_fixture_close(&f);
}

static void
a_full_ring_refuses_and_takes_again_after_release(void **state)
{
	struct ring_fixture f;
	uint8_t buf[CAPACITY / 8];
	uint64_t put = 0;

	(void)state;
	ring_fixture_open(&f, CAPACITY);
	while (ring_fixture_put(&f.producer, CAPACITY / 8, put)) {
		put++;
		ring_publish(&f.producer, put);
	}
	assert_int_equal(put, 8); /* exactly full: the last byte is used */
	assert_false(ring_fixture_put(&f.producer, 16, 0));
	assert_int_equal(ring_next(&f.consumer, buf, sizeof(buf)), CAPACITY / 8);
	assert_false(ring_fixture_put(&f.producer, 16, 0)); /* read is not released */
	ring_release(&f.consumer, 1);
	assert_true(ring_fixture_put(&f.producer, CAPACITY / 8, 8));
	assert_false(ring_fixture_put(&f.producer, 16, 0));
	ring_fixture_close(&f);
}

static void
a_quarter_pending_must_be_published_first(void **state)
{
	struct ring_fixture f;

	(void)state;
	ring_fixture_open(&f, CAPACITY);
	assert_true(ring_fixture_put(&f.producer, CAPACITY / 4, 1));
	assert_false(ring_fixture_put(&f.producer, 16, 2));
	ring_publish(&f.producer, 1);
	assert_true(ring_fixture_put(&f.producer, 16, 2));
	ring_fixture_close(&f);
}

static void
a_successor_producer_goes_on_with_mark_and_position(void **state)
{
	struct ring_fixture f;

	(void)state;
	ring_fixture_open(&f, CAPACITY);
	for (uint64_t i = 1; i <= 3; i++) {
		f.producer.words[0] = 100 + i;
		assert_true(ring_fixture_put(&f.producer, 64, i));
		ring_publish(&f.producer, i);
	}
	/* Committed, never published: lost with its writer. */
	assert_true(ring_fixture_put(&f.producer, 64, 4));
	f.producer.words[0] = 104;
	ring_detach(&f.producer);
	ring_fixture_producer(&f, 4);
	assert_int_equal(f.producer.words[0], 103);
	assert_int_equal(f.producer.position, 3);
	assert_int_equal(f.producer.own, 3 * 64);
	ring_fixture_close(&f);
}

static void
a_position_without_entries_is_seen_and_survives(void **state)
{
	struct ring_fixture f;

	(void)state;
	ring_fixture_open(&f, CAPACITY);
	ring_publish(&f.producer, 7);
	assert_int_equal(ring_position(&f.consumer), 7);
	ring_detach(&f.producer);
	ring_fixture_producer(&f, 4);
	assert_int_equal(f.producer.position, 7);
	ring_fixture_close(&f);
}

static void
a_successor_consumer_reads_again_what_was_not_released(void **state)
{
	struct ring_fixture f;
	uint8_t buf[64];

	(void)state;
	ring_fixture_open(&f, CAPACITY);
	for (uint64_t i = 1; i <= 3; i++)
		assert_true(ring_fixture_put(&f.producer, 64, i));
	ring_publish(&f.producer, 3);
	assert_int_equal(ring_next(&f.consumer, buf, sizeof(buf)), 64);
	ring_release(&f.consumer, 1);
	assert_int_equal(ring_next(&f.consumer, buf, sizeof(buf)), 64);
	ring_detach(&f.consumer);
	ring_fixture_consumer(&f);
	assert_int_equal(ring_next(&f.consumer, buf, sizeof(buf)), 64);
	assert_int_equal(buf[8], 2);
	assert_int_equal(f.consumer.position, 1);
	ring_fixture_close(&f);
}

static void
ended_means_closed_and_empty(void **state)
{
	struct ring_fixture f;
	uint8_t buf[64];

	(void)state;
	ring_fixture_open(&f, CAPACITY);
	assert_false(ring_ended(&f.consumer));
	assert_true(ring_fixture_put(&f.producer, 64, 1));
	ring_publish(&f.producer, 1);
	ring_end(&f.producer);
	assert_false(ring_ended(&f.consumer));
	assert_int_equal(ring_next(&f.consumer, buf, sizeof(buf)), 64);
	assert_true(ring_ended(&f.consumer));
	ring_fixture_close(&f);
}

/* The worst head a producer could store, and what the consumer says. */
static int
next_after_head(uint64_t head, uint64_t before)
{
	struct ring_fixture f;
	uint8_t buf[256];
	int got;

	ring_fixture_open(&f, CAPACITY);
	for (uint64_t i = 0; i < before; i++)
		assert_true(ring_fixture_put(&f.producer, 64, i));
	ring_publish(&f.producer, before);
	for (uint64_t i = 0; i < before; i++)
		assert_int_equal(ring_next(&f.consumer, buf, sizeof(buf)), 64);
	ring_release(&f.consumer, before);
	ring_fixture_producer_page(&f)->head = head;
	got = ring_next(&f.consumer, buf, sizeof(buf));
	ring_fixture_close(&f);
	return got;
}

static void
an_impossible_head_is_refused(void **state)
{
	(void)state;
	/* Back; more than fits; not a multiple of 8. */
	assert_int_equal(next_after_head(64 * 2 - 8, 2), -EBADMSG);
	assert_int_equal(next_after_head(128 + CAPACITY + 8, 2), -EBADMSG);
	assert_int_equal(next_after_head(128 + 4, 2), -EBADMSG);
	assert_int_equal(next_after_head(UINT64_MAX & ~(uint64_t)7, 2), -EBADMSG);
	assert_int_equal(next_after_head(0, 2), -EBADMSG);
	assert_int_equal(next_after_head(128, 2), 0);
}

static int
next_after_length(uint32_t len)
{
	struct ring_fixture f;
	uint8_t buf[256];
	int got;

	ring_fixture_open(&f, CAPACITY);
	assert_true(ring_fixture_put(&f.producer, 64, 1));
	ring_publish(&f.producer, 1);
	memcpy((uint8_t *)region_content(&f.data) + RING_CONTROL_BYTES, &len, 4);
	got = ring_next(&f.consumer, buf, sizeof(buf));
	ring_fixture_close(&f);
	return got;
}

static void
an_impossible_length_is_refused(void **state)
{
	(void)state;
	assert_int_equal(next_after_length(0), -EBADMSG);
	assert_int_equal(next_after_length(4), -EBADMSG);
	assert_int_equal(next_after_length(12), -EBADMSG);
	assert_int_equal(next_after_length(72), -EBADMSG);
	assert_int_equal(next_after_length(UINT32_MAX), -EBADMSG);
	assert_int_equal(next_after_length(8), 8);
	assert_int_equal(next_after_length(64), 64);
}

static void
an_entry_over_the_buffer_is_refused(void **state)
{
	struct ring_fixture f;
	uint8_t buf[64];

	(void)state;
	ring_fixture_open(&f, CAPACITY);
	assert_true(ring_fixture_put(&f.producer, 72, 1));
	ring_publish(&f.producer, 1);
	assert_int_equal(ring_next(&f.consumer, buf, sizeof(buf)), -EBADMSG);
	ring_fixture_close(&f);
}

static void
an_impossible_tail_is_refused(void **state)
{
	struct ring_fixture f;
	uint64_t put = 0;
	int err;

	(void)state;
	ring_fixture_open(&f, CAPACITY);
	while (ring_fixture_put(&f.producer, CAPACITY / 8, put))
		ring_publish(&f.producer, ++put);
	ring_fixture_consumer_page(&f)->tail = CAPACITY + 8; /* ahead of the head */
	assert_null(ring_reserve(&f.producer, 64, &err));
	assert_int_equal(err, -EBADMSG);
	assert_int_equal(ring_wait_room(&f.producer, 64, 1000), -EBADMSG);
	ring_fixture_close(&f);
}

/*
 * Random indices and lengths, for ASan and UBSan to watch: whatever comes back, nothing
 * outside is touched.
 */
static void
random_indices_never_reach_outside(void **state)
{
	struct ring_fixture f;
	static uint8_t buf[CAPACITY];
	unsigned seed = 1;

	(void)state;
	ring_fixture_regions(&f, CAPACITY);
	for (int i = 0; i < 20000; i++) {
		struct ring_producer_page *page = ring_fixture_producer_page(&f);
		uint64_t base = (uint64_t)rand_r(&seed) & ~(uint64_t)7;
		uint32_t *length;
		int err;

		page->head = base + (rand_r(&seed) % 3 ?
		    (uint64_t)rand_r(&seed) % (2 * CAPACITY) : (uint64_t)rand_r(&seed) << 33);
		ring_fixture_consumer_page(&f)->tail = base;
		length = (void *)((uint8_t *)region_content(&f.data) + RING_CONTROL_BYTES +
		    (base & (CAPACITY - 1)));
		*length = (uint32_t)rand_r(&seed) * 2;
		if (*length % 4 == 0)
			*length %= 4096;
		ring_fixture_consumer(&f);
		if (ring_next(&f.consumer, buf, sizeof(buf)) > 0)
			ring_release(&f.consumer, 1);
		ring_detach(&f.consumer);
		if (ring_attach_producer_take(&f.producer, region_reopen(&f.data, true),
		    region_reopen(&f.tail, false), REGION_RAW_DATA, 4) == 0) {
			void *entry = ring_reserve(&f.producer, 64, &err);

			if (entry)
				memset(entry, 0, 64);
		}
		ring_detach(&f.producer);
	}
	ring_fixture_close(&f);
}

static void
a_reader_can_not_write_and_no_one_can_resize(void **state)
{
	struct ring_fixture f;
	int fd;

	(void)state;
	ring_fixture_regions(&f, CAPACITY);
	fd = region_reopen(&f.data, false);
	assert_true(fd >= 0);
	assert_ptr_equal(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(ftruncate(f.data.fd, 0), -1);
	assert_int_equal(ftruncate(f.data.fd, 1 << 30), -1);
	(void)close(fd);
	ring_fixture_close(&f);
}

static void
a_sleeping_consumer_is_bounded(void **state)
{
	struct ring_fixture f;

	(void)state;
	ring_fixture_open(&f, CAPACITY);
	for (int i = 0; i < 40; i++)
		ring_wait(&f.consumer, 1000000); /* nobody ever publishes */
	assert_true(f.consumer.sleep_count == 40);
	ring_fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_out_as_they_went_in),
		cmocka_unit_test(reserve_wraps_at_end),
		cmocka_unit_test(a_full_ring_refuses_and_takes_again_after_release),
		cmocka_unit_test(a_quarter_pending_must_be_published_first),
		cmocka_unit_test(a_successor_producer_goes_on_with_mark_and_position),
		cmocka_unit_test(a_position_without_entries_is_seen_and_survives),
		cmocka_unit_test(a_successor_consumer_reads_again_what_was_not_released),
		cmocka_unit_test(ended_means_closed_and_empty),
		cmocka_unit_test(an_impossible_head_is_refused),
		cmocka_unit_test(an_impossible_length_is_refused),
		cmocka_unit_test(an_entry_over_the_buffer_is_refused),
		cmocka_unit_test(an_impossible_tail_is_refused),
		cmocka_unit_test(random_indices_never_reach_outside),
		cmocka_unit_test(a_reader_can_not_write_and_no_one_can_resize),
		cmocka_unit_test(a_sleeping_consumer_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
