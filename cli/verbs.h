/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verbs of `saker`: one file each.  A verb gets its own arguments (argv[0] is the verb) and
 * returns the exit code (log.h).  The dispatcher has no logic of its own; work is done by the
 * programs it starts.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

/* Start the pipeline in the foreground, until a signal or until COMMAND has ended. */
int verb_run(int argc, char *argv[]);

/* Check rule files. */
int verb_check(int argc, char *argv[]);

/* Run tests of rules. */
int verb_test(int argc, char *argv[]);

/* List, describe and explain rules. */
int verb_rules(int argc, char *argv[]);

/* Show what a running saker does: processes, rights, rings, rates, losses. */
int verb_status(int argc, char *argv[]);

/* Have a running saker load its rules anew. */
int verb_reload(int argc, char *argv[]);

/* Live events, one line each. */
int verb_tap(int argc, char *argv[]);

/* Read the alert spool. */
int verb_spool(int argc, char *argv[]);

/* The table of events. */
int verb_events(int argc, char *argv[]);

/* The table of fields. */
int verb_fields(int argc, char *argv[]);

/* The table of settings. */
int verb_config(int argc, char *argv[]);

#endif
