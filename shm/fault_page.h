/* SPDX-License-Identifier: Apache-2.0 */
/* The page through which a test arms a fault point; only in builds with FAULTS=1. */
#ifndef SHM_FAULT_PAGE_H
#define SHM_FAULT_PAGE_H

#include <stdint.h>

/* Where every process of a FAULTS=1 build finds the page. */
enum { FAULT_FD = 200, FAULT_NAME_MAX = 64 };

struct fault_page {
	uint32_t armed;  /* set last by the test; cleared by the process that arrives */
	int32_t count;   /* passes left */
	int32_t arrived; /* process that stands at the point and waits for its SIGKILL, 0: none */
	char name[FAULT_NAME_MAX];
};

#endif
