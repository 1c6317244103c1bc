/* SPDX-License-Identifier: Apache-2.0 */
/* `saker fields`: what conditions and outputs can name, and who delivers it. */
#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "log.h"
#include "verbs.h"

static const char *const headings[FIELD_DELIVERED_COUNT] = {
	[FIELD_LIVE] = "Fields that the probe in the running kernel delivers.",
	[FIELD_REPLAY] = "Fields that only a capture has which is played again.",
	[FIELD_NOT_YET] = "Fields of the language that nothing delivers yet: "
	                  "rules that read them get a warning.",
};

static void
print_field(const struct field_info *info)
{
	char name[96];

	(void)snprintf(name, sizeof(name), "%s%s", info->name, field_argument_text(info->argument));
	(void)printf("%-36s %-8s %-8s %s%s%s%s%s%s\n", name, field_type_name(info->type),
	    field_delivered_text(info->delivered), info->meaning,
	    info->flags & FIELD_LIST ? "; a list" : "",
	    info->flags & FIELD_FILTER_ONLY ? "; for conditions only" : "",
	    info->flags & FIELD_TWO_PATHS ? "; kernel's and caller's path" : "",
	    info->flags & FIELD_DEPRECATED ? "; deprecated" : "",
	    info->flags & FIELD_OBSOLETE ? "; never has a value" : "");
}

/* The fields that DELIVERED brings along; nothing when there are none. */
static void
print_delivered(uint32_t delivered)
{
	bool begun = false;

	for (uint32_t id = 0; id < F_COUNT; id++) {
		if (field_info(id)->delivered != delivered)
			continue;
		if (!begun)
			(void)printf("# %s\n", headings[delivered]);
		begun = true;
		print_field(field_info(id));
	}
}

int
verb_fields(int argc, char *argv[])
{
	(void)argv;
	if (argc > 1) {
		log_warnx("usage: saker fields");
		return EXIT_USAGE;
	}
	for (uint32_t delivered = 0; delivered < FIELD_DELIVERED_COUNT; delivered++)
		print_delivered(delivered);
	return EXIT_DONE;
}
