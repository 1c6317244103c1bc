/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "scene.h"

static struct tasks *tasks;
static struct stats stats;
static uint8_t *content;
static size_t content_bytes;

static int
setup(void **state)
{
	(void)state;
	memset(&stats, 0, sizeof(stats));
	content_bytes = state_content(256);
	content = calloc(1, content_bytes);
	tasks = malloc(sizeof(*tasks));
	if (content == NULL || tasks == NULL)
		return -1;
	return tasks_open(tasks, content, content_bytes, &stats);
}

static int
teardown(void **state)
{
	(void)state;
	tasks_close(tasks);
	free(tasks);
	free(content);
	return 0;
}

static uint32_t
add(uint32_t tid, uint32_t tgid, uint32_t parent)
{
	struct event_head head = { .tid = tid, .tgid = tgid, .start = 10 * tid, .exec = 1 };
	uint32_t index = tasks_add(tasks, &head);

	tasks_move(tasks, index, parent, 0);
	tasks_changed(tasks, index);
	return index;
}

static void
put(uint32_t index, enum state_text which, const char *bytes, size_t len)
{
	struct task_texts texts = { .set = 1u << which };

	texts.spans[which] = (struct span){ bytes, len };
	texts.states[which] = PARAM_EXACT;
	tasks_change(tasks, index);
	tasks_put_texts(tasks, index, &texts);
	tasks_changed(tasks, index);
}

static void
expect(uint32_t index, enum state_text which, const char *text)
{
	struct span got;

	assert_int_equal(tasks_text(tasks, index, which, &got), PARAM_EXACT);
	assert_true(span_equal(got, span_text(text)));
}

static void
the_size_of_the_region_says_how_many(void **state)
{
	struct state_view view;

	(void)state;
	assert_int_equal(tasks->view.task_count, 256);
	assert_int_equal(state_view_init(&view, content, state_content(1000)), 0);
	assert_int_equal(view.task_count, 1024);
	assert_int_equal(state_view_init(&view, content, 8192), -EBADMSG);
}

static void
tasks_hang_below_their_parents_and_leaders(void **state)
{
	uint32_t parent = add(10, 10, 0), child = add(20, 20, 10), thread = add(11, 10, 0);

	(void)state;
	assert_int_equal(tasks_find(tasks, 20), child);
	assert_int_equal(tasks_parent(tasks, child), parent);
	assert_int_equal(tasks_leader(tasks, thread), parent);
	assert_int_equal(tasks_find(tasks, 99), TASK_NONE);
	tasks_remove(tasks, parent);
	assert_int_equal(tasks_parent(tasks, child), TASK_NONE);
	assert_int_equal(tasks_leader(tasks, thread), TASK_NONE);
	assert_int_equal(tasks_find(tasks, 10), TASK_NONE);
}

static void
nothing_hangs_below_what_began_later(void **state)
{
	uint32_t old = add(10, 10, 20), young = add(20, 20, 10);

	(void)state;
	tasks_hang(tasks, old);
	assert_int_equal(tasks_parent(tasks, old), TASK_NONE);
	assert_int_equal(tasks_parent(tasks, young), old);
}

static void
a_tid_that_comes_again_is_another_task(void **state)
{
	uint32_t child;

	(void)state;
	(void)add(10, 10, 0);
	child = add(20, 20, 10);
	(void)add(10, 10, 0);
	assert_int_equal(tasks_parent(tasks, child), TASK_NONE);
	assert_int_equal(tasks->count, 2);
}

static void
texts_stand_together_and_grow(void **state)
{
	static char text[3000];
	uint32_t index = add(10, 10, 0);

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	put(index, STATE_CWD, "/tmp", 4);
	put(index, STATE_EXEPATH, "/bin/cat", 8);
	put(index, STATE_ARGS, text, sizeof(text) - 1);
	put(index, STATE_CWD, "/", 1);
	expect(index, STATE_CWD, "/");
	expect(index, STATE_EXEPATH, "/bin/cat");
	expect(index, STATE_ARGS, text);
	put(index, STATE_ARGS, "", 0);
	expect(index, STATE_ARGS, "");
	expect(index, STATE_EXEPATH, "/bin/cat");
}

static void
the_least_of_too_much_text_is_cut(void **state)
{
	static char text[5000];
	uint32_t index = add(10, 10, 0);
	struct span got;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	for (uint32_t i = 0; i < STATE_TEXTS; i++)
		put(index, (enum state_text)i, text, sizeof(text) - 1);
	expect(index, STATE_ARGS - 1, text);
	assert_int_equal(tasks_text(tasks, index, STATE_ENV, &got), PARAM_TRUNCATED);
	assert_int_equal(got.len, 0);
	assert_true(stats_get(&stats, STAT_ENRICHER_contexts_cut) > 0);
}

