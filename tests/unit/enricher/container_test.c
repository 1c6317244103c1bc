/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "container.h"

#define HEX64 "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"
#define ID12 "0123456789ab"

static void
expect(const char *path, const char *id)
{
	char cgroups[512];
	int len = snprintf(cgroups, sizeof(cgroups), "cpuset=/%ccpu=%s", 0, path);
	struct span got = container_id((struct span){ cgroups, (size_t)len });

	if (got.len != strlen(id) || memcmp(got.ptr, id, got.len) != 0)
		fail_msg("\"%s\": got \"%.*s\", expected \"%s\"", path, (int)got.len, got.ptr, id);
}

static void
every_runtime_has_its_form(void **state)
{
	(void)state;
	expect("/machine.slice/libpod-" HEX64 ".scope", ID12);
	expect("/machine.slice/libpod-" HEX64 ".scope/container", ID12);
	expect("/libpod_parent/libpod-" HEX64, ID12);
	expect("/a/libpod-payload-" HEX64 ".scope", ID12);
	expect("/a/libpod-payload-" HEX64 ".scope/container", ID12);
	expect("/a/libpod-payload-" HEX64, ID12);
	expect("/docker/" HEX64, ID12);
	expect("/system.slice/docker-" HEX64 ".scope", ID12);
	expect("/kubepods/burstable/pod8f1/" HEX64, ID12);
	expect("/kubepods.slice/kubepods-pod1.slice/cri-containerd-" HEX64 ".scope", ID12);
	expect("/kubepods/crio-" HEX64, ID12);
	expect("/kubepods.slice/crio-" HEX64 ".scope", ID12);
	expect("/system.slice:cri-containerd:" HEX64, ID12);
	expect("/default/nerdctl-" HEX64 ".scope", ID12);
	expect("/lxc/web1", "web1");
	expect("/lxc.payload/web1/init.scope", "web1");
	expect("/lxc.payload.averylongname1", "averylongnam");
	expect("/machine/web1.libvirt-lxc", "web1");
	expect("/machine.slice/machine-lxc\\x2d1234.scope", "1234");
	expect("/machine.slice/machine-lxc\\x2d1234.scope/libvirt", "1234");
	expect("/libvirt/lxc/web1", "web1");
	expect("/system.slice/bpm-ab.c_d-e", "ab.c_d-e");
	expect("/system.slice/bpm-ab.scope", "ab");
}

static void
what_only_looks_like_one_is_the_host(void **state)
{
	(void)state;
	expect("/", "host");
	expect("", "host");
	expect("/user.slice/user-1000.slice/session-3.scope", "host");
	expect("/docker/" HEX64 "0", "host");
	expect("/docker/0123456789abcdef", "host");
	expect("/docker/g123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef", "host");
	/* The digits are counted, wherever in the path they stand. */
	expect("/a/very/long/path/of/more/than/sixty-four/characters/before/the/id/of/a/container/"
	    "xyz_456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef", "host");
	expect("/docker-" HEX64 ".scop", "host");
	expect("/system.slice/x" HEX64, "host");
	expect("/lxc/", "host");
	expect("/system.slice/bpm-", "host");
	expect("/system.slice/bpm-a b", "host");
	expect("/default/web1", "host");
}

static void
the_first_path_that_matches_counts(void **state)
{
	static const char cgroups[] = "cpuset=/\0noequals\0cpu=/lxc/one\0io=/lxc/two";
	struct span got = container_id((struct span){ cgroups, sizeof(cgroups) - 1 });

	(void)state;
	assert_true(span_equal(got, SPAN_OF("one")));
	assert_true(span_equal(container_id(SPAN_NONE), SPAN_OF("host")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_runtime_has_its_form),
		cmocka_unit_test(what_only_looks_like_one_is_the_host),
		cmocka_unit_test(the_first_path_that_matches_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
