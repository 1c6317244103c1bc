/* SPDX-License-Identifier: Apache-2.0 */
/* An image of rule files, sound and broken. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "rulesimage.h"

static struct rules_image image;
static int fd = -1;

/* Where next() is, and what it came to. */
static size_t at;
static struct rules_image_entry entry;
static char *bytes;

static void
put(const char *name, uint64_t len, const char *content)
{
	struct rules_image_entry head = { .len = len };

	strncpy(head.name, name, sizeof(head.name) - 1);
	assert_int_equal(write(fd, &head, sizeof(head)), sizeof(head));
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
}

static int
next(void)
{
	if (image.bytes == NULL)
		assert_int_equal(rules_image_open(&image, fd), 0);
	return rules_image_next(&image, &at, &entry, &bytes);
}

static int
fresh(void **state)
{
	(void)state;
	at = 0;
	fd = memfd_create("image", MFD_CLOEXEC);
	return fd < 0;
}

static int
closed(void **state)
{
	(void)state;
	rules_image_close(&image);
	rules_image_close(&image);
	return close(fd);
}

static void
files_come_in_their_order(void **state)
{
	(void)state;
	put("a.yaml", 3, "abc");
	put("empty.yaml", 0, "");
	put("z.yaml", 1, "z");
	assert_int_equal(next(), 1);
	assert_string_equal(entry.name, "a.yaml");
	assert_int_equal(entry.len, 3);
	assert_memory_equal(bytes, "abc", 3);
	assert_int_equal(next(), 1);
	assert_string_equal(entry.name, "empty.yaml");
	assert_int_equal(entry.len, 0);
	assert_int_equal(next(), 1);
	assert_memory_equal(bytes, "z", 1);
	assert_int_equal(next(), 0);
}

static void
empty_image_has_no_file(void **state)
{
	(void)state;
	assert_int_equal(next(), 0);
}

static void
length_past_the_end_is_refused(void **state)
{
	(void)state;
	put("a.yaml", 4, "abc");
	assert_int_equal(next(), -EBADMSG);
	rules_image_close(&image);
	assert_int_equal(ftruncate(fd, 0), 0);
	(void)lseek(fd, 0, SEEK_SET);
	put("a.yaml", UINT64_MAX, "abc");
	assert_int_equal(next(), -EBADMSG);
}

static void
half_a_head_is_refused(void **state)
{
	(void)state;
	put("a.yaml", 0, "half");
	assert_int_equal(next(), 1);
	assert_int_equal(next(), -EBADMSG);
}

static void
name_without_an_end_is_refused(void **state)
{
	(void)state;
	memset(&entry, 'n', sizeof(entry));
	entry.len = 0;
	assert_int_equal(write(fd, &entry, sizeof(entry)), sizeof(entry));
	assert_int_equal(next(), -EBADMSG);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fresh, closed)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_come_in_their_order),
		TEST(empty_image_has_no_file),
		TEST(length_past_the_end_is_refused),
		TEST(half_a_head_is_refused),
		TEST(name_without_an_end_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
