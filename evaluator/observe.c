/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching live events.  An observer maps the full rings and the contexts read-only, says in
 * the tap's own interest what it wants to see, and judges with the same code as the
 * evaluator.  It can lose events; it says how many times.
 */
#include "observe.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "checked.h"
#include "keeper.h"
#include "log.h"
#include "ruleset.h"
#include "taps.h"

enum { LINE_MAX_BYTES = 32 * 1024, IDLE_NS = 5 * 1000 * 1000, SETTLE_SLEEPS = 400 };

/*
 * What is printed unless --output says otherwise.  Of program starts people want other
 * things than parameters.
 */
#define LINE_BEGIN "%evt.time %proc.name(%proc.pid) %evt.type"
#define LINE_FORMAT LINE_BEGIN " %evt.args"
#define EXEC_FORMAT \
	LINE_BEGIN " res=%evt.res filename=%evt.arg.filename cmdline=%proc.cmdline" \
	" parent=%proc.pname cwd=%proc.cwd user=%user.name"

struct observe {
	const char *run_dir, *condition, *output;
	uint64_t count_max; /* 0: without end */
	int notify_fd;
	uint32_t own_tgid;  /* as records have it; 0: not known */
	struct keeper keeper;
	struct taps taps;
	struct context_arena arena;
	struct region interest;
	struct ruleset ruleset;
	struct format exec_format;
	struct contexts contexts;
	struct scratch scratch;
	struct eval eval;
	struct checked checked;
	struct event_view view;
	struct clock clock;
	char hostname[256];
	uint64_t printed;
	char line[LINE_MAX_BYTES];
	char visible[LINE_MAX_BYTES];
};

static volatile sig_atomic_t interrupted;

static void
on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

static int
usage(FILE *out, int code)
{
	(void)fprintf(out,
	    "usage: saker-evaluator [--run-dir DIR] [--count N] [--output FORMAT]\n"
	    "           [--notify-fd N] --tap [CONDITION]\n");
	return code;
}

static bool
number_parse(const char *text, uint64_t max, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && end != text && text[0] != '-' && *number <= max;
}

static int
observe_options(struct observe *observe, int argc, char *argv[])
{
	static const struct option options[] = { { "tap", no_argument, NULL, 't' },
		{ "run-dir", required_argument, NULL, 'd' },
		{ "count", required_argument, NULL, 'n' },
		{ "output", required_argument, NULL, 'f' },
		{ "notify-fd", required_argument, NULL, 'N' }, { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 } };
	uint64_t number;
	int option;

	observe->run_dir = "/run/saker";
	observe->condition = "";
	observe->notify_fd = -1;
	observe->own_tgid = keeper_pids_global() ? (uint32_t)getpid() : 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 't':
			break;
		case 'd':
			observe->run_dir = optarg;
			break;
		case 'f':
			observe->output = optarg;
			break;
		case 'n':
		case 'N':
			if (!number_parse(optarg, option == 'n' ? UINT64_MAX : 1 << 20, &number)) {
				log_warnx("\"%s\": expected a number", optarg);
				return EXIT_USAGE;
			}
			if (option == 'n')
				observe->count_max = number;
			else
				observe->notify_fd = (int)number;
			break;
		case 'h':
			return usage(stdout, -1);
		default:
			return usage(stderr, EXIT_USAGE);
		}
	}
	if (optind < argc)
		observe->condition = argv[optind++];
	return optind < argc ? usage(stderr, EXIT_USAGE) : EXIT_DONE;
}

/* The condition as the only rule, and the second format.  Returns an exit code. */
static int
observe_compile(struct observe *observe)
{
	struct span output = span_text(observe->output ? observe->output : LINE_FORMAT);
	struct diags diags = DIAGS_NONE;
	int err;

	err = ruleset_from_condition(&observe->ruleset, span_text(observe->condition), output,
	    observe->output ? SPAN_NONE : SPAN_OF(EXEC_FORMAT), &observe->exec_format, &diags);
	if (err < 0 && diags.error_count == 0)
		log_warnx("condition: %s", strerror(-err));
	diags_print(&diags, stderr);
	diags_fini(&diags);
	return err < 0 ? EXIT_NO : EXIT_DONE;
}

