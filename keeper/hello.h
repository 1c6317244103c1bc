/* SPDX-License-Identifier: Apache-2.0 */
/* What workers say and get as an answer. */
#ifndef KEEPER_HELLO_H
#define KEEPER_HELLO_H

#include <stdint.h>

struct keeper_message;
struct pipeline;
struct worker;

/*
 * Answer MESSAGE of WORKER, which came with FD_COUNT descriptors (taken).  Returns NULL, or, when
 * it may not say that, what is wrong.
 */
const char *hello_answer(struct pipeline *pipeline, struct worker *worker,
    const struct keeper_message *message, const int *fds, uint32_t fd_count);

#endif
