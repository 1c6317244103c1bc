/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside field access: the tables of sources, one file a family, and what the families
 * share.  A live field has exactly one source.
 */
#ifndef EVALUATOR_SOURCES_H
#define EVALUATOR_SOURCES_H

#include "field.h"
#include "path.h"

/* The bit of a derived or context row. */
#define D_BIT(name) ((uint64_t)1 << D_##name)
#define C_BIT(name) ((uint64_t)1 << C_##name)
#define D_CHAIN (D_BIT(context) | D_BIT(context_slot))

/* The row of evt.* and syscall.type for FIELD, or NULL; the others likewise. */
const struct field_source *source_of_event(enum field_id field);

/* Parameters. */
const struct field_source *source_of_param(enum field_id field);

/* Texts of tasks. */
const struct field_source *source_of_task(enum field_id field);

/* Numbers of tasks, and users and groups. */
const struct field_source *source_of_number(enum field_id field);

/* Containers. */
const struct field_source *source_of_container(enum field_id field);

/* Descriptors. */
const struct field_source *source_of_fd(enum field_id field);

/* Paths. */
const struct field_source *source_of_path(enum field_id field);

/* Find FIELD among COUNT rows. */
const struct field_source *source_find(const struct field_source *rows, size_t count,
    enum field_id field);

/* What the event's descriptor is; worked out once an event. */
const struct fd_facts *fd_facts(struct event_view *view);

/* And what it is called; worked out once an event. */
const struct fd_facts *fd_names(struct event_view *view);

/* The name of KIND: "file". */
const char *fd_kind_name(enum fd_kind kind);

/* The letter of KIND: 'f'. */
char fd_kind_char(enum fd_kind kind);

/* What evt.args put before a descriptor's name: letter and protocol. */
void fd_print_mark(struct text *out, const struct fd_facts *facts);

/* Both ends of a connection as text. */
void tuple_print(struct text *out, const struct fd_facts *facts);

/* Name of the error that RESULT, any number, stands for (-2: "ENOENT"), or NULL. */
const char *errno_name(int64_t result);

/* Name of signal NUMBER, "SIGHUP", in BUF, or NULL. */
const char *signal_name(uint64_t number, char buf[16]);

/*
 * Text ITEM of a context; derived ones are built in VIEW's scratch memory.  False when the
 * context has none.
 */
enum task_item {
	ITEM_comm, ITEM_exe, ITEM_exepath, ITEM_args, ITEM_cmdline, ITEM_exeline, ITEM_env,
	ITEM_cwd, ITEM_cgroups, ITEM_cap_permitted, ITEM_cap_inheritable,
	ITEM_cap_effective
};
bool task_text(struct event_view *view, const struct context_entry *entry, enum task_item item,
    struct span *text);

/*
 * Parameter SLOT (or SLOT_RESULT) of VIEW's event as evt.arg shows it: resolved where that
 * is possible.
 */
bool param_resolved(struct event_view *view, int slot, struct span *text);

#endif
