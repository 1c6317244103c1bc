/* SPDX-License-Identifier: Apache-2.0 */
/* Which slot of an event holds what several families of fields look for by name. */
#ifndef EVALUATOR_LAYOUT_H
#define EVALUATOR_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

/* Names of parameters that are looked for; -1 in a layout when the event has none. */
#define LAYOUT_NAMES(X) \
	X(base) X(old_base) X(new_base) X(file) X(file_mode) X(sock) X(sock_tuple) X(tuple) \
	X(addr) X(name) X(flags) X(mode) X(dev) X(ino) X(creat_flags) X(domain) X(type) X(proto)

struct event_layout {
#define X(name) int8_t name;
	LAYOUT_NAMES(X)
#undef X
	bool socket; /* one of them tells of a socket */
};

/* Make the table; once, before layout_of(). */
void layout_init(void);

/* The layout of event ID, which the schema has. */
const struct event_layout *layout_of(uint32_t id);

/* Slot of event ID's parameter NAME, or -1. */
int layout_slot(uint32_t id, const char *name);

#endif
