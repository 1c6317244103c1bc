/* SPDX-License-Identifier: Apache-2.0 */
#include "events.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "sources.h"

/* Every field that something delivers has one source, every other none; names are unique. */
static void
every_delivered_field_has_a_source(void **state)
{
	const struct field_source *(*const families[])(enum field_id) = {
		source_of_event,
		source_of_param,
		source_of_task,
		source_of_number,
		source_of_container,
		source_of_fd,
		source_of_path,
	};

	(void)state;
	for (uint32_t id = 0; id < F_COUNT; id++) {
		const struct field_info *info = field_info(id);
		uint32_t found = 0;

		for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
			found += families[i]((enum field_id)id) != NULL;
		if (found != (info->delivered == FIELD_NOT_YET ? 0u : 1u))
			fail_msg("%s has %u sources", info->name, found);
		assert_int_equal(field_find(span_text(info->name)), id);
	}
}

static void
unknown_fields_are_refused_with_a_suggestion(void **state)
{
	(void)state;
	assert_refused(&events, "proc.nmae = x",
	    "nonexistent field `proc.nmae`: did you mean `proc.name`?");
	assert_refused(&events, "proc.name[1] = x", "takes no argument");
	assert_refused(&events, "proc.aname[x] = y", "takes [N] or nothing");
	assert_refused(&events, "evt.arg = x", "needs an argument");
	assert_refused(&events, "evt.arg.nosuch = x", "unknown event argument `nosuch`");
	assert_refused(&events, "evt.type.is.nosuch = 1", "unknown event type");
	assert_refused(&events, "wholly.other = x", "nonexistent field");
	event_openat(&events, 0, "/a", "/a");
	assert_fails(&events, "evt.arg.cmd = x or evt.rawarg.cmd = 5");
	assert_refused(&events, "evt.rawarg.cmd = x", "expected a decimal number");
}

static void
tasks_show_their_context_and_ancestors(void **state)
{
	uint64_t init = context_task(&events, 0, "init", "", 0);
	uint64_t shell = context_task(&events, init, "bash", "-l\0", 3);
	uint64_t cat = context_task(&events, shell, "cat", "-n\0\0/etc/shadow\0", 16);
	uint32_t ids[] = { 50, 1 };

	(void)state;
	event_begin(&events, EV_mkdir, cat);
	event_text(&events, P_mkdir_path, "x");
	event_derived(&events, EV_mkdir, D_parent, 50);
	record_put_bytes(&events.writer, P_mkdir_COUNT + D_ancestors, ids, sizeof(ids),
	    PARAM_EXACT);
	event_end(&events, 0);
	assert_shown(&events, "proc.name", "cat");
	assert_shown(&events, "proc.cmdline", "cat -n  /etc/shadow");
	assert_shown(&events, "proc.args", "-n  /etc/shadow");
	assert_shown(&events, "proc.args[1]", "");
	assert_shown(&events, "proc.args[2]", "/etc/shadow");
	assert_shown(&events, "proc.args[9]", "");
	assert_shown(&events, "proc.cmdnargs", "3");
	assert_shown(&events, "proc.cmdlenargs", "13");
	assert_shown(&events, "proc.pname", "bash");
	assert_shown(&events, "proc.pcmdline", "bash -l");
	assert_shown(&events, "proc.aname[0]", "cat");
	assert_shown(&events, "proc.aname[2]", "init");
	assert_shown(&events, "proc.aname[3]", "<NA>");
	assert_shown(&events, "proc.aname", "bash init");
	assert_shown(&events, "proc.exeline", "cat -n  /etc/shadow");
	assert_shown(&events, "proc.cwd", "/home/u/");
	assert_shown(&events, "proc.pid", "100");
	assert_shown(&events, "proc.ppid", "50");
	assert_shown(&events, "proc.apid[2]", "1");
	assert_shown(&events, "proc.apid", "50 1");
	assert_shown(&events, "proc.loginshellid", "50");
	assert_shown(&events, "user.name", "root");
	assert_shown(&events, "user.loginuid", "-1");
	assert_shown(&events, "user.loginname", "<NA>");
	assert_shown(&events, "container.id", "host");
	assert_shown(&events, "container.image.repository", "");
	assert_shown(&events, "k8s.ns.name", "<NA>");
	assert_shown(&events, "evt.num", "7");
}

