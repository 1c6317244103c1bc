/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of the mix, and how callers spell them.  See mix_inside.h. */
#include "mix_inside.h"

/* Zipf's law in steps: each octave of numbers below 2^BITS as often as any other. */
static uint64_t
zipf(struct mix *mix, uint32_t bits)
{
	uint32_t octave = mix_below(mix, bits + 1);

	if (octave == 0)
		return 0;
	return ((uint64_t)1 << (octave - 1)) + mix_below(mix, 1u << (octave - 1));
}

/* Paths of one length with one beginning and one end, told apart in the middle. */
static void
path_alike(struct mix *mix, struct text *text)
{
	text_format(text, "/srv/uploads/alike/%08x/report-of-the-day.bin",
	    (unsigned)++mix->serial);
}

struct span
mix_path(struct mix *mix, const struct mix_tree *tree, uint32_t slot)
{
	uint64_t number = zipf(mix, tree->bits);
	struct text text;
	uint32_t count = 0;

	text_init(&text, mix->texts[slot], MIX_PATH_MAX);
	if (mix->options.paths == MIX_ALIKE) {
		path_alike(mix, &text);
		return (struct span){ text.buf, text.len };
	}
	while (tree->patterns[count] != NULL)
		count++;
	mix_expand(&text, tree->patterns[number % count], number);
	if (mix->options.paths == MIX_DISTINCT)
		text_format(&text, "-%llx", (unsigned long long)++mix->serial);
	return (struct span){ text.buf, text.len };
}

const struct mix_tree *
mix_tree_draw(struct mix *mix, const struct mix_program *program)
{
	return mix_tree_find(program->trees[mix_below(mix, (uint32_t)strlen(program->trees))]);
}

static bool
begins(struct span text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.ptr, with, len) == 0;
}

/* A build works on the tree that it stands in. */
struct span
mix_path_of_build(struct mix *mix, struct span path, const char *cwd, uint32_t slot)
{
	static const char root[] = "/srv/build/";
	const char *rest;
	struct text text;

	if (!begins(path, root) || strncmp(cwd, root, sizeof(root) - 1) != 0)
		return path;
	rest = memchr(path.ptr + sizeof(root) - 1, '/', path.len - (sizeof(root) - 1));
	if (rest == NULL)
		return path;
	text_init(&text, mix->texts[slot], MIX_PATH_MAX);
	text_string(&text, cwd);
	text_bytes(&text, rest, path.len - (size_t)(rest - path.ptr));
	return (struct span){ text.buf, text.len };
}

/* /proc/self in the caller's spelling is a number in the kernel's. */
struct span
mix_path_in_proc(struct mix *mix, struct mix_event *event, struct span path, uint32_t slot)
{
	static const char self[] = "/proc/self/";
	struct text text;

	event->name = path;
	if (!begins(path, self))
		return path;
	text_init(&text, mix->texts[slot], MIX_PATH_MAX);
	text_format(&text, "/proc/%u/", mix_process_of(mix, event->task)->ns_pid);
	text_bytes(&text, path.ptr + sizeof(self) - 1, path.len - (sizeof(self) - 1));
	return (struct span){ text.buf, text.len };
}

/* Spell PATH as callers do.  AT: its event takes a descriptor that it can be relative to. */
struct span
mix_spell(struct mix *mix, struct mix_event *event, struct span path, bool at, uint32_t slot)
{
	static const char *const aliases[][2] = {
		{ "/usr/lib/", "/lib/" }, { "/run/", "/var/run/" },
		{ "/var/www/html/", "/var/www/html/./" }, { "/var/lib/", "/var/lib//" },
		{ "/app/", "/app/dist/../" }, { "/srv/", "/srv//" }, { "/usr/include/",
		"/usr/lib/gcc/../include/" } };
	const char *cwd = mix_process_of(mix, event->task)->cwd;
	size_t cwd_len = strlen(cwd);
	struct text text;

	if (cwd_len > 1 && begins(path, cwd) && path.len > cwd_len + 1 &&
	    path.ptr[cwd_len] == '/' && mix_chance(mix, 60))
		return (struct span){ path.ptr + cwd_len + 1, path.len - cwd_len - 1 };
	if (at && path.ptr[0] == '/' && mix_chance(mix, 7)) {
		const char *slash = memrchr(path.ptr, '/', path.len);

		event->dirfd = mix_fd(mix);
		event->base = (struct span){ path.ptr, slash == path.ptr ? 1
		    : (size_t)(slash - path.ptr) };
		return (struct span){ slash + 1, path.len - (size_t)(slash - path.ptr) - 1 };
	}
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (!begins(path, aliases[i][0]) || !mix_chance(mix, i < 2 ? 50 : 25))
			continue;
		text_init(&text, mix->texts[slot], MIX_PATH_MAX);
		text_string(&text, aliases[i][1]);
		text_bytes(&text, path.ptr + strlen(aliases[i][0]),
		    path.len - strlen(aliases[i][0]));
		return (struct span){ text.buf, text.len };
	}
	return path;
}