static int
observe_attach(struct observe *observe)
{
	int err;

	if ((err = keeper_connect(&observe->keeper, observe->run_dir, KEEPER_TAP)) < 0) {
		log_warnx("%s/keeper.sock: %s%s", observe->run_dir, strerror(-err),
		    err == -ENOENT || err == -ECONNREFUSED ? ": nothing runs there" :
		    err == -EBUSY ? ": a pipeline has one tap at a time" : "");
		return EXIT_SYSTEM;
	}
	if ((err = taps_open(&observe->taps, &observe->keeper)) < 0 ||
	    (err = context_arena_attach_take(&observe->arena,
	         keeper_take_end(&observe->keeper, REGION_CONTEXTS), false)) < 0 ||
	    (err = region_attach_take(&observe->interest,
	         keeper_take_end(&observe->keeper, REGION_TAP_INTEREST), REGION_TAP_INTEREST,
	         true)) < 0) {
		log_warnx("what the keeper gave can not be used: %s", strerror(-err));
		return EXIT_SYSTEM;
	}
	return EXIT_DONE;
}

static int
observe_open(struct observe *observe)
{
	const struct program *program = &observe->ruleset.program;
	struct timespec now, boot;

	if (contexts_init(&observe->contexts, &observe->arena) < 0 ||
	    contexts_size_truth(&observe->contexts, program->predicate_count) < 0 ||
	    scratch_init(&observe->scratch) < 0 ||
	    eval_init(&observe->eval, program, observe->ruleset.rule_count, MATCH_FIRST) < 0 ||
	    checked_init(&observe->checked, &observe->ruleset, MATCH_FIRST) < 0) {
		log_warnx("memory: %s", strerror(ENOMEM));
		return EXIT_SYSTEM;
	}
	/*
	 * An observer that comes later has missed the stream's word on clock, zone and
	 * name, and is on the machine.
	 */
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)clock_gettime(CLOCK_BOOTTIME, &boot);
	observe->clock.wall_offset_ns = (now.tv_sec - boot.tv_sec) * 1000000000 +
	    (now.tv_nsec - boot.tv_nsec);
	tzset();
	observe->clock.utc_offset_s = localtime(&now.tv_sec)->tm_gmtoff;
	(void)gethostname(observe->hostname, sizeof(observe->hostname) - 1);
	observe->view.contexts = &observe->contexts;
	observe->view.scratch = &observe->scratch;
	observe->view.clock = &observe->clock;
	observe->view.hostname = span_text(observe->hostname);
	interest_write(region_content(&observe->interest), &observe->ruleset.interest);
	return EXIT_DONE;
}

static void
observe_close(struct observe *observe)
{
	if (taps_lapped(&observe->taps) > 0)
		log_warnx("events were too many %llu times: some are missing",
		    (unsigned long long)taps_lapped(&observe->taps));
	checked_fini(&observe->checked);
	eval_fini(&observe->eval);
	scratch_fini(&observe->scratch);
	contexts_fini(&observe->contexts);
	if (observe->interest.kind != REGION_NONE_KIND)
		region_close(&observe->interest);
	context_arena_detach(&observe->arena);
	taps_close(&observe->taps);
	if (observe->keeper.fd > 0)
		keeper_leave(&observe->keeper);
	ruleset_fini(&observe->ruleset);
}

static bool
is_program_start(const struct event_view *view)
{
	return view->info->id == EV_execve || view->info->id == EV_execveat;
}

