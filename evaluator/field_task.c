/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of tasks: proc.*, thread.*, of the task itself, its ancestors, and the leaders of
 * its session and group.
 */
#include "sources.h"

enum { DOUBT_SELF = LOST_TASK, DOUBT_CHAIN = LOST_TASK | LOST_PARENT };

/* Append the NUL-separated pieces of LIST, each behind SEPARATOR but the first. */
static void
pieces_join(struct text *out, struct span list, bool first)
{
	size_t len = list.len;

	/* The last piece may end in a NUL of its own or with the bytes. */
	if (len > 0 && list.ptr[len - 1] == '\0')
		len--;
	else if (len == 0)
		return;
	if (!first)
		text_char(out, ' ');
	for (size_t i = 0; i < len; i++)
		text_char(out, list.ptr[i] != '\0' ? list.ptr[i] : ' ');
}

/* The next piece of a NUL-separated list from *AT on; false at its end. */
static bool
pieces_next(struct span list, size_t *at, struct span *piece)
{
	const char *end;

	if (*at >= list.len)
		return false;
	piece->ptr = list.ptr + *at;
	end = memchr(piece->ptr, '\0', list.len - *at);
	piece->len = end ? (size_t)(end - piece->ptr) : list.len - *at;
	*at += piece->len + 1;
	return true;
}

static const char *const capabilities[] = {
	"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID",
	"SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW",
	"IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT",
	"SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD",
	"LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG",
	"WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
};

static bool
capabilities_text(struct event_view *view, const struct slots *slots, enum context_id id,
    struct span *text)
{
	uint64_t set;
	struct text out;

	if (!slots_scalar(slots, id, &set))
		return false;
	scratch_begin(view->scratch, &out);
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		if (!(set >> i & 1))
			continue;
		text_string(&out, out.len > 0 ? " CAP_" : "CAP_");
		text_string(&out, capabilities[i]);
	}
	*text = scratch_end(view->scratch, &out);
	return true;
}

/* FIRST, or nothing when it is C_COUNT, and the pieces of LIST, joined by blanks. */
static bool
line_text(struct event_view *view, const struct slots *slots, uint32_t first, enum context_id list,
    struct span *text)
{
	struct span head = SPAN_NONE, pieces = SPAN_NONE;
	struct text out;
	bool any = first < C_COUNT && slots_bytes(slots, first, &head);

	any = slots_bytes(slots, list, &pieces) || any;
	if (!any)
		return false;
	scratch_begin(view->scratch, &out);
	text_bytes(&out, head.ptr, head.len);
	pieces_join(&out, pieces, first == C_COUNT);
	if (first == C_exe && pieces.len == 0)
		text_char(&out, ' '); /* rules that compare the whole line count on it */
	*text = scratch_end(view->scratch, &out);
	return true;
}

static bool
cwd_text(struct event_view *view, const struct slots *slots, struct span *text)
{
	struct span cwd;
	struct text out;

	if (!slots_bytes(slots, C_cwd, &cwd))
		return false;
	if (cwd.len > 0 && cwd.ptr[cwd.len - 1] == '/') {
		*text = cwd;
		return true;
	}
	scratch_begin(view->scratch, &out);
	text_bytes(&out, cwd.ptr, cwd.len);
	text_char(&out, '/');
	*text = scratch_end(view->scratch, &out);
	return true;
}

bool
task_text(struct event_view *view, const struct context_entry *entry, enum task_item item,
    struct span *text)
{
	const struct slots *slots = &entry->view.slots;

	switch (item) {
	case ITEM_comm: return slots_bytes(slots, C_comm, text);
	case ITEM_exe: return slots_bytes(slots, C_exe, text);
	case ITEM_exepath: return slots_bytes(slots, C_exepath, text);
	case ITEM_args: return line_text(view, slots, C_COUNT, C_args, text);
	case ITEM_cmdline: return line_text(view, slots, C_comm, C_args, text);
	case ITEM_exeline: return line_text(view, slots, C_exe, C_args, text);
	case ITEM_env: return line_text(view, slots, C_COUNT, C_env, text);
	case ITEM_cwd: return cwd_text(view, slots, text);
	case ITEM_cgroups: return line_text(view, slots, C_COUNT, C_cgroups, text);
	case ITEM_cap_permitted: return capabilities_text(view, slots, C_cap_permitted, text);
	case ITEM_cap_inheritable: return capabilities_text(view, slots, C_cap_inheritable, text);
	case ITEM_cap_effective: return capabilities_text(view, slots, C_cap_effective, text);
	}
	return false;
}

/* A text of the task or, with a level, of an ancestor. */
static void
get_text(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	enum task_item item = (enum task_item)accessor->source->item;
	uint32_t level = accessor->has_index ? accessor->index : accessor->source->level;
	const struct context_entry *entry = view_ancestor(view, level);
	struct span text;

	if (entry != NULL && task_text(view, entry, item, &text)) {
		value_text(value, text);
	} else if (level == 0 && entry == NULL) {
		value_lost(value);
		/* What rules know as the name of a task that nothing is known of. */
		if (item == ITEM_comm || item == ITEM_exe)
			value_text(value, SPAN_OF("<NA>"));
	} else {
		value_none(value);
	}
}

