/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this kernel and this user offer, each with the reason where they do not, and what would
 * help.  Asked once, at the start or by --probe.  May load small programs into the kernel to find
 * out.
 */
#ifndef COLLECTOR_OFFERS_H
#define COLLECTOR_OFFERS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum offer {
	OFFER_CAPABILITIES,  /* to load and attach */
	OFFER_BTF,           /* types of the running kernel */
	OFFER_TP_BTF,        /* typed tracepoints */
	OFFER_RINGBUF,
	OFFER_ITERATORS,     /* over tasks */
	OFFER_TASK_MEMORY,   /* reading another task's memory in an iterator */
	OFFER_DRAIN_PLAIN,   /* draining without any capability */
	OFFER_IO_URING,
	OFFER_COUNT
};

enum { OFFER_REASON_MAX = 160 };

struct offers_answer {
	bool present;
	char reason[OFFER_REASON_MAX]; /* why not; empty when present */
};

struct offers {
	struct offers_answer answers[OFFER_COUNT];
};

/* Ask for everything. */
void offers_ask(struct offers *offers);

/* True when all that capture can not do without is there. */
bool offers_suffices(const struct offers *offers);

/* Log what is missing of that, with the reason and what would help. */
void offers_complain(const struct offers *offers);

/* Print the table: feature, yes or no, required or optional, reason, help. */
void offers_print(const struct offers *offers, FILE *out);

/* True when this kernel counts maps as locked memory (before 5.11). */
bool offers_locked_maps(void);

/* Capabilities (bit N: number N) that draining still needs on this kernel. */
uint64_t offers_drain_capabilities(void);

#endif
