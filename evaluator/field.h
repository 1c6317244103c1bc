/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one way to read a field: a field and its argument are compiled into an accessor once,
 * and the accessor gives the value for any event.  Values come from a slot of the record,
 * from a context, or are derived; a value that is given with the event wins over all of
 * them.
 */
#ifndef EVALUATOR_FIELD_H
#define EVALUATOR_FIELD_H

#include "fields.h"
#include "view.h"

struct arena;
struct accessor;
struct transform;

enum { FIELD_INDEX_MAX = 1000000, FIELD_ERROR_MAX = 256 };

/* Where a field comes from: its function, and what that needs. */
struct field_source {
	enum field_id field;
	uint8_t item;       /* which of several, for a function that serves many fields */
	uint8_t level;      /* 0: the task, 1: its parent */
	uint8_t doubt;      /* bits of enum lost_bits under which the value is not to be trusted */
	void (*get)(struct event_view *view, const struct accessor *accessor,
	    struct field_value *value);
	uint64_t derived;   /* bits of enum derived_id that the record must carry */
	uint64_t contexts;  /* bits of enum context_id that contexts must carry */
};

/* A field with its argument, or a function of others (transform.h), ready to be read. */
struct accessor {
	const struct field_info *info;
	const struct field_source *source;
	struct span text;    /* as rules write it: proc.aname[2]; owned by the arena */
	enum field_id field;
	uint8_t type;        /* enum field_type, FIELD_PARAM resolved */
	uint8_t group;       /* enum field_group of one value */
	bool is_list;
	bool has_index;      /* an argument [N] was given */
	bool any_ancestor;   /* the values are those of all ancestors */
	uint32_t index;      /* of [N]; event code of evt.type.is; 1 for .src, 2 for .dst */
	uint64_t time;       /* of evt.around[T] */
	struct span key;     /* of [TEXT] or .NAME */
	const int8_t *slots; /* of evt.arg and evt.rawarg: the slot, by event id */
	bool live;           /* something delivers it */
	const struct transform *transform; /* NULL: a field */
};

enum { SLOT_NONE = -1, SLOT_RESULT = -2 };

enum field_problem {
	FIELD_FINE,
	FIELD_UNKNOWN, /* no such field, or no such argument */
	FIELD_NO_MEMORY
};

/*
 * Compile the field NAME with ARGUMENT (HAS_ARGUMENT) into *ACCESSOR, whose memory comes
 * from ARENA.  On a problem ERROR says what is wrong, without a place.
 */
enum field_problem field_compile(struct arena *arena, struct span name, struct span argument,
    bool has_argument, struct accessor *accessor, char error[FIELD_ERROR_MAX]);

/*
 * Is NAME that of a field, perhaps with a dotted argument, good or not?  Much cheaper than
 * compiling it to see.
 */
bool field_is_named(struct span name);

/*
 * The value of ACCESSOR, a field, for the event VIEW.  Borrowed until the next event;
 * allocates nothing.
 */
void field_get(struct event_view *view, const struct accessor *accessor, struct field_value *value);

/*
 * Is the value, or its absence, in doubt because of what VIEW's event lacks?  A chain of
 * ancestors that is known up to the one that is asked for is not in doubt when it breaks
 * further up.
 */
bool field_doubtful(const struct event_view *view, const struct accessor *accessor);

/*
 * Append VALUE as outputs show it: numbers in the field's base, lists as (a,b), ancestors
 * joined by blanks; <NA> when there is none.
 */
void field_print(struct text *out, const struct accessor *accessor,
    const struct field_value *value);

/* Append value INDEX of VALUE alone, which it has. */
void field_print_item(struct text *out, const struct accessor *accessor,
    const struct field_value *value, uint32_t index);

/* Append an address as people write it. */
void address_print(struct text *out, const struct address *address);

/* Append an address with its port as people write them. */
void address_print_port(struct text *out, const struct address *address, uint16_t port);

#endif
