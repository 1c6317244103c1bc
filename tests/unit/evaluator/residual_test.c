/* SPDX-License-Identifier: Apache-2.0 */
#include "conditions.h"
#include "random.h"
#include "residual.h"

enum { PREDICATES_MAX = 8192, PATIENCE = 1 << 20 };

static struct residuals residuals;
static bool truth[PREDICATES_MAX]; /* of each predicate, for the event at hand */

static int
tear_down(void **state)
{
	residuals_fini(&residuals);
	residuals_fini(&residuals);
	return conditions_tear_down(state);
}

static bool
truth_of(void *ctx, uint32_t predicate)
{
	(void)ctx;
	return truth[predicate];
}

static void
begin(enum rule_matching matching, uint32_t nodes, uint32_t steps)
{
	const struct residual_bounds bounds = { nodes, steps };

	assert_true(conditions.program.predicate_count <= PREDICATES_MAX);
	residuals_fini(&residuals);
	assert_int_equal(residuals_init(&residuals, &conditions.program, matching, &bounds), 0);
	residuals.holds = truth_of;
}

/* What an event matched, in order. */
struct matched {
	uint32_t rules[PREDICATES_MAX], count;
};

static void
run_steps(const struct step *steps, const struct program_rule *rules, uint32_t count,
    enum rule_matching matching, struct matched *matched)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = rules[i].entry;

		while (at < PROGRAM_FAIL)
			at = truth[steps[at].predicate] ? steps[at].on_true : steps[at].on_false;
		if (at != PROGRAM_MATCH)
			continue;
		assert_true(matched->count < PREDICATES_MAX);
		matched->rules[matched->count++] = rules[i].rule;
		if (matching == MATCH_FIRST)
			return;
	}
}

/* The next residual from NUMBER, by the truth of what its test asks. */
static uint32_t
next_of(uint32_t number)
{
	const struct residual *node = &residuals.nodes[number];
	const uint32_t *list = residuals.lists + node->list;
	uint64_t bits[RESIDUAL_WORDS_MAX] = { 0 };
	uint32_t count = node->list_count;

	if (node->test == TEST_PREDICATE)
		return residuals_branch(&residuals, number, truth[node->subject]);
	if (node->test == TEST_TEXT) {
		list = conditions.program.matchers[node->subject].predicates;
		count = conditions.program.matchers[node->subject].count;
	}
	for (uint32_t i = 0; i < count; i++)
		if (truth[list[i]])
			bits[i / 64] |= (uint64_t)1 << (i % 64);
	return residuals_child(&residuals, number, bits);
}

static bool
pools_are_in_bounds(const struct residuals *r)
{
	return r->node_count <= r->node_max && r->edge_count <= r->edge_max &&
	    r->rule_count <= r->rule_max && r->word_count <= r->word_max &&
	    r->list_count <= r->list_max && r->steps.count <= r->steps.max;
}

/* Judge by the diagram and, where that ends for want of room, step by step. */
static void
judge(uint32_t class, struct matched *matched)
{
	uint32_t number = residuals_root(&residuals, class), next = number, depth = 0;
	const struct program_class *rules = &conditions.program.classes[class];

	while (next != RESIDUAL_NONE && residuals.nodes[next].test != TEST_NONE) {
		number = next;
		next = next_of(number);
		assert_true(depth++ < conditions.program.predicate_count);
	}
	assert_true(pools_are_in_bounds(&residuals));
	if (number == RESIDUAL_NONE) {
		run_steps(conditions.program.steps, rules->rules, rules->rule_count,
		    residuals.matching, matched);
		return;
	}
	if (next != RESIDUAL_NONE)
		number = next;
	else
		assert_true(residuals.full);
	run_steps(residuals.steps.items, residuals.rules + residuals.nodes[number].rules,
	    residuals.nodes[number].rule_count, residuals.matching, matched);
	if (next != RESIDUAL_NONE && residuals.nodes[next].test == TEST_NONE)
		assert_int_equal(matched->count, residuals.nodes[next].rule_count);
}

/* COUNT events of every class, whose predicates hold at random, match what the steps say. */
static void
assert_alike(struct random *random, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t class = 1 + random_below(random, conditions.program.class_count - 1);
		const struct program_class *rules = &conditions.program.classes[class];
		static struct matched matched, expected;
		uint32_t often = 1 + random_below(random, 8);

		for (uint32_t k = 0; k < conditions.program.predicate_count; k++)
			truth[k] = random_below(random, 9) < often;
		matched.count = expected.count = 0;
		if (rules->rule_count == 0)
			continue;
		judge(class, &matched);
		run_steps(conditions.program.steps, rules->rules, rules->rule_count,
		    residuals.matching, &expected);
		assert_int_equal(matched.count, expected.count);
		for (uint32_t k = 0; k < expected.count; k++)
			assert_int_equal(matched.rules[k], expected.rules[k]);
	}
}

