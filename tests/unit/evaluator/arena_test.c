/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"

enum { CHUNK = 64 * 1024 };

static void
pieces_are_zeroed_aligned_and_apart(void **state)
{
	struct arena arena;
	char *a, *b;

	(void)state;
	arena_init(&arena, CHUNK);
	assert_non_null(a = arena_alloc(&arena, 3));
	memset(a, 'x', 3);
	assert_non_null(b = arena_alloc(&arena, 5));
	assert_int_equal((uintptr_t)b % _Alignof(max_align_t), 0);
	assert_true(b >= a + 3);
	assert_memory_equal(b, "\0\0\0\0\0", 5);
	assert_non_null(arena_alloc(&arena, 0));
	arena_fini(&arena);
}

static void
bound_is_exact(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 2 * CHUNK);
	assert_non_null(arena_alloc(&arena, CHUNK));
	assert_non_null(arena_alloc(&arena, CHUNK));
	assert_int_equal(arena.held_bytes, 2 * CHUNK);
	assert_null(arena_alloc(&arena, 1));
	arena_fini(&arena);
	assert_int_equal(arena.held_bytes, 0);
	assert_null(arena_alloc(&arena, 2 * CHUNK + 1));
	assert_non_null(arena_alloc(&arena, 2 * CHUNK));
	arena_fini(&arena);
}

static void
impossible_sizes_are_refused(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, SIZE_MAX);
	assert_null(arena_array(&arena, SIZE_MAX / 2, 3));
	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_null(arena_copy(&arena, (struct span){ "", SIZE_MAX }));
	arena_fini(&arena);
}

static void
reset_returns_to_the_mark(void **state)
{
	struct arena arena;
	struct arena_mark empty, mark;
	char *a, *b;

	(void)state;
	arena_init(&arena, 8 * CHUNK);
	empty = arena_mark(&arena);
	assert_non_null(a = arena_copy(&arena, SPAN_OF("kept")));
	mark = arena_mark(&arena);
	assert_non_null(b = arena_alloc(&arena, 16));
	assert_non_null(arena_alloc(&arena, 3 * CHUNK));
	arena_reset(&arena, mark);
	assert_int_equal(arena.held_bytes, CHUNK);
	assert_string_equal(a, "kept");
	assert_ptr_equal(arena_alloc(&arena, 16), b);
	arena_reset(&arena, empty);
	assert_int_equal(arena.held_bytes, 0);
	arena_fini(&arena);
	arena_fini(&arena);
}

static void
count_release(void *object)
{
	int *count = object;

	(*count)++;
}

static void
what_is_owed_is_released_once(void **state)
{
	struct arena_mark mark;
	struct arena arena;
	int kept = 0, gone = 0;

	(void)state;
	arena_init(&arena, 8 * CHUNK);
	assert_int_equal(arena_defer(&arena, count_release, &kept), 0);
	mark = arena_mark(&arena);
	assert_non_null(arena_alloc(&arena, CHUNK));
	assert_int_equal(arena_defer(&arena, count_release, &gone), 0);
	arena_reset(&arena, mark);
	assert_int_equal(gone, 1);
	assert_int_equal(kept, 0);
	arena_fini(&arena);
	arena_fini(&arena);
	assert_int_equal(gone, 1);
	assert_int_equal(kept, 1);
	arena_init(&arena, 0);
	assert_int_equal(arena_defer(&arena, count_release, &gone), -ENOMEM);
	arena_fini(&arena);
	assert_int_equal(gone, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(bound_is_exact),
		cmocka_unit_test(impossible_sizes_are_refused),
		cmocka_unit_test(reset_returns_to_the_mark),
		cmocka_unit_test(what_is_owed_is_released_once),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
