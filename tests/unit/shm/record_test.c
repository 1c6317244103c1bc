/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

enum { SIZE = 4096 };

static _Alignas(8) uint8_t buf[SIZE], full[SIZE];

static int
make_openat(void)
{
	struct record_writer w;

	record_begin(&w, buf, SIZE, EV_openat, P_openat_COUNT);
	record_head(&w)->result = 5;
	record_head(&w)->position = 9;
	record_put(&w, P_openat_dirfd, (uint64_t)-100);
	record_put_bytes(&w, P_openat_name, "a/b", 3, PARAM_EXACT);
	record_put_bytes(&w, P_openat_file, "/x/a/b", 6, PARAM_TRUNCATED);
	record_put_bytes(&w, P_openat_base, NULL, 0, PARAM_UNREADABLE);
	return record_end(&w);
}

static void
what_was_written_is_read(void **state)
{
	struct record r;
	struct span text = SPAN_NONE;
	uint64_t value = 0;
	int len = make_openat();

	(void)state;
	assert_true(len > 0 && len % 8 == 0);
	assert_int_equal(record_check(&r, buf, (size_t)len, RECORD_RAW), 0);
	assert_true(slots_scalar(&r.slots, P_openat_dirfd, &value));
	assert_int_equal((int64_t)value, -100);
	assert_true(slots_bytes(&r.slots, P_openat_name, &text));
	assert_true(span_equal(text, SPAN_OF("a/b")));
	assert_int_equal(slots_state(&r.slots, P_openat_file), PARAM_TRUNCATED);
	assert_true(slots_bytes(&r.slots, P_openat_file, &text));
	assert_int_equal(slots_state(&r.slots, P_openat_base), PARAM_UNREADABLE);
	assert_false(slots_bytes(&r.slots, P_openat_base, &text));
	assert_int_equal(slots_state(&r.slots, P_openat_ino), PARAM_ABSENT);
	assert_int_equal(slots_scalar_or(&r.slots, P_openat_ino, 77), 77);
	assert_int_equal(slots_state(&r.slots, 1000), PARAM_ABSENT);
}

static void
a_full_record_keeps_the_raw_one_and_adds(void **state)
{
	struct record raw, r;
	struct record_writer w;
	struct span text = SPAN_NONE;
	int len = make_openat();

	(void)state;
	assert_int_equal(record_check(&raw, buf, (size_t)len, RECORD_RAW), 0);
	record_begin_full(&w, full, SIZE, &raw);
	record_put(&w, raw.own + D_number, 3);
	record_put_bytes(&w, raw.own + D_ancestors, "\1\0\0\0", 4, PARAM_EXACT);
	len = record_end(&w);
	assert_int_equal(record_check(&r, full, (size_t)len, RECORD_FULL), 0);
	assert_int_equal(r.head->position, 9);
	assert_int_equal(slots_scalar_or(&r.slots, record_derived(&r, D_number), 0), 3);
	assert_int_equal(slots_state(&r.slots, record_derived(&r, D_context)), PARAM_ABSENT);
	assert_true(slots_bytes(&r.slots, P_openat_name, &text) &&
	    span_equal(text, SPAN_OF("a/b")));
	assert_int_equal(slots_state(&r.slots, P_openat_file), PARAM_TRUNCATED);
	assert_int_equal(record_check(&r, full, (size_t)len, RECORD_RAW), -EBADMSG);
}

static void
a_wide_event_has_two_words_of_states(void **state)
{
	struct record_writer w;
	struct record r;
	int len;

	(void)state;
	_Static_assert(P_execve_COUNT > 32, "the case this test is for");
	record_begin(&w, buf, SIZE, EV_execve, P_execve_COUNT);
	record_put(&w, P_execve_COUNT - 2, 42);
	len = record_end(&w);
	assert_int_equal(record_check(&r, buf, (size_t)len, RECORD_RAW), 0);
	assert_int_equal(slots_state(&r.slots, P_execve_COUNT - 2), PARAM_EXACT);
	assert_int_equal(slots_scalar_or(&r.slots, P_execve_COUNT - 2, 0), 42);
	assert_int_equal(slots_state(&r.slots, 0), PARAM_ABSENT);
}

