/* SPDX-License-Identifier: Apache-2.0 */
/* Event codes and their names.  See evtcode.h. */
#include "evtcode.h"

#include "fields.h"
#include "evtnames.h"

static struct {
	struct span names[EVTCODE_COUNT];
	uint64_t universe[EVTCODE_WORDS];
} codes;

static void
code_add(uint32_t code, const char *name)
{
	codes.names[code] = span_text(name);
	codes.universe[code / 64] |= (uint64_t)1 << (code % 64);
}

void
evtcode_init(void)
{
	memset(&codes, 0, sizeof(codes));
	for (uint32_t id = 0; id < EVENT_TYPES_MAX; id++) {
		const struct event_info *info = event_info(id);

		if (info != NULL && info->category != CATEGORY_META && id != EV_syscall)
			code_add(id, info->name);
	}
	for (uint32_t nr = 0; nr < SYSCALL_MAX; nr++)
		if (syscall_name(nr) != NULL && syscall_event(nr) == EV_syscall)
			code_add(EVTCODE_SYSCALLS + nr, syscall_name(nr));
}

uint32_t
evtcode_of(const struct record *record)
{
	uint64_t nr;

	if (record->head->type != EV_syscall)
		return record->head->type < EVENT_TYPES_MAX ? record->head->type : 0;
	if (!slots_scalar(&record->slots, P_syscall_ID, &nr) || nr >= SYSCALL_MAX)
		return EV_syscall;
	return EVTCODE_SYSCALLS + (uint32_t)nr;
}

struct span
evtcode_name(uint32_t code)
{
	return code < EVTCODE_COUNT ? codes.names[code] : SPAN_NONE;
}

bool
evtcode_is_judged(uint32_t code)
{
	return code < EVTCODE_COUNT && (codes.universe[code / 64] >> (code % 64) & 1);
}

bool
evtcode_is_syscall(uint32_t code)
{
	return evtcode_is_judged(code) && code != EV_procexit;
}

const uint64_t *
evtcode_universe(void)
{
	return codes.universe;
}

static bool
codes_add_named(struct span name, uint64_t *set)
{
	bool found = false;

	for (uint32_t code = 0; code < EVTCODE_COUNT; code++) {
		if (codes.names[code].len == 0 || !span_equal(codes.names[code], name))
			continue;
		set[code / 64] |= (uint64_t)1 << (code % 64);
		found = true;
	}
	return found;
}

static bool
is_among(struct span name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_equal(span_text(names[i]), name))
			return true;
	return false;
}

bool
evtcode_find(struct span name, uint64_t *set)
{
	if (codes_add_named(name, set))
		return true;
	for (size_t i = 0; i < sizeof(event_aliases) / sizeof(event_aliases[0]); i++)
		if (span_equal(span_text(event_aliases[i].name), name))
			return codes_add_named(span_text(event_aliases[i].syscall), set) || true;
	return is_among(name, foreign_events, sizeof(foreign_events) / sizeof(foreign_events[0])) ||
	    syscall_number(name) >= 0;
}

bool
evtcode_foreign_param(struct span name, uint8_t *type)
{
	for (size_t i = 0; i < sizeof(foreign_params) / sizeof(foreign_params[0]); i++) {
		const char *at = foreign_params[i].names;

		for (; *at != '\0' && name.len > 0; at++) {
			if (at[0] != ' ' || strncmp(at + 1, name.ptr, name.len) != 0 ||
			    at[1 + name.len] != ' ')
				continue;
			*type = foreign_params[i].type;
			return true;
		}
	}
	return false;
}
