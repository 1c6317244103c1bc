/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema as tables, made from the .def files: names, types, flags, and the hash over
 * all of it.
 */
#include <stdio.h>
#include <string.h>

#include "record.h"

enum { BASE_DEC = 10, BASE_HEX = 16, BASE_OCT = 8 };

/* What the `how` column of a row becomes: a base, a flag table, or DIRFD_n. */
#define HOW_DEC BASE_DEC
#define HOW_HEX BASE_HEX
#define HOW_OCT BASE_OCT
#define HOW_DIRFD_1 DIRFD_1
#define HOW_DIRFD_2 DIRFD_2
#define HOW_DIRFD_3 DIRFD_3
#define HOW_socket_families TABLE_socket_families
#define HOW_file_flags TABLE_file_flags
#define HOW_creat_flags TABLE_creat_flags
#define HOW_clone_flags TABLE_clone_flags
#define HOW_mount_flags TABLE_mount_flags
#define HOW_umount_flags TABLE_umount_flags
#define HOW_ptrace_requests TABLE_ptrace_requests
#define HOW_execve_flags TABLE_execve_flags
#define HOW_unlinkat_flags TABLE_unlinkat_flags
#define HOW_linkat_flags TABLE_linkat_flags
#define HOW_renameat2_flags TABLE_renameat2_flags
#define HOW_openat2_flags TABLE_openat2_flags
#define HOW_chmod_mode TABLE_chmod_mode
#define HOW_finit_module_flags TABLE_finit_module_flags
#define HOW_ptrace_dynamic_param BASE_HEX

/* Parameters of each event. */
#define EVENT(id, name, category, flags, fd, params) \
	static const struct event_param params_##name[] = { params { NULL, 0, 0, 0 } };
#define RESULT(event, name, type)
#define PARAM(event, name, type, how)  { #name, T_##type, 0, HOW_##how },
#define KERNEL(event, name, type, how) { #name, T_##type, 1, HOW_##how },
#include "events.def"

/* Parameter 0 of each event: its one RESULT row, or nothing. */
#define EVENT(id, name, category, flags, fd, params) \
	static const struct event_param result_##name[] = { params { NULL, 0, 0, 0 } };
#define RESULT(event, name, type) { #name, T_##type, 0, BASE_DEC },
#define PARAM(event, name, type, how)
#define KERNEL(event, name, type, how)
#include "events.def"

enum { KIND_SCALAR, KIND_BYTES };

/* Does a type's slot hold offset and length of bytes? */
enum {
#define TYPE(name, kind, sign) BYTES_##name = KIND_##kind == KIND_BYTES,
#include "types.def"
};