static void
check_print(struct random *random, struct text *text)
{
	static const char *const checks[] = { "evt.type = open%s", "evt.type = openat%s",
		"proc.name = n%u", "proc.pname contains p%u", "user.uid = %u", "fd.num = %u",
		"evt.rawres = %u", "fd.name startswith /d%u", "fd.name = /f%u",
		"fd.name contains c%u", "fd.name glob \"/g%u*\"", "fd.name endswith e%u",
		"fs.path.name icontains i%u", "evt.args contains a%u" };
	uint32_t which = random_below(random, sizeof(checks) / sizeof(checks[0]));
	const char *check = checks[which];

	text_bytes(text, check, strcspn(check, "%"));
	if (which >= 2)
		text_format(text, "%u%s", random_below(random, 4),
		    strchr(check, '*') != NULL ? "*\"" : "");
}

/* Print a condition of at most DEPTH levels. */
static void
condition_print(struct random *random, struct text *text, int depth)
{
	uint32_t parts = 2 + random_below(random, 2);
	const char *joint = random_below(random, 2) ? " and " : " or ";

	if (depth == 0 || random_below(random, 5) == 0) {
		text_string(text, random_below(random, 3) == 0 ? "not " : "");
		check_print(random, text);
		return;
	}
	text_string(text, "(");
	for (uint32_t i = 0; i < parts; i++) {
		text_string(text, i > 0 ? joint : "");
		condition_print(random, text, depth - 1);
	}
	text_string(text, ")");
}

static void
add_random(struct random *random, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		char condition[4096];
		struct text text;

		text_init(&text, condition, sizeof(condition));
		condition_print(random, &text, 3);
		assert_false(text.truncated);
		conditions_add(&conditions, condition);
	}
	conditions_finish(&conditions);
}

static void
the_way_through_ends_where_the_steps_do(void **state)
{
	struct random random = { 8 };

	(void)state;
	for (int round = 0; round < 12; round++) {
		add_random(&random, 1 + random_below(&random, 30));
		for (int matching = MATCH_FIRST; matching <= MATCH_ALL; matching++) {
			begin((enum rule_matching)matching, 0, 0);
			assert_alike(&random, 600);
		}
		assert_false(residuals.full);
		conditions_end(&conditions);
		conditions_begin(&conditions);
	}
}

/* The same way again makes nothing. */
static void
a_way_that_is_kept_makes_nothing(void **state)
{
	struct random random = { 9 }, again = { 9 };
	uint32_t nodes, edges;

	(void)state;
	add_random(&random, 20);
	again = random;
	begin(MATCH_ALL, 0, 0);
	assert_alike(&random, 300);
	nodes = residuals.node_count;
	edges = residuals.edge_count;
	assert_true(nodes > 10 && edges > 10);
	assert_alike(&again, 300);
	assert_int_equal(residuals.node_count, nodes);
	assert_int_equal(residuals.edge_count, edges);
}

/* Whatever bound is met, and where, answers stay right. */
static void
a_full_diagram_answers_the_same(void **state)
{
	static const uint32_t nodes[] = { 1, 2, 3, 5, 9, 17, 40, 100 };
	static const uint32_t steps[] = { 1, 2, 7, 30, 200, 0 };
	struct random random = { 10 };
	uint32_t full = 0;

	(void)state;
	add_random(&random, 25);
	for (size_t n = 0; n < sizeof(nodes) / sizeof(nodes[0]); n++)
		for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++)
			for (int matching = MATCH_FIRST; matching <= MATCH_ALL; matching++) {
				begin((enum rule_matching)matching, nodes[n], steps[s]);
				assert_alike(&random, 200);
				full += residuals.full;
			}
	assert_true(full > 80);
	begin(MATCH_ALL, 0, 1);
	assert_alike(&random, 400);
	assert_true(residuals.full);
	assert_int_equal(residuals.steps.count, residuals.steps.max);
}

/* COUNT rules, each of one predicate: FIELD, which is followed by an operator, and a constant. */
static void
add_numbered(const char *field, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		char condition[64];

		(void)snprintf(condition, sizeof(condition), "%s x%u", field, i);
		conditions_add(&conditions, condition);
	}
}