static void
print_line(struct observe *observe)
{
	const struct format *format = &observe->ruleset.rules[0].format;
	struct text line, visible;

	if (observe->output == NULL && is_program_start(&observe->view))
		format = &observe->exec_format;
	text_init(&line, observe->line, sizeof(observe->line));
	(void)format_print(format, &observe->eval, &observe->view, &line);
	text_init(&visible, observe->visible, sizeof(observe->visible));
	text_visible(&visible, line.buf, line.len);
	(void)printf("%s\n", visible.buf);
	observe->printed++;
}

static void
observe_record(struct observe *observe, const void *bytes, uint32_t len)
{
	struct record record;

	if (record_check(&record, bytes, len, RECORD_FULL) < 0 ||
	    event_info(record.head->type)->category == CATEGORY_META)
		return;
	/* Each line that we write would be another to write. */
	if (record.head->tgid == observe->own_tgid)
		return;
	view_begin(&observe->view, &record);
	if (checked_event(&observe->checked, &observe->eval, &observe->view) &&
	    observe->eval.match_count > 0)
		print_line(observe);
}

static bool
observe_done(const struct observe *observe)
{
	return interrupted || (observe->count_max > 0 && observe->printed >= observe->count_max) ||
	    ferror(stdout);
}

static void
sleep_ns(long ns)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = ns }, NULL);
}

static void
observe_run(struct observe *observe)
{
	const void *record;
	int len;

	while (!observe_done(observe)) {
		len = taps_next(&observe->taps, &record);
		if (len > 0) {
			observe_record(observe, record, (uint32_t)len);
			continue;
		}
		if (len == -EBADMSG) {
			log_warnx("the ring is broken");
			return;
		}
		(void)fflush(stdout);
		if (taps_ended(&observe->taps) || keeper_stopping(&observe->keeper))
			return;
		sleep_ns(IDLE_NS);
	}
	(void)fflush(stdout);
}

/* True when the record just read says that what we want is in force. */
static bool
is_our_interest(const struct observe *observe, const void *bytes, uint32_t len)
{
	const struct interest *shared = region_content(&observe->interest);
	struct record record;

	return record_check(&record, bytes, len, RECORD_FULL) == 0 &&
	    record.head->type == EV_interest &&
	    slots_scalar_or(&record.slots, P_interest_evaluator, 0) == INTEREST_TAP &&
	    slots_scalar_or(&record.slots, P_interest_generation, 0) >= shared->generation;
}

/*
 * Pass over everything up to the record that says that our interest has reached the probe and the
 * enricher; then whoever waits may begin.  A pipeline that does not answer in time is watched all
 * the same.
 */
static void
observe_settle(struct observe *observe)
{
	for (int i = 0; i < SETTLE_SLEEPS && !interrupted && !taps_ended(&observe->taps); i++) {
		const void *record;
		int len;

		while ((len = taps_next(&observe->taps, &record)) > 0)
			if (is_our_interest(observe, record, (uint32_t)len))
				return;
		sleep_ns(IDLE_NS);
	}
}

static void
observe_notify(const struct observe *observe)
{
	if (observe->notify_fd >= 0 && write(observe->notify_fd, "\n", 1) == 1)
		(void)close(observe->notify_fd);
}

int
observe_main(int argc, char *argv[])
{
	static struct observe observe; /* too large for the stack */
	int code = observe_options(&observe, argc, argv);

	if (code != EXIT_DONE)
		return code < 0 ? EXIT_DONE : code;
	observe.interest = REGION_NONE;
	observe.keeper.fd = -1;
	evtcode_init();
	layout_init();
	(void)sigaction(SIGINT, &(struct sigaction){ .sa_handler = on_signal }, NULL);
	(void)sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_signal }, NULL);
	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = on_signal }, NULL);
	if ((code = observe_compile(&observe)) == EXIT_DONE &&
	    (code = observe_attach(&observe)) == EXIT_DONE &&
	    (code = observe_open(&observe)) == EXIT_DONE) {
		observe_settle(&observe);
		observe_notify(&observe);
		observe_run(&observe);
	}
	observe_close(&observe);
	return code;
}
