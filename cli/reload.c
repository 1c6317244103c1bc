/* SPDX-License-Identifier: Apache-2.0 */
/* `saker reload`: have a running saker load its rules anew, and say what came of it. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "keeper.h"
#include "log.h"
#include "verbs.h"

/* The keeper decides within a minute; then the stream has to come to the new rules. */
#define RELOAD_WAIT_NS (UINT64_C(90) * 1000000000u)

static int
reload_usage(FILE *out, int code)
{
	(void)fprintf(out, "usage: saker reload [--run-dir DIR]\n");
	return code;
}

/* Say on standard error why the old rules stayed. */
static int
reload_refused(const char *reason, const struct keeper_message *verdict)
{
	for (uint64_t i = 0; i < verdict->value[KEEPER_VERDICT_LINES] && i < KEEPER_LINES_MAX; i++)
		log_warnx("%.*s", KEEPER_NAME_MAX - 1, verdict->ends[i].name);
	log_warnx("%s: the old ones stay in force", reason);
	return EXIT_NO;
}

static int
reload_tell(const struct keeper_message *verdict)
{
	uint64_t hash = verdict->value[KEEPER_VERDICT_HASH];

	switch ((enum keeper_reload)verdict->value[KEEPER_VERDICT_RESULT]) {
	case KEEPER_RELOAD_DONE:
		(void)printf("%" PRIu64 " rules are in force: %016" PRIx64 "\n",
		    verdict->value[KEEPER_VERDICT_RULES], hash);
		return EXIT_DONE;
	case KEEPER_RELOAD_SAME:
		(void)printf("%" PRIu64 " rules are in force as before: %016" PRIx64 "\n",
		    verdict->value[KEEPER_VERDICT_RULES], hash);
		return EXIT_DONE;
	case KEEPER_RELOAD_FILES:
		return reload_refused("a rule file can not be read, the keeper's log says which",
		    verdict);
	case KEEPER_RELOAD_REFUSED:
		return reload_refused("the new rules have errors", verdict);
	case KEEPER_RELOAD_EVALUATOR:
		return reload_refused("an evaluator did not take the new rules, the keeper's log "
		    "says more", verdict);
	case KEEPER_RELOAD_NONE:
		break;
	}
	log_warnx("the keeper answers what this program does not know");
	return EXIT_SYSTEM;
}

int
verb_reload(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "run-dir", required_argument, NULL, 'd' }, { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	static struct keeper_message verdict;
	const char *run_dir = "/run/saker";
	int option, err;

	while ((option = getopt_long(argc, argv, "d:h", options, NULL)) != -1) {
		if (option == 'h')
			return reload_usage(stdout, EXIT_DONE);
		if (option != 'd')
			return reload_usage(stderr, EXIT_USAGE);
		run_dir = optarg;
	}
	if (optind < argc) {
		log_warnx("\"%s\" is not an option", argv[optind]);
		return reload_usage(stderr, EXIT_USAGE);
	}
	err = keeper_reload(run_dir, RELOAD_WAIT_NS, &verdict);
	if (err == 0)
		return reload_tell(&verdict);
	errno = -err;
	if (err == -ETIMEDOUT || err == -ESHUTDOWN)
		log_warn("%s/keeper.sock", run_dir);
	else
		log_warn("no saker answers at %s/keeper.sock", run_dir);
	return err == -ENOENT || err == -ECONNREFUSED ? EXIT_NO : EXIT_SYSTEM;
}
