/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "costs.h"

static struct costs costs, seen;

static int
set_up(void **state)
{
	(void)state;
	memset(&costs, 0, sizeof(costs));
	memset(&seen, 0xff, sizeof(seen));
	return 0;
}

static void
a_table_is_read_when_its_names_stand(void **state)
{
	const struct rule_cost cost = { 7, 3, 900, 2 };

	(void)state;
	assert_false(costs_read(&costs, &seen));
	costs_begin(&costs, 42, 2);
	assert_false(costs_read(&costs, &seen));
	assert_true(costs_name(&costs, 0, SPAN_OF("first")));
	assert_true(costs_name(&costs, 1, SPAN_OF("second")));
	assert_false(costs_stands(&costs, 42, 2));
	costs_end(&costs);
	costs_put(&costs, 1, &cost);
	assert_true(costs_read(&costs, &seen));
	assert_int_equal(seen.rules_hash, 42);
	assert_int_equal(seen.rule_count, 2);
	assert_string_equal(seen.rows[0].name, "first");
	assert_string_equal(seen.rows[1].name, "second");
	assert_int_equal(seen.rows[0].cost.evaluations, 0);
	assert_memory_equal(&seen.rows[1].cost, &cost, sizeof(cost));
}

static void
only_the_same_set_stands(void **state)
{
	(void)state;
	costs_begin(&costs, 42, 2);
	costs_end(&costs);
	assert_true(costs_stands(&costs, 42, 2));
	assert_false(costs_stands(&costs, 43, 2));
	assert_false(costs_stands(&costs, 42, 3));
	costs_put(&costs, 0, &(struct rule_cost){ 1, 1, 1, 1 });
	costs_begin(&costs, 43, 2);
	costs_end(&costs);
	assert_int_equal(costs_get(&costs, 0).evaluations, 0);
}

/* The longest name that fits, the first that does not; two that are cut alike stay apart. */
static void
long_names_are_cut_and_stay_apart(void **state)
{
	char name[COSTS_NAME_MAX + 1];

	(void)state;
	memset(name, 'x', sizeof(name));
	costs_begin(&costs, 1, 3);
	assert_true(costs_name(&costs, 0, (struct span){ name, COSTS_NAME_MAX - 1 }));
	assert_false(costs_name(&costs, 1, (struct span){ name, COSTS_NAME_MAX }));
	assert_false(costs_name(&costs, 2, (struct span){ name, COSTS_NAME_MAX + 1 }));
	costs_end(&costs);
	assert_true(costs_read(&costs, &seen));
	assert_int_equal(strlen(seen.rows[1].name), COSTS_NAME_MAX - 1);
	assert_string_equal(seen.rows[1].name, seen.rows[2].name);
	assert_int_not_equal(seen.rows[1].name_hash, seen.rows[2].name_hash);
}

static void
rules_beyond_the_last_row_have_none(void **state)
{
	(void)state;
	costs_begin(&costs, 1, COSTS_RULES_MAX + 5);
	assert_true(costs_name(&costs, COSTS_RULES_MAX - 1, SPAN_OF("last")));
	assert_false(costs_name(&costs, COSTS_RULES_MAX, SPAN_OF("beyond")));
	costs_end(&costs);
	assert_true(costs_read(&costs, &seen));
	assert_int_equal(seen.rule_count, COSTS_RULES_MAX + 5);
	assert_int_equal(costs_rows(seen.rule_count), COSTS_RULES_MAX);
	assert_string_equal(seen.rows[COSTS_RULES_MAX - 1].name, "last");
}

/* Whatever a peer wrote: rows are bounded and names end. */
static void
a_hostile_table_is_bounded(void **state)
{
	(void)state;
	memset(&costs, 0xfe, sizeof(costs));
	assert_true(costs_read(&costs, &seen));
	assert_int_equal(costs_rows(seen.rule_count), COSTS_RULES_MAX);
	for (uint32_t i = 0; i < COSTS_RULES_MAX; i++)
		assert_int_equal(strlen(seen.rows[i].name), COSTS_NAME_MAX - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_table_is_read_when_its_names_stand, set_up),
		cmocka_unit_test_setup(only_the_same_set_stands, set_up),
		cmocka_unit_test_setup(long_names_are_cut_and_stay_apart, set_up),
		cmocka_unit_test_setup(rules_beyond_the_last_row_have_none, set_up),
		cmocka_unit_test_setup(a_hostile_table_is_bounded, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
