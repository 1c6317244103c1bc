/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper as its workers and clients see it: fixed-size messages over a SOCK_SEQPACKET socket, descriptors as
 * SCM_RIGHTS.  A worker that the keeper starts finds its end at descriptor KEEPER_FD; a client (`saker status`, `saker
 * tap`) connects to RUN_DIR/keeper.sock and is known by SO_PEERCRED.
 *
 *   worker → keeper   HELLO (role, versions)        → ENDS (+ up to KEEPER_ENDS_MAX descriptors), then DEPOSIT messages with
 *                     named descriptors: a former collector's, the evaluator's rule files ("rules:PATH"), "spool" and
 *                     "cursors" (directories), the last one with count 0
 *   worker → keeper   READY (what the jail could not do)
 *   collector → keeper DEPOSIT (+ descriptors, named)   what the next collector gets
 *   client → keeper   STATUS → ENDS (all stats and control, read-only);  TAP → ENDS (full ring and contexts read-only,
 *                     tap interest writable, for as long as the connection lives)
 *   Everything the keeper says unasked stands in the CONTROL region: stop flags, positions to skip.
 */
#ifndef SHM_KEEPER_H
#define SHM_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "region.h"
#include "stats.h"

enum {
	KEEPER_FD = 3,
	KEEPER_VERSION = 1,
	KEEPER_ENDS_MAX = 24,
	KEEPER_DEPOSIT_MAX = 200,  /* kernel descriptors in all */
	KEEPER_DEPOSIT_BATCH = 32, /* in one message */
	KEEPER_NAME_MAX = 128
};

enum keeper_request {
	KEEPER_HELLO = 1,
	KEEPER_ENDS,
	KEEPER_READY,
	KEEPER_DEPOSIT,
	KEEPER_STATUS,
	KEEPER_TAP,
	KEEPER_HANDOVER, /* a new keeper asks an orphaned collector for its descriptors */
	KEEPER_REFUSED
};

enum keeper_flags {
	KEEPER_SAME_UID = 1,   /* all processes share a uid: separation rests on seccomp and the empty root */
	KEEPER_SCOPED = 2,     /* capture is limited to a scope */
	KEEPER_SUCCESSOR = 4   /* an earlier holder of the role existed */
};

/* Every message is one of these, whole. */
struct keeper_message {
	uint32_t version;
	uint16_t request; /* enum keeper_request */
	uint16_t role;    /* enum role */
	uint64_t schema;
	uint32_t flags;   /* enum keeper_flags */
	uint32_t count;   /* descriptors or names that follow */
	uint64_t epoch;
	uint64_t skip_position; /* a record that ended the worker twice; 0: none */
	uint64_t value[8];      /* READY: jail report; DEPOSIT: index and total; ENDS: scope pid */
	uint32_t pid;
	uint32_t reserved;
	struct keeper_end {
		uint16_t kind; /* enum region_kind */
		uint16_t writable;
		char name[KEEPER_NAME_MAX]; /* DEPOSIT: name of the descriptor */
	} ends[KEEPER_DEPOSIT_BATCH];
};

/* CONTROL region: keeper writes, everyone reads. */
struct keeper_control {
	uint64_t turns;                 /* the keeper's own */
	uint32_t stop[ROLE_COUNT];      /* 1: end after draining what is there */
	uint32_t flags;                 /* enum keeper_flags */
	uint32_t pids[ROLE_COUNT];
	uint32_t uids[ROLE_COUNT];
	uint32_t state[ROLE_COUNT];     /* enum worker_state */
	uint32_t restarts[ROLE_COUNT];
	uint32_t jail[ROLE_COUNT];
	uint64_t scope_pid;
	char scope_cgroup[256];
};

enum worker_state { WORKER_NONE, WORKER_STARTING, WORKER_READY, WORKER_WAITING, WORKER_ENDED };

/* A worker's connection. */
struct keeper {
	int fd;
	enum role role;
	uint32_t flags;
	uint64_t epoch;
	uint64_t skip_position;
	uint64_t scope_pid;
	uint32_t end_count;
	struct { enum region_kind kind; bool writable; int fd; } ends[KEEPER_ENDS_MAX];
	uint32_t deposit_count;
	struct { char name[KEEPER_NAME_MAX]; int fd; } deposits[KEEPER_DEPOSIT_MAX];
	struct region control_region;
	const struct keeper_control *control;
	struct region stats_region;
	struct stats *stats;
	uint64_t looked_ns; /* when the socket was last looked at */
	bool orphaned;      /* the keeper is gone */
};

/*
 * Join as ROLE over KEEPER_FD: say hello, take the ends, attach the control and stats regions.  Blocks at most 10 s.
 * Returns 0, or a negative errno after a message.
 */
int keeper_join(struct keeper *keeper, enum role role);

/* Take the descriptor of an end out of the connection (the caller closes it), or -ENOENT. */
int keeper_take_end(struct keeper *keeper, enum region_kind kind);

/* Take a deposited descriptor by name, or -ENOENT. */
int keeper_take_deposit(struct keeper *keeper, const char *name);

/* Tell the keeper that the loop begins; JAIL: bits of the jail report. */
int keeper_ready(struct keeper *keeper, uint32_t jail);

/* Deposit COUNT descriptors under NAMES for the next collector.  They stay open here. */
int keeper_deposit(struct keeper *keeper, const int *fds, const char *const *names, uint32_t count);

/*
 * True when the worker should drain what is there and end: asked to, or the keeper is gone.  One load; the socket is looked
 * at every 50 ms.  Does not block.
 */
bool keeper_stopping(struct keeper *keeper);

/* True when the keeper is gone (as keeper_stopping() last saw). */
static inline bool
keeper_orphaned(const struct keeper *keeper)
{
	return keeper->orphaned;
}

/* Close everything that was not taken. */
void keeper_leave(struct keeper *keeper);

/*
 * Client: connect to RUN_DIR/keeper.sock and ask for REQUEST (KEEPER_STATUS or KEEPER_TAP).  Fills KEEPER with the ends
 * and the control region.  Returns 0 or a negative errno without a message.
 */
int keeper_connect(struct keeper *keeper, const char *run_dir, enum keeper_request request);

/*
 * Send or receive one message with its descriptors.  Receiving closes what is not expected: a wrong size, version or count
 * is -EPROTO; *FD_COUNT says how many came.  Returns 0, -EAGAIN (when NONBLOCK), -ECONNRESET at the end, or an errno.
 */
int keeper_send(int fd, const struct keeper_message *message, const int *fds, uint32_t fd_count);
int keeper_receive(int fd, struct keeper_message *message, int *fds, uint32_t fds_max, uint32_t *fd_count, bool nonblock);

#endif
