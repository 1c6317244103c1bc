/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands on either side of an operator, and behind the `%` of an output: fields, and
 * functions of fields, constants and lists.  Each becomes an accessor, equal ones the same.
 */
#include <errno.h>

#include "canon.h"
#include "compiling.h"
#include "transform.h"

/* A function at hand, its arguments compiled. */
struct calling {
	struct compiling *c;
	const struct ast_value *value;
	struct transform transform;
};

static const struct accessor *
argument_of(const struct calling *call, uint32_t index)
{
	return &call->c->compiler->accessors[call->transform.arguments[index]];
}

/* --- fields --- */

static int
operand_field(struct compiling *c, const struct ast_value *value, uint32_t *index)
{
	struct compiler *compiler = c->compiler;
	const struct accessor *accessor;
	char error[FIELD_ERROR_MAX];
	int used;

	switch (compiler_accessor(compiler, value->text, value->argument, value->has_argument,
	    index, error)) {
	case FIELD_FINE:
		break;
	case FIELD_UNKNOWN:
		(void)compiling_refuse(c, value->at, "%s", error);
		c->error->unknown = true;
		return -EINVAL;
	case FIELD_NO_MEMORY:
		return -ENOMEM;
	}
	accessor = &compiler->accessors[*index];
	if (accessor->info->flags & FIELD_PRINT_ONLY && !c->printing)
		return compiling_refuse(c, value->at, "`%.*s` is for outputs only",
		    SPAN_SHORT(accessor->text));
	used = compiling_uses(c, *index);
	if (used > 0 && !accessor->live && !compiler->undelivered && compiler->warn != NULL)
		compiler->warn(compiler->warn_ctx, WARN_UNDELIVERED, value);
	return used < 0 ? used : 0;
}

/* --- sharing --- */

/*
 * Bytes that are equal for equal functions: none begins like a field, which starts with a
 * letter.
 */
static int
transform_key(struct arena *arena, const struct transform *transform, struct span *key)
{
	const uint8_t head[4] = { 0, (uint8_t)transform->id, transform->selects,
		(uint8_t)transform->selector };
	size_t size = sizeof(head) + transform->count * sizeof(uint32_t) +
	    transform->literal.len + 1;
	char *buf = arena_alloc(arena, size);
	struct text text;

	if (buf == NULL)
		return -ENOMEM;
	text_init(&text, buf, size);
	text_bytes(&text, (const char *)head, sizeof(head));
	for (uint32_t i = 0; i < transform->count; i++)
		text_bytes(&text, (const char *)&transform->arguments[i], sizeof(uint32_t));
	text_bytes(&text, transform->literal.ptr, transform->literal.len);
	*key = (struct span){ buf, text.len };
	return 0;
}

/*
 * The index of ACCESSOR, which is TRANSFORM: its copy is kept with it.  What it depends on
 * is the most that an argument depends on.
 */
static int
transform_share(struct compiling *c, struct accessor *accessor, const struct transform *transform,
    uint32_t *index)
{
	struct arena *arena = c->compiler->arena;
	struct transform *kept = arena_alloc(arena, sizeof(*kept));
	struct span key;

	if (kept == NULL || transform_key(arena, transform, &key) < 0)
		return -ENOMEM;
	*kept = *transform;
	accessor->transform = kept;
	return compiler_share(c->compiler, key, accessor, index);
}

/* As transform_share(), for a function that VALUE calls and whose result is of TYPE. */
static int
call_share(const struct calling *call, uint8_t type, bool is_list, uint32_t *index)
{
	struct arena *arena = call->c->compiler->arena;
	struct accessor accessor = { .field = F_COUNT, .type = type, .is_list = is_list,
		.live = true, .group = (uint8_t)field_type_group(type) };
	struct field_info *info = arena_alloc(arena, sizeof(*info));

	accessor.text = canon_new_value(arena, call->value);
	if (info == NULL || accessor.text.ptr == NULL)
		return -ENOMEM;
	*info = (struct field_info){ .name = accessor.text.ptr, .meaning = "", .type = type,
		.print = FIELD_DEC, .argument = ARGUMENT_NONE, .class = CLASS_CONTEXT,
		.flags = is_list ? FIELD_LIST : 0, .delivered = FIELD_LIVE };
	for (uint32_t i = 0; i < call->transform.count; i++) {
		const struct field_info *argument = argument_of(call, i)->info;

		if (argument->class > info->class)
			info->class = argument->class;
		/* A list takes the kernel's spelling, which no caller chooses. */
		if (!is_list)
			info->flags |= argument->flags & FIELD_TWO_PATHS;
	}
	accessor.info = info;
	return transform_share(call->c, &accessor, &call->transform, index);
}

