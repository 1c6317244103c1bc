/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of fields and conditions share: full records and contexts, made by hand. */
#ifndef TESTS_EVENTS_H
#define TESTS_EVENTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alert.h"
#include "diag.h"
#include "evtcode.h"
#include "oracle.h"
#include "ruleset.h"

enum { EVENTS_SLOTS = 64, EVENTS_BYTES = 16 * 1024 };

/* A stream that never was: an arena of contexts, one record, and what is needed to judge it. */
struct events {
	struct context_arena arena;
	struct contexts contexts;
	struct scratch scratch;
	struct clock clock;
	struct event_view view;
	struct record_writer writer;
	struct record record;
	uint64_t next_context;
	_Alignas(8) uint8_t bytes[EVENTS_BYTES];
};

/* A context being made. */
struct making {
	struct context_head *head;
	uint64_t *states, *slots;
	uint8_t *body;
	uint32_t used;
};

static inline void
events_begin(struct events *e)
{
	static const uint32_t bytes[CONTEXT_CLASSES] = { 512, 2048, CONTEXT_BYTES_MAX };

	memset(e, 0, sizeof(*e));
	evtcode_init();
	layout_init();
	for (int i = 0; i < CONTEXT_CLASSES; i++) {
		e->arena.count[i] = EVENTS_SLOTS;
		e->arena.base[i] = calloc(EVENTS_SLOTS, bytes[i]);
		assert_non_null(e->arena.base[i]);
	}
	assert_int_equal(contexts_init(&e->contexts, &e->arena), 0);
	assert_int_equal(scratch_init(&e->scratch), 0);
	e->view.contexts = &e->contexts;
	e->view.scratch = &e->scratch;
	e->view.clock = &e->clock;
	e->view.hostname = SPAN_OF("falconry");
	e->clock.wall_offset_ns = 1700000000000000000;
	e->next_context = 1;
}

static inline void
events_end(struct events *e)
{
	contexts_fini(&e->contexts);
	scratch_fini(&e->scratch);
	for (int i = 0; i < CONTEXT_CLASSES; i++)
		free(e->arena.base[i]);
}

/* Begin a context of the middle size; its id is also the number of its slot in that class. */
static inline struct making
context_begin(struct events *e, uint64_t parent)
{
	uint32_t slot = EVENTS_SLOTS + (uint32_t)e->next_context, bytes;
	struct making making;

	assert_in_range(e->next_context, 1, EVENTS_SLOTS - 1);
	making.head = context_at(&e->arena, slot, &bytes);
	memset(making.head, 0, bytes);
	making.head->params = C_COUNT;
	making.head->parent_id = parent;
	making.head->parent_slot = EVENTS_SLOTS + (uint32_t)parent;
	making.states = (uint64_t *)(void *)(making.head + 1);
	making.slots = making.states + EVENT_STATE_WORDS(C_COUNT);
	making.body = (uint8_t *)(making.slots + C_COUNT);
	making.used = 0;
	return making;
}

static inline void
context_number(struct making *making, enum context_id id, uint64_t value)
{
	making->states[id / 32] |= (uint64_t)PARAM_EXACT << (id % 32 * 2);
	making->slots[id] = value;
}

static inline void
context_bytes(struct making *making, enum context_id id, const void *bytes, size_t len)
{
	memcpy(making->body + making->used, bytes, len);
	context_number(making, id, (uint64_t)len << 32 | making->used);
	making->used += ((uint32_t)len + 7) & ~7u;
}

static inline void
context_text(struct making *making, enum context_id id, const char *text)
{
	context_bytes(making, id, text, strlen(text));
}

/* Finish it; returns its id. */
static inline uint64_t
context_end(struct events *e, struct making *making)
{
	making->head->len = (uint32_t)(making->body + making->used - (uint8_t *)making->head);
	making->head->id = e->next_context;
	return e->next_context++;
}

/* A task of COMM with arguments ARGS (NUL between them, LEN bytes) below PARENT. */
static inline uint64_t
context_task(struct events *e, uint64_t parent, const char *comm, const char *args, size_t len)
{
	struct making making = context_begin(e, parent);

	context_text(&making, C_comm, comm);
	context_text(&making, C_exe, comm);
	context_text(&making, C_exepath, "/usr/bin/program");
	context_bytes(&making, C_args, args, len);
	context_text(&making, C_cwd, "/home/u");
	context_text(&making, C_container_id, "host");
	context_number(&making, C_uid, 0);
	context_number(&making, C_loginuid, 0xffffffff);
	return context_end(e, &making);
}

/* Begin the record of TYPE by a task with CONTEXT. */
static inline void
event_begin(struct events *e, uint16_t type, uint64_t context)
{
	struct event_head *head;
	uint32_t own = event_info(type)->param_count;

	record_begin(&e->writer, e->bytes, sizeof(e->bytes), type, own + D_COUNT);
	head = record_head(&e->writer);
	head->ts = 1000000000;
	head->position = 1;
	head->tid = head->tgid = 100;
	if (context == 0)
		return;
	record_put(&e->writer, own + D_context, context);
	record_put(&e->writer, own + D_context_slot, EVENTS_SLOTS + context);
	record_put(&e->writer, own + D_number, 7);
}

static inline void
event_text(struct events *e, uint32_t slot, const char *text)
{
	record_put_bytes(&e->writer, slot, text, strlen(text), PARAM_EXACT);
}