/* One rule of COUNT predicates, any of which is enough. */
static void
add_any(const char *field, uint32_t count)
{
	size_t size = (size_t)count * 64;
	char *condition = malloc(size);
	struct text text;

	assert_non_null(condition);
	text_init(&text, condition, size);
	for (uint32_t i = 0; i < count; i++)
		text_format(&text, "%s%s x%u", i > 0 ? " or " : "", field, i);
	conditions_add(&conditions, condition);
	free(condition);
}

/* Few residuals, but more ways between them than there is room for. */
static void
full_edges_are_no_harm(void **state)
{
	struct random random = { 11 };

	(void)state;
	conditions_add(&conditions, "fd.name contains a or fd.name contains b or "
	    "fd.name contains c or fd.name contains d or fd.name contains e");
	conditions_finish(&conditions);
	begin(MATCH_FIRST, 4, 0);
	assert_alike(&random, 400);
	assert_true(residuals.full);
	assert_int_equal(residuals.edge_count, residuals.edge_max);
	assert_int_equal(residuals.node_count, 3);
}

/* Sets of bits so wide that the pool of words is full first: by an edge, and by a mask. */
static void
full_words_are_no_harm(void **state)
{
	static const uint32_t nodes[] = { 2, 3, 6 };
	struct random random = { 12 };

	(void)state;
	add_any("fd.name contains", 1100);
	add_any("fs.path.name contains", 700);
	conditions_finish(&conditions);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		begin(MATCH_ALL, nodes[i], 0);
		assert_alike(&random, 30);
		assert_true(residuals.full);
		assert_true(residuals.word_max - residuals.word_count < 35);
	}
}

/* More predicates on the context than one test may ask: the rest come in a second. */
static void
long_lists_are_asked_in_turn(void **state)
{
	struct random random = { 13 };
	uint32_t root;

	(void)state;
	add_numbered("proc.name =", RESIDUAL_LIST_MAX + 20);
	conditions_finish(&conditions);
	begin(MATCH_ALL, 40, 0);
	memset(truth, 0, sizeof(truth));
	root = residuals_root(&residuals, 1);
	assert_int_equal(residuals.nodes[root].list_count, RESIDUAL_LIST_MAX);
	root = next_of(root);
	assert_int_equal(residuals.nodes[root].test, TEST_CONTEXT);
	assert_int_equal(residuals.nodes[root].list_count, 20);
	assert_int_equal(residuals.nodes[next_of(root)].test, TEST_NONE);
	assert_alike(&random, 5);
	begin(MATCH_FIRST, 1, 0); /* room for 16 more on the lists */
	assert_alike(&random, 5);
	assert_true(residuals.full);
	assert_int_equal(residuals.list_count, RESIDUAL_LIST_MAX);
}

static void
too_much_work_is_full_too(void **state)
{
	struct random random = { 14 };

	(void)state;
	add_random(&random, 20);
	begin(MATCH_ALL, 0, 0);
	assert_alike(&random, 20);
	assert_false(residuals.full);
	residuals.work = (uint64_t)1 << 40;
	assert_alike(&random, 200);
	assert_true(residuals.full);
}

static void
patience_ends_and_all_begins_anew(void **state)
{
	struct random random = { 15 };

	(void)state;
	add_random(&random, 20);
	begin(MATCH_ALL, 6, 0);
	assert_false(residuals_stall(&residuals));
	assert_int_equal(residuals.stalled_count, 0);
	for (uint64_t round = 1; round <= 3; round++) {
		assert_alike(&random, 300);
		assert_true(residuals.full);
		for (int i = 1; i < PATIENCE; i++)
			assert_false(residuals_stall(&residuals));
		assert_true(residuals_stall(&residuals));
		assert_int_equal(residuals.reset_count, round);
		assert_int_equal(residuals.node_count, 0);
		assert_int_equal(residuals.steps.count, conditions.program.step_count);
		assert_false(residuals.full);
	}
	assert_alike(&random, 300);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, conditions_set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_way_through_ends_where_the_steps_do),
		TEST(a_way_that_is_kept_makes_nothing),
		TEST(a_full_diagram_answers_the_same),
		TEST(full_edges_are_no_harm),
		TEST(full_words_are_no_harm),
		TEST(long_lists_are_asked_in_turn),
		TEST(too_much_work_is_full_too),
		TEST(patience_ends_and_all_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
