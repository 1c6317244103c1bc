/* SPDX-License-Identifier: Apache-2.0 */
/*
 * M1, the mix of events of a busy host: a seed gives a stream of described events, always the same
 * one.  It runs web servers, databases, interpreters and Java in containers, the agents of
 * Kubernetes, builds and cron jobs on about 5,000 tasks (mix_host.c); processes come and go.
 *
 *   of 100 events           what
 *   36 open, openat         libraries, /etc, /proc and /sys, documents, tables, sources, logs; one
 *                           in nine fails; one in five is relative to the working directory or a
 *                           descriptor, one in seven spelled otherwise than the kernel names it
 *   14 close   8 recvfrom, newfstatat and other calls that rules seldom name
 *   19 connect, accept      TCP to services and databases, DNS, Unix sockets
 *   10 unlink, rename, mkdir, chmod, link …  of temporary files, uploads, caches, objects
 *    9 socket, bind, dup, setuid, setsid, chdir …
 *       and of each 1,000: 12 forks, 10 execs, 12 exits; of 20,000, a ptrace and an act of an
 *       intruder
 *
 * Paths are drawn from trees of files by Zipf's law (exponent 1): 100,000 distinct ones and more
 * in a million events.  The table of shares stands in mix.c.
 *
 * mix_next() gives one event after another; a writer makes bytes of it: mix_raw.c the record that
 * the probe would send, mix_full.c what the enricher makes of that.
 */
#ifndef TESTS_MIX_H
#define TESTS_MIX_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "text.h"

enum {
	MIX_TASKS_MAX = 8192,
	MIX_ARGS_MAX = 320,
	MIX_CWD_MAX = 96,
	MIX_PATH_MAX = 512,
	MIX_COMM_MAX = 16
};

enum mix_paths {
	MIX_ZIPF,     /* as on a busy host */
	MIX_DISTINCT, /* no path comes twice */
	MIX_ALIKE     /* nor does any, and all have one length, one beginning and one end */
};

struct mix_options {
	uint64_t seed;
	enum mix_paths paths;
	bool paths_only; /* only events that open a file */
	bool matching;   /* only acts of an intruder, which the usual rules match */
};

/* A task.  `image` changes whenever something of it does that a context shows. */
struct mix_task {
	uint64_t image;  /* 0: no such task */
	uint64_t start;
	uint32_t tid, tgid, ns_pid, exec;
	uint32_t leader; /* index of its process; its own for a process */
	uint32_t parent; /* index of the parent process; its own for the first */
	uint32_t container; /* 0: of the host */
	uint16_t program;   /* index in mix_programs */
	uint16_t args_len;
	char comm[MIX_COMM_MAX];
	char args[MIX_ARGS_MAX]; /* NUL-separated */
	char cwd[MIX_CWD_MAX];
};

/* One event.  Which members count depends on its type; texts are good until the next event. */
struct mix_event {
	uint16_t type; /* EV_openat … */
	uint16_t nr;   /* of EV_syscall */
	uint16_t cpu;
	uint32_t task; /* index of who did it; of a fork, of who was made */
	uint32_t target; /* index of who it was done to */
	uint64_t ts, number;
	int64_t result;
	int32_t fd, new_fd, dirfd, new_dirfd;
	uint32_t flags, mode, device; /* in the numbering of rules */
	uint32_t file_mode;
	uint64_t inode;
	struct span name, new_name; /* as the caller spelled them */
	struct span base;           /* of dirfd, where name is relative to that; else none */
	struct span file;           /* as the kernel names what was opened; none when nothing was */
	uint64_t sock;              /* family | type << 16 | protocol << 32; 0: no socket */
	struct wire_tuple tuple;
	struct wire_address address;
	struct span sock_path;      /* of a Unix socket */
	uint64_t ids[3];
};

struct mix;

/* Begin the stream of OPTIONS.  NULL when memory is short.  mix_free() ends it. */
struct mix *mix_new(const struct mix_options *options);

/* Free it; NULL is fine. */
void mix_free(struct mix *mix);

/* The next event into EVENT. */
void mix_next(struct mix *mix, struct mix_event *event);

/* The task at INDEX (below MIX_TASKS_MAX) as it is after the last event; image 0: none. */
const struct mix_task *mix_task(const struct mix *mix, uint32_t index);

/* Tasks that are alive. */
uint32_t mix_task_count(const struct mix *mix);

/* The id of CONTAINER as cgroups name it (12 characters, terminated), "host" for 0. */
void mix_container_id(uint32_t container, char id[13]);

#endif
