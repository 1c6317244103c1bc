/* SPDX-License-Identifier: Apache-2.0 */
/* Folders and sockets of a pipeline. */
#include <errno.h>
#include <fcntl.h>
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
#include "places.h"

static struct config config;
static struct users users;
static struct places places;

static void
remove_all(void)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -rf %s/*", dir);
	assert_int_equal(system(command), 0);
}

static int
fresh(void **state)
{
	(void)state;
	remove_all();
	(void)umask(022);
	memset(&config, 0, sizeof(config));
	(void)snprintf(config.run_dir, sizeof(config.run_dir), "%s/var/run", dir);
	(void)snprintf(config.spool_dir, sizeof(config.spool_dir), "%s/var/lib/spool", dir);
	memset(&users, 0, sizeof(users));
	for (uint32_t role = 0; role < ROLE_COUNT; role++)
		users.roles[role] = (struct user){ geteuid(), getegid() };
	return 0;
}

static int
closed(void **state)
{
	(void)state;
	places_close(&places);
	places_close(&places);
	return 0;
}

static void
has_mode(const char *name, mode_t mode, uid_t uid)
{
	struct stat st;

	assert_int_equal(stat(path_in(name), &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
	assert_int_equal(st.st_uid, uid);
}

static void
folders_are_made_with_their_modes(void **state)
{
	(void)state;
	assert_int_equal(places_open(&places, &config, &users), 0);
	has_mode("var", 0755, geteuid());
	has_mode("var/run", 0755, geteuid());
	has_mode("var/run/empty", 0555, geteuid());
	has_mode("var/run/keeper.lock", 0600, geteuid());
	has_mode("var/lib/spool", 0700, geteuid());
	has_mode("var/lib/spool/cursors", 0700, geteuid());
	places_close(&places);
	assert_int_equal(places_open(&places, &config, &users), 0);
}

static void
second_keeper_finds_the_lock_taken(void **state)
{
	struct places second;

	(void)state;
	assert_int_equal(places_open(&places, &config, &users), 0);
	assert_int_equal(places_open(&second, &config, &users), -EWOULDBLOCK);
	places_close(&second);
	places_close(&places);
	assert_int_equal(places_open(&second, &config, &users), 0);
	places_close(&second);
}

static void
root_folder_must_be_empty(void **state)
{
	(void)state;
	assert_int_equal(places_open(&places, &config, &users), 0);
	places_close(&places);
	assert_int_equal(chmod(path_in("var/run/empty"), 0755), 0);
	(void)close(open(path_in("var/run/empty/file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	assert_int_equal(places_open(&places, &config, &users), -ENOTEMPTY);
}

static void
links_in_place_of_folders_are_refused(void **state)
{
	(void)state;
	assert_int_equal(places_open(&places, &config, &users), 0);
	places_close(&places);
	assert_int_equal(rmdir(path_in("var/lib/spool/cursors")), 0);
	assert_int_equal(symlink(dir, path_in("var/lib/spool/cursors")), 0);
	assert_true(places_open(&places, &config, &users) < 0);
}

static void
run_folder_of_another_user_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(places_open(&places, &config, &users), 0);
	places_close(&places);
	assert_int_equal(chown(path_in("var/run"), 12345, 12345), 0);
	assert_int_equal(places_open(&places, &config, &users), -EPERM);
}

static void
spool_goes_to_its_user_with_what_it_holds(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	users.roles[ROLE_SPOOLER] = users.roles[ROLE_SINK] = (struct user){ 12345, 12345 };
	assert_int_equal(places_open(&places, &config, &users), 0);
	places_close(&places);
	has_mode("var/lib/spool", 0700, 12345);
	(void)close(open(path_in("var/lib/spool/1.seg"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(chown(path_in("var/lib/spool/1.seg"), 12345, 12345), 0);
	(void)close(open(path_in("var/lib/spool/other"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(symlink("/etc/passwd", path_in("var/lib/spool/link")), 0);
	users.roles[ROLE_SPOOLER] = users.roles[ROLE_SINK] = (struct user){ 23456, 23456 };
	assert_int_equal(places_open(&places, &config, &users), 0);
	has_mode("var/lib/spool", 0700, 23456);
	has_mode("var/lib/spool/cursors", 0700, 23456);
	has_mode("var/lib/spool/1.seg", 0600, 23456);
	has_mode("var/lib/spool/other", 0600, 0);
	has_mode("var/lib/spool/link", 0644, 0);
}

static void
socket_is_found_and_a_left_one_replaced(void **state)
{
	int first, second, peer;

	(void)state;
	assert_int_equal(places_open(&places, &config, &users), 0);
	assert_int_equal(places_connect(&config, "keeper.sock"), -ENOENT);
	(void)umask(077);
	first = places_listen(&places, &config, "keeper.sock", (gid_t)-1);
	assert_true(first >= 0);
	has_mode("var/run/keeper.sock", 0700, geteuid());
	(void)close(first);
	assert_int_equal(places_connect(&config, "keeper.sock"), -ECONNREFUSED);
	second = places_listen(&places, &config, "keeper.sock", getegid());
	assert_true(second >= 0);
	has_mode("var/run/keeper.sock", 0660, geteuid());
	peer = places_connect(&config, "keeper.sock");
	assert_true(peer >= 0);
	(void)close(peer);
	(void)close(second);
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
	(void)state;
	remove_all();
	return rmdir(dir);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fresh, closed)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(folders_are_made_with_their_modes),
		TEST(second_keeper_finds_the_lock_taken),
		TEST(root_folder_must_be_empty),
		TEST(links_in_place_of_folders_are_refused),
		TEST(run_folder_of_another_user_is_refused),
		TEST(spool_goes_to_its_user_with_what_it_holds),
		TEST(socket_is_found_and_a_left_one_replaced),
	};

	return cmocka_run_group_tests(tests, build, clean);
}
