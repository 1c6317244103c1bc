/* SPDX-License-Identifier: Apache-2.0 */
/* Which rule files are opened, and in which order. */
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
#include "log.h"
#include "rulefiles.h"
#include "rulesimage.h"

static struct rulefiles files;
static struct config_list list;

static void
list_add(const char *path)
{
	char *item = list.items[list.count++];

	(void)snprintf(item, CONFIG_TEXT_MAX, "%s", path);
}

static int
look(bool all_needed)
{
	const struct rulefiles_wanted wanted = { .list = &list, .dir = AT_FDCWD,
		.all_needed = all_needed };

	rulefiles_close(&files);
	return rulefiles_open(&files, &wanted);
}

/* The name and the content of file NUMBER in the copy; "" when there is none. */
static const char *
copied(uint32_t number, char content[64])
{
	static struct rules_image_entry entry;
	struct rules_image image;
	size_t at = 0;
	char *bytes;

	content[0] = '\0';
	entry.name[0] = '\0';
	assert_int_equal(rules_image_open(&image, files.fd), 0);
	for (uint32_t i = 0; i <= number; i++) {
		assert_int_equal(rules_image_next(&image, &at, &entry, &bytes), 1);
		(void)snprintf(content, 64, "%.*s", (int)entry.len, bytes);
	}
	if (number + 1 == files.count)
		assert_int_equal(rules_image_next(&image, &at, &entry, &bytes), 0);
	rules_image_close(&image);
	return entry.name;
}

static int
fresh(void **state)
{
	(void)state;
	files = RULEFILES_NONE;
	memset(&list, 0, sizeof(list));
	return 0;
}

static int
closed(void **state)
{
	(void)state;
	rulefiles_close(&files);
	rulefiles_close(&files);
	return 0;
}

static void
names_end_in_yaml_or_yml(void **state)
{
	(void)state;
	assert_true(rulefiles_named("a.yaml"));
	assert_true(rulefiles_named("/etc/x.y/a.yml"));
	assert_false(rulefiles_named("a.yaml.bak"));
	assert_false(rulefiles_named("ayaml"));
	assert_false(rulefiles_named(".yaml"));
	assert_false(rulefiles_named("a.YAML"));
	assert_false(rulefiles_named(""));
}

static void
folder_gives_its_files_in_byte_order(void **state)
{
	static const char *const expected[] = { "10.yaml", "9.yaml", "B.yml", "a.yaml" };
	char name[RULES_IMAGE_NAME_MAX], content[64];

	(void)state;
	list_add(path_in("rules"));
	assert_int_equal(look(true), EXIT_DONE);
	assert_int_equal(files.count, 4);
	for (uint32_t i = 0; i < 4; i++) {
		(void)snprintf(name, sizeof(name), "%s/rules/%s", dir, expected[i]);
		assert_string_equal(copied(i, content), name);
	}
}

static void
order_of_the_list_is_kept(void **state)
{
	char content[64];

	(void)state;
	list_add(path_in("z.yaml"));
	list_add(path_in("rules/"));
	list_add(path_in("z.yaml"));
	assert_int_equal(look(true), EXIT_DONE);
	assert_int_equal(files.count, 6);
	assert_non_null(strstr(copied(0, content), "/z.yaml"));
	assert_non_null(strstr(copied(1, content), "/rules/10.yaml"));
	assert_non_null(strstr(copied(5, content), "/z.yaml"));
}

static void
missing_entry_is_left_out_unless_needed(void **state)
{
	(void)state;
	list_add(path_in("missing.yaml"));
	list_add(path_in("z.yaml"));
	assert_int_equal(look(false), EXIT_DONE);
	assert_int_equal(files.count, 1);
	rulefiles_close(&files);
	assert_int_equal(look(true), EXIT_NO);
}

static void
no_file_at_all_is_an_error(void **state)
{
	(void)state;
	list_add(path_in("empty"));
	assert_int_equal(look(true), EXIT_NO);
	assert_int_equal(files.count, 0);
}

static void
entry_of_another_kind_is_an_error(void **state)
{
	(void)state;
	list_add(path_in("z.txt"));
	assert_int_equal(look(false), EXIT_NO);
	rulefiles_close(&files);
	list.count = 0;
	list_add(path_in("fifo.yaml"));
	assert_int_equal(look(false), EXIT_NO);
}

