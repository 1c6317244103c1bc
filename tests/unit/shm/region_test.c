/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "interest.h"
#include "region.h"
#include "stats.h"

static int
attach(struct region *from, enum region_kind kind)
{
	struct region region;
	int err = region_attach_take(&region, region_reopen(from, false), kind, false);

	if (err == 0)
		region_close(&region);
	return err;
}

static void
a_region_of_another_kind_version_or_schema_is_refused(void **state)
{
	struct region region;
	struct region_head *head;

	(void)state;
	assert_int_equal(region_create(&region, REGION_CONTROL, 100), 0);
	head = region.base;
	assert_int_equal(region.bytes, 2 * REGION_PAGE);
	assert_int_equal(attach(&region, REGION_CONTROL), 0);
	assert_int_equal(attach(&region, REGION_STATE), -EBADMSG);
	head->magic++;
	assert_int_equal(attach(&region, REGION_CONTROL), -EBADMSG);
	head->magic--;
	head->version++;
	assert_int_equal(attach(&region, REGION_CONTROL), -EBADMSG);
	head->version--;
	head->schema++;
	assert_int_equal(attach(&region, REGION_CONTROL), -EBADMSG);
	head->schema--;
	head->bytes += REGION_PAGE;
	assert_int_equal(attach(&region, REGION_CONTROL), -EBADMSG);
	head->bytes -= REGION_PAGE;
	assert_int_equal(attach(&region, REGION_CONTROL), 0);
	region_close(&region);
	region_close(&region);
}

static void
a_file_that_is_no_region_is_refused(void **state)
{
	struct region region;

	(void)state;
	assert_int_equal(region_attach_take(&region, open("/dev/null", O_RDONLY),
	    REGION_CONTROL, false), -EBADMSG);
	assert_int_equal(region_attach_take(&region, memfd_create("x", 0), REGION_CONTROL, false),
	    -EBADMSG);
	assert_true(region_attach_take(&region, -1, REGION_CONTROL, false) < 0);
}

static void
a_reader_stays_a_reader(void **state)
{
	struct region region;
	char path[64];
	int fd;

	(void)state;
	assert_int_equal(region_create(&region, REGION_CONTROL, 100), 0);
	fd = region_reopen(&region, false);
	assert_ptr_equal(mmap(NULL, REGION_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
	    MAP_FAILED);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	assert_int_equal(ftruncate(region.fd, 0), -1);
	(void)close(fd);
	/* Another user can not even reopen it: mode 0600. */
	if (geteuid() == 0) {
		fd = region_reopen(&region, false);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		assert_int_equal(seteuid(65534), 0);
		assert_int_equal(open(path, O_RDWR), -1);
		assert_int_equal(seteuid(0), 0);
		(void)close(fd);
	}
	region_close(&region);
}

static void
epochs_grow(void **state)
{
	struct region region;

	(void)state;
	assert_int_equal(region_create(&region, REGION_CONTROL, 100), 0);
	assert_int_equal(region_raise_epoch(&region), 1);
	assert_int_equal(region_raise_epoch(&region), 2);
	assert_int_equal(region_head(&region)->epoch, 2);
	region_close(&region);
}

static void
interest_is_seen_whole(void **state)
{
	static struct interest shared, wanted, got;
	uint64_t seen = 0;

	(void)state;
	assert_false(interest_read(&shared, &got, &seen)); /* never written */
	wanted.events[0] = 1u << EV_openat | 1ull << EV_syscall;
	wanted.syscalls[1] = 2;
	wanted.rules_hash = 99;
	interest_write(&shared, &wanted);
	assert_true(interest_read(&shared, &got, &seen));
	assert_int_equal(got.rules_hash, 99);
	assert_false(interest_read(&shared, &got, &seen)); /* nothing new */
	assert_true(interest_wants(&got, EV_openat, 0));
	assert_false(interest_wants(&got, EV_close, 0));
	assert_true(interest_wants(&got, EV_syscall, 65));
	assert_false(interest_wants(&got, EV_syscall, 64));
	assert_false(interest_wants(&got, EV_syscall, 100000));
	shared.generation++; /* a change under way */
	assert_false(interest_read(&shared, &got, &seen));
	shared.generation++;
	shared.filter_count = 1000000;
	assert_true(interest_read(&shared, &got, &seen));
	assert_int_equal(got.filter_count, 0);
}

static void
every_counter_has_a_row(void **state)
{
	(void)state;
	for (uint32_t id = 0; id < STAT_COUNT; id++) {
		assert_true(strlen(stat_info(id)->name) > 0 &&
		    strlen(stat_info(id)->sentence) > 10);
		assert_true(stat_info(id)->role < ROLE_COUNT);
	}
	assert_null(stat_info(STAT_COUNT));
	assert_string_equal(role_name(ROLE_SINK), "sink");
	assert_string_equal(region_name(role_stats_region(ROLE_SINK)), "stats_sink");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_region_of_another_kind_version_or_schema_is_refused),
		cmocka_unit_test(a_file_that_is_no_region_is_refused),
		cmocka_unit_test(a_reader_stays_a_reader),
		cmocka_unit_test(epochs_grow),
		cmocka_unit_test(interest_is_seen_whole),
		cmocka_unit_test(every_counter_has_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
