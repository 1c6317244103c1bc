/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of tasks (proc.*, thread.*), and who they run as (user.*, group.*). */
#include "sources.h"

enum { ID_NONE = 0xffffffff, DOUBT_SELF = LOST_TASK, DOUBT_CHAIN = LOST_TASK | LOST_PARENT };

/* What the executable was, in C_exe_flags; names in flags.def. */
enum { EXE_WRITABLE = 1, EXE_UPPER = 2, EXE_MEMFD = 4, EXE_LOWER = 8 };

/* Ids in the record's head. */
static void
get_pid(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	(void)accessor;
	value_number(value, view->record.head->tgid);
}

static void
get_tid(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	(void)accessor;
	value_number(value, view->record.head->tid);
}

static void
get_ismain(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	(void)accessor;
	value_number(value, view->record.head->tid == view->record.head->tgid);
}

/* A number that the record carries for its task. */
static void
get_derived(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	uint64_t number;

	value_none(value);
	if (view_derived(view, (enum derived_id)accessor->source->item, &number))
		value_number(value, number);
	else if (view_ancestor(view, 0) == NULL || view->lost & LOST_TASK)
		value_lost(value);
}

/* Process ids of ancestors: one by number, or all, nearest first. */
static void
get_apid(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	uint64_t *numbers, tgid;
	uint32_t count = 0;

	value_none(value);
	if (accessor->has_index) {
		if (accessor->index < VIEW_CHAIN_MAX && view_tgid(view, accessor->index, &tgid))
			value_number(value, tgid);
		return;
	}
	if ((numbers = scratch_take(view->scratch, VIEW_CHAIN_MAX, sizeof(*numbers))) == NULL)
		return;
	while (count < VIEW_CHAIN_MAX && view_tgid(view, count + 1, &numbers[count]))
		count++;
	if (count == 0)
		return;
	value->state = FIELD_VALUE;
	value->count = count;
	value->numbers = numbers;
}

/* The oldest of the process and its ancestors that looks like a shell. */
static void
get_loginshell(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct context_entry *entry;
	struct span comm;
	uint64_t tgid;

	(void)accessor;
	value_none(value);
	for (uint32_t level = 0; (entry = view_ancestor(view, level)) != NULL; level++) {
		if (!slots_bytes(&entry->view.slots, C_comm, &comm) ||
		    !view_tgid(view, level, &tgid))
			continue;
		if (comm.len >= 2 && memcmp(comm.ptr + comm.len - 2, "sh", 2) == 0)
			value_number(value, tgid);
	}
}

/* Is the process the leader whose id the derived parameter ITEM holds? */
static void
get_leader(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	uint64_t leader, own = view->record.head->tgid;

	value_none(value);
	if (accessor->source->item == D_vpgid && !view_derived(view, D_ns_pid, &own))
		return;
	if (view_derived(view, (enum derived_id)accessor->source->item, &leader))
		value_number(value, leader == own);
}

static const struct slots *
self_slots(struct event_view *view, struct field_value *value)
{
	const struct context_entry *self = view_ancestor(view, 0);

	if (self == NULL) {
		value_lost(value);
		return NULL;
	}
	value_none(value);
	return &self->view.slots;
}

/* A number of the context. */
static void
get_context(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct slots *slots = self_slots(view, value);
	uint64_t number;

	if (slots != NULL && slots_scalar(slots, accessor->source->item, &number))
		value_number(value, number);
}

/* The same, where zero means that it is not known. */
static void
get_nonzero(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	get_context(view, accessor, value);
	if (value->count > 0 && value->numbers[0] == 0)
		value_none(value);
}

static void
get_exe_flag(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct slots *slots = self_slots(view, value);

	if (slots != NULL)
		value_number(value,
		    (slots_scalar_or(slots, C_exe_flags, 0) & accessor->source->item) != 0);
}

/* Memory counts for the first thread alone. */
static void
get_thread_memory(struct event_view *view, const struct accessor *accessor,
    struct field_value *value)
{
	bool bytes = accessor->field == F_thread_vmsize_b || accessor->field == F_thread_vmrss_b;

	get_context(view, accessor, value);
	if (value->count == 0)
		return;
	if (view->record.head->tid != view->record.head->tgid)
		value_number(value, 0);
	else if (bytes)
		value_number(value, value->numbers[0] * 1024);
}

