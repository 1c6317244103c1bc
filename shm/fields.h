/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields and operators of the rule language as tables (fields.def, ops.def): what each
 * is, not how it is computed.
 */
#ifndef SHM_FIELDS_H
#define SHM_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/* F_proc_name and so on. */
enum field_id {
#define FIELD(id, name, type, print, argument, flags, class, delivered, meaning) F_##id,
#include "fields.def"
	F_COUNT
};

enum field_type {
	FIELD_INT8, FIELD_INT16, FIELD_INT32, FIELD_INT64,
	FIELD_UINT8, FIELD_UINT16, FIELD_UINT32, FIELD_UINT64,
	FIELD_PORT,
	FIELD_RELTIME, /* nanoseconds */
	FIELD_ABSTIME, /* nanoseconds since 1970 */
	FIELD_DOUBLE,
	FIELD_BOOL,
	FIELD_TEXT,
	FIELD_BYTES,
	FIELD_ADDRESS,
	FIELD_NETWORK, /* an address that is compared with networks */
	FIELD_PARAM,   /* whatever type the named parameter has */
	FIELD_OPAQUE,  /* can only exist */
	FIELD_TYPES
};

/* What types have in common; bits, so that an operator can name all that it accepts. */
enum field_group {
	GROUP_NUMBER = 1,
	GROUP_BOOL = 2,
	GROUP_TEXT = 4,
	GROUP_BYTES = 8,
	GROUP_ADDRESS = 16,
	GROUP_NETWORK = 32,
	GROUP_LIST = 64,
	GROUP_OPAQUE = 128
};

enum field_print { FIELD_DEC, FIELD_HEX, FIELD_OCT, FIELD_PAD9, FIELD_TIME };

enum field_argument {
	ARGUMENT_NONE,
	ARGUMENT_INDEX,      /* [N], or nothing */
	ARGUMENT_VARIABLE,   /* [N], [NAME], or nothing */
	ARGUMENT_PARAM,      /* .NAME or [N], parameter of an event; obligatory */
	ARGUMENT_PARAM_NAME, /* .NAME, parameter of an event; obligatory */
	ARGUMENT_EVENT_NAME, /* .NAME, an event; obligatory */
	ARGUMENT_TIME,       /* [N], nanoseconds since 1970; obligatory */
	ARGUMENT_SIDE,       /* .src, .dst, or nothing */
	ARGUMENT_DOTTED,     /* .NAME, letters and underscores; obligatory */
	ARGUMENT_KEY,        /* [TEXT]; obligatory */
	ARGUMENT_KEY_DOTTED  /* [TEXT] or .TEXT; obligatory */
};

enum field_flags {
	FIELD_LIST = 1,         /* has any number of values */
	FIELD_FILTER_ONLY = 2,  /* for conditions; prints as absent */
	FIELD_PRINT_ONLY = 4,   /* for outputs */
	FIELD_DEPRECATED = 8,   /* loads with a warning */
	FIELD_OBSOLETE = 16,    /* loads, and never has a value */
	FIELD_SUGGESTED = 32,   /* worth appending to every output */
	FIELD_NO_RIGHT = 64,    /* can not stand on the right side */
	FIELD_EITHER = 128,     /* one of two ends: `!=` holds only when both differ */
	FIELD_TWO_PATHS = 256,  /* has the kernel's path and the caller's spelling */
	FIELD_ANCESTORS = 512,  /* without an argument: the values of all ancestors */
	FIELD_NO_CALL = 1024,   /* can not stand in a transformer */
	FIELD_ALONE = FIELD_NO_RIGHT | FIELD_NO_CALL
};

/*
 * What a value depends on; values of the first three are the same for every event of one
 * task context.
 */
enum field_class {
	CLASS_CONTEXT,    /* the task's context */
	CLASS_OTHER_TASK, /* contexts that the task's context names */
	CLASS_NAME_TABLE, /* a table of names, as it was when the context was made */
	CLASS_TEXT,       /* one text of the event */
	CLASS_EVENT,      /* anything else in the event */
	CLASS_TIME,       /* the event's time */
	CLASS_COUNTER     /* the event's number */
};

/* Who brings a value along; FIELD_NOT_YET: nobody, it is always absent. */
enum field_delivered { FIELD_LIVE, FIELD_REPLAY, FIELD_NOT_YET, FIELD_DELIVERED_COUNT };

struct field_info {
	const char *name;
	const char *meaning;
	uint16_t flags;    /* enum field_flags */
	uint8_t type;      /* enum field_type */
	uint8_t print;     /* enum field_print */
	uint8_t argument;  /* enum field_argument */
	uint8_t class;     /* enum field_class */
	uint8_t delivered; /* enum field_delivered */
};

/* What is said of field ID; NULL for F_COUNT and beyond the last. */
const struct field_info *field_info(uint32_t id);

/*
 * Let the language know COUNT more fields, ROWS (borrowed for ever), whose values are given
 * from outside with each event: their ids are those above F_COUNT.  Once, before any rule is
 * loaded.
 */
void fields_extend(const struct field_info *rows, uint32_t count);

/* The field called NAME, without an argument: its id, or F_COUNT for none. */
enum field_id field_find(struct span name);

/* The field whose name is nearest to NAME by edits, if near enough to suggest it; or NULL. */
const struct field_info *field_suggest(struct span name);

/* Name of a type: "TEXT" and so on. */
const char *field_type_name(uint32_t type);

/* A group of types as a phrase: "a number". */
const char *field_group_text(uint32_t group);

/* How an argument is written: "[N]". */
const char *field_argument_text(uint32_t argument);

/* Who delivers: "live", "replay", "nothing". */
const char *field_delivered_text(uint32_t delivered);

/* The group that values of TYPE belong to. */
enum field_group field_type_group(uint32_t type);

struct op_info {
	const char *name;
	const char *meaning;
	uint32_t groups;  /* of enum field_group: what may stand on the left */
};

/* Row INDEX of ops.def; NULL beyond the last. */
const struct op_info *op_info(uint32_t index);

#endif