static void
a_lost_task_is_unknown_and_named(void **state)
{
	struct accessor accessor;
	char error[FIELD_ERROR_MAX];
	struct field_value value;
	struct arena arena;

	(void)state;
	event_begin(&events, EV_mkdir, 0);
	event_text(&events, P_mkdir_path, "x");
	event_end(&events, 0);
	assert_null(view_ancestor(&events.view, 0));
	assert_true(events.view.lost & LOST_TASK);
	assert_shown(&events, "proc.name", "<NA>");
	assert_shown(&events, "proc.exepath", "<NA>");
	assert_fails(&events, "proc.exepath exists");
	assert_holds(&events, "proc.name = \"<NA>\"");
	arena_init(&arena, 1 << 20);
	assert_int_equal(field_compile(&arena, SPAN_OF("proc.exepath"), SPAN_NONE, false,
	                     &accessor, error),
	    FIELD_FINE);
	field_get(&events.view, &accessor, &value);
	assert_int_equal(value.state, FIELD_LOST);
	assert_true(field_doubtful(&events.view, &accessor));
	arena_fini(&arena);
}

static void
a_stale_context_is_lost(void **state)
{
	uint64_t task = context_task(&events, 0, "cat", "", 0);
	uint32_t bytes;

	(void)state;
	context_at(&events.arena, EVENTS_SLOTS + (uint32_t)task, &bytes)->id = 9999;
	event_openat(&events, task, "/etc/passwd", "/etc/passwd");
	assert_null(view_ancestor(&events.view, 0));
	assert_true(events.view.lost & LOST_TASK);
	assert_int_equal(events.contexts.stale_count, 1);
	assert_shown(&events, "fd.name", "/etc/passwd");
}

static void
results_have_names(void **state)
{
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	event_openat(&events, task, "/none", NULL);
	assert_shown(&events, "evt.res", "ENOENT");
	assert_shown(&events, "evt.rawres", "-2");
	assert_shown(&events, "evt.failed", "true");
	assert_shown(&events, "fd.num", "-1");
	assert_shown(&events, "fd.typechar", "f");
	assert_shown(&events, "fd.type", "<NA>");
	assert_shown(&events, "fd.name", "/none");
	event_openat(&events, task, "/some", "/some");
	assert_shown(&events, "evt.res", "SUCCESS");
	assert_shown(&events, "fd.type", "file");
	assert_shown(&events, "fd.dev", "FD01");
	assert_shown(&events, "fd.ino", "42");
	event_begin(&events, EV_procexit, task);
	event_end(&events, 0);
	assert_shown(&events, "evt.res", "<NA>");
	assert_fails(&events, "evt.failed = false");
}

static void
paths_have_two_spellings(void **state)
{
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	event_openat(&events, task, "../v/./link//x", "/etc/shadow");
	assert_shown(&events, "fd.name", "/etc/shadow");
	assert_shown(&events, "fd.nameraw", "../v/./link/x");
	assert_shown(&events, "fd.directory", "/etc");
	assert_shown(&events, "fd.filename", "shadow");
	assert_holds(&events, "fd.name = /etc/shadow");
	assert_holds(&events, "fd.name = /home/v/link/x");
	assert_holds(&events, "not fd.name = /etc/shadow");
	assert_holds(&events, "not fd.name = /home/v/link/x");
	assert_fails(&events, "not fd.name startswith /");
	assert_holds(&events, "fd.name != /etc/shadow");
	assert_holds(&events, "fd.name in (/etc/shadow)");
	assert_fails(&events, "fd.name in (/other)");
	events.view.path_names = PATH_NAMES_KERNEL;
	assert_fails(&events, "fd.name = /home/v/link/x");
	assert_fails(&events, "not fd.name = /etc/shadow");
	events.view.path_names = PATH_NAMES_CALLER;
	assert_fails(&events, "fd.name = /etc/shadow");
	assert_holds(&events, "fd.name = /home/v/link/x");
	events.view.path_names = PATH_NAMES_BOTH;
}

static void
equal_spellings_are_one(void **state)
{
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	event_openat(&events, task, "./a//b/../c", "/home/u/a/c");
	assert_holds(&events, "fd.name = /home/u/a/c");
	assert_fails(&events, "not fd.name = /home/u/a/c");
}