/* Arguments after the first: how many, and how long together. */
static void
get_argument_count(struct event_view *view, const struct accessor *accessor,
    struct field_value *value)
{
	const struct slots *slots = self_slots(view, value);
	uint64_t count = 0, bytes = 0;
	struct span list;

	if (slots == NULL)
		return;
	list = slots_bytes_or_none(slots, C_args);
	for (size_t i = 0; i < list.len; i++) {
		if (list.ptr[i] == '\0' || i + 1 == list.len)
			count++;
		if (list.ptr[i] != '\0')
			bytes++;
	}
	value_number(value, accessor->field == F_proc_cmdnargs ? count : bytes);
}

/* Times.  What the record carries are nanoseconds since boot. */
static void
get_duration(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	uint64_t start;

	value_none(value);
	if (view_derived(view, (enum derived_id)accessor->source->item, &start) && start != 0)
		value_number(value, view->record.head->ts - start);
}

static void
get_start(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	uint64_t start;

	value_none(value);
	if (view_derived(view, (enum derived_id)accessor->source->item, &start) && start != 0)
		value_number(value, view_wall(view, start));
}

/* The start of the pid namespace; the machine's own began with it. */
static void
get_namespace_start(struct event_view *view, const struct accessor *accessor,
    struct field_value *value)
{
	const struct slots *slots = self_slots(view, value);
	uint64_t start;

	if (slots == NULL)
		return;
	start = view_wall(view, slots_scalar_or(slots, C_ns_start, 0));
	if (accessor->field == F_container_duration)
		value_number(value, view_wall(view, view->record.head->ts) - start);
	else
		value_number(value, start);
}

static void
get_inode_age(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct slots *slots = self_slots(view, value);
	uint64_t changed, start;

	if (slots == NULL || !slots_scalar(slots, C_exe_ctime, &changed) || changed == 0)
		return;
	if (accessor->field == F_proc_exe_ino_ctime_duration_proc_start) {
		if (view_derived(view, D_process_start, &start))
			value_number(value, view_wall(view, start) - changed);
		return;
	}
	start = view_wall(view, slots_scalar_or(slots, C_ns_start, 0));
	if (changed > start)
		value_number(value, changed - start);
}

/* Users and groups. */
static void
get_loginuid(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	get_context(view, accessor, value);
	if (value->count > 0 && value->numbers[0] == ID_NONE)
		value_number(value, (uint64_t)-1);
}

/* A text from the table of names, and what rules expect when it has none: root is always known. */
static void
get_name(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	static const struct { uint8_t item, id; struct span root; } names[] = {
		{ C_user_name, C_uid, SPAN_OF("root") },
		{ C_user_home, C_uid, SPAN_OF("/root") },
		{ C_user_shell, C_uid, SPAN_OF("<NA>") },
		{ C_login_name, C_loginuid, SPAN_OF("root") },
		{ C_group_name, C_gid, SPAN_OF("root") },
	};
	const struct context_entry *self = view_ancestor(view, 0);
	struct span name;

	value_text(value, SPAN_OF("<NA>"));
	if (self == NULL)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].item != accessor->source->item)
			continue;
		if (slots_bytes(&self->view.slots, names[i].item, &name))
			value_text(value, name);
		else if (slots_scalar_or(&self->view.slots, names[i].id, ID_NONE) == 0)
			value_text(value, names[i].root);
	}
}

