/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as something happening to the rule files, and when to look. */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "rulewatch.h"

static struct rulewatch watch = RULEWATCH_NONE;
static struct config_list list;
static struct rulefiles_wanted wanted = { .list = &list, .dir = AT_FDCWD };

static void
move(const char *from, const char *to)
{
	char source[PATH_MAX];

	(void)snprintf(source, sizeof(source), "%s", path_in(from));
	assert_int_equal(rename(source, path_in(to)), 0);
}

/* Watch what leads to NAME. */
static void
arm(const char *name)
{
	list.count = 1;
	(void)snprintf(list.items[0], sizeof(list.items[0]), "%s", name);
	rulewatch_arm(&watch, &wanted);
	assert_true(watch.fd >= 0);
}

/* Did something happen since arm()? */
static bool
happened(void)
{
	struct pollfd ready = { watch.fd, POLLIN, 0 };

	if (poll(&ready, 1, 0) != 1)
		return false;
	rulewatch_read(&watch, 1000);
	return rulewatch_due(&watch) != UINT64_MAX;
}

static void
file_written_replaced_or_removed_is_seen(void **state)
{
	(void)state;
	make("a.yaml", "1");
	arm(path_in("a.yaml"));
	assert_false(happened());
	make("a.yaml", "2");
	assert_true(happened());
	make("new", "3");
	arm(path_in("a.yaml"));
	move("new", "a.yaml");
	assert_true(happened());
	arm(path_in("a.yaml"));
	(void)unlink(path_in("a.yaml"));
	assert_true(happened());
	arm(path_in("a.yaml"));
	make("a.yaml", "4");
	assert_true(happened());
}

static void
file_that_appears_in_a_folder_is_seen(void **state)
{
	(void)state;
	(void)mkdir(path_in("rules"), 0755);
	arm(path_in("rules"));
	make("rules/b.yaml", "1");
	assert_true(happened());
}

static void
folder_that_appears_is_seen(void **state)
{
	(void)state;
	arm(path_in("later/rules"));
	assert_int_equal(mkdir(path_in("later"), 0755), 0);
	assert_true(happened());
	arm(path_in("later/rules"));
	assert_int_equal(mkdir(path_in("later/rules"), 0755), 0);
	assert_true(happened());
	arm(path_in("later/rules"));
	make("later/rules/c.yaml", "");
	assert_true(happened());
}

static void
link_that_is_turned_over_is_seen(void **state)
{
	(void)state;
	/* As a ConfigMap is mounted. */
	assert_int_equal(mkdir(path_in("map"), 0755), 0);
	assert_int_equal(mkdir(path_in("map/..1"), 0755), 0);
	assert_int_equal(mkdir(path_in("map/..2"), 0755), 0);
	make("map/..1/r.yaml", "1");
	make("map/..2/r.yaml", "2");
	assert_int_equal(symlink("..1", path_in("map/..data")), 0);
	assert_int_equal(symlink("..data/r.yaml", path_in("map/r.yaml")), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(symlink(i ? "..1" : "..2", path_in("map/..data_tmp")), 0);
		arm(i ? path_in("map/r.yaml") : path_in("map"));
		move("map/..data_tmp", "map/..data");
		assert_true(happened());
	}
	/* What the links lead to is watched as well. */
	arm(path_in("map"));
	make("map/..1/r.yaml", "3");
	assert_true(happened());
}

static void
links_in_a_circle_end(void **state)
{
	(void)state;
	assert_int_equal(symlink("two", path_in("one")), 0);
	assert_int_equal(symlink("one", path_in("two")), 0);
	arm(path_in("one/x.yaml"));
	assert_false(happened());
}

static void
relative_name_is_watched_in_its_folder(void **state)
{
	(void)state;
	wanted.dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	arm("r.yaml");
	make("r.yaml", "1");
	assert_true(happened());
	(void)close(wanted.dir);
	wanted.dir = AT_FDCWD;
}

static void
several_changes_settle_into_one_look(void **state)
{
	const uint64_t second = UINT64_C(1000000000), quiet = RULEWATCH_QUIET_NS;

	(void)state;
	arm(path_in("rules"));
	assert_true(rulewatch_due(&watch) == UINT64_MAX);
	rulewatch_read(&watch, second);
	assert_true(rulewatch_due(&watch) == second + quiet);
	rulewatch_read(&watch, second + quiet / 2);
	assert_true(rulewatch_due(&watch) == second + quiet / 2 + quiet);
	/* Without an end they do not put it off for ever. */
	rulewatch_read(&watch, 9 * second);
	assert_true(rulewatch_due(&watch) == second + RULEWATCH_LATE_NS);
	arm(path_in("rules"));
	assert_true(rulewatch_due(&watch) == UINT64_MAX);
}

static int
closed(void **state)
{
	(void)state;
	rulewatch_close(&watch);
	rulewatch_close(&watch);
	return 0;
}

static int
build(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int
clean(void **state)
{
	char command[64];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

#define TEST(function) cmocka_unit_test_teardown(function, closed)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(file_written_replaced_or_removed_is_seen),
		TEST(file_that_appears_in_a_folder_is_seen),
		TEST(folder_that_appears_is_seen),
		TEST(link_that_is_turned_over_is_seen),
		TEST(links_in_a_circle_end),
		TEST(relative_name_is_watched_in_its_folder),
		TEST(several_changes_settle_into_one_look),
	};

	return cmocka_run_group_tests(tests, build, clean);
}
