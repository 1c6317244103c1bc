/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything the keeper holds: the regions, the workers, what it hands to them, and its clients.
 * One process, one thread, one loop (serve.h).
 */
#ifndef KEEPER_PIPELINE_H
#define KEEPER_PIPELINE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ends.h"
#include "keeper.h"
#include "life.h"
#include "options.h"
#include "places.h"
#include "procs.h"
#include "reload.h"
#include "rulefiles.h"
#include "users.h"

enum {
	CLIENTS_MAX = 16,
	/* The handover socket goes along with a collector's deposits. */
	DEPOSITS_MAX = KEEPER_DEPOSIT_MAX - 1,
	STARTS_FAILED_MAX = 5 /* before the pipeline was ever ready */
};

/* A worker: a row of the process table, and its present life if it has one. */
struct worker {
	const struct proc_def *def;
	uint32_t index;    /* among those of its row */
	char name[24];     /* for messages: "evaluator 2" */
	enum worker_state state;
	pid_t pid;
	int pidfd, socket; /* -1: none */
	uint32_t lives;    /* started so far */
	bool greeted;      /* this life has said hello */
	bool was_ready;    /* some life was */
	bool abandoned;    /* killed at the end of an orderly stop: no successor */
	uint32_t failed;   /* lives in a row that ended before they were ready */
	uint32_t pause_ms; /* before the next life */
	uint64_t since_ns; /* when the present state began */
	uint64_t left_ns;  /* when it closed its socket; 0: it has not */
	struct poison poison;
	struct hang hang;
	enum reload_answer reload; /* evaluator: what it said of the new rules */
	uint32_t reload_deaths;    /* with those rules to read */
};

/* Named descriptors deposited by the collector. */
struct deposits {
	uint32_t count;
	struct keeper_named named[KEEPER_DEPOSIT_MAX];
};

struct client {
	int fd; /* -1: the place is free */
	bool tap;
	uint64_t reload; /* generation whose end it waits for; 0: none */
};

struct pipeline {
	struct options options;
	struct users users;
	struct places places;
	struct rulefiles rulefiles; /* in force, or the first */
	struct reload reload;
	struct ends ends;
	char libexec[PATH_MAX]; /* where the workers' programs are */

	struct worker workers[WORKERS_MAX]; /* in the order of the process table */
	uint32_t worker_count;
	struct deposits deposits;          /* whole: what the next collector gets */
	struct deposits arriving;          /* not yet whole */
	struct client clients[CLIENTS_MAX];
	int client_socket, handover_socket, signal_fd, null_fd; /* -1: none */

	bool ready;          /* all workers have been, once */
	bool stopping;       /* in order */
	enum role stop_role; /* which worker the stop has come to */
	uint64_t stop_by_ns; /* and until when it may drain */
	uint64_t look_ns;    /* when hangs are looked for again */
	bool over;           /* the loop ends */
	int code;            /* and the program with this */
};

/*
 * Open all that a pipeline needs, adopt what an orphaned collector holds, and give up rights.
 * Returns EXIT_DONE or the exit code, after a message.  End with pipeline_close() in both cases.
 */
int pipeline_open(struct pipeline *pipeline);

/* Close everything and remove the sockets. */
void pipeline_close(struct pipeline *pipeline);

/* CLOCK_MONOTONIC in ns. */
uint64_t pipeline_now(void);

/* The keeper's counters. */
static inline struct stats *
pipeline_stats(const struct pipeline *pipeline)
{
	return ends_stats(&pipeline->ends, ROLE_KEEPER, 0);
}

/* Close descriptors, leave the list empty. */
void deposits_close(struct deposits *deposits);

#endif
