/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a pipeline lives in the file system:
 *
 *   run_dir/                0755  keeper.lock  keeper.sock  collector.sock
 *   run_dir/empty/          0555  the root directory of workers that need no file
 *   spool.dir/              0700, of the user of spooler and sink
 *   spool.dir/cursors/      0700, likewise
 */
#ifndef KEEPER_PLACES_H
#define KEEPER_PLACES_H

#include "config.h"
#include "users.h"

struct places {
	int run_fd, lock_fd, spool_fd, cursors_fd; /* -1: not open */
};

#define PLACES_NONE ((struct places){ -1, -1, -1, -1 })

/*
 * Make what is not there, take the lock of run_dir, hand the spool to its user, and open what
 * workers get.  Returns 0, or a negative errno after a message, -EWOULDBLOCK when another keeper
 * has the lock.  End with places_close() in both cases.
 */
int places_open(struct places *places, const struct config *config, const struct users *users);

/* Close what is open; harmless on PLACES_NONE. */
void places_close(struct places *places);

/*
 * A listening socket at run_dir/NAME, in place of one that was left there.  GROUP (or (gid_t)-1)
 * may connect too.  Returns its descriptor, or a negative errno after a message.
 */
int places_listen(const struct places *places, const struct config *config, const char *name,
    gid_t group);

/* Connect to run_dir/NAME; returns a descriptor or a negative errno without a message. */
int places_connect(const struct config *config, const char *name);

#endif
