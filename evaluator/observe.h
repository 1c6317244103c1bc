/* SPDX-License-Identifier: Apache-2.0 */
/* `saker-evaluator --tap [CONDITION]`: live events that match a condition, one line each. */
#ifndef EVALUATOR_OBSERVE_H
#define EVALUATOR_OBSERVE_H

/*
 * Watch the pipeline that runs, without disturbing it, and print.  Options: --run-dir DIR,
 * --count N (end after N events), --output FORMAT (as in rules), --notify-fd N (gets a byte
 * when the watch has begun). Returns the exit code: 0; 1 for a condition that does not
 * compile; 100 when used wrongly; 111.
 */
int observe_main(int argc, char *argv[]);

#endif
