/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the enricher knows and a successor of it must find again: the state region.  Only the
 * enricher maps it; the keeper creates it, and all zero is the empty state.
 *
 *   | state_head | users | groups | tasks × 256 n | blocks of text: 256 B, 1 KiB, 4 KiB, 16 KiB |
 *
 * Only facts stand here: chains, hashes and free lists are private and made anew at start.  What
 * is being changed is marked; a mark that a successor finds means torn, and torn is lost.
 */
#ifndef SHM_STATE_H
#define SHM_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "interest.h"
#include "region.h"

enum {
	STATE_LAYOUT = 1,        /* raise when a struct of this file changes */
	STATE_GROUP_TASKS = 256, /* tasks come in groups, each with its share of blocks */
	STATE_NAMES_BYTES = 64 * 1024,
	STATE_POISON_BYTES = 4096,
	STATE_EXITS = 256,
	STATE_COMM_MAX = 16,
	STATE_CONTAINER_MAX = 16
};

/* Classes of text blocks. */
enum { STATE_BLOCK_CLASSES = 4, STATE_BLOCK_BYTES_MAX = 16 * 1024 };

/* Texts of a task, in the order in which they get room. */
enum state_text {
	STATE_EXEPATH,
	STATE_CWD,
	STATE_EXE,
	STATE_ARGS,
	STATE_ROOT,
	STATE_CGROUPS,
	STATE_ENV,
	STATE_TEXTS
};

enum state_task_flags {
	STATE_USED = 1,     /* the entry holds a task */
	STATE_DEAD = 2,     /* it has exited; threads or children still name it */
	STATE_OWN_FS = 4,   /* a thread that does not share its process's directory */
	STATE_PARTIAL = 8,  /* some facts of the image are not known */
	STATE_NO_CONTAINER = 16 /* its cgroups are not known, so neither is its container */
};

/*
 * A task.  A thread has only identity, comm and credentials of its own; the rest is its
 * leader's.
 */
struct state_task {
	uint32_t changing;      /* not 0: torn if nobody is at work on it */
	uint32_t flags;         /* enum state_task_flags */
	uint32_t tid;
	uint32_t tgid;
	uint64_t start;
	uint64_t parent_start;
	uint64_t told_position; /* of the record that last told the whole task */
	uint64_t told_ts;
	uint64_t generation;    /* of the snapshot that last told it */
	uint32_t exec;
	uint32_t parent;        /* tgid; 0: none */
	uint32_t ns_tid;
	uint32_t ns_pid;
	uint32_t sid;
	uint32_t pgid;
	uint32_t vpgid;
	uint32_t tty;
	uint32_t uid;
	uint32_t gid;
	uint32_t loginuid;
	uint32_t exe_flags;
	uint64_t cap_inheritable;
	uint64_t cap_permitted;
	uint64_t cap_effective;
	uint64_t exe_ino;
	uint64_t exe_ctime;
	uint64_t exe_mtime;
	uint64_t ns_start;
	uint64_t fdlimit;
	uint64_t vm_size;
	uint64_t vm_rss;
	uint64_t vm_swap;
	uint64_t pgft_maj;
	uint64_t pgft_min;
	uint32_t block;              /* of its texts, counted from 1; 0: none */
	uint16_t text_states;        /* 2 bits a text: enum param_state */
	uint8_t comm_len;
	uint8_t container_len;
	uint16_t text_lens[STATE_TEXTS];
	uint16_t reserved;
	char comm[STATE_COMM_MAX];
	char container[STATE_CONTAINER_MAX];
};

_Static_assert(sizeof(struct state_task) == 264, "no hidden padding");

/* A file of names as it came: /etc/passwd or /etc/group, cut at a line where it was too long. */
struct state_names {
	uint32_t changing;
	uint32_t complete;    /* all of the generation has come */
	uint64_t generation;
	uint32_t len;         /* bytes kept */
	uint32_t cut;         /* lines that did not fit */
	char bytes[STATE_NAMES_BYTES];
};

/* How far the enricher has come; the younger of two that is whole counts. */
struct state_progress {
	uint64_t position;
	uint64_t number;      /* events counted up to there */
	uint64_t check;       /* position ^ number ^ STATE_LAYOUT */
};

struct state_exit {
	uint64_t start;
	uint64_t tid;
};

struct state_head {
	uint64_t layout;            /* 0: never used */
	uint64_t applied;           /* position of the last record whose changes are all in */
	struct state_progress progress[2];
	uint64_t suspect_position;  /* of a loss of life; what was told before is suspect */
	uint64_t suspect_ts;        /* its end; only a snapshot begun later heals */
	uint64_t sweep_generation;  /* of a complete snapshot; 0: nothing to sweep */
	uint64_t sweep_begin_ts;
	uint64_t sweep_ts;          /* sweep when time has come here */
	uint32_t tasks_used;        /* entries from here on were never used */
	uint32_t interest_changing;
	uint64_t exit_count;
	struct state_exit exits[STATE_EXITS]; /* the latest exits, by exit_count */
	uint64_t poison_position;   /* the last record that was skipped as poison; 0: none */
	uint64_t poison_len;        /* of the whole record */
	uint8_t poison[STATE_POISON_BYTES];
	struct interest interest;   /* in force since the last interest record */
	struct state_names users;
	struct state_names groups;
};

/* Content bytes (region_create) of a state region for at least TASKS_MAX tasks. */
size_t state_content(uint32_t tasks_max);

/* Where things are in a region's content. */
struct state_view {
	struct state_head *head;
	struct state_task *tasks;
	uint8_t *blocks[STATE_BLOCK_CLASSES];
	uint32_t task_count;
	uint32_t block_count[STATE_BLOCK_CLASSES];
};

/*
 * Find the parts of CONTENT (BYTES long), whose size alone decides.  Returns 0, or -EBADMSG when it
 * is too small.
 */
int state_view_init(struct state_view *view, void *content, size_t bytes);

/* Bytes of a block of CLASS. */
uint32_t state_block_bytes(uint32_t class);

/*
 * Begin and end a change of what MARK marks.  A process that is killed has stored exactly what came
 * before in its program, so keeping the compiler from moving stores across is enough.
 */
static inline void
state_change_begin(uint32_t *mark)
{
	FAULT_POINT("state_begin");
	__atomic_store_n(mark, 1, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* the mark before the change */
	FAULT_POINT("state_begun");
}

static inline void
state_change_end(uint32_t *mark)
{
	FAULT_POINT("state_end");
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* the change before the mark goes */
	__atomic_store_n(mark, 0, __ATOMIC_RELAXED);
	FAULT_POINT("state_ended");
}

#endif