/* --- which types fit --- */

static int
refuse_type(const struct calling *call, uint32_t index, const char *expected)
{
	const struct accessor *argument = argument_of(call, index);

	return compiling_refuse(call->c, call->value->items[index]->at,
	    "`%.*s(...)` takes %s here, and `%.*s` is %s", SPAN_SHORT(call->value->text), expected,
	    SPAN_SHORT(argument->text),
	    field_group_text(argument->is_list ? GROUP_LIST : argument->group));
}

/* Is argument INDEX one text? */
static int
need_text(const struct calling *call, uint32_t index)
{
	const struct accessor *argument = argument_of(call, index);

	return argument->is_list || argument->group != GROUP_TEXT
	    ? refuse_type(call, index, "a text")
	    : 0;
}

static int
need_list(const struct calling *call, uint32_t index)
{
	return argument_of(call, index)->is_list ? 0 : refuse_type(call, index, "a list");
}

/* A function of one argument whose groups are GROUPS: its result is like the argument. */
static int
call_map(const struct calling *call, uint32_t groups, const char *expected, uint32_t *index)
{
	const struct accessor *argument = argument_of(call, 0);

	if (!(argument->group & groups))
		return refuse_type(call, 0, expected);
	return call_share(call, argument->type, argument->is_list, index);
}

static int
call_len(const struct calling *call, uint32_t *index)
{
	const struct accessor *argument = argument_of(call, 0);

	if (!argument->is_list && !(argument->group & (GROUP_TEXT | GROUP_BYTES)))
		return refuse_type(call, 0, "a text, bytes or a list");
	return call_share(call, FIELD_UINT64, false, index);
}

/* Of a list that is written out the elements are arguments: so a path keeps both spellings. */
static int
call_join(struct calling *call, uint32_t *index)
{
	const struct transform *list;
	uint32_t *arguments;
	int err;

	if ((err = need_text(call, 0)) < 0 || (err = need_list(call, 1)) < 0)
		return err;
	list = argument_of(call, 1)->transform;
	if (list != NULL && list->id == TRANSFORM_LIST) {
		arguments = arena_array(call->c->compiler->arena, (size_t)list->count + 1,
		    sizeof(*arguments));
		if (arguments == NULL)
			return -ENOMEM;
		arguments[0] = call->transform.arguments[0];
		if (list->count > 0)
			memcpy(arguments + 1, list->arguments, list->count * sizeof(*arguments));
		call->transform.arguments = arguments;
		call->transform.count = list->count + 1;
	}
	return call_share(call, FIELD_TEXT, false, index);
}

static int
call_concat(const struct calling *call, uint32_t *index)
{
	int err;

	for (uint32_t i = 0; i < call->transform.count; i++)
		if ((err = need_text(call, i)) < 0)
			return err;
	return call_share(call, FIELD_TEXT, false, index);
}

static int
call_getopt(struct calling *call, uint32_t *index)
{
	const struct ast_value *value = call->value;
	int err;

	if ((err = need_list(call, 0)) < 0 || (err = need_text(call, 1)) < 0)
		return err;
	if (argument_of(call, 0)->group != GROUP_TEXT)
		return refuse_type(call, 0, "a list of texts");
	if (value->has_argument && value->argument.len != 1)
		return compiling_refuse(call->c, value->at,
		    "`getopt(...)[...]` selects one option, a character; got `%.*s`",
		    SPAN_SHORT(value->argument));
	call->transform.selects = value->has_argument;
	call->transform.selector = value->has_argument ? value->argument.ptr[0] : '\0';
	return call_share(call, FIELD_TEXT, !value->has_argument, index);
}

static int
call_finish(struct calling *call, uint32_t *index)
{
	const struct ast_value *value = call->value;

	if (value->has_argument && call->transform.id != TRANSFORM_getopt)
		return compiling_refuse(call->c, value->at,
		    "`%.*s(...)` can not be followed by [...]", SPAN_SHORT(value->text));
	switch (call->transform.id) {
	case TRANSFORM_tolower: case TRANSFORM_toupper: case TRANSFORM_basename:
		return call_map(call, GROUP_TEXT, "a text", index);
	case TRANSFORM_b64:
		return call_map(call, GROUP_TEXT | GROUP_BYTES, "a text or bytes", index);
	case TRANSFORM_len:
		return call_len(call, index);
	case TRANSFORM_join:
		return call_join(call, index);
	case TRANSFORM_concat:
		return call_concat(call, index);
	case TRANSFORM_getopt:
		return call_getopt(call, index);
	case TRANSFORM_LIST:
		return call_share(call, FIELD_TEXT, true, index);
	case TRANSFORM_LITERAL:
		return call_share(call, FIELD_TEXT, false, index);
	case TRANSFORM_UTF8: case TRANSFORM_COUNT:
		break;
	}
	return -EINVAL;
}