#define EVENT(event_id, event_name, event_category, event_flags, event_fd, list) \
	[event_id] = { .name = #event_name, .id = (event_id), \
	    .category = CATEGORY_##event_category, .flags = (event_flags), .fd = (event_fd), \
	    .param_count = P_##event_name##_COUNT, \
	    .byte_slots = 0 list, \
	    .result = result_##event_name, .params = params_##event_name },
#define RESULT(event, name, type)
#define PARAM(event, name, type, how)  | (uint64_t)BYTES_##type << P_##event##_##name
#define KERNEL(event, name, type, how) | (uint64_t)BYTES_##type << P_##event##_##name
static const struct event_info events[EVENT_TYPES_MAX] = {
#include "events.def"
};

struct type_info {
	const char *name;
	bool bytes;
};

static const struct type_info types[] = {
	[T_NONE] = { "NONE", false },
#define TYPE(name, kind, sign) [T_##name] = { #name, BYTES_##name },
#include "types.def"
};

const uint64_t derived_byte_slots = 0
#define DERIVED(name, type) | (uint64_t)BYTES_##type << D_##name
#include "derived.def"
    ;

const uint64_t context_byte_slots = 0
#define CONTEXT(name, type, when) | (uint64_t)BYTES_##type << C_##name
#include "context.def"
    ;

struct named_type {
	const char *name;
	uint8_t type;
};

static const struct named_type derived[] = {
#define DERIVED(name, type) { #name, T_##type },
#include "derived.def"
};

static const struct named_type contexts[] = {
#define CONTEXT(name, type, when) { #name, T_##type },
#include "context.def"
};

/*
 * One array of all names; a table begins at its FLAGS_TABLE row, which is also the end of
 * the one before.
 */
static const struct flag_name flags[] = {
#define FLAGS_TABLE(table) { NULL, TABLE_##table },
#define FLAG(table, name, value) { #name, value },
#include "flags.def"
	{ NULL, FLAGS_TABLES }
};

struct syscall_row {
	uint16_t nr;
	const char *name;
};

/* Made from the kernel's headers at build time: { nr, "name" }, */
static const struct syscall_row syscalls[] = {
#include "syscalls.h"
};

enum { SYSCALL_ROWS = sizeof(syscalls) / sizeof(syscalls[0]) };

_Static_assert(sizeof(derived) / sizeof(derived[0]) == D_COUNT, "a row each");
_Static_assert(sizeof(contexts) / sizeof(contexts[0]) == C_COUNT, "a row each");

const struct event_info *
event_info(uint32_t id)
{
	if (id >= EVENT_TYPES_MAX || events[id].name == NULL)
		return NULL;
	return &events[id];
}

const struct event_info *
event_find(struct span name)
{
	for (uint32_t id = 0; id < EVENT_TYPES_MAX; id++)
		if (events[id].name && span_equal(span_text(events[id].name), name))
			return &events[id];
	return NULL;
}

const char *
syscall_name(uint32_t nr)
{
	for (uint32_t i = 0; i < SYSCALL_ROWS; i++)
		if (syscalls[i].nr == nr)
			return syscalls[i].name;
	return NULL;
}

int
syscall_number(struct span name)
{
	for (uint32_t i = 0; i < SYSCALL_ROWS; i++)
		if (span_equal(span_text(syscalls[i].name), name))
			return syscalls[i].nr;
	return -1;
}

uint16_t
syscall_event(uint32_t nr)
{
	const char *name = syscall_name(nr);
	const struct event_info *info = name ? event_find(span_text(name)) : NULL;

	return info && info->category != CATEGORY_META ? info->id : EV_syscall;
}

bool
param_type_is_bytes(uint32_t type)
{
	return type < T_COUNT && types[type].bytes;
}

const char *
param_type_name(uint32_t type)
{
	return type < T_COUNT ? types[type].name : "?";
}

const char *
derived_name(uint32_t index)
{
	return index < D_COUNT ? derived[index].name : NULL;
}

uint8_t
derived_type(uint32_t index)
{
	return index < D_COUNT ? derived[index].type : (uint8_t)T_NONE;
}

const char *
context_name(uint32_t index)
{
	return index < C_COUNT ? contexts[index].name : NULL;
}

uint8_t
context_type(uint32_t index)
{
	return index < C_COUNT ? contexts[index].type : (uint8_t)T_NONE;
}

const struct flag_name *
flags_names(uint32_t table)
{
	static const struct flag_name none = { NULL, 0 };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].name == NULL && flags[i].value == table)
			return &flags[i + (table < FLAGS_TABLES ? 1 : 0)];
	return &none;
}

void
flags_print(struct text *out, uint32_t table, uint64_t value, bool enumeration)
{
	uint64_t rest = value;
	bool any = false;

	for (const struct flag_name *flag = flags_names(table); flag->name; flag++) {
		bool fits = enumeration || flag->value == 0 ? flag->value == value
		    : (rest & flag->value) == flag->value;

		if (!fits)
			continue;
		if (any)
			text_char(out, '|');
		text_string(out, flag->name);
		any = true;
		rest &= ~(uint64_t)flag->value;
		if (!enumeration && flag->value == value)
			break;
	}
	if (!any)
		text_u64(out, value);
}

/* FNV-1a over one row's text, so that any change of a name, type or place changes the hash. */
static uint64_t
hash_row(uint64_t hash, const char *name, uint64_t number)
{
	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 0x100000001b3u;
	return (hash ^ number) * 0x100000001b3u;
}

uint64_t
schema_hash(void)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (uint32_t id = 0; id < EVENT_TYPES_MAX; id++) {
		if (events[id].name == NULL)
			continue;
		hash = hash_row(hash, events[id].name, id);
		for (uint32_t i = 0; i < events[id].param_count; i++)
			hash = hash_row(hash, events[id].params[i].name, events[id].params[i].type);
	}
	for (uint32_t i = 0; i < D_COUNT; i++)
		hash = hash_row(hash, derived[i].name, derived[i].type);
	for (uint32_t i = 0; i < C_COUNT; i++)
		hash = hash_row(hash, contexts[i].name, contexts[i].type);
	return hash_row(hash, "head", EVENT_HEAD_BYTES);
}
