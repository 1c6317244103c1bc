/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "deal.h"
#include "interest.h"

static void
blocks_of_positions_go_round(void **state)
{
	(void)state;
	assert_int_equal(deal_to(0, 3), 0);
	assert_int_equal(deal_to(DEAL_BLOCK - 1, 3), 0);
	assert_int_equal(deal_to(DEAL_BLOCK, 3), 1);
	assert_int_equal(deal_to(3 * DEAL_BLOCK - 1, 3), 2);
	assert_int_equal(deal_to(3 * DEAL_BLOCK, 3), 0);
	for (uint64_t position = 0; position < 1000; position++)
		assert_int_equal(deal_to(position, 1), 0);
}

static void
what_all_must_know_goes_to_all(void **state)
{
	(void)state;
	assert_true(deal_to_all(EV_anchor));
	assert_true(deal_to_all(EV_host));
	assert_true(deal_to_all(EV_interest));
	assert_false(deal_to_all(EV_tick));
	assert_false(deal_to_all(EV_openat));
}

static void
an_evaluator_through_its_last_record_is_as_far_as_the_stream(void **state)
{
	const uint64_t last[3] = { 90, 40, 0 };
	struct dealt dealt = { .position = 0 };

	(void)state;
	assert_int_equal(dealt_judged(&dealt, 0, 7), 7);
	dealt_tell(&dealt, last, 3, 100);
	assert_int_equal(dealt_judged(&dealt, 0, 89), 89);
	assert_int_equal(dealt_judged(&dealt, 0, 90), 100);
	assert_int_equal(dealt_judged(&dealt, 1, 39), 39);
	assert_int_equal(dealt_judged(&dealt, 1, 40), 100);
	assert_int_equal(dealt_judged(&dealt, 2, 0), 100);
	assert_int_equal(dealt_judged(&dealt, 2, 120), 120);
}

static void
interests_of_all_are_one(void **state)
{
	static struct interest_set set;
	struct interest regions[2], all, one = { .rules_hash = 1 }, two = { .rules_hash = 2 };
	const struct interest *const shared[] = { &regions[0], &regions[1] };

	(void)state;
	memset(regions, 0, sizeof(regions));
	one.events[0] = 1;
	two.events[0] = 2;
	two.derived = 4;
	interest_set_init(&set, shared, 2);
	assert_int_equal(interest_set_read(&set), 0);
	assert_true(interest_set_whole(&set));
	interest_write(&regions[1], &two);
	assert_int_equal(interest_set_read(&set), 2);
	assert_int_equal(interest_set_read(&set), 0);
	interest_write(&regions[0], &one);
	regions[0].generation++; /* its writer was killed at it */
	assert_int_equal(interest_set_read(&set), 0);
	assert_false(interest_set_whole(&set));
	interest_write(&regions[0], &one);
	assert_int_equal(interest_set_read(&set), 1);
	assert_true(interest_set_whole(&set));
	interest_set_union(&set, &all);
	assert_int_equal(all.events[0], 3);
	assert_int_equal(all.derived, 4);
	assert_int_equal(all.rules_hash, 1);
	assert_int_equal(all.generation, regions[0].generation + regions[1].generation);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_positions_go_round),
		cmocka_unit_test(what_all_must_know_goes_to_all),
		cmocka_unit_test(an_evaluator_through_its_last_record_is_as_far_as_the_stream),
		cmocka_unit_test(interests_of_all_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
