/* SPDX-License-Identifier: Apache-2.0 */
/* `saker fields`: what conditions and outputs can name. */
#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "log.h"
#include "verbs.h"

static void
print_field(const struct field_info *info)
{
	char name[96];

	(void)snprintf(name, sizeof(name), "%s%s", info->name, field_argument_text(info->argument));
	(void)printf("%-36s %-8s %s%s%s%s%s%s\n", name, field_type_name(info->type), info->meaning,
	    info->flags & FIELD_LIST ? "; a list" : "",
	    info->flags & FIELD_FILTER_ONLY ? "; for conditions only" : "",
	    info->flags & FIELD_TWO_PATHS ? "; kernel's and caller's path" : "",
	    info->flags & FIELD_DEPRECATED ? "; deprecated" : "",
	    info->flags & FIELD_OBSOLETE ? "; never has a value" : "");
}

int
verb_fields(int argc, char *argv[])
{
	(void)argv;
	if (argc > 1) {
		log_warnx("usage: saker fields");
		return EXIT_USAGE;
	}
	(void)printf("# Fields that the live probe delivers.\n");
	for (uint32_t id = 0; id < F_COUNT; id++)
		if (field_info(id)->live)
			print_field(field_info(id));
	(void)printf("# Fields of the language that nothing delivers yet: "
	    "rules that read them get a warning.\n");
	for (uint32_t id = 0; id < F_COUNT; id++)
		if (!field_info(id)->live)
			print_field(field_info(id));
	return EXIT_DONE;
}
