/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pipeline of one's own: a keeper as a child, in a session of its own so that a terminal's
 * signals reach only this program, with a run folder of its own when it serves one command.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>
#include <sys/types.h>

#include "start.h"

struct session {
	pid_t keeper;
	int keeper_fd; /* pidfd */
	int notify;    /* reading end: "ready" */
	char dir[128]; /* temporary folder below TMPDIR or /tmp, empty text when there is none */
	struct held command;
	int command_fd; /* pidfd, -1 without a command */
	int observer_fd; /* likewise, of who looks on */
	int signal_fd; /* what ends a run is read here */
};

/*
 * Start a keeper with ARGS (borrowed; -c, -r, -o as the user gave them); with COMMAND, hold it
 * and limit capture to it.  BARE: no rules, and a temporary run and spool folder (which a command
 * always gets).  Returns EXIT_DONE, or another exit code after a message.
 */
int session_start(struct session *session, struct start_args *args, char *const command[],
    bool bare);

/*
 * Wait until the keeper says that all workers are ready.  Returns EXIT_DONE, the keeper's exit
 * code, or 128 and the number of a signal that came first.
 */
int session_ready(struct session *session);

/* PID, a child, looks on.  Returns EXIT_DONE or EXIT_SYSTEM after a message. */
int session_observer(struct session *session, pid_t pid);

/*
 * Let the command go and wait: for its end; without one for SIGINT, SIGTERM, SIGHUP or SIGQUIT, for
 * the observer's end, or until nobody reads standard output any more.  Then stop the keeper in
 * order.  Returns the exit code of the run: the command's, or the keeper's when that is not 0.
 */
int session_wait(struct session *session);

/* End what is left: the unstarted command, the keeper, the temporary folder. */
void session_end(struct session *session);

/*
 * What keeps this user or kernel from running the probe, said on standard error; true
 * when nothing does.
 */
bool session_possible(void);

#endif
