/* SPDX-License-Identifier: Apache-2.0 */
/* Raw records of what is done to paths.  See mix_raw.h. */
#include "mix_raw_inside.h"

#define PUT_OPENED(e) do { \
	PUT_SPAN(e, name, making->event->name); \
	PUT(e, flags, making->event->flags); \
	PUT(e, mode, making->event->mode); \
	if (making->event->file.ptr != NULL) { \
		PUT(e, dev, making->event->device); \
		PUT(e, ino, making->event->inode); \
	} \
	PUT_FILE(e); \
} while (0)

void
mix_put_open(struct making *making)
{
	const struct mix_event *event = making->event;

	switch (event->type) {
	case EV_open:
		PUT_OPENED(open);
		break;
	case EV_openat:
		PUT(openat, dirfd, event->dirfd);
		PUT_OPENED(openat);
		PUT_SPAN(openat, base, event->base);
		break;
	default:
		PUT(openat2, dirfd, event->dirfd);
		PUT(openat2, resolve, 0);
		PUT_OPENED(openat2);
		PUT_SPAN(openat2, base, event->base);
		break;
	}
}

/* One path. */
void
mix_put_path(struct making *making)
{
	const struct mix_event *event = making->event;

	switch (event->type) {
	case EV_unlink: PUT_SPAN(unlink, path, event->name); break;
	case EV_rmdir: PUT_SPAN(rmdir, path, event->name); break;
	case EV_unlinkat:
		PUT(unlinkat, dirfd, event->dirfd);
		PUT_SPAN(unlinkat, name, event->name);
		PUT(unlinkat, flags, event->flags);
		PUT_SPAN(unlinkat, base, event->base);
		break;
	case EV_mkdir:
		PUT_SPAN(mkdir, path, event->name);
		PUT(mkdir, mode, event->mode);
		break;
	case EV_mkdirat:
		PUT(mkdirat, dirfd, event->dirfd);
		PUT_SPAN(mkdirat, path, event->name);
		PUT(mkdirat, mode, event->mode);
		PUT_SPAN(mkdirat, base, event->base);
		break;
	case EV_chmod:
		PUT_SPAN(chmod, filename, event->name);
		PUT(chmod, mode, event->mode);
		break;
	default:
		PUT(fchmodat, dirfd, event->dirfd);
		PUT_SPAN(fchmodat, filename, event->name);
		PUT(fchmodat, mode, event->mode);
		PUT_SPAN(fchmodat, base, event->base);
		break;
	}
}

/* Two paths. */
void
mix_put_paths(struct making *making)
{
	const struct mix_event *event = making->event;

#define PUT_PAIR(e, first, second) do { \
	PUT_SPAN(e, first, event->name); \
	PUT_SPAN(e, second, event->new_name); \
} while (0)
	switch (event->type) {
	case EV_rename: PUT_PAIR(rename, oldpath, newpath); break;
	case EV_link: PUT_PAIR(link, oldpath, newpath); break;
	case EV_symlink: PUT_PAIR(symlink, target, linkpath); break;
	case EV_symlinkat:
		PUT_PAIR(symlinkat, target, linkpath);
		PUT(symlinkat, linkdirfd, event->new_dirfd);
		break;
	case EV_renameat:
		PUT_PAIR(renameat, oldpath, newpath);
		PUT(renameat, olddirfd, event->dirfd);
		PUT(renameat, newdirfd, event->new_dirfd);
		break;
	case EV_renameat2:
		PUT_PAIR(renameat2, oldpath, newpath);
		PUT(renameat2, olddirfd, event->dirfd);
		PUT(renameat2, newdirfd, event->new_dirfd);
		PUT(renameat2, flags, 0);
		break;
	default:
		PUT_PAIR(linkat, oldpath, newpath);
		PUT(linkat, olddir, event->dirfd);
		PUT(linkat, newdir, event->new_dirfd);
		PUT(linkat, flags, 0);
		break;
	}
}

void
mix_put_place(struct making *making)
{
	const struct mix_event *event = making->event;

	switch (event->type) {
	case EV_chdir:
		PUT_SPAN(chdir, path, event->name);
		PUT_SPAN(chdir, new_cwd, event->file);
		break;
	case EV_mount:
		PUT_SPAN(mount, dev, SPAN_OF("tmpfs"));
		PUT_SPAN(mount, dir, event->name);
		PUT_SPAN(mount, type, SPAN_OF("tmpfs"));
		PUT(mount, flags, event->flags);
		break;
	default:
		PUT_SPAN(umount2, name, event->name);
		PUT(umount2, flags, event->flags);
		break;
	}
}