static void
relative_paths_start_where_the_row_says(void **state)
{
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	event_begin(&events, EV_renameat2, task);
	record_put(&events.writer, P_renameat2_olddirfd, 5);
	event_text(&events, P_renameat2_oldpath, "a");
	record_put(&events.writer, P_renameat2_newdirfd, (uint64_t)-100);
	event_text(&events, P_renameat2_newpath, "../b");
	event_text(&events, P_renameat2_old_base, "/srv");
	event_end(&events, 0);
	assert_shown(&events, "fs.path.source", "/srv/a");
	assert_shown(&events, "fs.path.target", "/home/b");
	assert_shown(&events, "fs.path.sourceraw", "a");
	assert_shown(&events, "evt.abspath.src", "/srv/a");
	assert_shown(&events, "evt.abspath.dst", "/home/b");
	assert_shown(&events, "evt.arg.oldpath", "/srv/a");
	assert_shown(&events, "evt.arg[1]", "<d>/srv");
	assert_shown(&events, "evt.args",
	    "res=0 olddirfd=5(<d>/srv) oldpath=a(/srv/a) newdirfd=-100(AT_FDCWD) "
	    "newpath=../b(/home/b) flags=<NA>");
	event_begin(&events, EV_mkdirat, task);
	record_put(&events.writer, P_mkdirat_dirfd, 9);
	event_text(&events, P_mkdirat_path, "x");
	event_end(&events, 0);
	assert_shown(&events, "fs.path.name", "<UNKNOWN>x");
	event_begin(&events, EV_symlinkat, task);
	event_text(&events, P_symlinkat_target, "../t");
	record_put(&events.writer, P_symlinkat_linkdirfd, (uint64_t)-100);
	event_text(&events, P_symlinkat_linkpath, "d/l");
	event_end(&events, 0);
	assert_shown(&events, "fs.path.source", "/home/u/d/l");
	assert_shown(&events, "fs.path.target", "/home/u/t");
}

static void
failed_calls_touch_no_path(void **state)
{
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	event_begin(&events, EV_unlink, task);
	event_text(&events, P_unlink_path, "/a");
	event_end(&events, -13);
	assert_shown(&events, "fs.path.name", "<NA>");
	assert_shown(&events, "evt.arg.path", "/a");
	assert_shown(&events, "evt.arg.res", "EACCES");
}

static void
put_tuple(uint32_t slot, uint8_t protocol, uint8_t type)
{
	struct wire_tuple tuple = { .family = AF_INET,
		.protocol = protocol,
		.type = type,
		.source_port = 41234,
		.destination_port = 443,
		.source = { 10, 0, 0, 5 },
		.destination = { 93, 184, 216, 34 } };

	record_put_bytes(&events.writer, slot, &tuple, sizeof(tuple), PARAM_EXACT);
}

static void
sockets_show_both_ends(void **state)
{
	uint64_t task = context_task(&events, 0, "curl", "", 0);

	(void)state;
	event_begin(&events, EV_connect, task);
	record_put(&events.writer, P_connect_fd, 3);
	record_put(&events.writer, P_connect_sock,
	    AF_INET | SOCK_STREAM << 16 | (uint64_t)IPPROTO_TCP << 32);
	put_tuple(P_connect_sock_tuple, IPPROTO_TCP, SOCK_STREAM);
	put_tuple(P_connect_tuple, IPPROTO_TCP, SOCK_STREAM);
	event_end(&events, -115);
	assert_shown(&events, "fd.name", "10.0.0.5:41234->93.184.216.34:443");
	assert_shown(&events, "fd.type", "ipv4");
	assert_shown(&events, "fd.typechar", "4");
	assert_shown(&events, "fd.l4proto", "tcp");
	assert_shown(&events, "fd.cip", "10.0.0.5");
	assert_shown(&events, "fd.rip", "93.184.216.34");
	assert_shown(&events, "fd.lport", "41234");
	assert_shown(&events, "fd.sproto", "443");
	assert_shown(&events, "fd.connected", "true");
	assert_shown(&events, "fd.is_server", "false");
	assert_shown(&events, "fd.ip", "<NA>");
	assert_shown(&events, "evt.arg.fd", "<4t>10.0.0.5:41234->93.184.216.34:443");
	assert_holds(&events, "fd.ip = 93.184.216.34");
	assert_holds(&events, "fd.ip in (1.1.1.1, 10.0.0.5)");
	assert_fails(&events, "fd.ip != 10.0.0.5");
	assert_holds(&events, "fd.ip != 10.0.0.6");
	assert_holds(&events, "fd.net = 10.0.0.0/8");
	assert_fails(&events, "fd.net != 10.0.0.0/8");
	assert_fails(&events, "fd.snet in (10.0.0.0/8, 192.168.0.0/16)");
	assert_holds(&events, "fd.port = https");
	assert_holds(&events, "fd.sport = 443 and fd.cport > 1024");
	assert_holds(&events, "fd.sip != ::1");
	assert_fails(&events, "fd.sip = ::1");
	event_begin(&events, EV_mkdir, task);
	event_end(&events, 0);
	assert_fails(&events, "fd.ip != 10.0.0.6");
	assert_fails(&events, "fd.ip exists");
}

