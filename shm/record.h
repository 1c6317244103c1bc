/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one reader and the one writer of records (event.h), and of the slot blocks inside contexts.
 *
 * Reading is for a private copy: a record is copied out of shared memory once, record_check()
 * judges head, states and slots there, and after that reading parameter i is one load.
 */
#ifndef SHM_RECORD_H
#define SHM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "text.h"

/*
 * Parameters by index: states, slots and the bytes that slots point into.  Borrowed
 * memory, checked.
 */
struct slots {
	const uint64_t *states;
	const uint64_t *values;
	const uint8_t *body;
	uint32_t body_len;
	uint32_t count;
};

/* A checked record.  head and slots point into the caller's copy. */
struct record {
	const struct event_head *head;
	struct slots slots;
	uint32_t own; /* parameters of the event itself; derived ones follow in a full record */
};

enum record_form { RECORD_RAW, RECORD_FULL };

/*
 * Judge LEN bytes at BYTES (8-aligned) as one record of FORM and fill RECORD.  Returns 0;
 * -EBADMSG for a head, state or slot that can not be; -ENOTSUP for a type that this schema does
 * not have.
 */
int record_check(struct record *record, const void *bytes, size_t len, enum record_form form);

/*
 * Do the bytes of those SLOTS that BYTE_SLOTS names, a bit each, and that are there, lie within
 * the body?  Returns 0 or -EBADMSG.
 */
int slots_check(const struct slots *slots, uint64_t byte_slots);

/* The state of slot INDEX; PARAM_ABSENT beyond the last. */
static inline enum param_state
slots_state(const struct slots *slots, uint32_t index)
{
	if (index >= slots->count)
		return PARAM_ABSENT;
	return (enum param_state)((slots->states[index / 32] >> (index % 32 * 2)) & 3);
}

/* True and *VALUE when slot INDEX holds an exact scalar. */
static inline bool
slots_scalar(const struct slots *slots, uint32_t index, uint64_t *value)
{
	if (slots_state(slots, index) != PARAM_EXACT)
		return false;
	*value = slots->values[index];
	return true;
}

/* The scalar of slot INDEX, or INSTEAD. */
static inline uint64_t
slots_scalar_or(const struct slots *slots, uint32_t index, uint64_t instead)
{
	uint64_t value = instead;

	(void)slots_scalar(slots, index, &value);
	return value;
}

/* True and *BYTES (borrowed) when slot INDEX holds bytes, whole or truncated. */
static inline bool
slots_bytes(const struct slots *slots, uint32_t index, struct span *bytes)
{
	enum param_state state = slots_state(slots, index);

	if (state != PARAM_EXACT && state != PARAM_TRUNCATED)
		return false;
	bytes->ptr = (const char *)slots->body + (uint32_t)slots->values[index];
	bytes->len = slots->values[index] >> 32;
	return true;
}

/* The bytes of slot INDEX, or an empty span. */
static inline struct span
slots_bytes_or_none(const struct slots *slots, uint32_t index)
{
	struct span bytes = SPAN_NONE;

	(void)slots_bytes(slots, index, &bytes);
	return bytes;
}

/* Index in RECORD's slots of a derived parameter. */
static inline uint32_t
record_derived(const struct record *record, enum derived_id derived)
{
	return record->own + (uint32_t)derived;
}

/*
 * Building in a caller's buffer (8-aligned).  An overflow is remembered and told by
 * record_end().
 */
struct record_writer {
	uint8_t *buf;
	size_t size;
	uint32_t params;
	uint32_t body; /* offset of the bytes */
	uint32_t used; /* of the buffer */
	bool overflow;
};

/*
 * Begin a record of TYPE with PARAMS slots, all absent, and a zeroed head but for type
 * and params.
 */
void record_begin(struct record_writer *writer, void *buf, size_t size, uint16_t type,
    uint32_t params);

/* Begin a full record: RAW's head, own slots and bytes copied, all derived slots absent. */
void record_begin_full(struct record_writer *writer, void *buf, size_t size,
    const struct record *raw);

/* The head being written. */
static inline struct event_head *
record_head(struct record_writer *writer)
{
	return (struct event_head *)(void *)writer->buf;
}

/* Set slot INDEX to a scalar, exactly. */
void record_put(struct record_writer *writer, uint32_t index, uint64_t value);

/*
 * Set slot INDEX to LEN bytes, which are copied.  STATE is exact, truncated or unreadable (then
 * BYTES may be empty).
 */
void record_put_bytes(struct record_writer *writer, uint32_t index, const void *bytes, size_t len,
    enum param_state state);

/* Finish: sets head.len and returns it, or -EMSGSIZE when something did not fit. */
int record_end(struct record_writer *writer);

/* What the schema says of an event; NULL for a type it does not have. */
struct event_param {
	const char *name;
	uint8_t type;   /* enum param_type */
	uint8_t kernel; /* 1: kernel truth, not part of evt.args */
	uint16_t how;   /* print base 8, 10, 16; flag table; or DIRFD_n */
};

enum event_category {
	CATEGORY_OTHER,
	CATEGORY_FILE,
	CATEGORY_NET,
	CATEGORY_PROCESS,
	CATEGORY_USER,
	CATEGORY_IO_OTHER,
	CATEGORY_META
};

struct event_info {
	const char *name;
	uint16_t id;
	uint8_t category;    /* enum event_category */
	uint8_t flags;       /* enum event_flags */
	int8_t fd;           /* slot of the descriptor, FD_NONE, FD_IS_RESULT */
	uint8_t param_count; /* slots */
	uint64_t byte_slots; /* bit I: slot I holds offset and length of bytes */
	const struct event_param *result; /* parameter 0, in the head; its name may be NULL */
	const struct event_param *params;
};

/* Event by id; NULL when there is none. */
const struct event_info *event_info(uint32_t id);

/* Event by name, as evt.type spells it; NULL when there is none. */
const struct event_info *event_find(struct span name);

/* Name of native system call NR, NULL when the kernel's headers have none. */
const char *syscall_name(uint32_t nr);

/* Number of the native system call called NAME, -1 when unknown. */
int syscall_number(struct span name);

/* Event id that carries native system call NR: its own, or EV_syscall. */
uint16_t syscall_event(uint32_t nr);

/* As event_info's byte_slots, of the derived parameters and of a context. */
extern const uint64_t derived_byte_slots, context_byte_slots;

/* Kind of a parameter type: true when its slot is offset and length. */
bool param_type_is_bytes(uint32_t type);

/* Name of a parameter type, "?" for none. */
const char *param_type_name(uint32_t type);

/* Name of a row of derived.def, NULL beyond the last. */
const char *derived_name(uint32_t derived);

/* Type of a row of derived.def, T_NONE beyond the last. */
uint8_t derived_type(uint32_t derived);

/* Name of a row of context.def, NULL beyond the last. */
const char *context_name(uint32_t context);

/* Type of a row of context.def, T_NONE beyond the last. */
uint8_t context_type(uint32_t context);

/* One name of a flag table. */
struct flag_name {
	const char *name;
	uint32_t value;
};

/* Names of TABLE (enum flags_table) in print order, ended by a NULL name. */
const struct flag_name *flags_names(uint32_t table);

/*
 * Append flags (or, with ENUMERATION, an enumerated value) by name; the decimal number
 * when no name fits.
 */
void flags_print(struct text *out, uint32_t table, uint64_t value, bool enumeration);

/* Hash of all schema tables: regions and segments of another schema are refused. */
uint64_t schema_hash(void);

#endif
