/* SPDX-License-Identifier: Apache-2.0 */
/* What the writers of raw records share. */
#ifndef TESTS_MIX_RAW_INSIDE_H
#define TESTS_MIX_RAW_INSIDE_H

#include "mix_host.h"
#include "mix_raw.h"

/* A record being made. */
struct making {
	struct record_writer writer;
	const struct mix *mix;
	const struct mix_event *event;
	const struct mix_task *task, *process, *parent;
	const struct mix_program *program;
};

static inline void
put(struct making *making, uint32_t slot, uint64_t value)
{
	record_put(&making->writer, slot, value);
}

static inline void
put_span(struct making *making, uint32_t slot, struct span text)
{
	if (text.ptr != NULL)
		record_put_bytes(&making->writer, slot, text.ptr, text.len, PARAM_EXACT);
}

static inline void
put_text(struct making *making, uint32_t slot, const char *text)
{
	put_span(making, slot, span_text(text));
}

/* Put VALUE, or the text of a member, into a slot of an event by name. */
#define PUT(event, param, value) put(making, P_##event##_##param, (uint64_t)(value))
#define PUT_SPAN(event, param, span) put_span(making, P_##event##_##param, (span))

#define PUT_FILE(e) do { \
	if (making->event->file.ptr != NULL) { \
		PUT_SPAN(e, file, making->event->file); \
		PUT(e, file_mode, making->event->file_mode); \
	} \
} while (0)

/* Each puts the slots of the events of one kind. */
void mix_put_open(struct making *making);
void mix_put_path(struct making *making);  /* one path */
void mix_put_paths(struct making *making); /* two */
void mix_put_place(struct making *making); /* mounts, directories */
void mix_put_fd(struct making *making);
void mix_put_net(struct making *making);

#endif
