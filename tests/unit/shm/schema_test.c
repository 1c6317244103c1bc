/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "normal.h"
#include "record.h"

static void
every_event_is_found_by_its_name(void **state)
{
	size_t count = 0;

	(void)state;
	for (uint32_t id = 0; id < EVENT_TYPES_MAX; id++) {
		const struct event_info *info = event_info(id);

		if (info == NULL)
			continue;
		assert_int_equal(info->id, id);
		assert_ptr_equal(event_find(span_text(info->name)), info);
		assert_true(info->param_count + D_COUNT <= EVENT_PARAMS_MAX);
		assert_true(info->fd < (int)info->param_count);
		count++;
	}
	assert_true(count > 60);
	assert_null(event_find(SPAN_OF("opena")));
	assert_null(event_info(EVENT_TYPES_MAX));
}

static void
system_calls_have_names_both_ways_and_an_event_each(void **state)
{
	(void)state;
	for (uint32_t nr = 0; nr < SYSCALL_MAX; nr++) {
		const char *name = syscall_name(nr);

		if (name == NULL)
			continue;
		assert_int_equal(syscall_number(span_text(name)), nr);
		assert_non_null(event_info(syscall_event(nr)));
	}
	assert_int_equal(syscall_event((uint32_t)syscall_number(SPAN_OF("openat"))), EV_openat);
	assert_int_equal(syscall_event((uint32_t)syscall_number(SPAN_OF("getppid"))), EV_syscall);
	assert_int_equal(syscall_event(452), EV_fchmodat2); /* newer than some headers */
	assert_int_equal(syscall_number(SPAN_OF("no_such_call")), -1);
}

static void
print(uint32_t table, uint64_t value, bool enumeration, const char *expected)
{
	char buf[256];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	flags_print(&text, table, value, enumeration);
	assert_string_equal(buf, expected);
}

static void
flags_print_in_table_order(void **state)
{
	(void)state;
	print(TABLE_file_flags, 0x4106, false, "O_TRUNC|O_CREAT|O_WRONLY|O_F_CREATED");
	print(TABLE_file_flags, 3, false, "O_RDWR");
	print(TABLE_file_flags, 0, false, "O_NONE");
	print(TABLE_file_flags, 1u << 30, false, "1073741824");
	print(TABLE_socket_families, 16, true, "AF_ROUTE|AF_NETLINK");
	print(TABLE_socket_families, 1, true, "AF_LOCAL|AF_UNIX");
	print(TABLE_socket_families, 200, true, "200");
	print(TABLE_chmod_mode, 04755, false,
	    "S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID");
	print(FLAGS_TABLES, 5, false, "5");
}

static void
kernel_flags_become_the_rules_flags(void **state)
{
	(void)state;
	print(TABLE_file_flags, normal_open_flags(01101), false, "O_TRUNC|O_CREAT|O_WRONLY");
	/* O_DIRECTORY is part of O_TMPFILE, O_DSYNC of O_SYNC: a part alone is not the whole. */
	print(TABLE_file_flags, normal_open_flags(0200000), false, "O_DIRECTORY|O_RDONLY");
	print(TABLE_file_flags, normal_open_flags(020200002), false,
	    "O_DIRECTORY|O_RDWR|O_TMPFILE");
	print(TABLE_file_flags, normal_open_flags(010000), false, "O_DSYNC|O_RDONLY");
	print(TABLE_clone_flags, normal_clone_flags(0x00020000 | 0x10000000), false,
	    "CLONE_NEWNS|CLONE_NEWUSER");
	print(TABLE_ptrace_requests, normal_ptrace_request(16), true, "PTRACE_ATTACH");
	print(TABLE_ptrace_requests, normal_ptrace_request(0x4206), true, "PTRACE_SEIZE");
	print(TABLE_ptrace_requests, normal_ptrace_request(1), true, "PTRACE_PEEKTEXT");
	print(TABLE_ptrace_requests, normal_ptrace_request(9999), true, "PTRACE_UNKNOWN");
}

static void
tables_have_names_and_types(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < D_COUNT; i++)
		assert_true(derived_name(i) != NULL && derived_type(i) != T_NONE);
	for (uint32_t i = 0; i < C_COUNT; i++)
		assert_true(context_name(i) != NULL && context_type(i) != T_NONE);
	assert_null(derived_name(D_COUNT));
	assert_null(context_name(C_COUNT));
	assert_int_equal(schema_hash(), schema_hash());
	assert_true(param_type_is_bytes(T_PATH));
	assert_false(param_type_is_bytes(T_U64));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_is_found_by_its_name),
		cmocka_unit_test(system_calls_have_names_both_ways_and_an_event_each),
		cmocka_unit_test(flags_print_in_table_order),
		cmocka_unit_test(kernel_flags_become_the_rules_flags),
		cmocka_unit_test(tables_have_names_and_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
