/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a configuration file, and their first line as an assignment of the command line.
 * What must hold: no crash; an error is told, and then nothing has changed; what was accepted is
 * within the bounds of its row.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_bounds(const struct config *config)
{
	size_t count, i;
	const struct config_row *rows = config_rows(&count);

	for (i = 0; i < count; i++) {
		const char *member = (const char *)config + rows[i].offset;
		int64_t value = rows[i].min;

		if (rows[i].type == CONFIG_INT || rows[i].type == CONFIG_SIZE)
			memcpy(&value, member, sizeof(value));
		if (value < rows[i].min || value > rows[i].max)
			abort();
		if (rows[i].type == CONFIG_TEXT && !memchr(member, '\0', CONFIG_TEXT_MAX))
			abort();
	}
	if (config->rules_files.count > CONFIG_LIST_MAX)
		abort();
}

/* ERR is what a function returned that began with BEFORE and has told DIAGS of its errors. */
static void
check_result(int err, const struct config *before, const struct config *after,
    const struct diags *diags)
{
	if ((err != 0) != (diags->error_count > 0))
		abort();
	if (err && memcmp(before, after, sizeof(*before)) != 0)
		abort();
	check_bounds(after);
}

static void
fuzz_assignment(const uint8_t *data, size_t size, const struct config *before)
{
	struct diags diags = DIAGS_NONE;
	struct config after = *before;
	char line[512] = "";

	memcpy(line, data, size < sizeof(line) ? size : sizeof(line) - 1);
	line[strcspn(line, "\n")] = '\0';
	check_result(config_set(&after, line, &diags), before, &after, &diags);
	diags_fini(&diags);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config before, after;
	struct diags diags = DIAGS_NONE;
	int err;

	config_defaults(&before);
	after = before;
	err = config_parse(&after, "fuzz.yaml", (const char *)data, size, &diags);
	check_result(err, &before, &after, &diags);
	if (!err && config_check(&after, "fuzz.yaml", &diags) < 0 && diags.error_count == 0)
		abort();
	diags_fini(&diags);
	fuzz_assignment(data, size, &before);
	return 0;
}
