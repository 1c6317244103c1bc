/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

static struct state_head head;
static struct stats stats;
static struct names names;

static int
setup(void **state)
{
	(void)state;
	memset(&head, 0, sizeof(head));
	memset(&stats, 0, sizeof(stats));
	names_open(&names, &head, &stats);
	return 0;
}

/* Apply a part of a file. */
static bool
part(uint32_t kind, uint64_t generation, uint64_t offset, uint64_t total, const char *bytes,
    size_t len)
{
	static _Alignas(8) uint8_t buf[EVENT_RECORD_MAX];
	struct record_writer writer;
	struct record record;

	record_begin(&writer, buf, sizeof(buf), EV_names, P_names_COUNT);
	record_put(&writer, P_names_kind, kind);
	record_put(&writer, P_names_generation, generation);
	record_put(&writer, P_names_offset, offset);
	record_put(&writer, P_names_total, total);
	record_put_bytes(&writer, P_names_bytes, bytes, len, PARAM_EXACT);
	assert_int_equal(record_check(&record, buf, (size_t)record_end(&writer), RECORD_RAW), 0);
	return names_apply(&names, &record);
}

static bool
whole(uint32_t kind, uint64_t generation, const char *text)
{
	return part(kind, generation, 0, strlen(text), text, strlen(text));
}

static void
expect_user(uint32_t uid, const char *name, const char *home, const char *shell)
{
	struct names_user user;

	assert_true(names_user(&names, uid, &user));
	assert_true(span_equal(user.name, span_text(name)));
	assert_true(span_equal(user.home, span_text(home)));
	assert_true(span_equal(user.shell, span_text(shell)));
}

static void
users_and_groups_are_found_by_number(void **state)
{
	struct span name;

	(void)state;
	assert_true(whole(NAMES_USERS, 1, "root:x:0:0:root:/root:/bin/bash\n"
	    "ann:*:1000:100:Ann,,,:/home/ann:/bin/sh"));
	assert_true(whole(NAMES_GROUPS, 1, "root:x:0:\nusers:x:100:ann,bob\n"));
	expect_user(0, "root", "/root", "/bin/bash");
	expect_user(1000, "ann", "/home/ann", "/bin/sh");
	assert_true(names_group(&names, 100, &name));
	assert_true(span_equal(name, SPAN_OF("users")));
	assert_false(names_group(&names, 101, &name));
}

static void
lines_that_can_not_be_are_left_out(void **state)
{
	struct names_user user;

	(void)state;
	assert_true(whole(NAMES_USERS, 1, "\n:x:1:\n+nis:x:2:\n-nis:x:3:\n#x:x:4:\nshort:x\n"
	    "word:x:five:5:\nlarge:x:4294967296:\nlong:x:00000000006:\nfirst:x:7:\nsecond:x:7:\n"
	    "ok:x:8:8::/h:/s\n"));
	for (uint32_t uid = 0; uid < 7; uid++)
		assert_false(names_user(&names, uid, &user));
	expect_user(7, "first", "", "");
	expect_user(8, "ok", "/h", "/s");
}

static void
a_file_in_parts_counts_when_complete(void **state)
{
	static const char a[] = "root:x:0:0::/:\n", b[] = "ann:x:1:1::/:\n";
	const uint64_t total = sizeof(a) + sizeof(b) - 2;
	struct names_user user;

	(void)state;
	assert_true(names_lost(&names, NAMES_USERS));
	assert_false(part(NAMES_USERS, 3, 0, total, a, sizeof(a) - 1));
	assert_false(names_user(&names, 0, &user));
	assert_true(part(NAMES_USERS, 3, sizeof(a) - 1, total, b, sizeof(b) - 1));
	expect_user(0, "root", "/", "");
	expect_user(1, "ann", "/", "");
	assert_false(names_lost(&names, NAMES_USERS));
	/* A part of another generation, out of place. */
	(void)part(NAMES_USERS, 4, 20, total, b, sizeof(b) - 1);
	expect_user(1, "ann", "/", "");
}

static void
a_new_generation_replaces_the_old(void **state)
{
	struct names_user user;

	(void)state;
	assert_true(whole(NAMES_USERS, 1, "root:x:0:\nann:x:1:\n"));
	assert_true(whole(NAMES_USERS, 2, "toor:x:0:\n"));
	expect_user(0, "toor", "", "");
	assert_false(names_user(&names, 1, &user));
}

static void
what_does_not_fit_is_counted(void **state)
{
	enum { PART = 16 * 1024 };
	static char bytes[PART];
	size_t lines = 0;

	(void)state;
	for (uint64_t offset = 0; offset < 6 * PART; offset += PART) {
		for (size_t at = 0; at < PART; at += 32, lines++) {
			(void)snprintf(bytes + at, 32, "user%08zu:x:%08zu:1:aaaaa", lines, lines);
			bytes[at + 31] = '\n';
		}
		(void)part(NAMES_USERS, 1, offset, 6 * PART, bytes, PART);
	}
	assert_true(names_lost(&names, NAMES_USERS));
	expect_user(0, "user00000000", "", "");
	assert_int_equal(names.tables[NAMES_USERS].count, STATE_NAMES_BYTES / 32);
	assert_true(stats_get(&stats, STAT_ENRICHER_names_full) > 0);
}

static void
a_successor_finds_them_again_unless_torn(void **state)
{
	struct names_user user;

	(void)state;
	assert_true(whole(NAMES_USERS, 1, "root:x:0:\n"));
	names_open(&names, &head, &stats);
	expect_user(0, "root", "", "");
	head.users.changing = 1;
	names_open(&names, &head, &stats);
	assert_false(names_user(&names, 0, &user));
	assert_true(names_lost(&names, NAMES_USERS));
}

static void
an_unknown_kind_is_ignored(void **state)
{
	(void)state;
	assert_false(whole(NAMES_KINDS, 1, "root:x:0:\n"));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(users_and_groups_are_found_by_number),
		TEST(lines_that_can_not_be_are_left_out),
		TEST(a_file_in_parts_counts_when_complete),
		TEST(a_new_generation_replaces_the_old),
		TEST(what_does_not_fit_is_counted),
		TEST(a_successor_finds_them_again_unless_torn),
		TEST(an_unknown_kind_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
