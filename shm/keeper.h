/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper as its workers and clients see it: fixed-size messages over a SOCK_SEQPACKET socket,
 * descriptors as SCM_RIGHTS.  A worker that the keeper starts finds its end at descriptor
 * KEEPER_FD; a client (`saker status`, `saker tap`) connects to RUN_DIR/keeper.sock and is known by
 * SO_PEERCRED.
 *
 *   worker → keeper     HELLO  → ENDS (descriptors of the role's regions), then DEPOSIT messages
 *                       with named descriptors, the last one with count 0:
 *                         collector  what a former one deposited; "handover", a listening socket
 *                         evaluator  "rules", the rule files (rulesimage.h); while others take
 *                                    their place, "next", those
 *                         spooler    "spool", a directory
 *                         sink       "spool" and "cursors", directories
 *   worker → keeper     READY (what the jail could not do; evaluator: the rule set in force)
 *   collector → keeper  DEPOSIT messages, the last one with count 0: what the next one gets
 *   client → keeper     STATUS → ENDS (control, stats, costs, rings, all read-only)
 *                       TAP    → ENDS (control, full ring, contexts read-only; tap interest
 *                                writable; for as long as the connection lives)
 *   client → keeper     RELOAD → RELOADED, when it is decided (enum keeper_verdict)
 *   keeper → orphaned collector  HANDOVER → DEPOSIT messages, the last one with count 0
 *
 * New rules, in two phases, so that all evaluators change or none does:
 *
 *   keeper → evaluator  RULES (generation; a descriptor: the rule files)
 *   evaluator → keeper  PREPARED (generation; a verdict)
 *   keeper → evaluator  COMMIT or ABANDON (generation)
 *   evaluator → keeper  SWITCHED (generation, hash): it judges by them
 *
 * Everything else the keeper says unasked stands in the CONTROL region.
 */
#ifndef SHM_KEEPER_H
#define SHM_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "region.h"
#include "stats.h"

enum {
	KEEPER_FD = 3,
	KEEPER_VERSION = 2,
	KEEPER_ENDS_MAX = 64,
	KEEPER_DEPOSIT_MAX = 200,  /* named descriptors of a worker in all */
	KEEPER_DEPOSIT_BATCH = 64, /* in one message */
	KEEPER_NAME_MAX = 264      /* with its terminator: a path of 255 bytes and a prefix */
};

enum keeper_request {
	KEEPER_HELLO = 1,
	KEEPER_ENDS,
	KEEPER_READY,
	KEEPER_DEPOSIT,
	KEEPER_STATUS,
	KEEPER_TAP,
	KEEPER_HANDOVER, /* a new keeper asks an orphaned collector for its descriptors */
	KEEPER_REFUSED,  /* value[0]: an errno that says why */
	KEEPER_RULES,
	KEEPER_PREPARED,
	KEEPER_COMMIT,
	KEEPER_ABANDON,
	KEEPER_SWITCHED,
	KEEPER_RELOAD,
	KEEPER_RELOADED
};

/* What came of a reload. */
enum keeper_reload {
	KEEPER_RELOAD_NONE,      /* there was none */
	KEEPER_RELOAD_DONE,
	KEEPER_RELOAD_SAME,      /* the files say what is in force already */
	KEEPER_RELOAD_FILES,     /* a rule file can not be read */
	KEEPER_RELOAD_REFUSED,   /* the rules have errors */
	KEEPER_RELOAD_EVALUATOR  /* an evaluator ended over them, did not answer, or saw others */
};

enum keeper_flags {
	KEEPER_SAME_UID = 1,   /* all share a uid: separation rests on seccomp and the empty root */
	KEEPER_SCOPED = 2,     /* capture is limited to a scope */
	KEEPER_SUCCESSOR = 4   /* an earlier holder of the role existed */
};

/* Every message is one of these, whole. */
struct keeper_message {
	uint32_t version;
	uint16_t request; /* enum keeper_request */
	uint16_t role;    /* enum role; ROLE_COUNT for a client */
	uint64_t schema;
	uint32_t flags;   /* enum keeper_flags */
	uint32_t count;   /* descriptors that come along */
	uint64_t epoch;   /* ENDS: which holder of the role this is, from 1 */
	uint64_t skip_position; /* ENDS: a record that ended the worker twice; 0: none */
	/*
	 * READY: jail report, hash; ENDS: scope pid, generation; REFUSED: errno.  RULES,
	 * PREPARED, COMMIT, ABANDON, SWITCHED: as enum keeper_verdict says.
	 */
	uint64_t value[8];
	uint32_t pid;
	uint32_t index; /* ENDS: which of the role's workers it is, from 0 */
	struct keeper_end {
		uint16_t kind; /* enum region_kind */
		uint8_t writable;
		uint8_t index; /* which evaluator's, where each has its own */
		char name[KEEPER_NAME_MAX]; /* DEPOSIT: name of the descriptor */
	} ends[KEEPER_DEPOSIT_BATCH];
};

_Static_assert(sizeof(struct keeper_message) ==
    112 + KEEPER_DEPOSIT_BATCH * (4 + KEEPER_NAME_MAX), "no hidden padding");

/* How a verdict lies in the values of PREPARED and RELOADED. */
enum keeper_verdict {
	KEEPER_VERDICT_GENERATION,
	KEEPER_VERDICT_RESULT, /* enum keeper_reload */
	KEEPER_VERDICT_HASH,
	KEEPER_VERDICT_RULES,  /* how many are in force */
	KEEPER_VERDICT_LINES   /* of ends[].name that say what is wrong, terminated */
};

enum { KEEPER_LINES_MAX = 8 };

enum worker_state { WORKER_NONE, WORKER_STARTING, WORKER_READY, WORKER_WAITING, WORKER_ENDED };

/*
 * A process's place in the tables of the control region: that of its role; the evaluators beyond
 * the first stand behind the roles.
 */
enum { KEEPER_SEATS = ROLE_COUNT + EVALUATORS_MAX - 1 };

static inline uint32_t
keeper_seat(enum role role, uint32_t index)
{
	return index == 0 ? (uint32_t)role : ROLE_COUNT + index - 1;
}

/* CONTROL region: keeper writes, everyone reads. */
struct keeper_control {
	uint64_t turns;                 /* the keeper's own */
	uint32_t stop[ROLE_COUNT];      /* 1: end after draining what is there */
	uint32_t flags;                 /* enum keeper_flags */
	uint32_t pids[KEEPER_SEATS];
	uint32_t state[KEEPER_SEATS];   /* enum worker_state */
	uint32_t restarts[KEEPER_SEATS];
	uint32_t jail[KEEPER_SEATS];
	uint32_t uids[ROLE_COUNT];      /* of the collector: what it becomes after its start */
	uint32_t evaluators;            /* how many there are, at most EVALUATORS_MAX */
	uint64_t scope_pid;
	char scope_cgroup[256];
	uint64_t stream_id;             /* random, of these rings: positions count within it */
	uint32_t gids[ROLE_COUNT];
	uint32_t reload_result;         /* enum keeper_reload: of the last one */
	uint64_t reload_ns;             /* when that was, since 1970; 0: never */
	uint64_t reload_generation;     /* its number */
	uint64_t reload_pending;        /* number of the one under way; 0: none */
	uint64_t rules_hash;            /* of the rules in force; 0: not yet known */
	uint64_t rules_ns;              /* when they came into force, since 1970 */
};

/* A named descriptor. */
struct keeper_named {
	char name[KEEPER_NAME_MAX];
	int fd; /* -1: taken */
};

/* A worker's or client's connection. */
struct keeper {
	int fd;
	enum role role;
	uint32_t index; /* which of the role's workers this is */
	uint32_t flags;
	uint64_t epoch;
	uint64_t skip_position;
	uint64_t scope_pid;
	uint32_t end_count;
	struct {
		enum region_kind kind;
		uint32_t index; /* of its evaluator */
		bool writable;
		int fd;
	} ends[KEEPER_ENDS_MAX];
	uint32_t deposit_count;
	struct keeper_named deposits[KEEPER_DEPOSIT_MAX];
	struct region control_region;
	const struct keeper_control *control;
	struct region stats_region;
	struct stats *stats;
	uint64_t looked_ns; /* when the socket was last looked at */
	bool orphaned;      /* the keeper is gone */
	bool hears;         /* messages are left to keeper_hear() */
	uint64_t rules_hash;        /* evaluator: of the rules that it begins with */
	uint64_t reload_generation; /* and the number of the reload that is under way */
};

/*
 * True when process ids here are those that the kernel's own records have: in the first pid
 * namespace.  Also where /proc does not tell.
 */
bool keeper_pids_global(void);

/*
 * Join as ROLE over KEEPER_FD: say hello, take the ends, attach the control and stats regions and
 * note pid and start there. Blocks at most 10 s.  Returns 0, or a negative errno after a message;
 * the caller ends with keeper_leave() in both cases.
 */
int keeper_join(struct keeper *keeper, enum role role);

/*
 * Take the descriptor of an end out of the connection (the caller closes it), or -ENOENT.  Of
 * several of KIND the first: an evaluator has only its own.
 */
int keeper_take_end(struct keeper *keeper, enum region_kind kind);

/* The same for the end of KIND that belongs to the evaluator INDEX. */
int keeper_take_end_of(struct keeper *keeper, enum region_kind kind, uint32_t index);

/* Take a deposited descriptor by name (the caller closes it), or -ENOENT. */
int keeper_take_deposit(struct keeper *keeper, const char *name);

/*
 * Take the next deposited descriptor whose name begins with PREFIX, in the order they were given;
 * *REST is the rest of its name, good until keeper_leave().  Returns the descriptor (the caller
 * closes it), or -ENOENT when none is left.
 */
int keeper_take_next(struct keeper *keeper, const char *prefix, const char **rest);

/*
 * Tell the keeper that the loop begins, and keeper->rules_hash; JAIL: bits of the jail report.
 * Returns 0 or a negative errno.
 */
int keeper_ready(struct keeper *keeper, uint32_t jail);

/*
 * Deposit COUNT descriptors (at most KEEPER_DEPOSIT_MAX) under NAMES for the next collector, in
 * place of what was deposited before.  They stay open here.  Returns 0 or a negative errno, -EINVAL
 * for a name that does not fit.
 */
int keeper_deposit(struct keeper *keeper, const int *fds, const char *const *names, uint32_t count);

/*
 * True when the worker should drain what is there and end.  Asked to: all that feeds it has ended
 * before, so an empty input is the end.  Orphaned (keeper_orphaned()): those who feed it end by
 * themselves, so it waits, bounded, for ring_ended(). A few loads; the socket is looked at every 50
 * ms.  Does not block.
 */
bool keeper_stopping(struct keeper *keeper);

/* True when the keeper is gone (as keeper_stopping() last saw). */
static inline bool
keeper_orphaned(const struct keeper *keeper)
{
	return keeper->orphaned;
}

/*
 * For a worker that the keeper tells things (keeper->hears): the next message, if there is one,
 * with its descriptor (the caller closes it) in *FD, or -1.  Does not block.  Returns true when
 * MESSAGE was filled.
 */
bool keeper_hear(struct keeper *keeper, struct keeper_message *message, int *fd);

/* Tell the keeper MESSAGE, begun with keeper_message_init().  0 or a negative errno. */
int keeper_tell(struct keeper *keeper, struct keeper_message *message);

/* Close everything that was not taken, and the connection; harmless twice. */
void keeper_leave(struct keeper *keeper);

/*
 * Client: connect to RUN_DIR/keeper.sock and ask for REQUEST (KEEPER_STATUS or KEEPER_TAP).  Fills
 * KEEPER with the ends and the control region.  Blocks at most 10 s.  Returns 0, or a negative
 * errno without a message: -EACCES when this user is not entitled, -EBUSY when another tap has the
 * place.
 */
int keeper_connect(struct keeper *keeper, const char *run_dir, enum keeper_request request);

/*
 * Client: ask the keeper at RUN_DIR to load the rules anew and wait, at most WAIT_NS, for what came
 * of it, in ANSWER.  Returns 0 or a negative errno, as keeper_connect(), or -ETIMEDOUT.
 */
int keeper_reload(const char *run_dir, uint64_t wait_ns, struct keeper_message *answer);

/* Begin a message: everything zero but version, schema, request, role and this process's pid. */
void keeper_message_init(struct keeper_message *message, enum keeper_request request,
    enum role role);

/*
 * Send one message with its FD_COUNT descriptors (at most KEEPER_DEPOSIT_BATCH); MESSAGE->count is
 * set to their number. Does not block: -EAGAIN when the peer does not read.  Returns 0 or a
 * negative errno; never raises SIGPIPE.
 */
int keeper_send(int fd, struct keeper_message *message, const int *fds, uint32_t fd_count);

/*
 * Receive one message with its descriptors into FDS (room for FDS_MAX), close-on-exec.  A wrong
 * size, version, count or an unterminated name is -EPROTO, and whatever came along is closed.
 * Returns 0 with *FD_COUNT set, -EAGAIN (when NONBLOCK), -ECONNRESET at the end, or another
 * negative errno.
 */
int keeper_receive(int fd, struct keeper_message *message, int *fds, uint32_t fds_max,
    uint32_t *fd_count, bool nonblock);

/*
 * As keeper_receive(), waiting until DEADLINE_NS (CLOCK_MONOTONIC) and no longer: -ETIMEDOUT.  FDS
 * has room for KEEPER_DEPOSIT_BATCH.
 */
int keeper_receive_until(int fd, uint64_t deadline_ns, struct keeper_message *message, int *fds,
    uint32_t *fd_count);

/* Send COUNT named descriptors as DEPOSIT messages and the one that ends them: keeper_send(). */
int keeper_send_deposits(int fd, enum role role, const int *fds, const char *const *names,
    uint32_t count);

/*
 * Receive DEPOSIT messages up to the one that ends them, before DEADLINE_NS (CLOCK_MONOTONIC).
 * Fills NAMED (room for KEEPER_DEPOSIT_MAX).  Returns 0, -ETIMEDOUT, or as keeper_receive(); on
 * failure nothing stays open.
 */
int keeper_receive_deposits(int fd, uint64_t deadline_ns, struct keeper_named *named,
    uint32_t *count);

/* Store and load a word of the control region: whole, in order with what was written before it. */
static inline void
keeper_control_set(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline uint32_t
keeper_control_get(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

#endif
