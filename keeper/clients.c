/* SPDX-License-Identifier: Apache-2.0 */
/* Clients.  See clients.h. */
#include "clients.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "pipeline.h"
#include "record.h"

enum { GROUPS_MAX = 256 };

void
clients_init(struct pipeline *pipeline)
{
	for (uint32_t i = 0; i < CLIENTS_MAX; i++)
		pipeline->clients[i] = (struct client){ -1, false, 0 };
}

static void
client_close(struct pipeline *pipeline, struct client *client)
{
	if (client->fd < 0)
		return;
	(void)close(client->fd);
	if (client->tap)
		ends_clear_tap(&pipeline->ends);
	*client = (struct client){ -1, false, 0 };
}

void
clients_close(struct pipeline *pipeline)
{
	for (uint32_t i = 0; i < CLIENTS_MAX; i++)
		client_close(pipeline, &pipeline->clients[i]);
}

void
clients_reloaded(struct pipeline *pipeline, struct keeper_message *verdict)
{
	for (uint32_t i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &pipeline->clients[i];

		if (client->fd < 0 || client->reload != verdict->value[KEEPER_VERDICT_GENERATION] ||
		    client->reload == 0)
			continue;
		(void)keeper_send(client->fd, verdict, NULL, 0);
		client->reload = 0;
	}
}

static void
refuse(const struct pipeline *pipeline, int fd, int reason)
{
	struct keeper_message message;

	stats_add(pipeline_stats(pipeline), STAT_KEEPER_bad_requests, 1);
	keeper_message_init(&message, KEEPER_REFUSED, ROLE_COUNT);
	message.value[0] = (uint64_t)reason;
	(void)keeper_send(fd, &message, NULL, 0);
}

static bool
is_worker(const struct users *users, uid_t uid)
{
	for (uint32_t i = 0; i < PROC_COUNT; i++) {
		if (users->roles[procs[i].role].uid == uid)
			return true;
	}
	return false;
}

static bool
is_operator(int fd, gid_t primary, gid_t operators)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);

	if (operators == (gid_t)-1)
		return false;
	if (primary == operators)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
		return false;
	for (socklen_t i = 0; i < len / sizeof(groups[0]); i++) {
		if (groups[i] == operators)
			return true;
	}
	return false;
}

static bool
entitled(const struct users *users, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	return !is_worker(users, peer.uid) && is_operator(fd, peer.gid, users->operators);
}

static struct client *
free_place(struct pipeline *pipeline)
{
	for (uint32_t i = 0; i < CLIENTS_MAX; i++) {
		if (pipeline->clients[i].fd < 0)
			return &pipeline->clients[i];
	}
	return NULL;
}

void
clients_accept(struct pipeline *pipeline)
{
	int fd = accept4(pipeline->client_socket, NULL, NULL, SOCK_CLOEXEC);
	struct client *client = free_place(pipeline);
	int reason = 0;

	if (fd < 0)
		return;
	if (!entitled(&pipeline->users, fd))
		reason = EACCES;
	else if (!client)
		reason = EUSERS;
	if (reason) {
		refuse(pipeline, fd, reason);
		(void)close(fd);
		return;
	}
	client->fd = fd;
}

static bool
tapped(const struct pipeline *pipeline)
{
	for (uint32_t i = 0; i < CLIENTS_MAX; i++) {
		if (pipeline->clients[i].fd >= 0 && pipeline->clients[i].tap)
			return true;
	}
	return false;
}

/* Returns 0, or the errno that says why not. */
static int
client_answer(struct pipeline *pipeline, struct client *client,
    const struct keeper_message *request)
{
	struct keeper_message message;
	bool tap = request->request == KEEPER_TAP, reload = request->request == KEEPER_RELOAD;
	int err;

	if (request->role != ROLE_COUNT || request->schema != schema_hash() ||
	    (!tap && !reload && request->request != KEEPER_STATUS))
		return EPROTO;
	if (reload && pipeline->stopping)
		return ESHUTDOWN;
	if (reload) {
		client->reload = reload_want(pipeline);
		return 0;
	}
	if (tap && tapped(pipeline))
		return EBUSY;
	keeper_message_init(&message, KEEPER_ENDS, ROLE_COUNT);
	message.flags = ends_control(&pipeline->ends)->flags;
	message.value[0] = ends_control(&pipeline->ends)->scope_pid;
	err = ends_send(&pipeline->ends, client->fd, &message,
	    tap ? procs_tap_reads : procs_status_reads, tap ? procs_tap_writes : 0, ENDS_ALL);
	client->tap = tap && err == 0;
	return -err;
}

void
client_read(struct pipeline *pipeline, struct client *client)
{
	struct keeper_message message;
	uint32_t fd_count;
	int err = keeper_receive(client->fd, &message, NULL, 0, &fd_count, true);

	if (err == -EAGAIN)
		return;
	if (err == 0)
		err = client_answer(pipeline, client, &message);
	else if (err == -EPROTO)
		err = EPROTO;
	if (err == 0)
		return;
	if (err > 0)
		refuse(pipeline, client->fd, err);
	client_close(pipeline, client);
}
