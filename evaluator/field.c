/* SPDX-License-Identifier: Apache-2.0 */
/* From names to accessors, and from accessors to values.  See field.h. */
#include "field.h"

#include <stdarg.h>
#include <stdio.h>

#include "arena.h"
#include "evtcode.h"
#include "sources.h"

const struct field_source *
source_find(const struct field_source *rows, size_t count, enum field_id field)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].field == field)
			return &rows[i];
	return NULL;
}

static const struct field_source *
source_of(enum field_id field)
{
	const struct field_source *(*const families[])(enum field_id) = {
		source_of_event,
		source_of_param,
		source_of_task,
		source_of_number,
		source_of_container,
		source_of_fd,
		source_of_path,
	};
	const struct field_source *found = NULL;

	for (size_t i = 0; found == NULL && i < sizeof(families) / sizeof(families[0]); i++)
		found = families[i](field);
	return found;
}

static enum field_problem __attribute__((format(printf, 3, 4)))
refuse(char error[FIELD_ERROR_MAX], enum field_problem problem, const char *format, ...)
{
	struct text text;
	char buf[FIELD_ERROR_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);
	text_init(&text, error, FIELD_ERROR_MAX);
	text_visible(&text, buf, strlen(buf));
	return problem;
}

#define SPAN_ARG(span) (int)((span).len < 100 ? (span).len : 100), (span).ptr

/* NAME may carry a dotted argument: the longest field that takes one and is a beginning of it. */
static enum field_id
find_dotted(struct span name, struct span *rest)
{
	for (size_t len = name.len; len > 0; len--) {
		enum field_id field;

		if (name.ptr[len - 1] != '.')
			continue;
		field = field_find((struct span){ name.ptr, len - 1 });
		if (field == F_COUNT)
			continue;
		*rest = (struct span){ name.ptr + len, name.len - len };
		switch ((enum field_argument)field_info(field)->argument) {
		case ARGUMENT_PARAM:
		case ARGUMENT_PARAM_NAME:
		case ARGUMENT_EVENT_NAME:
		case ARGUMENT_SIDE:
		case ARGUMENT_DOTTED:
		case ARGUMENT_KEY_DOTTED:
			return field;
		case ARGUMENT_NONE:
		case ARGUMENT_INDEX:
		case ARGUMENT_VARIABLE:
		case ARGUMENT_TIME:
		case ARGUMENT_KEY:
			break;
		}
	}
	return F_COUNT;
}

bool
field_is_named(struct span name)
{
	struct span rest;

	return field_find(name) != F_COUNT || find_dotted(name, &rest) != F_COUNT;
}

static bool
parse_index(struct span text, uint64_t max, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		if (*number > (max - (uint64_t)(text.ptr[i] - '0')) / 10)
			return false;
		*number = *number * 10 + (uint64_t)(text.ptr[i] - '0');
	}
	return text.len > 0;
}

/* What is being compiled. */
struct field_request {
	struct arena *arena;
	struct span name;     /* as written, dots and all */
	struct span argument; /* in brackets */
	struct span dotted;   /* behind the field's name */
	bool has_argument, has_dotted;
	struct accessor *accessor;
	char *error;
};

static enum field_problem
refuse_argument(const struct field_request *request)
{
	const struct field_info *info = request->accessor->info;

	if (info->argument == ARGUMENT_NONE)
		return refuse(request->error, FIELD_UNKNOWN,
		    "nonexistent field: `%s` takes no argument", info->name);
	if (request->has_argument || request->has_dotted)
		return refuse(request->error, FIELD_UNKNOWN,
		    "nonexistent field: `%s` takes %s, got `%.*s`", info->name,
		    field_argument_text(info->argument),
		    SPAN_ARG(request->has_argument ? request->argument : request->dotted));
	return refuse(request->error, FIELD_UNKNOWN,
	    "nonexistent field: `%s` needs an argument: %s", info->name,
	    field_argument_text(info->argument));
}

static uint8_t
type_of_param(uint8_t type)
{
	switch ((enum param_type)type) {
	case T_I32: return FIELD_INT32;
	case T_I64: case T_ERRNO: case T_FD: case T_PID: return FIELD_INT64;
	case T_U8: return FIELD_UINT8;
	case T_U16: return FIELD_UINT16;
	case T_U32:
	case T_UID:
	case T_GID:
	case T_FLAGS:
	case T_ENUM:
	case T_MODE: return FIELD_UINT32;
	case T_U64: return FIELD_UINT64;
	case T_ABSTIME: return FIELD_ABSTIME;
	case T_TEXT: case T_PATH: case T_RELPATH: return FIELD_TEXT;
	case T_NONE:
	case T_SIGNAL:
	case T_SYSCALL:
	case T_BYTES:
	case T_SOCKADDR:
	case T_TUPLE:
	case T_DYN:
	case T_COUNT:
		break;
	}
	return FIELD_OPAQUE;
}

