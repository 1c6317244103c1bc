/* SPDX-License-Identifier: Apache-2.0 */
/* `saker-evaluator --check FILE... [--json]`: are these rule files good? */
#ifndef EVALUATOR_CHECK_H
#define EVALUATOR_CHECK_H

/*
 * Check the files that ARGV names, one after another as a running evaluator would load
 * them, and print what was found. Returns the exit code: 0, 1 when a file is invalid, 100
 * when used wrongly.
 */
int check_main(int argc, char *argv[]);

#endif
