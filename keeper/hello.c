/* SPDX-License-Identifier: Apache-2.0 */
/* HELLO, READY, DEPOSIT; what evaluators say of rules goes to reload.h.  See hello.h. */
#include "hello.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "pipeline.h"
#include "record.h"
#include "start.h"
#include "workers.h"

/* Named descriptors being gathered for a worker: borrowed. */
struct gift {
	uint32_t count;
	int fds[KEEPER_DEPOSIT_MAX];
	const char *names[KEEPER_DEPOSIT_MAX];
};

static void
gift_add(struct gift *gift, const char *name, int fd)
{
	if (gift->count == KEEPER_DEPOSIT_MAX || fd < 0)
		return;
	gift->names[gift->count] = name;
	gift->fds[gift->count++] = fd;
}

static void
gift_add_named(struct gift *gift, const struct keeper_named *named, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		gift_add(gift, named[i].name, named[i].fd);
}

static int
send_named(const struct pipeline *pipeline, const struct worker *worker)
{
	uint32_t named = worker->def->named;
	struct gift gift = { .count = 0 };

	if (named & NAMED_DEPOSITS)
		gift_add_named(&gift, pipeline->deposits.named, pipeline->deposits.count);
	if (named & NAMED_HANDOVER)
		gift_add(&gift, "handover", pipeline->handover_socket);
	if (named & NAMED_RULES)
		gift_add(&gift, "rules", pipeline->rulefiles.fd);
	if ((named & NAMED_RULES) && pipeline->reload.step == RELOAD_SWITCHING)
		gift_add(&gift, "next", pipeline->reload.next.fd);
	if (named & NAMED_SPOOL)
		gift_add(&gift, "spool", pipeline->places.spool_fd);
	if (named & NAMED_CURSORS)
		gift_add(&gift, "cursors", pipeline->places.cursors_fd);
	return keeper_send_deposits(worker->socket, worker->def->role, gift.fds, gift.names,
	    gift.count);
}

static const char *
hello(struct pipeline *pipeline, struct worker *worker)
{
	const struct keeper_control *control = ends_control(&pipeline->ends);
	struct keeper_message message;
	int err;

	if (worker->greeted)
		return "it says hello twice";
	worker->greeted = true;
	keeper_message_init(&message, KEEPER_ENDS, worker->def->role);
	message.flags = control->flags | (worker->lives > 1 ? KEEPER_SUCCESSOR : 0);
	message.index = worker->index;
	message.epoch = worker->lives;
	message.skip_position = worker->poison.skip;
	message.value[0] = control->scope_pid;
	message.value[1] = pipeline->reload.generation;
	err = ends_send(&pipeline->ends, worker->socket, &message, worker->def->reads,
	    worker->def->writes, worker_whose(worker));
	if (err == 0)
		err = send_named(pipeline, worker);
	if (err < 0) {
		errno = -err;
		log_warn("ends of %s (pid %d)", worker->name, worker->pid);
		start_kill(worker); /* it may be gone already; if not, it is not left without */
	}
	return NULL;
}

static const char *
ready(struct pipeline *pipeline, const struct worker *worker, const struct keeper_message *message)
{
	struct keeper_control *control = ends_control(&pipeline->ends);

	if (!worker->greeted || worker->state != WORKER_STARTING)
		return "it is ready at the wrong time";
	keeper_control_set(&control->jail[worker_seat(worker)], (uint32_t)message->value[0]);
	return NULL;
}

/* The message that ends a deposit makes it whole: it takes the place of the one before. */
static void
deposit_whole(struct pipeline *pipeline)
{
	deposits_close(&pipeline->deposits);
	memcpy(&pipeline->deposits, &pipeline->arriving, sizeof(pipeline->deposits));
	pipeline->arriving.count = 0;
	stats_set(pipeline_stats(pipeline), STAT_KEEPER_deposits, pipeline->deposits.count);
}

/* The descriptors are taken. */
static const char *
deposit(struct pipeline *pipeline, const struct worker *worker,
    const struct keeper_message *message, const int *fds, uint32_t fd_count)
{
	struct deposits *arriving = &pipeline->arriving;
	bool allowed = (worker->def->named & NAMED_DEPOSITS) && worker->greeted;

	if (!allowed || arriving->count + fd_count > DEPOSITS_MAX) {
		for (uint32_t i = 0; i < fd_count; i++)
			(void)close(fds[i]);
		return allowed ? "it deposits too many descriptors" : "it may not deposit";
	}
	for (uint32_t i = 0; i < fd_count; i++) {
		struct keeper_named *named = &arriving->named[arriving->count++];

		memcpy(named->name, message->ends[i].name, sizeof(named->name));
		named->fd = fds[i];
	}
	if (fd_count == 0)
		deposit_whole(pipeline);
	return NULL;
}

const char *
hello_answer(struct pipeline *pipeline, struct worker *worker,
    const struct keeper_message *message, const int *fds, uint32_t fd_count)
{
	bool known = message->role == worker->def->role && message->schema == schema_hash();

	if (known && message->request == KEEPER_DEPOSIT)
		return deposit(pipeline, worker, message, fds, fd_count);
	for (uint32_t i = 0; i < fd_count; i++)
		(void)close(fds[i]);
	if (!known)
		return "a message of another role or schema";
	if (fd_count > 0)
		return "descriptors that nobody asked for";
	if (message->request == KEEPER_HELLO)
		return hello(pipeline, worker);
	if (message->request == KEEPER_READY)
		return ready(pipeline, worker, message);
	if (message->request == KEEPER_PREPARED || message->request == KEEPER_SWITCHED)
		return reload_answered(pipeline, worker, message);
	return "a request that no worker has";
}