static void
path_that_fits_no_name_is_an_error(void **state)
{
	char path[CONFIG_TEXT_MAX], folder[2 * CONFIG_TEXT_MAX];

	(void)state;
	memset(path, 'l', sizeof(path));
	(void)snprintf(folder, sizeof(folder), "%s/%.200s", dir, path);
	assert_int_equal(mkdir(folder, 0755), 0);
	(void)snprintf(folder + strlen(folder), 64, "/%.20s.yaml", path);
	(void)close(open(folder, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	*strrchr(folder, '/') = '\0';
	list_add(folder);
	assert_int_equal(look(true), EXIT_DONE);
	rulefiles_close(&files);
	(void)snprintf(folder + strlen(folder), 64, "/%.30s.yaml", path);
	(void)close(open(folder, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	assert_int_equal(look(true), EXIT_NO);
}

static void
too_many_files_are_an_error(void **state)
{
	char name[32];

	(void)state;
	assert_int_equal(mkdir(path_in("many"), 0755), 0);
	for (int i = 0; i < RULES_IMAGE_FILES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "many/%03d.yaml", i);
		make(name, "");
	}
	list_add(path_in("many"));
	assert_int_equal(look(true), EXIT_DONE);
	assert_int_equal(files.count, RULES_IMAGE_FILES_MAX);
	rulefiles_close(&files);
	make("many/more.yaml", "");
	assert_int_equal(look(true), EXIT_NO);
	assert_int_equal(files.count, RULES_IMAGE_FILES_MAX);
}

static void
copy_stays_when_the_file_changes(void **state)
{
	uint64_t before;
	char content[64];

	(void)state;
	make("changing.yaml", "old\n");
	list_add(path_in("changing.yaml"));
	assert_int_equal(look(true), EXIT_DONE);
	before = files.content;
	make("changing.yaml", "newer\n");
	(void)copied(0, content);
	assert_string_equal(content, "old\n");
	assert_int_equal(write(files.fd, "x", 1), -1);
	assert_int_equal(ftruncate(files.fd, 0), -1);
	assert_int_equal(look(true), EXIT_DONE);
	(void)copied(0, content);
	assert_string_equal(content, "newer\n");
	assert_true(files.content != before);
	before = files.content;
	make("changing.yaml", "newer\n");
	assert_int_equal(look(true), EXIT_DONE);
	assert_true(files.content == before);
}

static void
too_many_bytes_are_an_error(void **state)
{
	(void)state;
	make("large.yaml", "");
	list_add(path_in("large.yaml"));
	assert_int_equal(truncate(path_in("large.yaml"), RULES_IMAGE_BYTES_MAX), 0);
	assert_int_equal(look(true), EXIT_DONE);
	assert_int_equal(files.bytes, RULES_IMAGE_BYTES_MAX);
	assert_int_equal(truncate(path_in("large.yaml"), RULES_IMAGE_BYTES_MAX + 1), 0);
	assert_int_equal(look(true), EXIT_NO);
	(void)unlink(path_in("large.yaml"));
}

static void
relative_names_begin_in_the_folder_given(void **state)
{
	struct rulefiles_wanted wanted = { .list = &list, .all_needed = true };
	char content[64];

	(void)state;
	list_add("rules");
	list_add("z.yaml");
	wanted.dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(rulefiles_open(&files, &wanted), EXIT_DONE);
	assert_int_equal(files.count, 5);
	assert_string_equal(copied(4, content), "z.yaml");
	assert_string_equal(content, "[]\n");
	(void)close(wanted.dir);
}

static int
build(void **state)
{
	(void)state;
	if (!mkdtemp(dir) || mkdir(path_in("rules"), 0755) < 0 || mkdir(path_in("empty"), 0755) < 0)
		return -1;
	make("z.yaml", "[]\n");
	make("z.txt", "");
	make("rules/9.yaml", "");
	make("rules/a.yaml", "");
	make("rules/10.yaml", "");
	make("rules/B.yml", "");
	make("rules/README", "");
	if (mkdir(path_in("rules/sub.yaml"), 0755) < 0)
		return -1;
	make("rules/sub.yaml/inner.yaml", "");
	return mkfifo(path_in("fifo.yaml"), 0644);
}

static int
clean(void **state)
{
	char command[64];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fresh, closed)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_end_in_yaml_or_yml),
		TEST(folder_gives_its_files_in_byte_order),
		TEST(order_of_the_list_is_kept),
		TEST(missing_entry_is_left_out_unless_needed),
		TEST(no_file_at_all_is_an_error),
		TEST(entry_of_another_kind_is_an_error),
		TEST(path_that_fits_no_name_is_an_error),
		TEST(too_many_files_are_an_error),
		TEST(copy_stays_when_the_file_changes),
		TEST(too_many_bytes_are_an_error),
		TEST(relative_names_begin_in_the_folder_given),
	};

	return cmocka_run_group_tests(tests, build, clean);
}