/* A text of one ancestor by number, or of all of them, nearest first. */
static void
get_ancestors(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	enum task_item item = (enum task_item)accessor->source->item;
	const struct context_entry *entry;
	struct span *texts;
	uint32_t count = 0;

	if (accessor->has_index) {
		get_text(view, accessor, value);
		return;
	}
	value_none(value);
	if ((texts = scratch_take(view->scratch, VIEW_CHAIN_MAX, sizeof(*texts))) == NULL)
		return;
	for (uint32_t level = 1; (entry = view_ancestor(view, level)) != NULL; level++)
		if (task_text(view, entry, item, &texts[count]))
			count++;
	if (count == 0)
		return;
	value->state = FIELD_VALUE;
	value->count = count;
	value->texts = texts;
}

/* proc.aargs without a number is one text, of all ancestors. */
static void
get_aargs(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	struct field_value all;
	struct text out;

	get_ancestors(view, accessor, &all);
	if (accessor->has_index || all.count == 0) {
		value_none(value);
		if (all.count > 0)
			value_text(value, all.texts[0]);
		return;
	}
	scratch_begin(view->scratch, &out);
	for (uint32_t i = 0; i < all.count; i++) {
		if (i > 0)
			text_char(&out, ' ');
		text_bytes(&out, all.texts[i].ptr, all.texts[i].len);
	}
	value_text(value, scratch_end(view->scratch, &out));
}

/* proc.args, and proc.args[N]: one of them, the empty text when there are fewer. */
static void
get_args(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct context_entry *self = view_ancestor(view, 0);
	struct span list, piece = SPAN_NONE;
	uint32_t number = 0;
	size_t at = 0;

	if (self == NULL) {
		value_lost(value);
		return;
	}
	list = slots_bytes_or_none(&self->view.slots, C_args);
	if (!accessor->has_index) {
		value_text(value, SPAN_OF(""));
		if (task_text(view, self, ITEM_args, &piece))
			value_text(value, piece);
		return;
	}
	while (pieces_next(list, &at, &piece))
		if (number++ == accessor->index) {
			value_text(value, piece);
			return;
		}
	value_text(value, SPAN_OF(""));
}

/* The value of variable NAME in LIST, without blanks around it; false when it is not set. */
static bool
variable_find(struct span list, struct span name, struct span *found)
{
	struct span piece;
	size_t at = 0;

	while (pieces_next(list, &at, &piece)) {
		if (piece.len <= name.len || piece.ptr[name.len] != '=' ||
		    memcmp(piece.ptr, name.ptr, name.len) != 0)
			continue;
		found->ptr = piece.ptr + name.len + 1;
		found->len = piece.len - name.len - 1;
		while (found->len > 0 && found->ptr[0] == ' ') {
			found->ptr++;
			found->len--;
		}
		while (found->len > 0 && found->ptr[found->len - 1] == ' ')
			found->len--;
		return true;
	}
	return false;
}

/*
 * proc.env: all of it, one variable by name (empty when not set), or that of an ancestor by
 * number.
 */
static void
get_env(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct context_entry *self = view_ancestor(view, 0);
	struct span found;

	if (accessor->has_index || accessor->key.len == 0) {
		get_text(view, accessor, value);
	} else if (self == NULL) {
		value_lost(value);
	} else {
		value_text(value, SPAN_OF(""));
		if (variable_find(slots_bytes_or_none(&self->view.slots, C_env), accessor->key,
		        &found))
			value_text(value, found);
	}
}

enum { AENV_LEVELS = 20 };

/* proc.aenv[NAME]: what the nearest ancestor that sets it has. */
static void
get_aenv(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct context_entry *entry;
	struct span found;

	if (accessor->has_index || accessor->key.len == 0) {
		get_ancestors(view, accessor, value);
		return;
	}
	value_text(value, SPAN_OF(""));
	for (uint32_t level = 1;
	     level <= AENV_LEVELS && (entry = view_ancestor(view, level)) != NULL; level++)
		if (variable_find(slots_bytes_or_none(&entry->view.slots, C_env), accessor->key,
		        &found) &&
		    found.len > 0) {
			value_text(value, found);
			return;
		}
}

/* thread.cgroup.NAME: the path of one controller. */
static void
get_cgroup(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct context_entry *self = view_ancestor(view, 0);
	struct span found;

	value_none(value);
	if (self == NULL)
		value_lost(value);
	else if (variable_find(slots_bytes_or_none(&self->view.slots, C_cgroups), accessor->key,
	             &found))
		value_text(value, found);
}

static void
get_nametid(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	struct text out;

	get_text(view, accessor, value);
	if (value->count == 0)
		return;
	scratch_begin(view->scratch, &out);
	text_bytes(&out, value->texts[0].ptr, value->texts[0].len);
	text_u64(&out, view->record.head->tid);
	value_text(value, scratch_end(view->scratch, &out));
}