/* The kernel forgot the port; a mapped address is IPv4. */
static void
failed_connections_show_what_was_asked_for(void **state)
{
	struct wire_tuple tuple = { .family = AF_INET,
		.protocol = IPPROTO_TCP,
		.type = SOCK_STREAM,
		.destination = { 127, 0, 0, 1 } };
	struct wire_address address = { .family = AF_INET6,
		.port = 9,
		.addr = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 } };
	uint64_t task = context_task(&events, 0, "curl", "", 0);

	(void)state;
	event_begin(&events, EV_connect, task);
	record_put(&events.writer, P_connect_fd, 3);
	record_put_bytes(&events.writer, P_connect_addr, &address, sizeof(address), PARAM_EXACT);
	record_put_bytes(&events.writer, P_connect_sock_tuple, &tuple, sizeof(tuple), PARAM_EXACT);
	event_end(&events, -111);
	assert_shown(&events, "fd.name", "0.0.0.0:0->127.0.0.1:9");
	assert_shown(&events, "fd.sip", "127.0.0.1");
	assert_shown(&events, "fd.sport", "9");
	address.addr[0] = 0x20;
	event_begin(&events, EV_connect, task);
	record_put_bytes(&events.writer, P_connect_addr, &address, sizeof(address), PARAM_EXACT);
	record_put_bytes(&events.writer, P_connect_sock_tuple, &tuple, sizeof(tuple), PARAM_EXACT);
	event_end(&events, -101);
	assert_shown(&events, "fd.name", ":::0->2000::ffff:7f00:1:9");
	assert_shown(&events, "fd.type", "ipv6");
	event_begin(&events, EV_connect, task);
	record_put_bytes(&events.writer, P_connect_addr, &address, sizeof(address), PARAM_EXACT);
	event_end(&events, -9);
	assert_shown(&events, "fd.sport", "<NA>");
}

static void
copies_of_sockets_show_both_ends(void **state)
{
	uint64_t task = context_task(&events, 0, "sh", "", 0);

	(void)state;
	event_begin(&events, EV_dup2, task);
	record_put(&events.writer, P_dup2_oldfd, 3);
	event_text(&events, P_dup2_file, "socket:[77]");
	record_put(&events.writer, P_dup2_file_mode, 0140777);
	put_tuple(P_dup2_sock_tuple, IPPROTO_TCP, SOCK_STREAM);
	event_end(&events, 0);
	assert_shown(&events, "fd.name", "10.0.0.5:41234->93.184.216.34:443");
	assert_shown(&events, "fd.typechar", "4");
}

static void
accepted_sockets_are_the_server_side(void **state)
{
	uint64_t task = context_task(&events, 0, "sshd", "", 0);

	(void)state;
	event_begin(&events, EV_accept4, task);
	put_tuple(P_accept4_sock_tuple, IPPROTO_TCP, SOCK_STREAM);
	event_end(&events, 4);
	assert_shown(&events, "fd.lip", "93.184.216.34");
	assert_shown(&events, "fd.rip", "10.0.0.5");
	assert_shown(&events, "fd.is_server", "true");
	assert_shown(&events, "fd.num", "4");
}

static void
bound_sockets_have_one_end(void **state)
{
	struct wire_address address = { .family = AF_INET6, .port = 22 };
	uint64_t task = context_task(&events, 0, "sshd", "", 0);

	(void)state;
	event_begin(&events, EV_bind, task);
	record_put(&events.writer, P_bind_fd, 3);
	record_put_bytes(&events.writer, P_bind_addr, &address, sizeof(address), PARAM_EXACT);
	event_end(&events, 0);
	assert_shown(&events, "fd.name", ":::22");
	assert_shown(&events, "fd.sport", "22");
	assert_shown(&events, "fd.cip", "<NA>");
	assert_shown(&events, "fd.is_server", "true");
}

