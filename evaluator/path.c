/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as callers spell them.  See path.h. */
#include "path.h"

enum { AT_FDCWD_VALUE = -100 };

/* Drop the last component of what stands in TEXT, but not the first byte. */
static void
path_climb(struct text *text)
{
	while (text->len > 1 && text->buf[text->len - 1] != '/')
		text->len--;
	if (text->len > 1)
		text->len--;
	text->buf[text->len] = '\0';
}

static void
path_append(struct text *text, struct span component)
{
	if (component.len == 1 && component.ptr[0] == '.')
		return;
	if (component.len == 2 && component.ptr[0] == '.' && component.ptr[1] == '.') {
		path_climb(text);
		return;
	}
	if (text->len == 0 || text->buf[text->len - 1] != '/')
		text_char(text, '/');
	text_bytes(text, component.ptr, component.len);
}

struct span
path_join(struct event_view *view, struct span base, struct span path)
{
	struct text text;
	size_t at = 0;

	if (path.len == 0)
		return path;
	scratch_begin(view->scratch, &text);
	if (path.ptr[0] == '/')
		text_char(&text, '/');
	else
		text_bytes(&text, base.ptr, base.len);
	while (at < path.len) {
		size_t end = at;

		while (end < path.len && path.ptr[end] != '/')
			end++;
		if (end > at)
			path_append(&text, (struct span){ path.ptr + at, end - at });
		at = end + 1;
	}
	return scratch_end(view->scratch, &text);
}

struct span
path_collapse(struct event_view *view, struct span path)
{
	struct text text;

	scratch_begin(view->scratch, &text);
	for (size_t i = 0; i < path.len; i++)
		if (path.ptr[i] != '/' || i == 0 || path.ptr[i - 1] != '/')
			text_char(&text, path.ptr[i]);
	return scratch_end(view->scratch, &text);
}

static bool
working_directory(struct event_view *view, struct span *base)
{
	const struct context_entry *self = view_ancestor(view, 0);

	return self != NULL && slots_bytes(&self->view.slots, C_cwd, base) && base->len > 0;
}

int
path_base_slot(const struct event_view *view, uint16_t how)
{
	const struct event_layout *layout = view->layout;

	if (layout->base >= 0)
		return layout->base;
	return how == DIRFD_1 ? layout->old_base : layout->new_base;
}

/*
 * The directory that a path with HOW starts from: as the kernel has it, or the working
 * directory.
 */
static bool
directory_of(struct event_view *view, uint16_t how, struct span *base)
{
	uint64_t dirfd = 0;

	if (view_bytes(view, path_base_slot(view, how), base))
		return true;
	/* Parameter 0 of rules is the result and has no slot. */
	if (!view_scalar(view, (int)(how - DIRFD_FLAG) - 1, &dirfd) ||
	    (int64_t)dirfd != AT_FDCWD_VALUE)
		return false;
	return working_directory(view, base);
}

bool
path_param(struct event_view *view, int slot, struct span *path)
{
	struct span base = SPAN_NONE, given;
	uint16_t how;
	bool found;

	if (!view_bytes(view, slot, &given))
		return false;
	how = view->info->params[slot].how;
	if (given.len == 0 || given.ptr[0] == '/')
		found = true;
	else if (how & DIRFD_FLAG)
		found = directory_of(view, how, &base);
	else
		found = working_directory(view, &base);
	if (found) {
		*path = path_join(view, base, given);
	} else {
		struct text text;

		scratch_begin(view->scratch, &text);
		text_string(&text, "<UNKNOWN>");
		text_bytes(&text, given.ptr, given.len);
		*path = scratch_end(view->scratch, &text);
	}
	return true;
}

struct span
path_directory(struct span path)
{
	size_t len = path.len;

	if (len > 0 && path.ptr[len - 1] == '/')
		return path;
	while (len > 0 && path.ptr[len - 1] != '/')
		len--;
	if (len <= 1)
		return SPAN_OF("/");
	return (struct span){ path.ptr, len - 1 };
}

struct span
path_filename(struct span path)
{
	size_t len = path.len;

	while (len > 0 && path.ptr[len - 1] != '/')
		len--;
	if (len == 0)
		return SPAN_OF("/");
	return (struct span){ path.ptr + len, path.len - len };
}