/* A text of the session's leader; the empty text when the leader is not known. */
static void
get_session(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct context_entry *leader = view_context(view, D_session_context, D_session_slot);
	struct span text = SPAN_NONE;

	if (view_ancestor(view, 0) == NULL) {
		value_lost(value);
		return;
	}
	if (leader == NULL ||
	    !task_text(view, leader, (enum task_item)accessor->source->item, &text))
		text = SPAN_OF("");
	value_text(value, text);
}

/*
 * A text of the process group's leader, when that is the process or one of its ancestors;
 * otherwise the empty text.
 */
static void
get_group(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct context_entry *entry;
	uint64_t group, tgid;
	struct span text;

	if (view_ancestor(view, 0) == NULL) {
		value_lost(value);
		return;
	}
	value_text(value, SPAN_OF(""));
	if (!view_derived(view, D_pgid, &group))
		return;
	for (uint32_t level = 0; (entry = view_ancestor(view, level)) != NULL; level++) {
		if (!view_tgid(view, level, &tgid))
			return;
		if (tgid != group)
			continue;
		if (task_text(view, entry, (enum task_item)accessor->source->item, &text))
			value_text(value, text);
		return;
	}
}

#define OWN(name, text, get, contexts) \
	{ F_##name, ITEM_##text, 0, DOUBT_SELF, get, D_CHAIN, contexts }
#define PARENT(name, text, contexts) \
	{ F_##name, ITEM_##text, 1, DOUBT_CHAIN, get_text, D_CHAIN, contexts }
#define CHAIN(name, text, get, contexts) \
	{ F_##name, ITEM_##text, 0, DOUBT_CHAIN, get, D_CHAIN, contexts }
#define LEADER(name, text, get, derived, contexts) \
	{ F_##name, ITEM_##text, 0, DOUBT_CHAIN, get, D_CHAIN | (derived), contexts }

#define LINE (C_BIT(comm) | C_BIT(args))
#define SESSION (D_BIT(session_context) | D_BIT(session_slot))
#define GROUP (D_BIT(pgid) | D_BIT(ancestors) | D_BIT(parent))

static const struct field_source rows[] = {
	OWN(proc_name, comm, get_text, C_BIT(comm)),
	OWN(proc_exe, exe, get_text, C_BIT(exe)),
	OWN(proc_exepath, exepath, get_text, C_BIT(exepath)),
	OWN(proc_args, args, get_args, C_BIT(args)),
	OWN(proc_cmdline, cmdline, get_text, LINE),
	OWN(proc_exeline, exeline, get_text, C_BIT(exe) | C_BIT(args)),
	OWN(proc_env, env, get_env, C_BIT(env)),
	OWN(proc_cwd, cwd, get_text, C_BIT(cwd)),
	OWN(thread_cgroups, cgroups, get_text, C_BIT(cgroups)),
	OWN(thread_cgroup, cgroups, get_cgroup, C_BIT(cgroups)),
	OWN(thread_cap_permitted, cap_permitted, get_text, C_BIT(cap_permitted)),
	OWN(thread_cap_inheritable, cap_inheritable, get_text, C_BIT(cap_inheritable)),
	OWN(thread_cap_effective, cap_effective, get_text, C_BIT(cap_effective)),
	OWN(thread_nametid, comm, get_nametid, C_BIT(comm)),
	PARENT(proc_pname, comm, C_BIT(comm)),
	PARENT(proc_pexe, exe, C_BIT(exe)),
	PARENT(proc_pexepath, exepath, C_BIT(exepath)),
	PARENT(proc_pcmdline, cmdline, LINE),
	CHAIN(proc_aname, comm, get_ancestors, C_BIT(comm)),
	CHAIN(proc_aexe, exe, get_ancestors, C_BIT(exe)),
	CHAIN(proc_aexepath, exepath, get_ancestors, C_BIT(exepath)),
	CHAIN(proc_acmdline, cmdline, get_ancestors, LINE),
	CHAIN(proc_aargs, args, get_aargs, C_BIT(args)),
	CHAIN(proc_aenv, env, get_aenv, C_BIT(env)),
	LEADER(proc_sname, comm, get_session, SESSION, C_BIT(comm)),
	LEADER(proc_sid_exe, exe, get_session, SESSION, C_BIT(exe)),
	LEADER(proc_sid_exepath, exepath, get_session, SESSION, C_BIT(exepath)),
	LEADER(proc_vpgid_name, comm, get_group, GROUP, C_BIT(comm)),
	LEADER(proc_vpgid_exe, exe, get_group, GROUP, C_BIT(exe)),
	LEADER(proc_vpgid_exepath, exepath, get_group, GROUP, C_BIT(exepath)),
	LEADER(proc_pgid_name, comm, get_group, GROUP, C_BIT(comm)),
	LEADER(proc_pgid_exe, exe, get_group, GROUP, C_BIT(exe)),
	LEADER(proc_pgid_exepath, exepath, get_group, GROUP, C_BIT(exepath)),
};

const struct field_source *
source_of_task(enum field_id field)
{
	return source_find(rows, sizeof(rows) / sizeof(rows[0]), field);
}
