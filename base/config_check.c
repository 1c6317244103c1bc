/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds between the keys of a configuration, and the table of them for people.
 */
#include <errno.h>
#include <string.h>

#include "config.h"
#include "setting_value.h"
#include "text.h"

/* Two keys of which the first may be at most a part of the second. */
struct order {
	const char *small, *large;
	int64_t factor;
	const char *reason;
};

static const struct order orders[] = {
	{ "spool.segment_bytes", "spool.bytes_max", 2,
	    "the oldest segment can only be deleted beside the one being written" },
	{ "workers.backoff_ms", "workers.backoff_max_ms", 1, "a pause starts at the one and "
	    "grows to the other" },
	{ "collector.hold_us", "collector.late_us", 1,
	    "a record that is being written waits at least as long as one that is finished" },
};

/* Keys whose value, if not empty, must be an absolute path. */
static const char *const absolute[] = { "run_dir", "spool.dir", "scope.cgroup" };

static const void *
member_of(const struct config *config, const char *path)
{
	size_t count, i;
	const struct config_row *rows = config_rows(&count);

	for (i = 0; i < count; i++) {
		if (strcmp(rows[i].path, path) == 0)
			return (const char *)config + rows[i].offset;
	}
	return NULL;
}

static void
check_order(const struct config *config, const struct order *order, const char *file,
    struct diags *diags)
{
	const int64_t *small = member_of(config, order->small);
	const int64_t *large = member_of(config, order->large);

	if (*small <= *large / order->factor)
		return;
	diags_add(diags, DIAG_ERROR, NULL, file, 0, 0, NULL, 0,
	    "%s (%lld) must be at most %s%s (%lld): %s", order->small, (long long)*small,
	    order->factor == 2 ? "half of " : "", order->large, (long long)*large,
	    order->reason);
}

static void
check_absolute(const struct config *config, const char *path, const char *file,
    struct diags *diags)
{
	const char *value = member_of(config, path);

	if (value[0] && value[0] != '/')
		diags_add(diags, DIAG_ERROR, NULL, file, 0, 0, NULL, 0,
		    "%s: expected a path from /, got \"%s\"", path, value);
}

int
config_check(const struct config *config, const char *file, struct diags *diags)
{
	size_t error_count = diags->error_count, i;

	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		check_order(config, &orders[i], file, diags);
	for (i = 0; i < sizeof(absolute) / sizeof(absolute[0]); i++)
		check_absolute(config, absolute[i], file, diags);
	if (config->scope_cgroup[0] && config->scope_pid)
		diags_add(diags, DIAG_ERROR, NULL, file, 0, 0, NULL, 0,
		    "scope.cgroup (\"%s\") and scope.pid (%lld) exclude each other",
		    config->scope_cgroup, (long long)config->scope_pid);
	if (config->rules_files.count == 0)
		diags_add(diags, DIAG_ERROR, NULL, file, 0, 0, NULL, 0,
		    "rules_files: expected at least one entry, got none");
	return diags->error_count > error_count ? -EINVAL : 0;
}

static void
describe_default(const struct config_row *row, FILE *out)
{
	switch (row->type) {
	case CONFIG_BOOL:
		fputs(row->default_number ? "true" : "false", out);
		break;
	case CONFIG_INT:
	case CONFIG_SIZE:
		fprintf(out, "%lld", (long long)row->default_number);
		break;
	case CONFIG_ENUM:
		fputs(config_word(row->unit, row->default_number), out);
		break;
	case CONFIG_TEXT:
	case CONFIG_LIST:
	case CONFIG_SELECT:
		fputs(row->default_text[0] ? row->default_text : "empty", out);
		break;
	}
}

void
config_describe(FILE *out)
{
	size_t count, i;
	const struct config_row *rows = config_rows(&count);
	char buf[DIAG_TEXT_MAX];
	struct text expected;

	for (i = 0; i < count; i++) {
		text_init(&expected, buf, sizeof(buf));
		setting_expected(&rows[i], &expected);
		fprintf(out, "%s\n\t%s\n\tTakes %s; default ", rows[i].path, rows[i].sentence, buf);
		describe_default(&rows[i], out);
		fputs(".\n", out);
	}
}
