/* SPDX-License-Identifier: Apache-2.0 */
/* `saker events`, `saker config`: the tables, as text. */
#include <stdio.h>

#include "config.h"
#include "log.h"
#include "record.h"
#include "verbs.h"

static void
print_event(const struct event_info *info)
{
	(void)printf("%s(", info->name);
	if (info->result->name)
		(void)printf("%s%s", info->result->name, info->param_count ? ", " : "");
	for (uint32_t i = 0; i < info->param_count; i++)
		(void)printf("%s%s%s", info->params[i].kernel ? "+" : "", info->params[i].name,
		    i + 1 < info->param_count ? ", " : "");
	(void)printf(")\n");
}

int
verb_events(int argc, char *argv[])
{
	(void)argv;
	if (argc > 1) {
		log_warnx("usage: saker events");
		return EXIT_USAGE;
	}
	(void)printf("# Events with parameters of their own; + marks what the kernel knew, "
	    "beside what the caller spelled.\n");
	for (uint32_t id = 0; id < EVENT_TYPES_MAX; id++) {
		const struct event_info *info = event_info(id);

		if (info && info->category != CATEGORY_META && id != EV_syscall)
			print_event(info);
	}
	(void)printf("# Every other system call: name, result and raw arguments.\n");
	for (uint32_t nr = 0; nr < SYSCALL_MAX; nr++)
		if (syscall_name(nr) && syscall_event(nr) == EV_syscall)
			(void)printf("%s(res, +arg0, +arg1, +arg2, +arg3, +arg4, +arg5)\n",
			    syscall_name(nr));
	return EXIT_DONE;
}

int
verb_config(int argc, char *argv[])
{
	(void)argv;
	if (argc > 1) {
		log_warnx("usage: saker config");
		return EXIT_USAGE;
	}
	config_describe(stdout);
	return EXIT_DONE;
}