static inline void
event_derived(struct events *e, uint16_t type, enum derived_id derived, uint64_t value)
{
	record_put(&e->writer, event_info(type)->param_count + (uint32_t)derived, value);
}

/* Finish the record and begin to look at it. */
static inline void
event_end(struct events *e, int64_t result)
{
	int len;

	record_head(&e->writer)->result = result;
	len = record_end(&e->writer);
	assert_true(len > 0);
	assert_int_equal(record_check(&e->record, e->bytes, (size_t)len, RECORD_FULL), 0);
	view_begin(&e->view, &e->record);
}

/* openat(AT_FDCWD, SPELLED) that the kernel resolved to FILE (NULL: it failed). */
static inline void
event_openat(struct events *e, uint64_t context, const char *spelled, const char *file)
{
	event_begin(e, EV_openat, context);
	record_put(&e->writer, P_openat_dirfd, (uint64_t)-100);
	event_text(e, P_openat_name, spelled);
	record_put(&e->writer, P_openat_flags, 1);
	if (file != NULL) {
		event_text(e, P_openat_file, file);
		record_put(&e->writer, P_openat_file_mode, 0100644);
		record_put(&e->writer, P_openat_dev, 0xfd01);
		record_put(&e->writer, P_openat_ino, 42);
	}
	event_end(e, file != NULL ? 3 : -2);
}

/* What outputs print for FIELD, which may have an argument. */
static inline const char *
shown(struct events *e, const char *field)
{
	static char buf[16 * 1024];
	struct ruleset ruleset;
	struct diags diags = DIAGS_NONE;
	struct format unused = { 0 };
	struct text text;
	struct eval eval;
	char format[256];

	(void)snprintf(format, sizeof(format), "%%%s", field);
	if (ruleset_from_condition(&ruleset, SPAN_NONE, span_text(format), SPAN_NONE, &unused,
	        &diags) < 0) {
		(void)snprintf(buf, sizeof(buf), "refused: %s",
		    diags.count > 0 ? diags.items[0].text : "?");
		diags_fini(&diags);
		return buf;
	}
	diags_fini(&diags);
	assert_int_equal(eval_init(&eval, &ruleset.program, 1, MATCH_FIRST), 0);
	assert_int_equal(contexts_size_truth(&e->contexts, ruleset.program.predicate_count), 0);
	(void)eval_event(&eval, &e->view);
	text_init(&text, buf, sizeof(buf));
	(void)format_print(&ruleset.rules[0].format, &eval, &e->view, &text);
	eval_fini(&eval);
	ruleset_fini(&ruleset);
	return buf;
}

/* Does the only rule of RULESET match by the oracle? */
static inline int
holds_plainly(struct events *e, const struct ruleset *ruleset)
{
	static struct oracle oracle;
	int result;

	assert_int_equal(oracle_init(&oracle, ruleset, MATCH_FIRST), 0);
	oracle_judge(&oracle, &e->view);
	result = oracle.match_count > 0;
	oracle_fini(&oracle);
	return result;
}

/* 1 or 0: does CONDITION hold?  -1: it was refused, and WHY, if not NULL, gets the message. */
static inline int
holds(struct events *e, const char *condition, const char **why)
{
	static char message[DIAG_TEXT_MAX];
	struct diags diags = DIAGS_NONE;
	struct format unused = { 0 };
	struct ruleset ruleset;
	struct eval eval;
	uint64_t cuts = e->scratch.cut_count;
	int result;

	if (ruleset_from_condition(&ruleset, span_text(condition), SPAN_OF("x"), SPAN_NONE, &unused,
	        &diags) < 0) {
		(void)snprintf(message, sizeof(message), "%s",
		    diags.count > 0 ? diags.items[0].text : "?");
		diags_fini(&diags);
		if (why != NULL)
			*why = message;
		return -1;
	}
	diags_fini(&diags);
	assert_int_equal(eval_init(&eval, &ruleset.program, 1, MATCH_FIRST), 0);
	assert_int_equal(contexts_size_truth(&e->contexts, ruleset.program.predicate_count), 0);
	view_begin(&e->view, &e->record);
	(void)eval_event(&eval, &e->view);
	result = eval.match_count > 0;
	/* An event that was cut is judged by what was left. */
	if (e->scratch.cut_count == cuts && holds_plainly(e, &ruleset) != result)
		fail_msg("%s: %d, but not by the oracle", condition, result);
	eval_fini(&eval);
	ruleset_fini(&ruleset);
	return result;
}

#define assert_shown(e, field, text) assert_string_equal(shown((e), (field)), (text))
#define assert_holds(e, condition) assert_int_equal(holds((e), (condition), NULL), 1)
#define assert_fails(e, condition) assert_int_equal(holds((e), (condition), NULL), 0)

/* CONDITION must be refused with a message that has PART in it. */
static inline void
assert_refused(struct events *e, const char *condition, const char *part)
{
	const char *why = "";

	assert_int_equal(holds(e, condition, &why), -1);
	if (strstr(why, part) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", condition, why, part);
}

/* The events of one test. */
static struct events events;

static inline int
events_set_up(void **state)
{
	(void)state;
	events_begin(&events);
	return 0;
}

static inline int
events_tear_down(void **state)
{
	(void)state;
	events_end(&events);
	return 0;
}

#endif