static void
what_does_not_fit_is_told(void **state)
{
	struct record_writer w;
	static uint8_t small[EVENT_BODY(P_unlink_COUNT) + 8] __attribute__((aligned(8)));

	(void)state;
	record_begin(&w, small, sizeof(small), EV_unlink, P_unlink_COUNT);
	record_put_bytes(&w, P_unlink_path, "12345678", 8, PARAM_EXACT);
	assert_int_equal(record_end(&w), (int)sizeof(small));
	record_begin(&w, small, sizeof(small), EV_unlink, P_unlink_COUNT);
	record_put_bytes(&w, P_unlink_path, "123456789", 9, PARAM_EXACT);
	assert_int_equal(record_end(&w), -EMSGSIZE);
	record_begin(&w, small, sizeof(small), EV_unlink, P_unlink_COUNT);
	record_put(&w, P_unlink_COUNT, 1);
	assert_int_equal(record_end(&w), -EMSGSIZE);
	record_begin(&w, small, EVENT_BODY(P_unlink_COUNT) - 1, EV_unlink, P_unlink_COUNT);
	assert_int_equal(record_end(&w), -EMSGSIZE);
}

static void
a_record_that_can_not_be_is_refused(void **state)
{
	struct event_head *head = (void *)buf;
	struct record r;
	size_t len = (size_t)make_openat();
	uint64_t *slots = (uint64_t *)(void *)(head + 1) + EVENT_STATE_WORDS(P_openat_COUNT);

	(void)state;
	assert_int_equal(record_check(&r, buf, len, RECORD_RAW), 0);
	assert_int_equal(record_check(&r, buf, len - 8, RECORD_RAW), -EBADMSG);
	assert_int_equal(record_check(&r, buf, 56, RECORD_RAW), -EBADMSG);
	head->params++;
	assert_int_equal(record_check(&r, buf, len, RECORD_RAW), -EBADMSG);
	head->params--;
	head->lane = LANE_COUNT;
	assert_int_equal(record_check(&r, buf, len, RECORD_RAW), -EBADMSG);
	head->lane = 0;
	head->reserved = 1;
	assert_int_equal(record_check(&r, buf, len, RECORD_RAW), -EBADMSG);
	head->reserved = 0;
	head->type = 199;
	assert_int_equal(record_check(&r, buf, len, RECORD_RAW), -ENOTSUP);
	head->type = EV_openat;
	slots[P_openat_name] = (uint64_t)3 << 32 | (len - EVENT_BODY(P_openat_COUNT) - 3);
	assert_int_equal(record_check(&r, buf, len, RECORD_RAW), 0); /* the last bytes */
	slots[P_openat_name] = (uint64_t)3 << 32 | (len - EVENT_BODY(P_openat_COUNT) - 2);
	assert_int_equal(record_check(&r, buf, len, RECORD_RAW), -EBADMSG);
	slots[P_openat_name] = UINT64_MAX;
	assert_int_equal(record_check(&r, buf, len, RECORD_RAW), -EBADMSG);
}

static void
random_bytes_are_refused_or_readable(void **state)
{
	struct record r;
	unsigned seed = 3;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		size_t len = (size_t)make_openat();

		for (int k = 0; k < 1 + i % 8; k++)
			buf[(size_t)rand_r(&seed) % len] = (uint8_t)rand_r(&seed);
		if (record_check(&r, buf, len, i % 2 ? RECORD_RAW : RECORD_FULL) < 0)
			continue;
		for (uint32_t p = 0; p < r.slots.count; p++) {
			struct span text = slots_bytes_or_none(&r.slots, p);

			if (param_type_is_bytes(event_info(r.head->type)->params[p].type) &&
			    text.len)
				assert_true((const uint8_t *)text.ptr + text.len <= buf + len);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(a_full_record_keeps_the_raw_one_and_adds),
		cmocka_unit_test(a_wide_event_has_two_words_of_states),
		cmocka_unit_test(what_does_not_fit_is_told),
		cmocka_unit_test(a_record_that_can_not_be_is_refused),
		cmocka_unit_test(random_bytes_are_refused_or_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
