/* SPDX-License-Identifier: Apache-2.0 */
/* 32-bit calls from a 64-bit program, where the machine has them. */
#ifndef TESTS_COMPAT_H
#define TESTS_COMPAT_H

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * A copy of TEXT (at most 4095 bytes) where a 32-bit pointer reaches it; NULL when there is none.
 */
static inline char *
compat_text(const char *text)
{
#if defined(__x86_64__)
	char *page = mmap(
	    NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	return page == MAP_FAILED ? NULL : strcpy(page, text);
#else
	(void)text;
	return NULL;
#endif
}

/*
 * Call the 32-bit number NR.  Returns the result, or a negative errno; -ENOSYS where there are no
 * such calls.
 */
static inline int64_t
compat_call(int64_t nr, const void *a, int64_t b, int64_t c)
{
#if defined(__x86_64__)
	int64_t got;

	if (!a)
		return -ENOSYS;
	__asm__ volatile("int $0x80" : "=a"(got) : "0"(nr), "b"(a), "c"(b), "d"(c)
	    : "memory", "r8", "r9", "r10", "r11");
	return (int32_t)got;
#else
	(void)nr, (void)a, (void)b, (void)c;
	return -ENOSYS;
#endif
}

#endif
