/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The evaluator between its rings, with the test as enricher and spooler; and what a
 * successor makes of it.
 */
#include "evaluating.h"

static void
matches_go_out_with_their_position(void **state)
{
	uint64_t position, index;

	(void)state;
	config.rule_matching = CONFIG_MATCHING_ALL;
	assert_int_equal(start(0), 0);
	feed_clock(1, 1700000010726060287, "aerie");
	feed_open(3, "/a");
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	assert_string_equal(next_alert(&position, &index), "aerie 00:13:31.726060287 /a");
	assert_int_equal(position, 3);
	assert_int_equal(index, 0);
	assert_string_equal(next_alert(&position, &index), "o");
	assert_int_equal(position, 3);
	assert_int_equal(index, 1);
	assert_string_equal(next_alert(&position, &index), "");
	assert_int_equal(stats_get(&stats, STAT_EVALUATOR_in), 3);
	assert_int_equal(stats_get(&stats, STAT_EVALUATOR_out), 2);
	assert_int_equal(stats_get(&stats, STAT_EVALUATOR_judged), 1);
}

static void
the_position_goes_on_without_alerts(void **state)
{
	(void)state;
	assert_int_equal(start(0), 0);
	event_begin(&events, EV_unlink, 0);
	event_end(&events, 0);
	feed(41);
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	assert_int_equal(ring_position(&world.alert), 41);
	assert_int_equal(stats_get(&stats, STAT_EVALUATOR_filtered), 1);
	assert_true(evaluator_drained(&evaluator));
}

/*
 * One that dies before it gives the input back: its successor judges nothing twice and
 * still knows the time.
 */
static void
a_successor_goes_on_exactly_once(void **state)
{
	uint64_t position, index, tail;

	(void)state;
	assert_int_equal(start(0), 0);
	feed_clock(1, 1700000010726060287, "aerie");
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	tail = world.full.consumer->tail;
	feed_open(3, "/a");
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	assert_string_equal(next_alert(&position, &index), "aerie 00:13:31.726060287 /a");
	evaluator.full.consumer->tail = tail; /* as if it had not come that far */
	evaluator_close(&evaluator);

	assert_int_equal(start(0), 0);
	feed_open(4, "/b");
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	assert_int_equal(stats_get(&stats, STAT_EVALUATOR_repeated), 1);
	assert_string_equal(next_alert(&position, &index), "aerie 00:13:31.726060287 /b");
	assert_int_equal(position, 4);
	assert_string_equal(next_alert(&position, &index), "");
}

static void
poison_is_skipped(void **state)
{
	uint64_t position, index;

	(void)state;
	assert_int_equal(start(3), 0);
	feed_clock(1, 0, "aerie");
	feed_open(3, "/poison");
	feed_open(4, "/b");
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	assert_string_equal(next_alert(&position, &index), "aerie 02:00:01.000000000 /b");
	assert_int_equal(position, 4);
	assert_int_equal(stats_get(&stats, STAT_EVALUATOR_lost_poison), 1);
}

static void
broken_records_are_counted(void **state)
{
	(void)state;
	assert_int_equal(start(0), 0);
	event_openat(&events, 0, "/a", "/a");
	((struct event_head *)(void *)events.bytes)->params = 3;
	feed(1);
	event_openat(&events, 0, "/a", "/a");
	((struct event_head *)(void *)events.bytes)->type = 199;
	feed(2);
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	assert_int_equal(stats_get(&stats, STAT_EVALUATOR_lost_bad), 2);
}

static bool
give_up(void *ctx)
{
	return ++*(int *)ctx == 2;
}

