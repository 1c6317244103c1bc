/* SPDX-License-Identifier: Apache-2.0 */
/* Folders and sockets.  See places.h. */
#include "places.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

enum { OWN_FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

static int
fail(const char *what)
{
	int err = -errno;

	log_warn("%s", what);
	return err;
}

static int
fail_in(const char *folder, const char *name)
{
	int err = -errno;

	log_warn("%s/%s", folder, name);
	return err;
}

/* Make every missing folder of PATH, which begins with a slash. */
static int
make_folders(const char *path, mode_t last_mode)
{
	char part[CONFIG_TEXT_MAX];

	for (const char *end = strchr(path + 1, '/'); end; end = strchr(end + 1, '/')) {
		(void)snprintf(part, sizeof(part), "%.*s", (int)(end - path), path);
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return fail(part);
	}
	if (mkdir(path, last_mode) < 0 && errno != EEXIST)
		return fail(path);
	return 0;
}

/* The folder must be the keeper's own: who else could write there could exchange sockets. */
static int
open_run_dir(const char *path)
{
	struct stat st;
	int fd, err;

	if ((err = make_folders(path, 0755)) < 0)
		return err;
	if ((fd = open(path, OWN_FOLDER)) < 0 || fstat(fd, &st) < 0) {
		err = fail(path);
	} else if (st.st_uid != geteuid()) {
		log_warnx("%s belongs to user %u and not to %u", path, st.st_uid, geteuid());
		err = -EPERM;
	} else if (fchmod(fd, 0755) < 0) {
		err = fail(path);
	} else {
		return fd;
	}
	if (fd >= 0)
		(void)close(fd);
	return err;
}

static int
take_lock(struct places *places, const char *run_dir)
{
	places->lock_fd = openat(places->run_fd, "keeper.lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (places->lock_fd < 0)
		return fail_in(run_dir, "keeper.lock");
	if (flock(places->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return fail_in(run_dir, "keeper.lock");
	log_warnx("another keeper runs in %s", run_dir);
	return -EWOULDBLOCK;
}

/*
 * A root directory in which there is nothing, and nobody may make anything.  Made anew each time:
 * a folder that can be removed was empty.
 */
static int
make_empty(const struct places *places, const char *run_dir)
{
	if (unlinkat(places->run_fd, "empty", AT_REMOVEDIR) < 0 && errno != ENOENT)
		return fail_in(run_dir, "empty");
	if (mkdirat(places->run_fd, "empty", 0555) < 0)
		return fail_in(run_dir, "empty");
	return 0;
}

/*
 * The files of a folder that had another owner, such as a spool from before there was a user for
 * it. Only what the former owner could have made: plain files of its own with one name.
 */
static void
hand_over_files(int folder, uid_t former, const struct user *user)
{
	int fd = openat(folder, ".", OWN_FOLDER);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	struct stat st;

	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while ((entry = readdir(dir))) {
		int file = openat(folder, entry->d_name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

		if (file < 0)
			continue;
		if (fstat(file, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
		    st.st_uid == former && fchown(file, user->uid, user->gid) < 0)
			log_warn("giving the spool's %s to user %u", entry->d_name, user->uid);
		(void)close(file);
	}
	(void)closedir(dir);
}

/* Make the folder FD USER's, and private to it.  Returns 0 or -1 with errno. */
static int
hand_over_folder(int fd, const struct user *user)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || fchmod(fd, 0700) < 0)
		return -1;
	if (st.st_uid == user->uid && st.st_gid == user->gid)
		return 0;
	if (fchown(fd, user->uid, user->gid) < 0)
		return -1;
	hand_over_files(fd, st.st_uid, user);
	return 0;
}

static int
open_spool(struct places *places, const struct config *config, const struct users *users)
{
	int err;

	if ((err = make_folders(config->spool_dir, 0700)) < 0)
		return err;
	if ((places->spool_fd = open(config->spool_dir, OWN_FOLDER)) < 0 ||
	    hand_over_folder(places->spool_fd, &users->roles[ROLE_SPOOLER]) < 0)
		return fail(config->spool_dir);
	if (mkdirat(places->spool_fd, "cursors", 0700) < 0 && errno != EEXIST)
		return fail_in(config->spool_dir, "cursors");
	if ((places->cursors_fd = openat(places->spool_fd, "cursors", OWN_FOLDER)) < 0 ||
	    hand_over_folder(places->cursors_fd, &users->roles[ROLE_SINK]) < 0)
		return fail_in(config->spool_dir, "cursors");
	return 0;
}

int
places_open(struct places *places, const struct config *config, const struct users *users)
{
	int err;

	*places = PLACES_NONE;
	if ((places->run_fd = open_run_dir(config->run_dir)) < 0)
		return places->run_fd;
	if ((err = take_lock(places, config->run_dir)) < 0)
		return err;
	if ((err = make_empty(places, config->run_dir)) < 0)
		return err;
	return open_spool(places, config, users);
}

void
places_close(struct places *places)
{
	int *fds[] = { &places->cursors_fd, &places->spool_fd, &places->lock_fd, &places->run_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			(void)close(*fds[i]);
		*fds[i] = -1;
	}
}

static int
socket_address(struct sockaddr_un *address, const struct config *config, const char *name)
{
	int len;

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	len = snprintf(address->sun_path, sizeof(address->sun_path), "%s/%s", config->run_dir,
	    name);
	return len < 0 || (size_t)len >= sizeof(address->sun_path) ? -ENAMETOOLONG : 0;
}

int
places_listen(const struct places *places, const struct config *config, const char *name,
    gid_t group)
{
	struct sockaddr_un address;
	int fd, err;

	if ((err = socket_address(&address, config, name)) < 0) {
		log_warnx("%s/%s: the path of a socket is too long", config->run_dir, name);
		return err;
	}
	if (unlinkat(places->run_fd, name, 0) < 0 && errno != ENOENT)
		return fail(address.sun_path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail("socket");
	/* Nobody else can connect before the mode is right: the umask is the keeper's, 077. */
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    (group != (gid_t)-1 && (fchownat(places->run_fd, name, (uid_t)-1, group, 0) < 0 ||
	    fchmodat(places->run_fd, name, 0660, 0) < 0)) || listen(fd, SOMAXCONN) < 0) {
		err = fail(address.sun_path);
		(void)close(fd);
		return err;
	}
	return fd;
}

int
places_connect(const struct config *config, const char *name)
{
	struct sockaddr_un address;
	int fd, err;

	if ((err = socket_address(&address, config, name)) < 0)
		return err;
	if ((fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	err = -errno;
	(void)close(fd);
	return err;
}
