/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Container ids from cgroup paths.  The runtimes that name their containers by 64 hexadecimal
 * digits are one table of what stands before and behind the digits; the others have a form each.
 *
 * The form /NAMESPACE/ID of bare containerd is not among them: nearly any path of the host has it.
 */
#include "container.h"

#include <stdbool.h>

enum { ID_DIGITS = 64, ID_SHOWN = 12 };

/* What stands around the digits; the last part of a path begins with the first text. */
static const struct {
	struct span before;
	struct span behind;
} hex_forms[] = {
	{ SPAN_OF("/libpod-"), SPAN_OF(".scope") },
	{ SPAN_OF("/libpod-"), SPAN_OF(".scope/container") },
	{ SPAN_OF("/libpod-"), SPAN_OF("") },
	{ SPAN_OF("/libpod-payload-"), SPAN_OF(".scope") },
	{ SPAN_OF("/libpod-payload-"), SPAN_OF(".scope/container") },
	{ SPAN_OF("/libpod-payload-"), SPAN_OF("") },
	{ SPAN_OF("/"), SPAN_OF("") },
	{ SPAN_OF("/docker-"), SPAN_OF(".scope") },
	{ SPAN_OF("/crio-"), SPAN_OF("") },
	{ SPAN_OF("/cri-containerd-"), SPAN_OF(".scope") },
	{ SPAN_OF("/crio-"), SPAN_OF(".scope") },
	{ SPAN_OF(":cri-containerd:"), SPAN_OF("") },
	{ SPAN_OF("/nerdctl-"), SPAN_OF(".scope") },
};

static const struct span host = SPAN_OF("host");

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    c == '.' || c == '_' || c == '-';
}

static bool
begins(struct span text, struct span with)
{
	return text.len >= with.len && memcmp(text.ptr, with.ptr, with.len) == 0;
}

static bool
ends(struct span text, struct span with)
{
	return text.len >= with.len &&
	    (with.len == 0 || memcmp(text.ptr + text.len - with.len, with.ptr, with.len) == 0);
}

/* Take WHAT off the end of TEXT, if it is there. */
static bool
end_take(struct span *text, struct span what)
{
	if (!ends(*text, what))
		return false;
	text->len -= what.len;
	return true;
}

static struct span
shown(const char *id, size_t len)
{
	return (struct span){ id, len < ID_SHOWN ? len : ID_SHOWN };
}

/* The 64 digits that end PATH between BEFORE and BEHIND; empty for none. */
static struct span
hex_find(struct span path, struct span before, struct span behind)
{
	const char *id;

	if (!end_take(&path, behind) || path.len < before.len + ID_DIGITS)
		return SPAN_NONE;
	id = path.ptr + path.len - ID_DIGITS;
	for (size_t i = 0; i < ID_DIGITS; i++)
		if (!is_hex(id[i]))
			return SPAN_NONE;
	path.len -= ID_DIGITS;
	return ends(path, before) ? shown(id, ID_DIGITS) : SPAN_NONE;
}

/* What follows the first WHAT in PATH, up to the next slash; empty for none. */
static struct span
part_after(struct span path, struct span what)
{
	for (size_t at = 0; at + what.len < path.len; at++) {
		struct span rest = { path.ptr + at, path.len - at };
		size_t len = 0;

		if (!begins(rest, what))
			continue;
		rest.ptr += what.len;
		rest.len -= what.len;
		while (len < rest.len && rest.ptr[len] != '/')
			len++;
		return shown(rest.ptr, len);
	}
	return SPAN_NONE;
}

static struct span
lxc_find(struct span path)
{
	static const struct span forms[] = {
		SPAN_OF("/lxc/"), SPAN_OF("/lxc.payload/"), SPAN_OF("/lxc.payload."),
	};
	struct span id = SPAN_NONE;

	/* libvirt's own, which libvirt_find() reads. */
	if (part_after(path, SPAN_OF("/libvirt/lxc/")).len > 0)
		return SPAN_NONE;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && id.len == 0; i++)
		id = part_after(path, forms[i]);
	return id;
}

/* The last part of PATH. */
static struct span
last_part(struct span path)
{
	size_t at = path.len;

	while (at > 0 && path.ptr[at - 1] != '/')
		at--;
	return (struct span){ path.ptr + at, path.len - at };
}

static struct span
libvirt_find(struct span path)
{
	static const struct span dashed = SPAN_OF("-lxc\\x2d");
	struct span id = part_after(path, SPAN_OF("/libvirt/lxc/"));

	if (id.len > 0)
		return id;
	(void)end_take(&path, SPAN_OF("/libvirt"));
	path = last_part(path);
	if (end_take(&path, SPAN_OF(".libvirt-lxc")))
		return shown(path.ptr, path.len);
	if (end_take(&path, SPAN_OF(".scope")))
		return part_after(path, dashed);
	return SPAN_NONE;
}

static struct span
bpm_find(struct span path)
{
	struct span part = last_part(path);

	(void)end_take(&part, SPAN_OF(".scope"));
	if (part.len <= 4 || !begins(part, SPAN_OF("bpm-")))
		return SPAN_NONE;
	for (size_t i = 4; i < part.len; i++)
		if (!is_word(part.ptr[i]))
			return SPAN_NONE;
	return shown(part.ptr + 4, part.len - 4);
}

static struct span
path_id(struct span path)
{
	struct span id = SPAN_NONE;

	for (size_t i = 0; i < sizeof(hex_forms) / sizeof(hex_forms[0]) && id.len == 0; i++)
		id = hex_find(path, hex_forms[i].before, hex_forms[i].behind);
	if (id.len == 0)
		id = lxc_find(path);
	if (id.len == 0)
		id = libvirt_find(path);
	return id.len > 0 ? id : bpm_find(path);
}

struct span
container_id(struct span cgroups)
{
	while (cgroups.len > 0) {
		const char *end = memchr(cgroups.ptr, '\0', cgroups.len);
		size_t len = end ? (size_t)(end - cgroups.ptr) : cgroups.len;
		const char *path = memchr(cgroups.ptr, '=', len);

		if (path) {
			struct span id = path_id((struct span){ path + 1,
			    len - (size_t)(path + 1 - cgroups.ptr) });

			if (id.len > 0)
				return id;
		}
		cgroups.ptr += len + (end ? 1 : 0);
		cgroups.len -= len + (end ? 1 : 0);
	}
	return host;
}
