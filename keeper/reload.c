/* SPDX-License-Identifier: Apache-2.0 */
/* New rules while the pipeline runs.  See reload.h. */
#include "reload.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "clients.h"
#include "clock.h"
#include "log.h"
#include "pipeline.h"
#include "start.h"

#define MS UINT64_C(1000000)

enum {
	PREPARE_MS_MAX = 60000, /* for all evaluators to say what they think */
	SLOW_MS = 10000,        /* of changing over, before that is said */
	DEATHS_MAX = 2          /* of an evaluator over the same rules */
};

static bool
is_evaluator(const struct worker *worker)
{
	return worker->def->named & NAMED_RULES;
}

void
reload_init(struct pipeline *pipeline)
{
	struct reload *reload = &pipeline->reload;

	pipeline->rulefiles = reload->next = RULEFILES_NONE;
	reload->watch = RULEWATCH_NONE;
	reload->files.dir = -1;
}

/* The keeper leaves its folder; if a name is relative, that stays open. */
static void
reload_find_folder(struct reload *reload)
{
	for (size_t i = 0; i < reload->files.list->count && reload->files.dir < 0; i++)
		if (reload->files.list->items[i][0] != '/')
			reload->files.dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
reload_open(struct pipeline *pipeline)
{
	const struct options *options = &pipeline->options;
	struct reload *reload = &pipeline->reload;
	int code;

	reload->files = (struct rulefiles_wanted){ .list = &options->config.rules_files,
		.dir = -1,
		.all_needed = options->rules_given };
	reload_find_folder(reload);
	if (options->config.watch_config_files)
		rulewatch_arm(&reload->watch, &reload->files);
	code = rulefiles_open(&pipeline->rulefiles, &reload->files);
	reload->content = pipeline->rulefiles.content;
	reload->files.quiet = true;
	return code;
}

/*
 * Tell REQUEST to the evaluators that have said ANSWER.  One that can not be told to change over is
 * killed: its successor knows without being told.
 */
static void
reload_tell(struct pipeline *pipeline, enum keeper_request request, enum reload_answer answer)
{
	struct keeper_message message;

	keeper_message_init(&message, request, ROLE_EVALUATOR);
	message.value[KEEPER_VERDICT_GENERATION] = pipeline->reload.generation;
	for (uint32_t i = 0; i < pipeline->worker_count; i++) {
		const struct worker *worker = &pipeline->workers[i];

		if (!is_evaluator(worker) || worker->reload != answer || worker->socket < 0)
			continue;
		if (keeper_send(worker->socket, &message, NULL, 0) < 0 && request == KEEPER_COMMIT)
			start_kill(worker);
	}
}

/* Have all evaluators said ANSWER? */
static bool
reload_all(const struct pipeline *pipeline, enum reload_answer answer)
{
	for (uint32_t i = 0; i < pipeline->worker_count; i++) {
		const struct worker *worker = &pipeline->workers[i];

		if (is_evaluator(worker) && worker->reload != answer)
			return false;
	}
	return true;
}

static void
reload_log(const struct reload *reload, enum keeper_reload result, uint64_t ms)
{
	uint64_t hash = reload->answer.value[KEEPER_VERDICT_HASH];

	switch (result) {
	case KEEPER_RELOAD_DONE:
		log_info("rules %016" PRIx64 " are in force: %" PRIu64 " rules, after %" PRIu64
		    " ms", hash, reload->answer.value[KEEPER_VERDICT_RULES], ms);
		return;
	case KEEPER_RELOAD_SAME:
		log_info("the rule files hold the rules that are in force: %016" PRIx64, hash);
		return;
	case KEEPER_RELOAD_FILES:
		log_warnx("the rules stay as they are: a rule file can not be read");
		return;
	case KEEPER_RELOAD_REFUSED:
		log_warnx("the rules stay as they are: the new ones have errors");
		return;
	case KEEPER_RELOAD_EVALUATOR:
		log_warnx("the rules stay as they are: an evaluator did not take the new ones");
		return;
	case KEEPER_RELOAD_NONE:
		break;
	}
}

/* It is decided: note it where `status` looks, tell who waits. */
static void
reload_finish(struct pipeline *pipeline, enum keeper_reload result)
{
	struct keeper_control *control = ends_control(&pipeline->ends);
	struct reload *reload = &pipeline->reload;
	bool done = result == KEEPER_RELOAD_DONE;
	uint64_t *value = reload->answer.value;

	reload->step = RELOAD_IDLE;
	value[KEEPER_VERDICT_GENERATION] = reload->generation;
	value[KEEPER_VERDICT_RESULT] = result;
	rulefiles_close(done ? &pipeline->rulefiles : &reload->next);
	if (done) {
		pipeline->rulefiles = reload->next;
		reload->next = RULEFILES_NONE;
		control->rules_hash = value[KEEPER_VERDICT_HASH];
		control->rules_ns = clock_ns(CLOCK_REALTIME);
	}
	control->reload_ns = clock_ns(CLOCK_REALTIME);
	control->reload_generation = reload->generation;
	control->reload_pending = 0;
	keeper_control_set(&control->reload_result, result);
	stats_add(pipeline_stats(pipeline), done || result == KEEPER_RELOAD_SAME
	    ? STAT_KEEPER_reloads : STAT_KEEPER_reloads_refused, 1);
	reload_log(reload, result, (pipeline_now() - reload->since_ns) / MS);
	clients_reloaded(pipeline, &reload->answer);
}

/* No evaluator has changed over: none will. */
static void
reload_abandon(struct pipeline *pipeline, enum keeper_reload result)
{
	reload_tell(pipeline, KEEPER_ABANDON, RELOAD_PREPARED);
	reload_tell(pipeline, KEEPER_ABANDON, RELOAD_ASKED);
	reload_finish(pipeline, result);
}

/* Give WORKER the files. */
static void
reload_ask(struct pipeline *pipeline, struct worker *worker)
{
	struct reload *reload = &pipeline->reload;
	struct keeper_message message;

	keeper_message_init(&message, KEEPER_RULES, worker->def->role);
	message.value[KEEPER_VERDICT_GENERATION] = reload->generation;
	if (keeper_send(worker->socket, &message, &reload->next.fd, 1) == 0)
		worker->reload = RELOAD_ASKED;
}

static void
reload_begin(struct pipeline *pipeline, struct rulefiles *files, int code, uint64_t now_ns)
{
	struct reload *reload = &pipeline->reload;

	reload->wanted = false;
	reload->slow = false;
	reload->since_ns = now_ns;
	reload->content = files->content;
	reload->next = *files;
	ends_control(&pipeline->ends)->reload_pending = ++reload->generation;
	keeper_message_init(&reload->answer, KEEPER_RELOADED, ROLE_COUNT);
	if (code != EXIT_DONE) {
		reload_finish(pipeline, KEEPER_RELOAD_FILES);
		return;
	}
	reload->step = RELOAD_PREPARING;
	for (uint32_t i = 0; i < pipeline->worker_count; i++) {
		struct worker *worker = &pipeline->workers[i];

		worker->reload = RELOAD_OWES;
		worker->reload_deaths = 0;
		if (is_evaluator(worker) && worker->state == WORKER_READY && worker->socket >= 0)
			reload_ask(pipeline, worker);
	}
}

/* Look at the files: because somebody wants that, or because something happened to them. */
static void
reload_look(struct pipeline *pipeline, uint64_t now_ns)
{
	struct reload *reload = &pipeline->reload;
	struct rulefiles files = RULEFILES_NONE;
	int code;

	/* First watched, then read: what happens in between is seen again. */
	if (pipeline->options.config.watch_config_files)
		rulewatch_arm(&reload->watch, &reload->files);
	code = rulefiles_open(&files, &reload->files);
	if (reload->wanted || files.content != reload->content)
		reload_begin(pipeline, &files, code, now_ns);
	else
		rulefiles_close(&files);
}

uint64_t
reload_want(struct pipeline *pipeline)
{
	pipeline->reload.wanted = true;
	return pipeline->reload.generation + 1;
}

void
reload_turn(struct pipeline *pipeline, uint64_t now_ns)
{
	struct reload *reload = &pipeline->reload;
	uint64_t ms = (now_ns - reload->since_ns) / MS;

	if (!pipeline->ready || pipeline->stopping)
		return;
	switch (reload->step) {
	case RELOAD_IDLE:
		if (reload->wanted || now_ns >= rulewatch_due(&reload->watch))
			reload_look(pipeline, now_ns);
		return;
	case RELOAD_PREPARING:
		if (ms >= PREPARE_MS_MAX)
			reload_abandon(pipeline, KEEPER_RELOAD_EVALUATOR);
		return;
	case RELOAD_SWITCHING:
		if (ms >= SLOW_MS && !reload->slow)
			log_warnx("the new rules are still not in force after %d s: the stream has "
			    "not come to them", SLOW_MS / 1000);
		reload->slow = ms >= SLOW_MS;
		return;
	}
}

uint64_t
reload_next(const struct pipeline *pipeline)
{
	const struct reload *reload = &pipeline->reload;

	if (!pipeline->ready || pipeline->stopping || reload->step != RELOAD_IDLE)
		return UINT64_MAX;
	return reload->wanted ? 0 : rulewatch_due(&reload->watch);
}

/* Every evaluator has compiled the rules: into force with them, unless they are there already. */
static void
reload_commit(struct pipeline *pipeline)
{
	const struct keeper_control *control = ends_control(&pipeline->ends);
	struct reload *reload = &pipeline->reload;

	if (reload->answer.value[KEEPER_VERDICT_HASH] == control->rules_hash) {
		reload_abandon(pipeline, KEEPER_RELOAD_SAME);
		return;
	}
	reload->step = RELOAD_SWITCHING;
	reload_tell(pipeline, KEEPER_COMMIT, RELOAD_PREPARED);
}

/* The reasons go on to the client as they are; that they end is all we need. */
static void
reload_keep_lines(struct reload *reload, const struct keeper_message *message)
{
	uint64_t count = message->value[KEEPER_VERDICT_LINES];

	if (count > KEEPER_LINES_MAX)
		count = KEEPER_LINES_MAX;
	for (uint64_t i = 0; i < count; i++) {
		char *line = reload->answer.ends[i].name;

		memcpy(line, message->ends[i].name, KEEPER_NAME_MAX);
		line[KEEPER_NAME_MAX - 1] = '\0';
	}
	reload->answer.value[KEEPER_VERDICT_LINES] = count;
}

static void
reload_prepared(struct pipeline *pipeline, struct worker *worker,
    const struct keeper_message *message)
{
	struct reload *reload = &pipeline->reload;
	uint64_t *known = &reload->answer.value[KEEPER_VERDICT_HASH];
	uint64_t hash = message->value[KEEPER_VERDICT_HASH];

	if (message->value[KEEPER_VERDICT_RESULT] != KEEPER_RELOAD_DONE) {
		reload_keep_lines(reload, message);
		reload_abandon(pipeline, KEEPER_RELOAD_REFUSED);
		return;
	}
	worker->reload = RELOAD_PREPARED;
	if (*known != 0 && *known != hash) {
		reload_abandon(pipeline, KEEPER_RELOAD_EVALUATOR);
		return;
	}
	*known = hash;
	reload->answer.value[KEEPER_VERDICT_RULES] = message->value[KEEPER_VERDICT_RULES];
	if (reload_all(pipeline, RELOAD_PREPARED))
		reload_commit(pipeline);
}

static void
reload_switched(struct pipeline *pipeline, struct worker *worker)
{
	worker->reload = RELOAD_SWITCHED;
	if (reload_all(pipeline, RELOAD_SWITCHED))
		reload_finish(pipeline, KEEPER_RELOAD_DONE);
}

const char *
reload_answered(struct pipeline *pipeline, struct worker *worker,
    const struct keeper_message *message)
{
	struct reload *reload = &pipeline->reload;
	bool prepared = message->request == KEEPER_PREPARED;

	if (!is_evaluator(worker))
		return "it has no rules";
	/* An answer to one that was abandoned meanwhile is late, not wrong. */
	if (message->value[KEEPER_VERDICT_GENERATION] != reload->generation)
		return NULL;
	if (prepared && reload->step == RELOAD_PREPARING && worker->reload == RELOAD_ASKED)
		reload_prepared(pipeline, worker, message);
	else if (!prepared && reload->step == RELOAD_SWITCHING &&
	    message->value[KEEPER_VERDICT_HASH] ==
	        reload->answer.value[KEEPER_VERDICT_HASH])
		reload_switched(pipeline, worker);
	return NULL;
}

void
reload_worker_ready(struct pipeline *pipeline, struct worker *worker, uint64_t hash)
{
	struct keeper_control *control = ends_control(&pipeline->ends);
	struct reload *reload = &pipeline->reload;

	if (!is_evaluator(worker))
		return;
	if (control->rules_hash == 0) {
		control->rules_hash = hash;
		control->rules_ns = clock_ns(CLOCK_REALTIME);
	}
	if (reload->step == RELOAD_PREPARING)
		reload_ask(pipeline, worker);
	else if (reload->step == RELOAD_SWITCHING &&
	    hash == reload->answer.value[KEEPER_VERDICT_HASH])
		reload_switched(pipeline, worker);
}

void
reload_worker_ended(struct pipeline *pipeline, struct worker *worker)
{
	if (!is_evaluator(worker) || pipeline->reload.step != RELOAD_PREPARING)
		return;
	/* Whoever ended while it had them to read may have ended by them. */
	if (worker->reload == RELOAD_ASKED && ++worker->reload_deaths == DEATHS_MAX)
		reload_abandon(pipeline, KEEPER_RELOAD_EVALUATOR);
	worker->reload = RELOAD_OWES;
}

void
reload_close(struct pipeline *pipeline)
{
	struct reload *reload = &pipeline->reload;

	rulewatch_close(&reload->watch);
	rulefiles_close(&reload->next);
	rulefiles_close(&pipeline->rulefiles);
	if (reload->files.dir >= 0)
		(void)close(reload->files.dir);
	reload->files.dir = -1;
}
