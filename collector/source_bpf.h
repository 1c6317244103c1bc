/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The eBPF probe as a source: stream 0 is the life ring, stream 1 + cpu the bulk ring of a CPU.
 *
 * Every kernel object is held as a named descriptor, so that the next collector can take over
 * without the probe ever stopping:
 *
 *   map.NAME    the probe's maps          ring.N      the bulk ring of CPU N
 *   link.NAME   the attached programs     prog.NAME   the same programs, for their counters
 */
#ifndef COLLECTOR_SOURCE_BPF_H
#define COLLECTOR_SOURCE_BPF_H

#include <stdbool.h>
#include <stdint.h>

#include "keeper.h"
#include "kring.h"
#include "probe.h"
#include "source.h"

enum {
	SOURCE_BPF_HELD_MAX = KEEPER_DEPOSIT_MAX - 2, /* the rest is for what else is deposited */
	SOURCE_BPF_NAME_MAX = 48,
	SOURCE_BPF_HOOKS_MAX = 8
};

struct source_bpf_setup {
	const char *object;       /* path of the probe's object file */
	uint64_t life_bytes;      /* of the life ring, and of each bulk ring: powers of two */
	uint64_t bulk_bytes;
	const char *scope_cgroup; /* empty: none */
	uint32_t scope_pid;       /* a tree; 0: none */
	bool scope_from_exec;     /* the tree is told from the next exec of scope_pid on */
	bool locked_maps;         /* maps count as locked memory */
	bool task_memory;         /* the iterator may read other tasks' memory */
};

/* A descriptor under the name that it is deposited with. */
struct source_bpf_held {
	char name[SOURCE_BPF_NAME_MAX];
	int fd;
};

struct bpf_object;

struct source_bpf {
	struct source source;
	struct source_bpf_setup setup; /* its texts are borrowed */
	struct keeper *keeper;         /* borrowed; NULL: there is nothing to take over */
	bool adopted;                  /* taken over from a former collector */
	struct bpf_object *object;     /* between open and start */
	uint32_t held_count;
	struct source_bpf_held held[SOURCE_BPF_HELD_MAX];
	struct probe_config *config;   /* these three are mapped */
	struct probe_syscall *syscalls;
	struct probe_cpu *cpus;
	int programs[SOURCE_BPF_HOOKS_MAX]; /* entry programs, among `held` */
	uint32_t program_count;
	struct kring rings[SOURCE_STREAMS_MAX];
};

/*
 * Prepare SOURCE; its ops do the rest.  SETUP is copied.  With KEEPER, open() first takes what a
 * former collector deposited there.
 */
void source_bpf_init(struct source_bpf *source, const struct source_bpf_setup *setup,
    struct keeper *keeper);

/* Number of possible CPUs, or a negative errno.  Reads a file. */
int source_bpf_cpu_count(void);

/*
 * For source_bpf_load.c.  Hold a duplicate of FD, or FD itself (taken, also on failure), under
 * PREFIX and NAME.  Returns 0 or a negative errno.
 */
int source_bpf_hold(struct source_bpf *source, const char *prefix, const char *name, int fd);
int source_bpf_hold_take(struct source_bpf *source, const char *prefix, const char *name, int fd);

/* The descriptor held under PREFIX and NAME, or -ENOENT. */
int source_bpf_held_fd(const struct source_bpf *source, const char *prefix, const char *name);

/* Load the object into the kernel and hold its maps; nothing is attached yet.  Says what fails. */
int source_bpf_load(struct source_bpf *source);

/* Put the fillers in their places and attach the entry programs; then the object is closed. */
int source_bpf_attach(struct source_bpf *source);

/* Let go of the object, if it is open. */
void source_bpf_unload(struct source_bpf *source);

#endif
