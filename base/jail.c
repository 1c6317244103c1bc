/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order matters.  Paths are opened while the old root is seen; the root changes while there is
 * CAP_SYS_CHROOT; capabilities go before the filter, which forbids to change them; the filter is
 * last because everything before it needs system calls that it refuses.
 *
 * Capabilities are set by capset(2) itself: libraries for it read /proc, which is not there in an
 * empty root or in a child between fork and exec.
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail.h"
#include "jail_steps.h"
#include "log.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define JAIL_BUILD_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define JAIL_BUILD_SANITIZED true
#endif
#endif
#ifndef JAIL_BUILD_SANITIZED
#define JAIL_BUILD_SANITIZED false
#endif

enum { CAP_NUMBER_MAX = 63 };

static const struct {
	enum jail_missing bit;
	const char *text;
} phrases[] = {
	{ JAIL_NO_ROOT, "no empty root directory" },
	{ JAIL_NO_LANDLOCK, "no Landlock" },
	{ JAIL_NO_LANDLOCK_NET, "no Landlock for TCP ports (since Linux 6.7)" },
	{ JAIL_NO_LANDLOCK_SCOPE, "no Landlock for signals, abstract sockets (since Linux 6.12)" },
	{ JAIL_BOUNDING_KEPT, "capability bounding set not reduced" },
	{ JAIL_SANITIZER, "sanitizer build: no empty root, no Landlock, no seccomp" },
};

void
jail_report_text(uint32_t missing, struct text *out)
{
	const char *separator = "";
	size_t i;

	/* Without any Landlock its parts need no mention. */
	if (missing & JAIL_NO_LANDLOCK)
		missing &= ~(uint32_t)(JAIL_NO_LANDLOCK_NET | JAIL_NO_LANDLOCK_SCOPE);
	if (missing == 0)
		text_string(out, "nothing missing");
	for (i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (!(missing & (uint32_t)phrases[i].bit))
			continue;
		text_format(out, "%s%s", separator, phrases[i].text);
		separator = "; ";
	}
}

/* Read the sets of this process; the two halves of the kernel's format as one number. */
static int
capabilities_get(uint64_t *permitted)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct half[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	if (syscall(SYS_capget, &header, half) < 0)
		return -errno;
	*permitted = (uint64_t)half[1].permitted << 32 | half[0].permitted;
	return 0;
}

/* Have exactly CAPS, permitted and effective, and INHERITABLE of them to hand on. */
static int
capabilities_set(uint64_t caps, uint64_t inheritable)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct half[2] = {
		{ (uint32_t)caps, (uint32_t)caps, (uint32_t)inheritable },
		{ (uint32_t)(caps >> 32), (uint32_t)(caps >> 32), (uint32_t)(inheritable >> 32) },
	};

	return syscall(SYS_capset, &header, half) < 0 ? -errno : 0;
}

/* Take everything but KEEP out of the bounding set; false when something else stays in it. */
static bool
bounding_reduce(uint64_t keep)
{
	bool reduced = true;
	int cap;

	for (cap = 0; cap <= CAP_NUMBER_MAX; cap++) {
		if (keep & 1ULL << cap || prctl(PR_CAPBSET_READ, cap, 0, 0, 0) <= 0)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			reduced = false;
	}
	return reduced;
}

/* Keep of the capabilities only KEEP, as far as they are there. */
static int
jail_capabilities(uint64_t keep, struct jail_report *report)
{
	uint64_t permitted = 0, bounding = keep;
	int err;

	if ((err = capabilities_get(&permitted)) < 0)
		return err;
	/* A worker may not reduce the set, but whoever started it left in it what it came with. */
	if (!(permitted & 1ULL << CAP_SETPCAP))
		bounding |= permitted;
	if (!bounding_reduce(bounding))
		report->missing |= JAIL_BOUNDING_KEPT;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	return capabilities_set(permitted & keep, 0);
}

static void
jail_root(const char *root, struct jail_report *report)
{
	if (root && (chroot(root) < 0 || chdir("/") < 0))
		report->missing |= JAIL_NO_ROOT;
}

/* What hides and confines, but stands in the way of a sanitizer's run time. */
static int
jail_confine(const struct jail *jail, struct jail_report *report)
{
	int rules, err;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	rules = jail_landlock_build(jail, report);
	if (rules < 0 && !(report->missing & JAIL_NO_LANDLOCK))
		return rules;
	jail_root(jail->root, report);
	if (rules >= 0 && (err = jail_landlock_restrict(rules)) < 0)
		return err;
	return 0;
}

int
jail_enter(const struct jail *jail, struct jail_report *report)
{
	const struct rlimit no_core = { 0, 0 };
	int err;

	*report = (struct jail_report){ 0, 0 };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &no_core) < 0)
		return -errno;
	if (JAIL_BUILD_SANITIZED) {
		report->missing |= JAIL_SANITIZER;
		return jail_capabilities(jail->keep_caps, report);
	}
	if ((err = jail_confine(jail, report)) < 0)
		return err;
	if ((err = jail_capabilities(jail->keep_caps, report)) < 0)
		return err;
	return jail_filter_load(jail);
}

/* Hand the capabilities AMBIENT on to the next program. */
static int
ids_ambient(uint64_t ambient)
{
	int cap, err;

	if ((err = capabilities_set(ambient, ambient)) < 0)
		return err;
	for (cap = 0; cap <= CAP_NUMBER_MAX; cap++) {
		if (!(ambient & 1ULL << cap))
			continue;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return -errno;
	}
	return 0;
}

int
jail_ids(uid_t uid, gid_t gid, uint64_t ambient)
{
	uid_t real_uid, effective_uid, saved_uid;
	gid_t real_gid, effective_gid, saved_gid;

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	bounding_reduce(ambient); /* what stays is seen by the worker and reported */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
	    setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	if (getresuid(&real_uid, &effective_uid, &saved_uid) < 0 ||
	    getresgid(&real_gid, &effective_gid, &saved_gid) < 0)
		return -errno;
	if (real_uid != uid || effective_uid != uid || saved_uid != uid || real_gid != gid ||
	    effective_gid != gid || saved_gid != gid)
		return -EPERM;
	return ids_ambient(ambient);
}
