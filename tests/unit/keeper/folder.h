/* SPDX-License-Identifier: Apache-2.0 */
/* A temporary folder of the test program, and paths and files in it. */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

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

/* Make a file NAME of TEXT in it, or make it anew. */
static inline void
make(const char *name, const char *text)
{
	int fd = open(path_in(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

#endif
