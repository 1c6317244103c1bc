/* SPDX-License-Identifier: Apache-2.0 */
/* fs.path.* and evt.abspath: the paths that a call acted on. */
#include "sources.h"

/* Which slot of an event holds which path; slots count from 1 here, 0 is none. */
struct path_row {
	uint8_t name, source, target;
	bool absolute_only; /* evt.abspath has the first or second of these, whatever the result */
};

#define SLOT(event, param) (P_##event##_##param + 1)

static const struct path_row path_rows[EVENT_TYPES_MAX] = {
	[EV_mkdir] = { SLOT(mkdir, path), 0, 0, false },
	[EV_mkdirat] = { SLOT(mkdirat, path), 0, 0, true },
	[EV_rmdir] = { SLOT(rmdir, path), 0, 0, false },
	[EV_unlink] = { SLOT(unlink, path), 0, 0, false },
	[EV_unlinkat] = { SLOT(unlinkat, name), 0, 0, true },
	[EV_open] = { SLOT(open, name), 0, 0, false },
	[EV_openat] = { SLOT(openat, name), 0, 0, true },
	[EV_openat2] = { SLOT(openat2, name), 0, 0, true },
	[EV_umount] = { SLOT(umount, name), 0, 0, false },
	[EV_umount2] = { SLOT(umount2, name), 0, 0, false },
	[EV_chmod] = { SLOT(chmod, filename), 0, 0, false },
	[EV_fchmodat] = { SLOT(fchmodat, filename), 0, 0, true },
	[EV_fchmodat2] = { SLOT(fchmodat2, filename), 0, 0, true },
	[EV_rename] = { 0, SLOT(rename, oldpath), SLOT(rename, newpath), false },
	[EV_renameat] = { 0, SLOT(renameat, oldpath), SLOT(renameat, newpath), true },
	[EV_renameat2] = { 0, SLOT(renameat2, oldpath), SLOT(renameat2, newpath), true },
	[EV_link] = { 0, SLOT(link, newpath), SLOT(link, oldpath), false },
	[EV_linkat] = { 0, SLOT(linkat, newpath), SLOT(linkat, oldpath), true },
	[EV_symlink] = { 0, SLOT(symlink, linkpath), SLOT(symlink, target), false },
	[EV_symlinkat] = { 0, SLOT(symlinkat, linkpath), SLOT(symlinkat, target), true },
	[EV_mount] = { 0, SLOT(mount, dev), SLOT(mount, dir), false },
};

enum path_part { PART_NAME, PART_SOURCE, PART_TARGET };

static int
slot_of(const struct event_view *view, enum path_part part)
{
	const struct path_row *row = &path_rows[view->info->id];

	switch (part) {
	case PART_NAME: return row->name - 1;
	case PART_SOURCE: return row->source - 1;
	case PART_TARGET: return row->target - 1;
	}
	return -1;
}

/* What a symbolic link holds is seen from the directory that the link is in. */
static bool
link_target(struct event_view *view, int slot, struct span *path)
{
	struct span target, link;

	if (!view_bytes(view, slot, &target))
		return false;
	*path = target;
	if (target.len > 0 && target.ptr[0] != '/' &&
	    path_param(view, slot_of(view, PART_SOURCE), &link))
		*path = path_join(view, path_directory(link), target);
	return true;
}

static bool
full_path(struct event_view *view, enum path_part part, struct span *path)
{
	bool symlink = view->info->id == EV_symlink || view->info->id == EV_symlinkat;
	int slot = slot_of(view, part);

	if (slot < 0)
		return false;
	if (symlink && part == PART_TARGET)
		return link_target(view, slot, path);
	/* The device of a mount may be any text: it is left as it is unless it is a path. */
	if (view->info->id == EV_mount && part == PART_SOURCE)
		return view_bytes(view, slot, path);
	return path_param(view, slot, path);
}

static void
value_path(struct event_view *view, struct span kernel, struct span caller,
    struct field_value *value)
{
	if (kernel.len == 0 || view->path_names == PATH_NAMES_CALLER) {
		value_text(value, caller);
		return;
	}
	value_text(value, kernel);
	if (view->path_names == PATH_NAMES_KERNEL || span_equal(kernel, caller))
		return;
	value->own.text[1] = caller;
	value->count = 2;
}

static void
get_path(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	enum path_part part = (enum path_part)accessor->source->item;
	struct span path, kernel = SPAN_NONE;

	value_none(value);
	if (view->record.head->result < 0)
		return;
	if (part == PART_NAME)
		(void)view_bytes(view, view->layout->file, &kernel);
	if (view->info->id == EV_fchmod && part == PART_NAME && kernel.len > 0)
		value_text(value, kernel);
	else if (full_path(view, part, &path))
		value_path(view, kernel, path, value);
}

static void
get_raw(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	struct span path;

	value_none(value);
	if (view->record.head->result >= 0 &&
	    view_bytes(view, slot_of(view, (enum path_part)accessor->source->item), &path))
		value_text(value, path);
}

/*
 * evt.abspath, .src and .dst.  Here the link that a call makes is its second path, not its
 * source.
 */
static void
get_abspath(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct path_row *row = &path_rows[view->info->id];
	bool linkat = view->info->id == EV_linkat, symlinkat = view->info->id == EV_symlinkat;
	enum path_part part = row->name != 0 ? PART_NAME : PART_SOURCE;
	bool second = accessor->index == 2;
	struct span path;

	value_none(value);
	if (!row->absolute_only || (accessor->index != 0 && (row->name != 0 || symlinkat)))
		return;
	if (row->name == 0 && second != linkat && !symlinkat)
		part = PART_TARGET;
	if (full_path(view, part, &path) && path.len > 0)
		value_text(value, path);
}

#define ROW(name, part, get) { F_##name, PART_##part, 0, LOST_TASK, get, D_CHAIN, C_BIT(cwd) }

static const struct field_source rows[] = {
	ROW(fs_path_name, NAME, get_path),
	ROW(fs_path_source, SOURCE, get_path),
	ROW(fs_path_target, TARGET, get_path),
	ROW(fs_path_nameraw, NAME, get_raw),
	ROW(fs_path_sourceraw, SOURCE, get_raw),
	ROW(fs_path_targetraw, TARGET, get_raw),
	ROW(evt_abspath, NAME, get_abspath),
};

const struct field_source *
source_of_path(enum field_id field)
{
	return source_find(rows, sizeof(rows) / sizeof(rows[0]), field);
}
