/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evt.arg, evt.rawarg and evt.args: parameters as text.  Each has a raw form (what was
 * passed) and, where something more is known, a resolved one (the name of a descriptor, of
 * flags, of an error), which is preferred.
 */
#include <sys/socket.h>

#include "evtcode.h"
#include "sources.h"

enum {
	BASE_HEX = 16,
	BASE_OCT = 8,
	ID_NONE = 0xffffffff,
	AT_FDCWD_VALUE = -100,
	DYN_NUMBER = 0,
	DYN_SIGNAL = 1
};

/* A parameter, taken out of its slot or the head. */
struct param {
	const struct event_param *row;
	int slot;
	bool present;
	uint64_t number;
	struct span bytes;
};

static struct param
param_of(const struct event_view *view, int slot)
{
	struct param param = { .slot = slot };

	if (slot == SLOT_RESULT) {
		param.row = view->info->result;
		param.number = (uint64_t)view->record.head->result;
		param.present = param.row->name != NULL;
		return param;
	}
	param.row = &view->info->params[slot];
	if (param_type_is_bytes(param.row->type))
		param.present = view_bytes(view, slot, &param.bytes);
	else
		param.present = view_scalar(view, slot, &param.number);
	return param;
}

static void
number_print(struct text *out, const struct param *param)
{
	if (param->row->how == BASE_HEX)
		text_format(out, "%llX", (unsigned long long)param->number);
	else if (param->row->how == BASE_OCT)
		text_format(out, "%#llo", (unsigned long long)param->number);
	else
		text_u64(out, param->number);
}

static void
printable_print(struct text *out, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		text_char(out, bytes.ptr[i] >= ' ' && bytes.ptr[i] <= '~' ? bytes.ptr[i] : '.');
}

static void
sockaddr_print(struct text *out, struct span bytes)
{
	struct wire_address wire;
	struct address address = { 0 };

	if (bytes.len < sizeof(wire))
		return;
	memcpy(&wire, bytes.ptr, sizeof(wire));
	if (wire.family == AF_INET || wire.family == AF_INET6) {
		address.family = wire.family == AF_INET ? ADDRESS_IPV4 : ADDRESS_IPV6;
		memcpy(address.bytes, wire.addr, wire.family == AF_INET ? 4 : 16);
		address_print_port(out, &address, wire.port);
	} else if (wire.family == AF_UNIX) {
		for (size_t i = sizeof(wire); i < bytes.len; i++)
			if (bytes.ptr[i] != '\0')
				text_char(out, bytes.ptr[i]);
	} else {
		text_string(out, "family ");
		text_u64(out, wire.family);
	}
}

static void
tuple_param_print(struct text *out, struct event_view *view, struct span bytes)
{
	const struct fd_facts *facts = fd_facts(view);
	struct wire_tuple tuple;

	if (bytes.len < sizeof(tuple)) {
		text_string(out, "NULL");
		return;
	}
	memcpy(&tuple, bytes.ptr, sizeof(tuple));
	if (tuple.family == AF_INET || tuple.family == AF_INET6 || tuple.family == AF_UNIX) {
		tuple_print(out, facts);
	} else {
		text_string(out, "family ");
		text_u64(out, tuple.family);
	}
}

/* One tag byte, then a number or a signal. */
static void
dynamic_print(struct text *out, struct span bytes, bool resolve)
{
	uint64_t number = 0;
	char buf[16];
	const char *name;

	if (bytes.len < 1)
		return;
	memcpy(&number, bytes.ptr + 1,
	    bytes.len - 1 < sizeof(number) ? bytes.len - 1 : sizeof(number));
	name = bytes.ptr[0] == DYN_SIGNAL ? signal_name(number, buf) : NULL;
	if (resolve)
		text_string(out, name);
	else
		text_format(out, bytes.ptr[0] == DYN_NUMBER ? "%llX" : "%llu",
		    (unsigned long long)number);
}

/* Append the raw form of PARAM, which is present. */
static void
raw_print(struct text *out, struct event_view *view, const struct param *param)
{
	switch ((enum param_type)param->row->type) {
	case T_I32:
	case T_I64:
		if (param->row->how == BASE_HEX)
			number_print(out, param);
		else
			text_i64(out, (int64_t)param->number);
		break;
	case T_ERRNO:
	case T_FD:
	case T_PID:
		text_i64(out, (int64_t)param->number);
		break;
	case T_UID:
	case T_GID:
		text_i64(out, param->number == ID_NONE ? -1 : (int64_t)param->number);
		break;
	case T_MODE:
		text_format(out, "%#llo", (unsigned long long)param->number);
		break;
	case T_U8:
	case T_U16:
	case T_U32:
	case T_U64:
		number_print(out, param);
		break;
	case T_FLAGS:
	case T_ENUM:
	case T_SIGNAL:
	case T_SYSCALL:
	case T_ABSTIME:
		text_u64(out, param->number);
		break;
	case T_TEXT:
	case T_PATH:
	case T_RELPATH:
		text_bytes(out, param->bytes.ptr, param->bytes.len);
		break;
	case T_BYTES:
		printable_print(out, param->bytes);
		break;
	case T_SOCKADDR:
		sockaddr_print(out, param->bytes);
		break;
	case T_TUPLE:
		tuple_param_print(out, view, param->bytes);
		break;
	case T_DYN:
		dynamic_print(out, param->bytes, false);
		break;
	case T_NONE:
	case T_COUNT:
		break;
	}
}