/* A spooler that does not read: the evaluator waits, counts it, and loses nothing. */
static void
a_full_alert_ring_holds_it(void **state)
{
	uint64_t position = 0, index, last = 0;
	int asked = 0, err = 0, alerts = 0;

	(void)state;
	assert_int_equal(start(0), 0);
	evaluator.stopping = give_up;
	evaluator.stopping_ctx = &asked;
	feed_clock(1, 0, "aerie");
	for (uint64_t i = 3; i < 403; i++)
		feed_open(i, "/a");
	while (err == 0 && !evaluator_drained(&evaluator))
		err = evaluator_turn(&evaluator, 0);
	assert_int_equal(err, -ECANCELED);
	assert_int_equal(stats_get(&stats, STAT_EVALUATOR_alert_full), 1);
	evaluator_close(&evaluator);
	asked = 10;
	for (int round = 0; round < 20; round++) {
		while (next_alert(&position, &index)[0] != '\0') {
			assert_int_equal(position, last == 0 ? 3 : last + 1);
			last = position;
			alerts++;
		}
		assert_int_equal(start(0), 0);
		evaluator.stopping = give_up;
		evaluator.stopping_ctx = &asked;
		asked = 1;
		(void)evaluator_turn(&evaluator, 0);
		evaluator_close(&evaluator);
	}
	assert_int_equal(alerts, 400);
	assert_int_equal(last, 402);
}

/* The stream comes to the rules of HASH. */
static void
feed_rules(uint64_t position, uint64_t hash)
{
	event_begin(&events, EV_interest, 0);
	record_put(&events.writer, P_interest_hash, hash);
	event_end(&events, 0);
	feed(position);
}

static void
load_second(void)
{
	rules(&second, "- rule: Anew\n  desc: d\n  condition: evt.type = openat\n"
	    "  output: \"anew %fd.name\"\n  priority: INFO\n");
}

static void
rules_change_at_the_record_that_names_them(void **state)
{
	uint64_t position, index;

	(void)state;
	load_second();
	assert_int_equal(start(0), 0);
	feed_clock(1, 0, "aerie");
	evaluator_expect(&evaluator, &second);
	feed_open(3, "/a");
	feed_rules(4, ruleset.hash); /* says what is in force already */
	feed_open(5, "/b");
	feed_rules(6, second.hash);
	feed_open(7, "/c");
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	assert_string_equal(next_alert(&position, &index), "aerie 02:00:01.000000000 /a");
	assert_string_equal(next_alert(&position, &index), "aerie 02:00:01.000000000 /b");
	assert_string_equal(next_alert(&position, &index), "anew /c");
	assert_int_equal(position, 7);
	assert_ptr_equal(evaluator.ruleset, &second);
	assert_int_equal(stats_get(&stats, STAT_EVALUATOR_switches), 1);
	assert_int_equal(stats_get(&stats, STAT_EVALUATOR_rules), 1);
}

static void
rules_that_nobody_announced_change_nothing(void **state)
{
	uint64_t position, index;

	(void)state;
	load_second();
	assert_int_equal(start(0), 0);
	feed_clock(1, 0, "aerie");
	feed_rules(3, second.hash);
	feed_open(4, "/a");
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	assert_string_equal(next_alert(&position, &index), "aerie 02:00:01.000000000 /a");
	assert_int_equal(stats_get(&stats, STAT_EVALUATOR_switches), 0);
}

/* What it judged before the change is shown before the change is noted; the note is found. */
static void
a_successor_knows_which_rules_were_in_force(void **state)
{
	uint64_t tail;

	(void)state;
	load_second();
	assert_int_equal(start(0), 0);
	feed_clock(1, 0, "aerie");
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	tail = world.full.consumer->tail;
	evaluator_expect(&evaluator, &second);
	event_begin(&events, EV_unlink, 0);
	event_end(&events, 0);
	feed(3);
	feed_rules(4, second.hash);
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	evaluator.full.consumer->tail = tail; /* as if it had not come that far */
	evaluator_close(&evaluator);

	assert_int_equal(start(0), 0);
	assert_true(evaluator_recall(&evaluator));
	assert_true(evaluator.memory.rules_hash == second.hash);
	assert_int_equal(evaluator.memory.position, 4);
	assert_true(evaluator.position >= 3);
}

