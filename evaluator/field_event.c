/* SPDX-License-Identifier: Apache-2.0 */
/* evt.* and syscall.type: what the event itself is, when, and how it ended. */
#include "evtcode.h"
#include "sources.h"

enum { NS_PER_S = 1000000000, NS_PER_MS = 1000000, DAY_S = 86400 };

/* Normalised flags of open calls (flags.def). */
enum {
	OPEN_READ = 1, OPEN_WRITE = 2, OPEN_CREAT = 4, OPEN_TMPFILE = 8192, OPEN_CREATED = 16384,
	MODE_EXECUTE = 0111
};

static uint64_t
event_wall(const struct event_view *view)
{
	return view_wall(view, view->record.head->ts);
}

/*
 * Year, month and day of the day DAYS after 1970-01-01: years begin in March, so that the
 * leap day comes last.
 */
static void
civil_date(int64_t days, int *year, int *month, int *day)
{
	int64_t shifted = days + 719468; /* days since 0000-03-01 */
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t in_era = shifted - era * 146097;
	int64_t year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t march_month = (5 * in_year + 2) / 153;

	*day = (int)(in_year - (153 * march_month + 2) / 5 + 1);
	*month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2));
}

static void
date_print(struct text *out, int64_t seconds, char separator)
{
	int year, month, day;

	civil_date(seconds / DAY_S, &year, &month, &day);
	text_format(out, "%04d-%02d-%02d%c", year, month, day, separator);
}

static void
time_print(struct text *out, int64_t seconds)
{
	int of_day = (int)(seconds % DAY_S);

	text_format(out, "%02d:%02d:%02d", of_day / 3600, of_day / 60 % 60, of_day % 60);
}

/*
 * Times as text: date or not, nanoseconds or not.  The offset from UTC is in the stream, so
 * the zone of the machine that judges does not matter.
 */
static void
get_time(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	bool utc = accessor->field == F_evt_time_iso8601;
	bool date = utc || accessor->field == F_evt_datetime || accessor->field == F_evt_datetime_s;
	bool whole = accessor->field == F_evt_time_s || accessor->field == F_evt_datetime_s;
	uint64_t wall = event_wall(view);
	int64_t seconds = (int64_t)(wall / NS_PER_S) + (utc ? 0 : view->clock->utc_offset_s);
	struct text out;

	if (seconds < 0)
		seconds = 0;
	scratch_begin(view->scratch, &out);
	if (date)
		date_print(&out, seconds, utc ? 'T' : ' ');
	time_print(&out, seconds);
	if (!whole)
		text_format(&out, ".%09u", (unsigned int)(wall % NS_PER_S));
	if (utc)
		text_string(&out, "+0000");
	value_text(value, scratch_end(view->scratch, &out));
}

static void
get_rawtime(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	uint64_t wall = event_wall(view);

	if (accessor->field == F_evt_rawtime_s)
		wall /= NS_PER_S;
	else if (accessor->field == F_evt_rawtime_ns)
		wall %= NS_PER_S;
	value_number(value, wall);
}

/* evt.around[T]: how far the event is from T, whole milliseconds rounded up. */
static void
get_around(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	uint64_t wall = event_wall(view), time = accessor->time;
	uint64_t apart = wall > time ? wall - time : time - wall;

	value_number(value, apart / NS_PER_MS + (apart % NS_PER_MS != 0));
}

static void
get_num(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	uint64_t number;

	(void)accessor;
	value_none(value);
	if (view_derived(view, D_number, &number))
		value_number(value, number);
}

static void
get_type(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	struct span name = evtcode_name(view->code);

	value_none(value);
	if (accessor->field == F_syscall_type && !evtcode_is_syscall(view->code))
		return;
	if (name.len > 0)
		value_text(value, name);
}

static void
get_type_is(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	value_number(value, accessor->index == view->code);
}

/* What an event is about; for calls on any kind of descriptor that follows from the descriptor. */
static void
get_category(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	static const char *const names[] = {
		[CATEGORY_OTHER] = "other", [CATEGORY_FILE] = "file", [CATEGORY_NET] = "net",
		[CATEGORY_PROCESS] = "process", [CATEGORY_USER] = "user", [CATEGORY_META] = "meta",
	};
	const struct fd_facts *facts = fd_facts(view);
	const char *name;

	(void)accessor;
	if (view->info->category != CATEGORY_IO_OTHER) {
		name = view->info->id == EV_syscall ? "syscall" : names[view->info->category];
	} else {
		if (facts->kind == KIND_FILE || facts->kind == KIND_DIRECTORY)
			name = "file";
		else if (facts->kind == KIND_IPV4 || facts->kind == KIND_IPV6)
			name = "net";
		else if (facts->kind == KIND_PIPE || facts->kind == KIND_UNIX ||
		    facts->kind == KIND_EVENT || facts->kind == KIND_SIGNAL ||
		    facts->kind == KIND_INOTIFY || facts->kind == KIND_USERFAULT)
			name = "ipc";
		else
			name = "unknown";
	}
	value_text(value, span_text(name));
}

static void
get_cpu(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	(void)accessor;
	value_number(value, view->record.head->cpu);
}