/*
 * Slot of parameter NAME in INFO, what the kernel knew included (it has a name for rules,
 * but no number); SLOT_NONE when the event has none of that name.
 */
static int8_t
param_slot(const struct event_info *info, struct span name, uint8_t *type)
{
	if (info->result->name != NULL && span_equal(span_text(info->result->name), name)) {
		*type = info->result->type;
		return SLOT_RESULT;
	}
	for (uint32_t i = 0; i < info->param_count; i++)
		if (span_equal(span_text(info->params[i].name), name)) {
			*type = info->params[i].type;
			return (int8_t)i;
		}
	return SLOT_NONE;
}

/*
 * evt.arg.NAME and evt.rawarg.NAME: where each event has it, and the type that the first
 * one gives it.
 */
static enum field_problem
compile_param_name(struct field_request *request)
{
	struct accessor *accessor = request->accessor;
	int8_t *slots = arena_alloc(request->arena, EVENT_TYPES_MAX);
	uint8_t first = T_NONE, type;

	if (slots == NULL)
		return FIELD_NO_MEMORY;
	memset(slots, SLOT_NONE, EVENT_TYPES_MAX);
	for (uint32_t id = 0; id < EVENT_TYPES_MAX; id++) {
		const struct event_info *info = event_info(id);

		if (info == NULL || info->category == CATEGORY_META || id == EV_syscall)
			continue;
		if ((slots[id] = param_slot(info, request->dotted, &type)) != SLOT_NONE &&
		    first == T_NONE)
			first = type;
	}
	if (first != T_NONE)
		type = type_of_param(first);
	else if (!evtcode_foreign_param(request->dotted, &type))
		return refuse(request->error, FIELD_UNKNOWN,
		    "nonexistent field `%.*s`: unknown event argument `%.*s`",
		    SPAN_ARG(request->name), SPAN_ARG(request->dotted));
	accessor->slots = slots;
	accessor->live = first != T_NONE;
	if (accessor->field == F_evt_rawarg)
		accessor->type = type;
	return FIELD_FINE;
}

static enum field_problem
compile_index(struct field_request *request, uint64_t max)
{
	uint64_t number;

	if (!parse_index(request->argument, max, &number))
		return refuse_argument(request);
	request->accessor->has_index = true;
	request->accessor->index = (uint32_t)number;
	request->accessor->time = number;
	return FIELD_FINE;
}

static enum field_problem
compile_event_name(struct field_request *request)
{
	uint64_t set[EVTCODE_WORDS] = { 0 };
	uint32_t code = 0;

	if (!evtcode_find(request->dotted, set))
		return refuse(request->error, FIELD_UNKNOWN,
		    "nonexistent field `%.*s`: unknown event type `%.*s`", SPAN_ARG(request->name),
		    SPAN_ARG(request->dotted));
	while (code < EVTCODE_COUNT && !(set[code / 64] >> (code % 64) & 1))
		code++;
	request->accessor->index = code;
	return FIELD_FINE;
}

static enum field_problem
compile_side(struct field_request *request)
{
	if (!request->has_dotted)
		return FIELD_FINE;
	if (span_equal(request->dotted, SPAN_OF("src")))
		request->accessor->index = 1;
	else if (span_equal(request->dotted, SPAN_OF("dst")))
		request->accessor->index = 2;
	else
		return refuse_argument(request);
	return FIELD_FINE;
}