static void
a_full_table_puts_out_what_is_idle(void **state)
{
	uint32_t parent = add(1, 1, 0);

	(void)state;
	for (uint32_t i = 1; i < 256; i++)
		tasks->links[add(1 + i, 1 + i, 1)].seen = i % 2 == 0;
	assert_int_equal(stats_get(&stats, STAT_ENRICHER_tasks_full), 0);
	for (uint32_t i = 0; i < 100; i++)
		(void)add(1000 + i, 1000 + i, 1);
	assert_int_equal(tasks->count, 256);
	assert_int_equal(stats_get(&stats, STAT_ENRICHER_tasks_full), 100);
	assert_int_equal(tasks_find(tasks, 1), parent);
	for (uint32_t i = 2; i < 256; i += 2)
		assert_int_not_equal(tasks_find(tasks, 1 + i), TASK_NONE);
}

static void
exited_processes_go_first_from_a_full_table(void **state)
{
	uint32_t dead = add(1, 1, 0);

	(void)state;
	(void)add(2, 2, 1);
	tasks_exit(tasks, dead);
	assert_int_equal(tasks_find(tasks, 1), dead);
	for (uint32_t i = 2; i < 257; i++)
		(void)add(1 + i, 1 + i, 0);
	assert_int_equal(tasks_find(tasks, 1), TASK_NONE);
	assert_int_not_equal(tasks_find(tasks, 2), TASK_NONE);
}

static void
too_little_room_for_texts_puts_tasks_out(void **state)
{
	static char text[4000];
	uint32_t last = 0;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	for (uint32_t i = 0; i < 250; i++) {
		last = add(1 + i, 1 + i, 0);
		put(last, STATE_ARGS, text, sizeof(text) - 1);
	}
	/* 8 + 1 blocks held it whole; then smaller ones were taken, cut; then tasks went. */
	assert_int_not_equal(tasks_at(tasks, last)->block, 0);
	assert_true(stats_get(&stats, STAT_ENRICHER_contexts_cut) > 0);
	assert_true(stats_get(&stats, STAT_ENRICHER_tasks_full) > 0);
}

static void
the_list_of_the_exited_is_bounded(void **state)
{
	struct tasks *many = malloc(sizeof(*many));
	uint8_t *bytes = calloc(1, state_content(4096));
	struct tasks *former = tasks;

	(void)state;
	assert_non_null(many);
	assert_non_null(bytes);
	assert_int_equal(tasks_open(many, bytes, state_content(4096), &stats), 0);
	tasks = many;
	for (uint32_t i = 0; i < 1500; i++) {
		uint32_t dead = add(1 + 2 * i, 1 + 2 * i, 0);

		(void)add(2 + 2 * i, 2 + 2 * i, 1 + 2 * i);
		tasks_exit(tasks, dead);
	}
	assert_int_equal(tasks->exited_count, TASK_EXITED_MAX);
	assert_int_equal(stats_get(&stats, STAT_ENRICHER_tasks_full), 1500 - TASK_EXITED_MAX);
	tasks_close(many);
	tasks = former;
	free(many);
	free(bytes);
}

static void
a_successor_finds_all_again(void **state)
{
	uint32_t parent = add(10, 10, 0), child = add(20, 20, 10), dead = add(5, 5, 0);

	(void)state;
	put(child, STATE_CWD, "/tmp", 4);
	tasks_move(tasks, parent, 5, 50);
	tasks_exit(tasks, dead);
	tasks_close(tasks);
	assert_int_equal(tasks_open(tasks, content, content_bytes, &stats), 0);
	assert_int_equal(tasks->count, 3);
	assert_int_equal(tasks_parent(tasks, tasks_find(tasks, 20)), parent);
	assert_int_equal(tasks_parent(tasks, parent), dead);
	assert_int_equal(tasks->exited_count, 1);
	expect(child, STATE_CWD, "/tmp");
	/* The block is taken, the others are free. */
	for (uint32_t i = 0; i < 200; i++)
		assert_int_not_equal(pool_get(&tasks->pool, 1), tasks_at(tasks, child)->block);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_size_of_the_region_says_how_many),
		TEST(tasks_hang_below_their_parents_and_leaders),
		TEST(nothing_hangs_below_what_began_later),
		TEST(a_tid_that_comes_again_is_another_task),
		TEST(texts_stand_together_and_grow),
		TEST(the_least_of_too_much_text_is_cut),
		TEST(a_full_table_puts_out_what_is_idle),
		TEST(exited_processes_go_first_from_a_full_table),
		TEST(too_little_room_for_texts_puts_tasks_out),
		TEST(the_list_of_the_exited_is_bounded),
		TEST(a_successor_finds_all_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
