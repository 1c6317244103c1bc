/* SPDX-License-Identifier: Apache-2.0 */
/* Fault points of test builds.  See fault.h. */
#include "fault.h"

#ifdef SAKER_FAULTS

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "fault_page.h"

/*
 * The page is shared with the test over the descriptor FAULT_FD, inherited through the keeper.
 * The process that brings the count to zero disarms the page, says that it is there and stands
 * still: the test kills it.  So each armed fault kills once, and a successor passes.
 */
static struct fault_page *
fault_page(void)
{
	static struct fault_page *page;
	void *map;

	if (page)
		return page;
	map = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, FAULT_FD, 0);
	page = map == MAP_FAILED ? (void *)-1 : map;
	return page;
}

/* Map the page while it is still allowed: before the jail. */
__attribute__((constructor)) static void
fault_init(void)
{
	(void)fault_page();
}

void
fault_point(const char *name)
{
	struct fault_page *page = fault_page();

	if (page == (void *)-1 || !__atomic_load_n(&page->armed, __ATOMIC_ACQUIRE) ||
	    strcmp(page->name, name) != 0)
		return;
	if (__atomic_sub_fetch(&page->count, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	__atomic_store_n(&page->armed, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&page->arrived, getpid(), __ATOMIC_RELEASE);
	for (;;)
		(void)nanosleep(&(struct timespec){ 1, 0 }, NULL);
}

#endif