static void
times_follow_the_stream(void **state)
{
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	events.clock.wall_offset_ns = 1700000010726060287 - 1000000000 + 1000000000;
	events.clock.utc_offset_s = 3600;
	event_openat(&events, task, "/a", "/a");
	assert_shown(&events, "evt.rawtime", "1700000011726060287");
	assert_shown(&events, "evt.rawtime.s", "1700000011");
	assert_shown(&events, "evt.rawtime.ns", "726060287");
	assert_shown(&events, "evt.time", "23:13:31.726060287");
	assert_shown(&events, "evt.time.s", "23:13:31");
	assert_shown(&events, "evt.time.iso8601", "2023-11-14T22:13:31.726060287+0000");
	assert_shown(&events, "evt.datetime.s", "2023-11-14 23:13:31");
	assert_holds(&events, "evt.around[1700000011726060287] = 0");
	assert_holds(&events, "evt.around[1700000016726060287] = 5000");
	assert_fails(&events, "evt.around[1700000016726060288] = 5000");
	events.clock = (struct clock){ .wall_offset_ns = 1700000000000000000 };
}

static void
open_flags_answer_questions(void **state)
{
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	event_begin(&events, EV_openat, task);
	record_put(&events.writer, P_openat_flags, 2 | 4 | 16384);
	record_put(&events.writer, P_openat_mode, 0755);
	event_end(&events, 3);
	assert_shown(&events, "evt.is_open_read", "false");
	assert_shown(&events, "evt.is_open_write", "true");
	assert_shown(&events, "evt.is_open_create", "true");
	assert_shown(&events, "evt.is_open_exec", "true");
	assert_shown(&events, "evt.arg.flags", "O_CREAT|O_WRONLY|O_F_CREATED");
	assert_holds(&events, "evt.rawarg.flags = 16390");
	assert_shown(&events, "evt.arg.mode", "0755");
	event_begin(&events, EV_mkdir, task);
	event_end(&events, 0);
	assert_shown(&events, "evt.is_open_write", "false");
	assert_shown(&events, "evt.arg.flags", "<NA>");
}

static void
plain_system_calls_have_a_name(void **state)
{
	uint64_t task = context_task(&events, 0, "uname", "", 0);

	(void)state;
	event_begin(&events, EV_syscall, task);
	record_put(&events.writer, P_syscall_ID, (uint64_t)syscall_number(SPAN_OF("uname")));
	event_end(&events, 0);
	assert_shown(&events, "evt.type", "uname");
	assert_shown(&events, "syscall.type", "uname");
	assert_shown(&events, "evt.category", "syscall");
	assert_shown(&events, "evt.args", "");
	assert_holds(&events, "evt.type = uname and evt.type.is.uname = 1");
	assert_fails(&events, "evt.type in (open, openat)");
}

/* No call returns it; a record can say so all the same. */
static void
the_least_number_is_no_error(void **state)
{
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	event_begin(&events, EV_openat, task);
	record_put(&events.writer, P_openat_dirfd, (uint64_t)INT64_MIN);
	event_end(&events, INT64_MIN);
	assert_shown(&events, "evt.res", "9223372036854775808");
	assert_shown(&events, "evt.failed", "true");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, events_set_up, events_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_delivered_field_has_a_source),
		TEST(unknown_fields_are_refused_with_a_suggestion),
		TEST(tasks_show_their_context_and_ancestors),
		TEST(a_lost_task_is_unknown_and_named),
		TEST(a_stale_context_is_lost),
		TEST(results_have_names),
		TEST(paths_have_two_spellings),
		TEST(equal_spellings_are_one),
		TEST(relative_paths_start_where_the_row_says),
		TEST(failed_calls_touch_no_path),
		TEST(sockets_show_both_ends),
		TEST(accepted_sockets_are_the_server_side),
		TEST(bound_sockets_have_one_end),
		TEST(failed_connections_show_what_was_asked_for),
		TEST(copies_of_sockets_show_both_ends),
		TEST(times_follow_the_stream),
		TEST(open_flags_answer_questions),
		TEST(plain_system_calls_have_a_name),
		TEST(the_least_number_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
