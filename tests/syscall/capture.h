/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe, loaded by the test itself and limited to the test's own process tree; what it tells
 * is kept as it comes.
 */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe.h"
#include "record.h"

enum { CAPTURE_BYTES = 64 * 1024 * 1024 };

struct capture {
	struct bpf_object *object;
	struct ring_buffer *rings;
	struct probe_config *settings; /* the maps, as the probe sees them */
	struct probe_syscall *syscalls;
	struct probe_cpu *cpus;
	const char *snapshot; /* the iterator that this kernel runs */
	int cpu_count;
	uint8_t *bytes; /* records, back to back */
	size_t used;
	uint64_t taken; /* records in all, forgotten ones too */
};

/*
 * Load the object at PATH and attach it, telling only this process and its descendants.  Returns
 * 0; 77 after a line that says why when this machine has no BPF for us; 1 after a line for any
 * other failure.
 */
int capture_open(struct capture *capture, const char *path);

/* Forget what was told. */
void capture_clear(struct capture *capture);

/* Take what the rings hold.  Returns how many records came. */
int capture_drain(struct capture *capture);

/* Run the snapshot iterator once and keep its records. */
int capture_snapshot(struct capture *capture);

/* Step through what is kept: *AT is 0 at first.  False at the end. */
bool capture_next(const struct capture *capture, size_t *at, struct record *record);

/* Whether every call of event EVENT is told, or only what changes something. */
void capture_want(struct capture *capture, uint32_t event, bool wanted);

/* Check what holds of the probe as a whole.  Returns how many checks failed and adds to *PASSED. */
uint32_t whole_run(struct capture *capture, uint32_t *passed);

/* All CPUs' numbers added up: the 64-bit word at OFFSET of struct probe_cpu. */
uint64_t capture_sum(const struct capture *capture, size_t offset);

#endif