/*
 * The name of a descriptor: the event's own, one that was copied, or the directory that a
 * path starts from.
 */
static void
fd_resolve(struct text *out, struct event_view *view, const struct param *param)
{
	int64_t number = (int64_t)param->number;
	uint16_t type = view->info->id;
	bool own = param->slot == view->info->fd ||
	    (param->slot == SLOT_RESULT && view->info->fd == FD_IS_RESULT) || type == EV_dup ||
	    type == EV_dup2 || type == EV_dup3;
	const struct fd_facts *facts = fd_facts(view);
	struct span base;

	if (number < 0) {
		text_string(out, number == AT_FDCWD_VALUE ? "AT_FDCWD" : errno_name(number));
		return;
	}
	if (!own) {
		if (view_bytes(view, path_base_slot(view, (uint16_t)(DIRFD_FLAG + param->slot + 1)),
		        &base)) {
			text_string(out, "<d>");
			text_bytes(out, base.ptr, base.len);
		}
		return;
	}
	if (!facts->known)
		return;
	fd_print_mark(out, facts);
	if (facts->file.len > 0)
		text_bytes(out, facts->file.ptr, facts->file.len);
	else
		tuple_print(out, facts);
}

/* The short name of a process, when it is the task's own or its parent. */
static void
pid_resolve(struct text *out, struct event_view *view, uint64_t pid)
{
	const struct context_entry *entry = NULL;
	struct span comm;
	uint64_t parent;

	if (pid == view->record.head->tid || pid == view->record.head->tgid)
		entry = view_ancestor(view, 0);
	else if (view_derived(view, D_parent, &parent) && parent == pid)
		entry = view_ancestor(view, 1);
	if (entry != NULL && slots_bytes(&entry->view.slots, C_comm, &comm))
		text_bytes(out, comm.ptr, comm.len);
}

/* The name of a user or group, when the task's context has it. */
static void
id_resolve(struct text *out, struct event_view *view, uint64_t id, bool group)
{
	static const struct { uint8_t id, name; bool group;
	} known[] = {
		{ C_uid, C_user_name, false },
		{ C_loginuid, C_login_name, false },
		{ C_gid, C_group_name, true },
	};
	const struct context_entry *self = view_ancestor(view, 0);
	struct span name;

	if (id == ID_NONE) {
		text_string(out, "<NONE>");
		return;
	}
	for (size_t i = 0; self != NULL && i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].group == group &&
		    slots_scalar_or(&self->view.slots, known[i].id, ID_NONE) == id &&
		    slots_bytes(&self->view.slots, known[i].name, &name)) {
			text_bytes(out, name.ptr, name.len);
			return;
		}
	text_string(out, id == 0 ? "root" : "<NA>");
}

/* Append the resolved form of PARAM, which is present; nothing when there is none. */
static void
resolved_print(struct text *out, struct event_view *view, const struct param *param)
{
	char buf[16];

	switch ((enum param_type)param->row->type) {
	case T_ERRNO:
		if ((int64_t)param->number < 0)
			text_string(out, errno_name((int64_t)param->number));
		break;
	case T_FD:
		fd_resolve(out, view, param);
		break;
	case T_PID:
		if ((int64_t)param->number < 0)
			text_string(out, errno_name((int64_t)param->number));
		else
			pid_resolve(out, view, param->number);
		break;
	case T_UID:
	case T_GID:
		id_resolve(out, view, param->number, param->row->type == T_GID);
		break;
	case T_FLAGS:
	case T_MODE:
		flags_print(out, param->row->how, param->number, false);
		break;
	case T_ENUM:
		flags_print(out, param->row->how, param->number, true);
		break;
	case T_SIGNAL:
		text_string(out, signal_name(param->number, buf));
		break;
	case T_SYSCALL:
		text_string(out, syscall_name((uint32_t)param->number));
		break;
	case T_DYN:
		dynamic_print(out, param->bytes, true);
		break;
	case T_NONE:
	case T_I32:
	case T_I64:
	case T_U8:
	case T_U16:
	case T_U32:
	case T_U64:
	case T_ABSTIME:
	case T_TEXT:
	case T_PATH:
	case T_RELPATH:
	case T_BYTES:
	case T_SOCKADDR:
	case T_TUPLE:
	case T_COUNT: break;
	}
}

