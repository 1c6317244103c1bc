/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>

#include "ring_fixture.h"
#include "tap.h"

static void
a_tap_sees_entries_from_now_on(void **state)
{
	struct ring_fixture f;
	struct tap tap;
	uint64_t buf[64];

	(void)state;
	ring_fixture_open(&f, RING_BYTES_MIN);
	assert_true(ring_fixture_put(&f.producer, 64, 1));
	ring_publish(&f.producer, 1);
	assert_int_equal(tap_attach_take(&tap, region_reopen(&f.data, false), REGION_RAW_DATA), 0);
	assert_int_equal(tap_next(&tap, buf, sizeof(buf)), 0);
	assert_true(ring_fixture_put(&f.producer, 72, 2));
	ring_publish(&f.producer, 2);
	assert_int_equal(tap_next(&tap, buf, sizeof(buf)), 72);
	assert_int_equal(buf[1], 2);
	ring_end(&f.producer);
	assert_true(tap_ended(&tap));
	tap_detach(&tap);
	ring_fixture_close(&f);
}

static void
a_lapped_tap_says_so_and_goes_on(void **state)
{
	struct ring_fixture f;
	struct tap tap;
	uint64_t buf[64];
	int len;

	(void)state;
	ring_fixture_open(&f, RING_BYTES_MIN);
	assert_int_equal(tap_attach_take(&tap, region_reopen(&f.data, false), REGION_RAW_DATA), 0);
	for (uint64_t i = 1; i < 2 * RING_BYTES_MIN / 64; i++) {
		while (!ring_fixture_put(&f.producer, 64, i)) {
			ring_publish(&f.producer, i - 1);
			while ((len = ring_next(&f.consumer, buf, sizeof(buf))) > 0)
				;
			ring_release(&f.consumer, i - 1);
		}
		ring_publish(&f.producer, i);
	}
	assert_int_equal(tap_next(&tap, buf, sizeof(buf)), -EOVERFLOW);
	assert_int_equal(tap.lapped_count, 1);
	assert_int_equal(tap_next(&tap, buf, sizeof(buf)), 0);
	(void)ring_next(&f.consumer, buf, sizeof(buf));
	tap_detach(&tap);
	ring_fixture_close(&f);
}

static void
a_hostile_length_is_refused(void **state)
{
	struct ring_fixture f;
	struct tap tap;
	uint64_t buf[64];
	uint32_t len = 1 << 20;

	(void)state;
	ring_fixture_open(&f, RING_BYTES_MIN);
	assert_int_equal(tap_attach_take(&tap, region_reopen(&f.data, false), REGION_RAW_DATA), 0);
	assert_true(ring_fixture_put(&f.producer, 64, 1));
	ring_publish(&f.producer, 1);
	memcpy((uint8_t *)region_content(&f.data) + RING_CONTROL_BYTES, &len, 4);
	assert_int_equal(tap_next(&tap, buf, sizeof(buf)), -EBADMSG);
	tap_detach(&tap);
	tap_detach(&tap);
	ring_fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tap_sees_entries_from_now_on),
		cmocka_unit_test(a_lapped_tap_says_so_and_goes_on),
		cmocka_unit_test(a_hostile_length_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
