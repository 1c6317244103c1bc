/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of this process. */
#ifndef TESTS_EVAL_MEMORY_H
#define TESTS_EVAL_MEMORY_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/*
 * MiB of this process's memory that an evaluator would have:
 * neither the arena of contexts nor shared memory of its own, such as the records.
 */
static inline double
memory_pss_mib(void)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	unsigned long begin, end, kib, sum = 0;
	bool own = true;
	char line[512];

	while (file != NULL && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
			own = strstr(line, "memfd:") == NULL && strstr(line, "/dev/zero") == NULL;
		else if (own && sscanf(line, "Pss: %lu", &kib) == 1)
			sum += kib;
	}
	if (file != NULL)
		(void)fclose(file);
	return (double)sum / 1024;
}

#endif