/* --- calls --- */

static int
refuse_count(const struct calling *call)
{
	uint32_t min = transform_arguments_min(call->transform.id);
	uint32_t max = transform_arguments_max(call->transform.id);

	return compiling_refuse(call->c, call->value->at,
	    "`%.*s(...)` takes %s %u argument%s, got %u", SPAN_SHORT(call->value->text),
	    call->value->item_count > max ? min == max ? "exactly" : "at most"
	                                  : min == max ? "exactly" : "at least",
	    call->value->item_count > max ? max : min, min == 1 && max == 1 ? "" : "s",
	    call->value->item_count);
}

/* Compile the arguments.  A field that has to stand alone can not be one of them. */
static int
call_arguments(struct calling *call)
{
	const struct ast_value *value = call->value;
	struct compiling *c = call->c;
	uint32_t *arguments;
	int err;

	arguments = arena_array(c->compiler->arena, value->item_count + 1, sizeof(*arguments));
	if (arguments == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < value->item_count; i++) {
		const struct accessor *accessor;

		if ((err = compiling_operand(c, value->items[i], &arguments[i])) < 0)
			return err;
		accessor = &c->compiler->accessors[arguments[i]];
		if (accessor->info->flags & FIELD_NO_CALL)
			return compiling_refuse(c, value->items[i]->at,
			    "`%.*s` can not stand in a function", SPAN_SHORT(accessor->text));
	}
	call->transform.arguments = arguments;
	call->transform.count = value->item_count;
	return 0;
}

static int
operand_call(struct compiling *c, const struct ast_value *value, uint32_t *index)
{
	struct calling call = { .c = c, .value = value,
		.transform = { .id = transform_find(value->text) } };
	int err;

	if (call.transform.id == TRANSFORM_COUNT)
		return compiling_refuse(c, value->at, "`%.*s(...)` can not stand here",
		    SPAN_SHORT(value->text));
	if (value->item_count < transform_arguments_min(call.transform.id) ||
	    value->item_count > transform_arguments_max(call.transform.id))
		return refuse_count(&call);
	err = call_arguments(&call);
	return err < 0 ? err : call_finish(&call, index);
}

static int
operand_literal(struct compiling *c, const struct ast_value *value, uint32_t *index)
{
	struct calling call = { .c = c, .value = value,
		.transform = { .id = TRANSFORM_LITERAL, .literal = value->text } };

	if (value->text.len > CONSTANT_TEXT_MAX)
		return compiling_refuse(c, value->at,
		    "a constant of %zu bytes: at most %d are possible", value->text.len,
		    CONSTANT_TEXT_MAX);
	return call_finish(&call, index);
}

static int
operand_list(struct compiling *c, const struct ast_value *value, uint32_t *index)
{
	struct calling call = { .c = c, .value = value, .transform = { .id = TRANSFORM_LIST } };
	int err = call_arguments(&call);

	return err < 0 ? err : call_finish(&call, index);
}

int
compiling_operand(struct compiling *c, const struct ast_value *value, uint32_t *index)
{
	switch (value->kind) {
	case VALUE_FIELD:
		return operand_field(c, value, index);
	case VALUE_TRANSFORM:
		return operand_call(c, value, index);
	case VALUE_STRING: case VALUE_NUMBER:
		return operand_literal(c, value, index);
	case VALUE_LIST:
		return operand_list(c, value, index);
	case VALUE_NONE: case VALUE_NAME:
		break;
	}
	return compiling_refuse(c, value->at, "expected a field or a function");
}

int
compiling_repaired(struct compiling *c, uint32_t *index)
{
	struct accessor accessor = c->compiler->accessors[*index];
	uint32_t *argument = arena_alloc(c->compiler->arena, sizeof(*argument));
	struct transform transform = { .id = TRANSFORM_UTF8, .count = 1, .arguments = argument };

	if (argument == NULL)
		return -ENOMEM;
	*argument = *index;
	accessor.source = NULL;
	return transform_share(c, &accessor, &transform, index);
}
