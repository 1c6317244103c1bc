/* SPDX-License-Identifier: Apache-2.0 */
/* Who the workers are. */
#ifndef KEEPER_USERS_H
#define KEEPER_USERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "config.h"
#include "procs.h"

struct user {
	uid_t uid;
	gid_t gid;
};

struct users {
	bool same;                     /* every worker has the keeper's ids */
	struct user roles[ROLE_COUNT]; /* the keeper's own among them */
	gid_t operators;               /* group "saker", or (gid_t)-1 */
};

/*
 * Find the ids of every role: those of the user its row names, or workers.uid_base and the row's
 * offset where there is no such user.  All are the keeper's with workers.same_uid, or when
 * MAY_CHANGE is false.  Startup only: reads the user database.
 */
void users_find(struct users *users, const struct config *config, bool may_change);

#endif
