/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Least privilege, in one place.  A process opens what it needs, enters its jail, and from then on
 * can use what it holds and little else:
 *
 *   no new privileges, no core dump, no ptrace by its own user
 *   an empty root directory        given CAP_SYS_CHROOT and the name of one
 *   Landlock                       no file, TCP port, abstract socket or outside signal but by rule
 *   no capabilities                but those it names
 *   seccomp                        the common list and the names it adds; all else gives EPERM
 *
 * What the kernel or the surroundings do not offer is reported, so that it can be shown; only
 * no_new_privs, the capabilities and seccomp are conditions of going on.  In builds with a
 * sanitizer only no_new_privs and the capabilities apply: its run time opens files and traces its
 * own threads.
 */
#ifndef BASE_JAIL_H
#define BASE_JAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "text.h"

enum { JAIL_PATHS_MAX = 4 };

/* What may be done with and below a path, whatever the file modes would allow. */
enum jail_right {
	JAIL_READ = 1 << 0,    /* read files, list directories */
	JAIL_WRITE = 1 << 1,   /* write, truncate, create and remove regular files */
	JAIL_EXECUTE = 1 << 2, /* run programs */
	JAIL_SOCKET = 1 << 3   /* create and remove sockets */
};

struct jail_path {
	const char *path;    /* seen before the root changes; NULL to use fd */
	int fd;              /* an open directory or file, borrowed */
	unsigned int rights; /* of enum jail_right */
};

struct jail {
	const char *name;            /* of the process, for messages */
	const char *root;            /* an empty directory, or NULL to keep the root */
	uint64_t keep_caps;          /* bit N: capability number N stays */
	const char *const *syscalls; /* beyond the common list; ends with NULL; or NULL */
	struct jail_path paths[JAIL_PATHS_MAX];
	size_t path_count;
	bool network;                /* may bind and connect TCP sockets */
	bool supervisor;             /* may list what no worker may: kill, execve, ... */
};

/* What could not be had: bits, fit for shared memory. */
enum jail_missing {
	JAIL_NO_ROOT = 1 << 0,           /* the root that was named could not be entered */
	JAIL_NO_LANDLOCK = 1 << 1,       /* the kernel has none, or has it turned off */
	JAIL_NO_LANDLOCK_NET = 1 << 2,   /* before 6.7: TCP ports are not covered */
	JAIL_NO_LANDLOCK_SCOPE = 1 << 3, /* before 6.12: nor signals and abstract sockets */
	JAIL_BOUNDING_KEPT = 1 << 4,     /* the bounding set could not be emptied */
	JAIL_SANITIZER = 1 << 5          /* built with a sanitizer: most of the jail is open */
};

struct jail_report {
	uint32_t missing;  /* of enum jail_missing */
	int landlock_abi;  /* 0 without Landlock */
};

/*
 * Enter JAIL for good.  Call it once, from the only thread, when everything is open; afterwards no
 * file can be opened and no library may be loaded unless JAIL says so.  May allocate and block.
 *
 * Returns 0 with REPORT filled.  On a negative errno the process is partly jailed and must end:
 * -EINVAL for a system call that does not exist or that no worker may have (it was logged), or what
 * the kernel said.
 */
int jail_enter(const struct jail *jail, struct jail_report *report);

/* Append what MISSING says, as phrases joined by "; "; "nothing missing" for 0. */
void jail_report_text(uint32_t missing, struct text *out);

/*
 * Become UID and GID, without supplementary groups, with nothing but the capabilities AMBIENT (bit
 * N: capability N), which survive the next exec; the bounding set is cut to them.  For the keeper's
 * child between fork and exec: system calls only.  Returns 0 or a negative errno, on which the
 * child must end.
 */
int jail_ids(uid_t uid, gid_t gid, uint64_t ambient);

#endif
