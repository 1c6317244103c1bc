/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event codes: one number for each value that evt.type can have.  Codes below
 * EVENT_TYPES_MAX are event ids; above stand the system calls that have no event of their
 * own, by native number.
 */
#ifndef EVALUATOR_EVTCODE_H
#define EVALUATOR_EVTCODE_H

#include "record.h"

enum {
	EVTCODE_SYSCALLS = EVENT_TYPES_MAX, /* the first code of a system call */
	EVTCODE_COUNT = EVENT_TYPES_MAX + SYSCALL_MAX,
	EVTCODE_WORDS = EVTCODE_COUNT / 64
};

/* Make the tables; before anything else here, once. */
void evtcode_init(void);

/* The code of RECORD. */
uint32_t evtcode_of(const struct record *record);

/* What evt.type says for CODE; "" for one that no event has. */
struct span evtcode_name(uint32_t code);

/* Is CODE that of an event that rules judge? */
bool evtcode_is_judged(uint32_t code);

/* Is CODE that of an event that a system call makes? */
bool evtcode_is_syscall(uint32_t code);

/* Bits of all codes that rules judge. */
const uint64_t *evtcode_universe(void);

/*
 * Add to SET (EVTCODE_WORDS) the codes that NAME stands for.  Returns false when no event
 * of the rule language has that name; true, and perhaps nothing added, for one that this
 * machine can not produce.
 */
bool evtcode_find(struct span name, uint64_t *set);

/*
 * Does the rule language have a parameter called NAME that no event here carries?  *TYPE is
 * its enum field_type then.
 */
bool evtcode_foreign_param(struct span name, uint8_t *type);

#endif