static bool
is_relative_path(const struct param *param)
{
	return (param->row->type == T_PATH || param->row->type == T_RELPATH) &&
	    param->bytes.len > 0 && param->bytes.ptr[0] != '/';
}

bool
param_resolved(struct event_view *view, int slot, struct span *text)
{
	struct param param = param_of(view, slot);
	struct text out;

	if (!param.present)
		return false;
	if (is_relative_path(&param))
		return path_param(view, slot, text);
	if (param.row->type == T_TEXT || param.row->type == T_PATH ||
	    param.row->type == T_RELPATH) {
		*text = param.bytes;
		return true;
	}
	scratch_begin(view->scratch, &out);
	resolved_print(&out, view, &param);
	if (out.len == 0)
		raw_print(&out, view, &param);
	*text = scratch_end(view->scratch, &out);
	return true;
}

static int
accessor_slot(const struct event_view *view, const struct accessor *accessor)
{
	if (accessor->slots != NULL)
		return accessor->slots[view->info->id];
	/*
	 * By number: parameter 0 is the result where there is one; what only the kernel
	 * knows has no number.
	 */
	if (view->info->result->name != NULL) {
		if (accessor->index == 0)
			return SLOT_RESULT;
		if (accessor->index - 1 < view->info->param_count &&
		    !view->info->params[accessor->index - 1].kernel)
			return (int)accessor->index - 1;
	}
	return SLOT_NONE;
}

static void
get_arg(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	int slot = accessor_slot(view, accessor);
	struct span text;

	value_none(value);
	if (slot != SLOT_NONE && view->info->id != EV_syscall && param_resolved(view, slot, &text))
		value_text(value, text);
}

static void
get_rawarg(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	int slot = accessor_slot(view, accessor);
	struct param param;

	value_none(value);
	if (slot == SLOT_NONE || view->info->id == EV_syscall)
		return;
	param = param_of(view, slot);
	if (!param.present)
		return;
	if (!param_type_is_bytes(param.row->type))
		value_number(value, param.number);
	else if (param.bytes.len > 0)
		value_text(value, param.bytes);
}

/* NAME=RAW, or NAME=RAW(RESOLVED). */
static void
param_print(struct text *out, struct event_view *view, int slot)
{
	struct param param = param_of(view, slot);
	struct scratch *scratch = view->scratch;
	size_t used = scratch->used, raw, len;
	struct span path;

	if (out->len > 0)
		text_char(out, ' ');
	text_string(out, param.row->name);
	text_char(out, '=');
	if (!param.present) {
		text_string(out, param.row->type == T_BYTES || param.row->type == T_TUPLE ||
		    param.row->type == T_DYN ? "NULL" : "<NA>");
		return;
	}
	raw = out->len;
	raw_print(out, view, &param);
	len = out->len;
	text_char(out, '(');
	if (is_relative_path(&param) && path_param(view, slot, &path))
		text_bytes(out, path.ptr, path.len);
	else
		resolved_print(out, view, &param);
	/* Nothing, or the same once more: bits without a name are a number in both forms. */
	if (out->len == len + 1 ||
	    (out->len - len - 1 == len - raw &&
	        memcmp(out->buf + raw, out->buf + len + 1, len - raw) == 0))
		out->buf[out->len = len] = '\0';
	else
		text_char(out, ')');
	scratch->used = used; /* what was joined on the way is in OUT now */
}

enum { ARGS_MAX = 16 * 1024 };

static void
get_args(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	char *buf = scratch_take(view->scratch, ARGS_MAX, 1);
	struct text out;

	(void)accessor;
	value_text(value, SPAN_OF(""));
	if (buf == NULL || view->info->id == EV_syscall)
		return;
	text_init(&out, buf, ARGS_MAX);
	if (view->info->result->name != NULL)
		param_print(&out, view, SLOT_RESULT);
	for (uint32_t i = 0; i < view->info->param_count; i++)
		if (!view->info->params[i].kernel)
			param_print(&out, view, (int)i);
	if (out.truncated)
		view->scratch->cut_count++;
	value_text(value, (struct span){ out.buf, out.len });
}

#define NEEDS \
	D_CHAIN | D_BIT(parent), C_BIT(cwd) | C_BIT(comm) | C_BIT(uid) | C_BIT(user_name) | \
	    C_BIT(gid) | C_BIT(group_name) | C_BIT(loginuid) | C_BIT(login_name)

static const struct field_source rows[] = {
	{ F_evt_arg, 0, 0, LOST_TASK, get_arg, NEEDS },
	{ F_evt_rawarg, 0, 0, 0, get_rawarg, 0, 0 },
	{ F_evt_args, 0, 0, LOST_TASK, get_args, NEEDS },
	{ F_evt_info, 0, 0, LOST_TASK, get_args, NEEDS },
};

const struct field_source *
source_of_param(enum field_id field)
{
	return source_find(rows, sizeof(rows) / sizeof(rows[0]), field);
}
