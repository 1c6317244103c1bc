/* SPDX-License-Identifier: Apache-2.0 */
#include "conditions.h"
#include "random.h"

enum { LARGE = 100 /* predicates, whose constants make an automaton too large */ };

/* Matcher NUMBER of the program, which must be there. */
static const struct matcher *
matcher_at(uint32_t number)
{
	assert_true(number < conditions.program.matcher_count);
	return &conditions.program.matchers[number];
}

static bool
bit_of(const uint64_t *bits, uint32_t bit)
{
	return bits[bit / 64] >> (bit % 64) & 1;
}

/* For VALUE each bit that WAYS tell of is what the predicate says, asked alone. */
static void
assert_ways(const struct matcher *matcher, const struct field_value *value, uint8_t ways)
{
	const struct predicate *all = conditions.program.predicates;
	uint64_t truth[MATCHER_WORDS_MAX];

	memset(truth, 0xa5, sizeof(truth));
	matcher_judge(matcher, all, value, ways, truth);
	for (uint32_t i = 0; i < matcher->count; i++) {
		const struct comparison *comparison = &all[matcher->predicates[i]].comparison;

		if (matcher->ways[i] != 0 && !(matcher->ways[i] & ways))
			continue;
		if (bit_of(truth, i) != op_holds(comparison, value))
			fail_msg("bit %u (op %u, modifier %u, every %d) of %.*s, ways %u", i,
			    comparison->op, comparison->modifier, comparison->every,
			    (int)value->texts[0].len, value->texts[0].ptr, ways);
	}
	for (uint32_t i = matcher->words; i < MATCHER_WORDS_MAX; i++)
		assert_int_equal(truth[i], 0xa5a5a5a5a5a5a5a5u);
}

static void
assert_value(const struct matcher *matcher, const struct span *texts, uint32_t count)
{
	const struct field_value value = { .state = FIELD_VALUE, .count = count,
		.texts = texts };

	assert_ways(matcher, &value, MATCHER_ALL);
	assert_ways(matcher, &value, 0);
	for (unsigned int way = 1; way < MATCHER_ALL; way <<= 1)
		assert_ways(matcher, &value, (uint8_t)way);
}

static const char *const operators[] = {
	"= \"%s\"", "== \"%s\"", "!= \"%s\"", "in (\"%s\")", "in (\"%s\", a, ab)",
	"intersects (\"%s\", b)", "startswith \"%s\"", "endswith \"%s\"", "contains \"%s\"",
	"icontains \"%s\"", "glob \"%s\"",
	"glob \"%s*\"", "glob \"*%s\"", "glob \"%s?b\"", "glob \"a[%sb]*\"", "glob \"%s\\\\a*\"",
	"iglob \"%s*\"", "regex \"%s.*\"", "pmatch (\"/%s\", \"/a*\")",
	"startswith oneof (\"%s\", a)", "startswith anyof (\"%s\", b)",
	"endswith allof (\"%s\", b)", "contains anyof (\"%s\", c)", "contains allof (\"%s\", A)",
	"icontains anyof (\"%s\", B)", "!= anyof (\"%s\", a)", "!= allof (\"%s\", a)",
	"= anyof (\"%s\", a)", "glob anyof (\"%s*\", \"b*\")", "exists",
};

/* A condition about FIELD, for or against, with every operator and random constants. */
static void
add_all(struct random *random, const char *field, uint32_t times)
{
	for (uint32_t i = 0; i < times * sizeof(operators) / sizeof(operators[0]); i++) {
		char constant[8], format[64], condition[160];
		struct span text = random_text(random, SPAN_OF("abA/"), 3, constant);
		int len = (int)text.len;

		constant[len] = '\0';
		(void)snprintf(format, sizeof(format), "%s", operators[i / times]);
		if (strstr(format, "%s") != NULL) {
			char *at = strstr(format, "%s");

			*at = '\0';
			(void)snprintf(condition, sizeof(condition), "%s%s %s%s%s",
			    random_below(random, 2) ? "not " : "", field, format, constant, at + 2);
		} else {
			(void)snprintf(condition, sizeof(condition), "%s %s", field, format);
		}
		conditions_add(&conditions, condition);
	}
}

static void
assert_texts(struct random *random, const struct matcher *matcher, struct span letters, int times)
{
	for (int i = 0; i < times; i++) {
		char bufs[3][12];
		struct span texts[3];

		for (int k = 0; k < 3; k++)
			texts[k] = random_text(random, letters, 7, bufs[k]);
		for (uint32_t count = 1; count <= 3; count++)
			assert_value(matcher, texts, count);
		texts[1] = texts[0];
		assert_value(matcher, texts, 2);
	}
}

/* The path of an event has two spellings, the name of a process one; none has three, but may. */
static void
bits_are_what_predicates_say(void **state)
{
	static const char *const fields[] = { "fd.name", "proc.name", "fs.path.name" };
	struct random random = { 4 };
	uint32_t wide = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		add_all(&random, fields[i], 4);
	conditions_finish(&conditions);
	for (uint32_t i = 0; i < conditions.program.matcher_count; i++) {
		wide += matcher_at(i)->words > 1;
		assert_texts(&random, matcher_at(i), SPAN_OF("abA/"), 300);
		assert_texts(&random, matcher_at(i), SPAN_OF("a\0b"), 100);
	}
	assert_int_equal(wide, 3);
}