static void
both_sets_are_wanted_until_one_is_out_of_force(void **state)
{
	struct interest seen;
	uint64_t generation = 0;

	(void)state;
	load_second();
	assert_int_equal(start(0), 0);
	feed_clock(1, 0, "aerie");
	evaluator_expect(&evaluator, &second);
	assert_true(interest_read(region_content(&world.interest), &seen, &generation));
	assert_true(interest_event(&seen, EV_openat) && interest_event(&seen, EV_mkdir));
	assert_true(seen.rules_hash == second.hash);
	feed_rules(3, second.hash);
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	assert_false(interest_read(region_content(&world.interest), &seen, &generation));
	evaluator_want(&evaluator);
	assert_true(interest_read(region_content(&world.interest), &seen, &generation));
	assert_true(interest_event(&seen, EV_openat) && !interest_event(&seen, EV_mkdir));
}

/* Each rule's evaluations and hits stand in the table, the timed ones with their time. */
static void
what_rules_cost_stands_in_the_table(void **state)
{
	static struct costs seen;
	const struct rule_cost *opened = &seen.rows[0].cost, *again = &seen.rows[1].cost;

	(void)state;
	config.rule_matching = CONFIG_MATCHING_FIRST;
	assert_int_equal(start(0), 0);
	evaluator.eval.epoch = EVAL_SAMPLE_EVENTS - 2; /* the second event is timed */
	feed_open(1, "/a");
	feed_open(2, "/b");
	event_begin(&events, EV_mkdir, 0);
	event_end(&events, 0);
	feed(3);
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	evaluator_tell_costs(&evaluator);
	assert_true(costs_read(region_content(&world.costs), &seen));
	assert_int_equal(seen.rules_hash, ruleset.hash);
	assert_int_equal(seen.rule_count, 2);
	assert_string_equal(seen.rows[0].name, "Opened");
	assert_string_equal(seen.rows[1].name, "Again");
	assert_int_equal(opened->evaluations, 2);
	assert_int_equal(opened->hits, 2);
	assert_int_equal(opened->samples, 1);
	assert_true(opened->sampled_ns > 0);
	assert_int_equal(again->evaluations, 3); /* events of its types */
	assert_int_equal(again->hits, 1);        /* the first that matches ends an event */
	assert_int_equal(again->samples, 1);
}

/* The same rules count on in a successor; other rules begin at nothing. */
static void
a_successor_counts_on(void **state)
{
	static struct costs seen;

	(void)state;
	assert_int_equal(start(0), 0);
	feed_open(1, "/a");
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	evaluator_tell_costs(&evaluator);
	evaluator_close(&evaluator);
	assert_int_equal(start(0), 0);
	feed_open(2, "/b");
	assert_int_equal(evaluator_turn(&evaluator, 0), 0);
	evaluator_tell_costs(&evaluator);
	assert_true(costs_read(region_content(&world.costs), &seen));
	assert_int_equal(seen.rows[0].cost.hits, 2);
	evaluator_close(&evaluator);
	assert_int_equal(start(0), 0);
	load_second();
	assert_int_equal(evaluator_use(&evaluator, &second), 0);
	assert_true(costs_read(region_content(&world.costs), &seen));
	assert_int_equal(seen.rule_count, 1);
	assert_string_equal(seen.rows[0].name, "Anew");
	assert_int_equal(seen.rows[0].cost.hits, 0);
}

static void
what_it_wants_stands_in_the_interest(void **state)
{
	struct interest seen;
	uint64_t generation = 0;

	(void)state;
	assert_int_equal(start(0), 0);
	assert_true(interest_read(region_content(&world.interest), &seen, &generation));
	assert_true(interest_event(&seen, EV_openat));
	assert_true(seen.rules_hash == ruleset.hash);
	assert_int_equal(stats_get(&stats, STAT_EVALUATOR_rules), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(matches_go_out_with_their_position),
		TEST(the_position_goes_on_without_alerts),
		TEST(a_successor_goes_on_exactly_once),
		TEST(poison_is_skipped),
		TEST(broken_records_are_counted),
		TEST(a_full_alert_ring_holds_it),
		TEST(what_rules_cost_stands_in_the_table),
		TEST(a_successor_counts_on),
		TEST(what_it_wants_stands_in_the_interest),
		TEST(rules_change_at_the_record_that_names_them),
		TEST(rules_that_nobody_announced_change_nothing),
		TEST(a_successor_knows_which_rules_were_in_force),
		TEST(both_sets_are_wanted_until_one_is_out_of_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