static void
get_dir(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	(void)accessor;
	value_text(value, evtcode_is_syscall(view->code) ? SPAN_OF("<") : SPAN_OF(">"));
}

static void
get_source(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	(void)view;
	(void)accessor;
	value_text(value, SPAN_OF("syscall"));
}

static void
get_hostname(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	(void)accessor;
	value_none(value);
	if (view->hostname.len > 0)
		value_text(value, view->hostname);
}

/* The result as a name, as a number, and as a question. */
static void
get_result(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	int64_t result = view->record.head->result;
	const char *name = "SUCCESS";
	struct text out;

	value_none(value);
	if (!view_has_result(view))
		return;
	if (accessor->field == F_evt_rawres) {
		value_number(value, (uint64_t)result);
		return;
	}
	if (accessor->field != F_evt_res) {
		value_number(value, result < 0);
		return;
	}
	if (result >= 0 || (name = errno_name(result)) != NULL) {
		value_text(value, span_text(name));
		return;
	}
	scratch_begin(view->scratch, &out);
	text_u64(&out, 0 - (uint64_t)result);
	value_text(value, scratch_end(view->scratch, &out));
}

/* Fields that are the same for every event. */
static void
get_zero(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	(void)view;
	(void)accessor;
	value_number(value, 0);
}

static void
get_one(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	(void)view;
	(void)accessor;
	value_number(value, 1);
}

static void
get_latency_text(struct event_view *view, const struct accessor *accessor,
    struct field_value *value)
{
	(void)view;
	(void)accessor;
	value_text(value, SPAN_OF("0ns"));
}

static void
get_exit_count(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	(void)accessor;
	value_none(value);
	if (evtcode_is_syscall(view->code))
		value_number(value, 1);
}

static void
get_nothing(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	(void)view;
	(void)accessor;
	value_none(value);
}

/*
 * What an open call asked for; false for every other event.  creat(2) has no flags: only
 * its mode counts.
 */
static void
get_open(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	uint16_t type = view->info->id;
	uint64_t flags = 0, mode = 0;
	bool created, holds = false;

	if (type == EV_open || type == EV_openat || type == EV_openat2) {
		(void)view_scalar(view, view->layout->flags, &flags);
		(void)view_scalar(view, view->layout->mode, &mode);
	} else if (type == EV_creat) {
		(void)view_scalar(view, view->layout->mode, &mode);
	}
	created = (flags & (OPEN_CREAT | OPEN_TMPFILE)) != 0 || type == EV_creat;
	if (accessor->field == F_evt_is_open_read)
		holds = (flags & OPEN_READ) != 0;
	else if (accessor->field == F_evt_is_open_write)
		holds = (flags & OPEN_WRITE) != 0;
	else if (accessor->field == F_evt_is_open_exec)
		holds = created && (mode & MODE_EXECUTE) != 0;
	else
		holds = (flags & OPEN_CREATED) != 0 ||
		    ((flags & OPEN_TMPFILE) != 0 && view->record.head->result >= 0);
	value_number(value, holds);
}

#define ROW(name, get) { F_##name, 0, 0, 0, get, 0, 0 }

static const struct field_source rows[] = {
	{ F_evt_num, 0, 0, 0, get_num, D_BIT(number), 0 },
	ROW(evt_time, get_time),
	ROW(evt_time_s, get_time),
	ROW(evt_time_iso8601, get_time),
	ROW(evt_datetime, get_time),
	ROW(evt_datetime_s, get_time),
	ROW(evt_rawtime, get_rawtime),
	ROW(evt_rawtime_s, get_rawtime),
	ROW(evt_rawtime_ns, get_rawtime),
	ROW(evt_around, get_around),
	ROW(evt_pluginname, get_nothing),
	ROW(evt_plugininfo, get_nothing),
	ROW(evt_source, get_source),
	ROW(evt_is_async, get_zero),
	ROW(evt_asynctype, get_nothing),
	ROW(evt_hostname, get_hostname),
	ROW(evt_latency, get_zero),
	ROW(evt_latency_s, get_zero),
	ROW(evt_latency_ns, get_zero),
	ROW(evt_latency_quantized, get_zero),
	ROW(evt_latency_human, get_latency_text),
	ROW(evt_wait_latency, get_zero),
	ROW(evt_dir, get_dir),
	ROW(evt_type, get_type),
	ROW(evt_type_is, get_type_is),
	ROW(syscall_type, get_type),
	ROW(evt_category, get_category),
	ROW(evt_cpu, get_cpu),
	ROW(evt_res, get_result),
	ROW(evt_rawres, get_result),
	ROW(evt_failed, get_result),
	ROW(evt_count, get_one),
	ROW(evt_count_error, get_result),
	ROW(evt_count_exit, get_exit_count),
	ROW(evt_is_open_read, get_open),
	ROW(evt_is_open_write, get_open),
	ROW(evt_is_open_exec, get_open),
	ROW(evt_is_open_create, get_open),
};

const struct field_source *
source_of_event(enum field_id field)
{
	static const struct field_source nothing = { F_COUNT, 0, 0, 0, get_nothing, 0, 0 };

	if (field_info(field)->flags & FIELD_OBSOLETE)
		return &nothing;
	return source_find(rows, sizeof(rows) / sizeof(rows[0]), field);
}
