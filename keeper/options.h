/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's command line and the configuration it leads to. */
#ifndef KEEPER_OPTIONS_H
#define KEEPER_OPTIONS_H

#include "config.h"

struct options {
	struct config config;
	long scope_pid;   /* of --scope-pid: watched from its next exec on; 0: none */
	int notify_fd;    /* told when all workers are ready; -1: nobody */
	bool rules_given; /* by -r: then each of them must be there */
};

/*
 * Read the command line, the configuration file and the assignments, check the whole, and say on
 * standard error what is wrong.  Returns EXIT_DONE; EXIT_USAGE for a command line that can not be;
 * EXIT_NO for a configuration that can not be; EXIT_SYSTEM for a file that can not be read.  Help
 * and version are printed and end the program.
 */
int options_read(struct options *options, int argc, char *argv[]);

#endif
