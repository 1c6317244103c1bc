/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding what a scope names: a cgroup's number, a process's descendants.  Start only: it reads
 * files.
 */
#ifndef COLLECTOR_SCOPE_H
#define COLLECTOR_SCOPE_H

#include <stddef.h>
#include <stdint.h>

enum { SCOPE_PROCESSES_MAX = 4096 };

/*
 * The number of the cgroup PATH in the unified hierarchy: a folder's path, or the part of it
 * behind the mount point. Returns 0, -ENAMETOOLONG, -EXDEV for a folder elsewhere, or what
 * opening it said.
 */
int scope_cgroup_id(const char *path, uint64_t *id);

/*
 * PID and its living descendants, by /proc, into PIDS (room for SIZE).  Returns how many, at most
 * SIZE; -ESRCH when there is no PID; or another negative errno.
 */
int scope_descendants(uint32_t pid, uint32_t *pids, size_t size);

#endif
