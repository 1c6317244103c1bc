/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of tasks.  Facts stand in the state region and outlive this process; the hash, the tree
 * of parents and children and the free lists are private and found again from the facts.
 *
 * A process is the entry of its first thread, the leader (tid == tgid); the entries of its other
 * threads hang below it.  Processes hang below their parent.  An entry of either kind has one link
 * up, so both use the same list of siblings.
 *
 * The table is bounded.  When it is full, the exited process that has waited longest for its
 * children goes, then a task without events of late, threads or children; each is counted.
 */
#ifndef ENRICHER_TASK_H
#define ENRICHER_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "pool.h"
#include "record.h"
#include "state.h"
#include "stats.h"

enum { TASK_EXITED_MAX = 1024 };

static const uint32_t TASK_NONE = UINT32_MAX;

/* What is found again: where a task hangs, and the context it had at its last event. */
struct task_link {
	uint64_t start;
	uint32_t tid;
	uint32_t exec;
	uint64_t checked;      /* chain_stamp at which its context was found right; 0: never */
	uint64_t context_id;
	uint32_t context_slot;
	uint32_t hash_next;    /* in the bucket, or in the free list */
	uint32_t up;           /* leader of a thread, parent of a leader, or TASK_NONE */
	uint16_t seen;         /* had an event since the clock hand passed */
	uint16_t context_lost; /* enum lost_bits that the context carries */
	uint64_t stamp;        /* of the last change of its facts */
	uint64_t built;        /* stamp up to which its context shows them */
	uint32_t child;        /* first of each list */
	uint32_t thread;
	uint32_t next;         /* siblings: among the children or threads of `up` */
	uint32_t prev;
	uint32_t exited_next;  /* exited processes, oldest first */
	uint32_t exited_prev;
};

struct tasks {
	struct state_view view;
	struct task_link *links;
	uint32_t *buckets;
	uint32_t bucket_shift;
	uint32_t free;          /* entries that were used, a list; beyond tasks_used all are free */
	uint32_t count;
	uint32_t hand;          /* of the clock that looks for a task to put out */
	uint32_t exited_first;
	uint32_t exited_last;
	uint32_t exited_count;
	uint64_t stamp;         /* grows with every change */
	uint64_t chain_stamp;   /* of the last change that other tasks' contexts may rest on */
	uint64_t fields_stamp;  /* of the last change that every context rests on */
	struct pool pool;
	struct stats *stats;
	char scratch[STATE_BLOCK_BYTES_MAX];
};

/* Texts to be set: those whose bit is in `set`; the others stay. */
struct task_texts {
	struct span spans[STATE_TEXTS];
	enum param_state states[STATE_TEXTS];
	uint32_t set;
};

/*
 * Find the tasks in a state region's CONTENT again (all zero: none), dropping torn ones.  STATS is
 * borrowed.  Startup only: allocates.  Returns 0, -EBADMSG or -ENOMEM.
 */
int tasks_open(struct tasks *tasks, void *content, size_t bytes, struct stats *stats);

/* Give the memory back; what the region has stays for a successor. */
void tasks_close(struct tasks *tasks);

/* The entry of TID, or TASK_NONE. */
static inline uint32_t
tasks_find(const struct tasks *tasks, uint32_t tid)
{
	uint32_t at = tasks->buckets[(tid * 0x9e3779b1u) >> tasks->bucket_shift];

	while (at != TASK_NONE && tasks->links[at].tid != tid)
		at = tasks->links[at].hash_next;
	return at;
}

static inline struct state_task *
tasks_at(const struct tasks *tasks, uint32_t index)
{
	return &tasks->view.tasks[index];
}

static inline bool
task_is_thread(const struct state_task *task)
{
	return task->tid != task->tgid;
}

/* The process's entry: INDEX itself or its leader, TASK_NONE when that is not known. */
static inline uint32_t
tasks_leader(const struct tasks *tasks, uint32_t index)
{
	return task_is_thread(tasks_at(tasks, index)) ? tasks->links[index].up : index;
}

/* The parent process of a leader, or TASK_NONE. */
static inline uint32_t
tasks_parent(const struct tasks *tasks, uint32_t leader)
{
	return leader == TASK_NONE ? TASK_NONE : tasks->links[leader].up;
}

/*
 * An empty entry for HEAD's task, marked as changing; what had this tid goes.  A full table puts
 * another task out: look up parents afterwards.  End with tasks_changed().
 */
uint32_t tasks_add(struct tasks *tasks, const struct event_head *head);

/* Mark INDEX as changing. */
void tasks_change(struct tasks *tasks, uint32_t index);

/* Say that the facts of INDEX have changed, and that it is whole again. */
void tasks_changed(struct tasks *tasks, uint32_t index);

/* Every context rests on something that has changed: names, or the fields that rules want. */
void tasks_all_changed(struct tasks *tasks);

/* Forget INDEX.  Its children and threads lose their link up. */
void tasks_remove(struct tasks *tasks, uint32_t index);

/* Forget INDEX if it has exited and nothing names it any more. */
void tasks_settle(struct tasks *tasks, uint32_t index);

/* INDEX (a leader) has exited: it stays while threads or children name it. */
void tasks_exit(struct tasks *tasks, uint32_t index);

/* INDEX, whose leader had exited, goes on: a thread took its place. */
void tasks_revive(struct tasks *tasks, uint32_t index);

/* Hang INDEX below its leader or parent, if that is known and it hangs nowhere. */
void tasks_hang(struct tasks *tasks, uint32_t index);

/* A new parent for INDEX (a leader, marked as changing). */
void tasks_move(struct tasks *tasks, uint32_t index, uint32_t parent, uint64_t parent_start);

/* Put another task than KEEP out.  Returns whether there was one. */
bool tasks_make_room(struct tasks *tasks, uint32_t keep);

/* Give INDEX (marked as changing) new texts.  What finds no room is cut, counted. */
void tasks_put_texts(struct tasks *tasks, uint32_t index, const struct task_texts *texts);

/* Text WHICH of INDEX, borrowed until its texts change; with its state, PARAM_ABSENT for none. */
enum param_state tasks_text(const struct tasks *tasks, uint32_t index, enum state_text which,
    struct span *text);

/* Set the comm of INDEX, cut at its bound. */
void tasks_put_comm(struct tasks *tasks, uint32_t index, struct span comm);

#endif
