/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the descriptor that an event is about. */
#ifndef EVALUATOR_FDFACTS_H
#define EVALUATOR_FDFACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"
#include "value.h"

/*
 * What an event's descriptor is.  `kind` is KIND_NONE when nothing is known of it: a closed
 * descriptor, or a call that failed.
 */
enum fd_kind {
	KIND_NONE, KIND_FILE, KIND_DIRECTORY, KIND_IPV4, KIND_IPV6, KIND_UNIX, KIND_PIPE,
	KIND_EVENT, KIND_SIGNAL, KIND_EVENTPOLL, KIND_INOTIFY, KIND_TIMER, KIND_NETLINK,
	KIND_BPF, KIND_USERFAULT, KIND_IO_URING, KIND_MEMFD, KIND_PIDFD, KIND_OTHER,
	KIND_COUNT
};

enum fd_role { END_UNKNOWN, END_CLIENT, END_SERVER, END_BOUND };

struct fd_facts {
	bool has_fd;     /* the event is about a descriptor */
	bool known;      /* and what it is is known */
	int64_t number;
	enum fd_kind kind;
	enum fd_role role;
	struct span file;    /* kernel path */
	struct span path;    /* tail of a unix socket */
	struct address source, destination; /* family ADDRESS_NONE: not known */
	uint16_t source_port, destination_port;
	uint64_t source_id, destination_id;
	uint8_t protocol, socket_type;
	/* from here on when fd_names() was asked */
	struct span kernel; /* name as the kernel has it, or both ends of a socket; may be empty */
	struct span caller; /* as the caller spelled it; may be empty */
};

#endif
