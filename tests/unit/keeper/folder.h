/* SPDX-License-Identifier: Apache-2.0 */
/* A temporary folder of the test program, and paths in it. */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <stdio.h>

#include "config.h"

static char dir[] = "/tmp/saker-test.XXXXXX";

/* Path of NAME in the folder, until the next call. */
static inline char *
path_in(const char *name)
{
	static char path[CONFIG_TEXT_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

#endif
