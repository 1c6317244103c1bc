/* SPDX-License-Identifier: Apache-2.0 */
/* The page through which a test arms a fault point; only in builds with FAULTS=1. */
#ifndef SHM_FAULT_PAGE_H
#define SHM_FAULT_PAGE_H

#include <stdint.h>

/* Where every process of a FAULTS=1 build finds the page. */
enum { FAULT_FD = 200, FAULT_NAME_MAX = 64 };

struct fault_page {
	uint32_t armed; /* set last by the test; cleared by the process that dies */
	int32_t count;  /* passes left */
	uint32_t hits;  /* processes that died here */
	char name[FAULT_NAME_MAX];
};

#endif