#define HEAD(name, get) { F_##name, 0, 0, 0, get, 0, 0 }
#define DERIVED_ROW(name, row, get, more) \
	{ F_##name, D_##row, 0, DOUBT_CHAIN, get, D_BIT(row) | (more), 0 }
#define CONTEXT_ROW(name, row, get) { F_##name, C_##row, 0, DOUBT_SELF, get, D_CHAIN, C_BIT(row) }
#define EXE_FLAG(name, bit) \
	{ F_##name, EXE_##bit, 0, DOUBT_SELF, get_exe_flag, D_CHAIN, C_BIT(exe_flags) }
#define NAME(name, row, id) \
	{ F_##name, C_##row, 0, LOST_TASK | LOST_USER, get_name, D_CHAIN, C_BIT(row) | C_BIT(id) }

static const struct field_source rows[] = {
	HEAD(proc_pid, get_pid),
	HEAD(thread_tid, get_tid),
	HEAD(thread_ismain, get_ismain),
	DERIVED_ROW(proc_ppid, parent, get_derived, 0),
	DERIVED_ROW(proc_vpid, ns_pid, get_derived, 0),
	DERIVED_ROW(proc_pvpid, parent_ns_pid, get_derived, 0),
	DERIVED_ROW(thread_vtid, ns_tid, get_derived, 0),
	DERIVED_ROW(proc_sid, sid, get_derived, 0),
	DERIVED_ROW(proc_pgid, pgid, get_derived, 0),
	DERIVED_ROW(proc_vpgid, vpgid, get_derived, 0),
	DERIVED_ROW(proc_apid, ancestors, get_apid, D_BIT(parent)),
	DERIVED_ROW(proc_loginshellid, ancestors, get_loginshell, D_BIT(parent) | D_CHAIN),
	DERIVED_ROW(proc_is_sid_leader, sid, get_leader, 0),
	DERIVED_ROW(proc_is_pgid_leader, pgid, get_leader, 0),
	DERIVED_ROW(proc_is_vpgid_leader, vpgid, get_leader, D_BIT(ns_pid)),
	DERIVED_ROW(proc_duration, process_start, get_duration, 0),
	DERIVED_ROW(proc_ppid_duration, parent_start, get_duration, 0),
	DERIVED_ROW(proc_pid_ts, process_start, get_start, 0),
	DERIVED_ROW(proc_ppid_ts, parent_start, get_start, 0),
	CONTEXT_ROW(proc_tty, tty, get_context),
	CONTEXT_ROW(proc_fdlimit, fdlimit, get_context),
	CONTEXT_ROW(proc_vmsize, vm_size, get_context),
	CONTEXT_ROW(proc_vmrss, vm_rss, get_context),
	CONTEXT_ROW(proc_vmswap, vm_swap, get_context),
	CONTEXT_ROW(thread_pfmajor, pgft_maj, get_context),
	CONTEXT_ROW(thread_pfminor, pgft_min, get_context),
	CONTEXT_ROW(thread_vmsize, vm_size, get_thread_memory),
	CONTEXT_ROW(thread_vmrss, vm_rss, get_thread_memory),
	CONTEXT_ROW(thread_vmsize_b, vm_size, get_thread_memory),
	CONTEXT_ROW(thread_vmrss_b, vm_rss, get_thread_memory),
	CONTEXT_ROW(proc_cmdnargs, args, get_argument_count),
	CONTEXT_ROW(proc_cmdlenargs, args, get_argument_count),
	CONTEXT_ROW(proc_exe_ino, exe_ino, get_nonzero),
	CONTEXT_ROW(proc_exe_ino_ctime, exe_ctime, get_nonzero),
	CONTEXT_ROW(proc_exe_ino_mtime, exe_mtime, get_nonzero),
	CONTEXT_ROW(proc_pidns_init_start_ts, ns_start, get_namespace_start),
	CONTEXT_ROW(container_start_ts, ns_start, get_namespace_start),
	CONTEXT_ROW(container_duration, ns_start, get_namespace_start),
	CONTEXT_ROW(user_uid, uid, get_context),
	CONTEXT_ROW(user_loginuid, loginuid, get_loginuid),
	CONTEXT_ROW(group_gid, gid, get_context),
	{ F_proc_exe_ino_ctime_duration_proc_start, 0, 0, DOUBT_SELF, get_inode_age,
	    D_CHAIN | D_BIT(process_start), C_BIT(exe_ctime) },
	{ F_proc_exe_ino_ctime_duration_pidns_start, 0, 0, DOUBT_SELF, get_inode_age,
	    D_CHAIN, C_BIT(exe_ctime) | C_BIT(ns_start) },
	EXE_FLAG(proc_is_exe_writable, WRITABLE),
	EXE_FLAG(proc_is_exe_upper_layer, UPPER),
	EXE_FLAG(proc_is_exe_lower_layer, LOWER),
	EXE_FLAG(proc_is_exe_from_memfd, MEMFD),
	NAME(user_name, user_name, uid),
	NAME(user_homedir, user_home, uid),
	NAME(user_shell, user_shell, uid),
	NAME(user_loginname, login_name, loginuid),
	NAME(group_name, group_name, gid),
};

const struct field_source *
source_of_number(enum field_id field)
{
	return source_find(rows, sizeof(rows) / sizeof(rows[0]), field);
}
