/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up users.  See users.h. */
#include "users.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "log.h"

static void
user_find(struct user *user, const struct proc_def *def, const struct config *config)
{
	const struct passwd *found = getpwnam(def->user);

	if (found && found->pw_uid != 0) {
		*user = (struct user){ found->pw_uid, found->pw_gid };
		return;
	}
	user->uid = (uid_t)config->workers_uid_base + def->uid_offset;
	user->gid = (gid_t)user->uid;
	log_debug("there is no user %s: the %s runs as %u", def->user, role_name(def->role),
	    user->uid);
}

void
users_find(struct users *users, const struct config *config, bool may_change)
{
	const struct group *operators = getgrnam("saker");

	users->same = config->workers_same_uid || !may_change;
	users->operators = operators ? operators->gr_gid : (gid_t)-1;
	for (uint32_t role = 0; role < ROLE_COUNT; role++)
		users->roles[role] = (struct user){ geteuid(), getegid() };
	if (users->same) {
		log_info("all workers run as user %u", geteuid());
		return;
	}
	for (uint32_t i = 0; i < PROC_COUNT; i++)
		user_find(&users->roles[procs[i].role], &procs[i], config);
}
