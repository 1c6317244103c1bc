/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients at run_dir/keeper.sock: `saker status`, `saker reload` and `saker tap`.  Entitled are
 * root, the keeper's own user, and members of the group saker that are no worker's user.  One of
 * them at a time taps.
 */
#ifndef KEEPER_CLIENTS_H
#define KEEPER_CLIENTS_H

struct client;
struct keeper_message;
struct pipeline;

/* All places free. */
void clients_init(struct pipeline *pipeline);

/* Somebody is at the socket: let in, or refused with the reason. */
void clients_accept(struct pipeline *pipeline);

/* A client has something to say: one message or its end. */
void client_read(struct pipeline *pipeline, struct client *client);

/* A reload is decided: answer every client that waits for that generation with VERDICT. */
void clients_reloaded(struct pipeline *pipeline, struct keeper_message *verdict);

/* Close all connections. */
void clients_close(struct pipeline *pipeline);

#endif