static enum field_problem
compile_dotted(struct field_request *request)
{
	for (size_t i = 0; i < request->dotted.len; i++) {
		char c = request->dotted.ptr[i];

		if (c != '_' && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z'))
			return refuse_argument(request);
	}
	request->accessor->key = request->dotted;
	return FIELD_FINE;
}

static enum field_problem
compile_argument(struct field_request *request)
{
	struct accessor *accessor = request->accessor;
	enum field_argument form = (enum field_argument)accessor->info->argument;
	bool bracket = request->has_argument, dotted = request->has_dotted;
	uint64_t number;

	switch (form) {
	case ARGUMENT_NONE:
		return bracket ? refuse_argument(request) : FIELD_FINE;
	case ARGUMENT_INDEX:
		return bracket ? compile_index(request, FIELD_INDEX_MAX) : FIELD_FINE;
	case ARGUMENT_VARIABLE:
		if (bracket && parse_index(request->argument, FIELD_INDEX_MAX, &number))
			return compile_index(request, FIELD_INDEX_MAX);
		if (bracket && request->argument.len == 0)
			return refuse_argument(request);
		accessor->key = request->argument;
		return FIELD_FINE;
	case ARGUMENT_PARAM:
		if (bracket == dotted)
			return refuse_argument(request);
		return bracket ? compile_index(request, EVENT_PARAMS_MAX)
		               : compile_param_name(request);
	case ARGUMENT_PARAM_NAME:
		return dotted && !bracket ? compile_param_name(request) : refuse_argument(request);
	case ARGUMENT_EVENT_NAME:
		return dotted && !bracket ? compile_event_name(request) : refuse_argument(request);
	case ARGUMENT_TIME:
		return bracket ? compile_index(request, UINT64_MAX) : refuse_argument(request);
	case ARGUMENT_SIDE:
		return bracket ? refuse_argument(request) : compile_side(request);
	case ARGUMENT_DOTTED:
		return dotted && !bracket ? compile_dotted(request) : refuse_argument(request);
	case ARGUMENT_KEY:
		accessor->key = request->argument;
		return bracket ? FIELD_FINE : refuse_argument(request);
	case ARGUMENT_KEY_DOTTED:
		accessor->key = bracket ? request->argument : request->dotted;
		return bracket != dotted ? FIELD_FINE : refuse_argument(request);
	}
	return FIELD_FINE;
}

static enum field_problem
refuse_name(const struct field_request *request)
{
	const struct field_info *near = field_suggest(request->name);

	if (near != NULL)
		return refuse(request->error, FIELD_UNKNOWN,
		    "nonexistent field `%.*s`: did you mean `%s`?", SPAN_ARG(request->name),
		    near->name);
	return refuse(request->error, FIELD_UNKNOWN, "nonexistent field `%.*s`",
	    SPAN_ARG(request->name));
}

/* The field as rules write it, and copies of what the accessor keeps. */
static enum field_problem
finish(const struct field_request *request)
{
	struct accessor *accessor = request->accessor;
	struct arena *arena = request->arena;
	size_t size = request->name.len + request->argument.len + 3;
	char *buf = arena_alloc(arena, size);
	struct text text;

	if (buf == NULL ||
	    (accessor->key.len > 0 &&
	        (accessor->key.ptr = arena_copy(arena, accessor->key)) == NULL))
		return FIELD_NO_MEMORY;
	text_init(&text, buf, size);
	text_bytes(&text, request->name.ptr, request->name.len);
	if (request->has_argument) {
		text_char(&text, '[');
		text_bytes(&text, request->argument.ptr, request->argument.len);
		text_char(&text, ']');
	}
	accessor->text = (struct span){ buf, text.len };
	accessor->is_list = (accessor->info->flags & FIELD_LIST) != 0 && !accessor->has_index;
	accessor->group = (uint8_t)field_type_group(accessor->type);
	accessor->any_ancestor = (accessor->info->flags & FIELD_ANCESTORS) != 0 &&
	    !request->has_argument;
	return FIELD_FINE;
}

enum field_problem
field_compile(struct arena *arena, struct span name, struct span argument, bool has_argument,
    struct accessor *accessor, char error[FIELD_ERROR_MAX])
{
	struct field_request request = { .arena = arena,
		.name = name,
		.argument = argument,
		.has_argument = has_argument,
		.accessor = accessor,
		.error = error };
	enum field_problem problem;
	enum field_id field = field_find(name);

	memset(accessor, 0, sizeof(*accessor));
	if (field == F_COUNT) {
		field = find_dotted(name, &request.dotted);
		request.has_dotted = field != F_COUNT;
	}
	if (field == F_COUNT)
		return refuse_name(&request);
	accessor->field = field;
	accessor->info = field_info(field);
	accessor->type = accessor->info->type;
	accessor->live = accessor->info->delivered != FIELD_NOT_YET;
	if ((problem = compile_argument(&request)) != FIELD_FINE)
		return problem;
	accessor->source = source_of(field);
	return finish(&request);
}

static const struct field_given *
given_find(const struct event_view *view, const struct accessor *accessor)
{
	for (uint32_t i = 0; i < view->given_count; i++)
		if (span_equal(view->given[i].text, accessor->text))
			return &view->given[i];
	return NULL;
}

void
field_get(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct field_given *given = given_find(view, accessor);

	if (given != NULL && !given->own)
		*value = given->value;
	else if (given == NULL && view->given_only)
		value_none(value);
	else if (accessor->source != NULL)
		accessor->source->get(view, accessor, value);
	else
		value_none(value);
	if (accessor->is_list && value->count == 0)
		value_none(value);
}

bool
field_doubtful(const struct event_view *view, const struct accessor *accessor)
{
	const struct context_head *self = view->chain_len > 0 ? view->chain[0]->view.head : NULL;
	uint32_t doubt = accessor->source ? accessor->source->doubt & view->lost : 0;
	uint32_t level = accessor->has_index ? accessor->index : 0;

	if (!accessor->has_index && accessor->source != NULL)
		level = accessor->source->level;
	if (doubt != LOST_PARENT)
		return doubt != 0;
	if (self == NULL || !(self->lost & LOST_PARENT))
		return true; /* not the chain has a gap, but what is known of it is old */
	return level == 0 || level >= view->chain_len;
}