/* Each way is taken: what the tests above compare is not one of them alone. */
static void
each_way_is_taken(void **state)
{
	struct random random = { 5 };
	uint8_t ways = 0;
	uint64_t every = 0;

	(void)state;
	add_all(&random, "fd.name", 4);
	conditions_finish(&conditions);
	for (uint32_t i = 0; i < matcher_at(0)->count; i++)
		ways |= matcher_at(0)->ways[i];
	for (uint32_t i = 0; i < matcher_at(0)->words; i++)
		every |= matcher_at(0)->every[i];
	assert_int_equal(ways, MATCHER_ALL);
	assert_true(every != 0);
}

/* A few comparisons with one constant are cheaper without; more, or others, are not. */
static void
few_cheap_predicates_have_no_matcher(void **state)
{
	(void)state;
	conditions_add(&conditions, "proc.name = a and proc.name != b");
	conditions_add(&conditions, "proc.pname = a and proc.pname != b and proc.pname = c");
	conditions_add(&conditions, "proc.cmdline contains a");
	conditions_finish(&conditions);
	assert_int_equal(conditions.program.matcher_count, 2);
	assert_int_equal(conditions.program.matcher_of[0], 0);
	assert_int_equal(matcher_at(0)->count, 3);
	assert_int_equal(matcher_at(1)->count, 1);
}

static void
add_numbered(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		char condition[64];

		(void)snprintf(condition, sizeof(condition), "fd.name = f%u", i);
		conditions_add(&conditions, condition);
	}
}

static void
the_widest_set_is_filled(void **state)
{
	const struct matcher *matcher;
	char name[16];

	(void)state;
	add_numbered(MATCHER_WORDS_MAX * 32);
	conditions_finish(&conditions);
	matcher = matcher_at(0);
	assert_int_equal(matcher->words, MATCHER_WORDS_MAX);
	for (uint32_t i = 0; i < MATCHER_WORDS_MAX * 32; i += 89) {
		struct span text = { name, (size_t)snprintf(name, sizeof(name), "f%u", i) };

		assert_value(matcher, &text, 1);
	}
}

static void
a_set_that_is_too_wide_has_no_matcher(void **state)
{
	(void)state;
	add_numbered(MATCHER_WORDS_MAX * 32 + 1);
	conditions_finish(&conditions);
	assert_int_equal(conditions.program.matcher_count, 0);
}

/* Predicates with OPERATOR whose automaton is too large; LAST ends each constant. */
static void
add_large(struct random *random, const char *operator, char last)
{
	char condition[512], letters[96];
	uint32_t count = 0;

	for (char c = '!'; c <= '~'; c++)
		if (c != '"' && c != '\\' && c != '*' && c != '?' && c != '[' && c != ']')
			letters[count++] = c;
	for (int i = 0; i < LARGE; i++) {
		struct text text;

		text_init(&text, condition, sizeof(condition));
		text_format(&text, "fd.name %s \"", operator);
		for (int k = 0; k < 200; k++)
			text_char(&text, letters[random_below(random, count)]);
		if (last != '\0')
			text_char(&text, last);
		text_char(&text, '"');
		conditions_add(&conditions, condition);
	}
}

/* With the constants themselves as texts, and with ones that only resemble them. */
static void
assert_large(const struct matcher *matcher)
{
	const struct predicate *all = conditions.program.predicates;

	for (uint32_t i = 0; i < matcher->count; i += 3) {
		struct span text = all[matcher->predicates[i]].comparison.constants.items[0].text;
		struct span part = { text.ptr, text.len > 0 ? text.len - 1 : 0 };
		struct span tail = { text.ptr + (text.len > 0), part.len };
		struct span texts[2] = { text, SPAN_OF("/a/b") };

		assert_value(matcher, &text, 1);
		assert_value(matcher, &part, 1);
		assert_value(matcher, &tail, 1);
		assert_value(matcher, texts, 2);
	}
}

static void
what_is_too_large_is_asked_one_by_one(void **state)
{
	static const char *const large[] = { "startswith", "endswith", "contains", "icontains" };

	(void)state;
	for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++) {
		struct random random = { 6 };

		conditions_add(&conditions, "fd.name = /a/b");
		conditions_add(&conditions, "fd.name startswith /a");
		conditions_add(&conditions, "fd.name glob \"/a/*\"");
		add_large(&random, large[i], '\0');
		conditions_finish(&conditions);
		assert_true(matcher_at(0)->asked_count >= LARGE);
		assert_true(matcher_at(0)->asked_count <= matcher_at(0)->count);
		assert_large(matcher_at(0));
		conditions_end(&conditions);
		conditions_begin(&conditions);
	}
}

/* Guards are patterns too; without their automaton all globs are asked. */
static void
globs_are_asked_when_their_guards_are_too_large(void **state)
{
	struct random random = { 7 };

	(void)state;
	conditions_add(&conditions, "fd.name startswith /a");
	add_large(&random, "glob", '*');
	conditions_finish(&conditions);
	assert_int_equal(matcher_at(0)->asked_count, LARGE + 1);
	for (uint32_t i = 0; i < LARGE + 1; i++)
		assert_int_equal(matcher_at(0)->ways[i], MATCHER_ASKED);
	assert_large(matcher_at(0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, conditions_set_up, conditions_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bits_are_what_predicates_say),
		TEST(each_way_is_taken),
		TEST(few_cheap_predicates_have_no_matcher),
		TEST(the_widest_set_is_filled),
		TEST(a_set_that_is_too_wide_has_no_matcher),
		TEST(what_is_too_large_is_asked_one_by_one),
		TEST(globs_are_asked_when_their_guards_are_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
