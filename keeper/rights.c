/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities of the keeper, by the system calls themselves.  See rights.h. */
#include "rights.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"
#include "procs.h"

#define CAP(name) (UINT64_C(1) << CAP_##name)

/* Beyond what workers start with: becoming another user with an empty bounding set, signalling. */
static const uint64_t own = CAP(SETUID) | CAP(SETGID) | CAP(SETPCAP) | CAP(KILL);

uint64_t
rights_permitted(uint64_t caps)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct half[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	if (syscall(SYS_capget, &header, half) < 0)
		return 0;
	return caps & ((uint64_t)half[1].permitted << 32 | half[0].permitted);
}

bool
rights_may_change_ids(void)
{
	uint64_t needed = CAP(SETUID) | CAP(SETGID);

	return rights_permitted(needed) == needed;
}

static int
rights_set(uint64_t permitted, uint64_t effective)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct half[2] = {
		{ (uint32_t)effective, (uint32_t)permitted, 0 },
		{ (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), 0 },
	};

	return syscall(SYS_capset, &header, half) < 0 ? -errno : 0;
}

/* Only with CAP_SETPCAP; without it the set is as whoever started the keeper left it. */
static void
rights_bound(uint64_t keep)
{
	for (int cap = 0; cap < 64; cap++) {
		if (!(keep >> cap & 1))
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	}
}

int
rights_drop(void)
{
	const struct rlimit no_core = { 0, 0 };
	uint64_t keep = rights_permitted(own | procs_caps());

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    setrlimit(RLIMIT_CORE, &no_core) < 0)
		return -errno;
	rights_bound(keep);
	return rights_set(keep, 0);
}

void
rights_raise(void)
{
	uint64_t keep = rights_permitted(~UINT64_C(0));

	if (rights_set(keep, keep) < 0)
		log_warn("making capabilities effective");
}

void
rights_lower(void)
{
	if (rights_set(rights_permitted(~UINT64_C(0)), 0) < 0)
		log_warn("making capabilities ineffective");
}
