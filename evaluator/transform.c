/* SPDX-License-Identifier: Apache-2.0 */
/* What functions make of their arguments.  See transform.h. */
#include "transform.h"

static const struct {
	const char *name;
	uint32_t arguments_min, arguments_max;
} rows[] = {
#define TRANSFORM(name, arguments_min, arguments_max, meaning) \
	{ #name, arguments_min, arguments_max },
#include "transforms.def"
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == TRANSFORM_LITERAL, "a row each");

enum transform_id
transform_find(struct span name)
{
	for (uint32_t i = 0; i < TRANSFORM_LITERAL; i++)
		if (span_equal(span_text(rows[i].name), name))
			return (enum transform_id)i;
	return TRANSFORM_COUNT;
}

uint32_t
transform_arguments_min(enum transform_id id)
{
	return rows[id].arguments_min;
}

uint32_t
transform_arguments_max(enum transform_id id)
{
	return rows[id].arguments_max;
}

/* --- one text from one text --- */

/* A function of one text: false when it has no result for TEXT. */
typedef bool text_function(struct scratch *scratch, struct span text, struct span *result);

/* TEXT with each letter between FIRST and FIRST + 25 in the other case. */
static bool
text_flip(struct scratch *scratch, struct span text, char first, struct span *result)
{
	struct text out;
	size_t at = 0;

	while (at < text.len && (text.ptr[at] < first || text.ptr[at] > first + 25))
		at++;
	*result = text;
	if (at == text.len)
		return true;
	scratch_begin(scratch, &out);
	text_bytes(&out, text.ptr, text.len);
	for (; at < out.len; at++)
		if (out.buf[at] >= first && out.buf[at] <= first + 25)
			out.buf[at] = (char)(out.buf[at] ^ ('a' ^ 'A'));
	*result = scratch_end(scratch, &out);
	return true;
}

static bool
text_lower(struct scratch *scratch, struct span text, struct span *result)
{
	return text_flip(scratch, text, 'A', result);
}

static bool
text_upper(struct scratch *scratch, struct span text, struct span *result)
{
	return text_flip(scratch, text, 'a', result);
}

static bool
text_basename(struct scratch *scratch, struct span text, struct span *result)
{
	size_t at = text.len;

	(void)scratch;
	while (at > 0 && text.ptr[at - 1] != '/')
		at--;
	*result = at == 0 ? text : (struct span){ text.ptr + at, text.len - at };
	return true;
}

static bool
base64_digit(char c, uint32_t *digit)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	if (at == NULL)
		return false;
	*digit = (uint32_t)(at - digits);
	return true;
}

/* Up to two `=` at the end may be there or not; bits that belong to no byte must be zero. */
static bool
text_unbase64(struct scratch *scratch, struct span text, struct span *result)
{
	uint32_t bits = 0, held = 0, digit;
	struct text out;

	for (int i = 0; i < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; i++)
		text.len--;
	if (text.len % 4 == 1)
		return false;
	scratch_begin(scratch, &out);
	for (size_t i = 0; i < text.len; i++) {
		if (!base64_digit(text.ptr[i], &digit))
			return false;
		bits = (bits << 6 | digit) & 0xffff;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		text_char(&out, (char)(bits >> held & 0xff));
	}
	if ((bits & ((1u << held) - 1)) != 0)
		return false;
	*result = scratch_end(scratch, &out);
	return true;
}

/* TEXT with U+FFFD for whatever is not UTF-8, each piece as long as it could have gone on. */
static bool
text_repair(struct scratch *scratch, struct span text, struct span *result)
{
	bool valid = true;
	struct text out;
	size_t at = 0, len;

	while (at < text.len && valid)
		at += utf8_next(text.ptr + at, text.len - at, &valid);
	*result = text;
	if (valid)
		return true;
	scratch_begin(scratch, &out);
	for (at = 0; at < text.len; at += len) {
		len = utf8_next(text.ptr + at, text.len - at, &valid);
		text_bytes(&out, valid ? text.ptr + at : "\xef\xbf\xbd", valid ? len : 3);
	}
	*result = scratch_end(scratch, &out);
	return true;
}

static text_function *const text_functions[TRANSFORM_COUNT] = {
	[TRANSFORM_tolower] = text_lower,
	[TRANSFORM_toupper] = text_upper,
	[TRANSFORM_b64] = text_unbase64,
	[TRANSFORM_basename] = text_basename,
	[TRANSFORM_UTF8] = text_repair,
};

/* --- values --- */

/* COUNT texts as a value: where to put them, or NULL when there is no room. */
static struct span *
value_texts(struct scratch *scratch, uint32_t count, struct field_value *value)
{
	struct span *texts = value->own.text;

	if (count > sizeof(value->own.text) / sizeof(value->own.text[0]))
		texts = scratch_take(scratch, count, sizeof(*texts));
	value->state = FIELD_VALUE;
	value->count = count;
	value->texts = texts;
	if (texts == NULL)
		value_lost(value);
	return texts;
}

/*
 * FUNCTION of each text of FROM.  One that has no result leaves none for the whole, but for
 * the caller's spelling of a path: the kernel's stands alone then.
 */
static void
map_get(struct scratch *scratch, text_function *function, bool is_list,
    const struct field_value *from, struct field_value *value)
{
	struct span *texts = value_texts(scratch, from->count, value);

	for (uint32_t i = 0; texts != NULL && i < from->count; i++) {
		if (function(scratch, from->texts[i], &texts[i]))
			continue;
		if (is_list || i == 0)
			value_none(value);
		else
			value->count = i;
		return;
	}
}

static void
len_get(const struct accessor *counted, const struct field_value *from, struct field_value *value)
{
	if (counted->is_list) {
		value_number(value, from->count);
		return;
	}
	value->state = FIELD_VALUE;
	value->numbers = value->own.number;
	value->count = from->count < 2 ? from->count : 2; /* a text has two spellings at most */
	for (uint32_t i = 0; i < value->count; i++) {
		struct span text = from->texts[i];

		if (counted->group == GROUP_TEXT && text.len > 0)
			text.len = strnlen(text.ptr, text.len);
		value->own.number[i] = text.len;
	}
}

/* How many texts a function that keeps spellings makes: two where an argument has two. */
static uint32_t
spellings_of(struct eval *eval, struct event_view *view, const struct transform *transform)
{
	const struct accessor *accessors = eval->program->accessors;

	for (uint32_t i = 0; i < transform->count; i++)
		if (accessors[transform->arguments[i]].info->flags & FIELD_TWO_PATHS &&
		    eval_value(eval, view, transform->arguments[i])->count > 1)
			return 2;
	return 1;
}

/* Which value of VALUE is its SPELLING; where it has but one, that. */
static uint32_t
spelled(const struct field_value *value, uint32_t spelling)
{
	return spelling < value->count ? spelling : 0;
}

/* How many elements argument ACCESSOR puts into a list; of a path in two spellings, one. */
static uint32_t
list_share(const struct accessor *accessor, const struct field_value *value)
{
	return accessor->is_list ? value->count : 1;
}

/* All elements of the arguments behind the first, which goes between them, in one SPELLING. */
static void
join_print(struct text *out, struct eval *eval, struct event_view *view,
    const struct transform *transform, uint32_t spelling)
{
	const struct field_value *between = eval_value(eval, view, transform->arguments[0]);
	const struct span text = between->texts[spelled(between, spelling)];
	bool first = true;

	for (uint32_t i = 1; i < transform->count; i++) {
		const struct accessor *accessor =
		    &eval->program->accessors[transform->arguments[i]];
		const struct field_value *from = eval_value(eval, view, transform->arguments[i]);

		for (uint32_t j = 0; j < list_share(accessor, from); j++) {
			if (!first)
				text_bytes(out, text.ptr, text.len);
			first = false;
			field_print_item(out, accessor, from,
			    accessor->is_list ? j : spelled(from, spelling));
		}
	}
}

static void
join_get(struct eval *eval, struct event_view *view, const struct transform *transform,
    struct field_value *value)
{
	uint32_t spellings = spellings_of(eval, view, transform);
	struct span *texts = value_texts(view->scratch, spellings, value);

	for (uint32_t k = 0; texts != NULL && k < spellings; k++) {
		struct text out;

		scratch_begin(view->scratch, &out);
		join_print(&out, eval, view, transform, k);
		texts[k] = scratch_end(view->scratch, &out);
	}
}

static void
concat_get(struct eval *eval, struct event_view *view, const struct transform *transform,
    struct field_value *value)
{
	uint32_t spellings = spellings_of(eval, view, transform);
	struct span *texts = value_texts(view->scratch, spellings, value);

	for (uint32_t k = 0; texts != NULL && k < spellings; k++) {
		struct text out;

		scratch_begin(view->scratch, &out);
		for (uint32_t i = 0; i < transform->count; i++) {
			const struct field_value *from =
			    eval_value(eval, view, transform->arguments[i]);
			struct span part = from->texts[spelled(from, k)];

			text_bytes(&out, part.ptr, part.len);
		}
		texts[k] = scratch_end(view->scratch, &out);
	}
}

static void
list_get(struct eval *eval, struct event_view *view, const struct transform *transform,
    struct field_value *value)
{
	const struct accessor *accessors = eval->program->accessors;
	uint32_t count = 0, at = 0;
	struct span *texts;

	for (uint32_t i = 0; i < transform->count; i++)
		count += list_share(&accessors[transform->arguments[i]],
		    eval_value(eval, view, transform->arguments[i]));
	texts = value_texts(view->scratch, count, value);
	for (uint32_t i = 0; texts != NULL && i < transform->count; i++) {
		const struct accessor *accessor = &accessors[transform->arguments[i]];
		const struct field_value *from = eval_value(eval, view, transform->arguments[i]);

		for (uint32_t j = 0; j < list_share(accessor, from); j++) {
			struct text out;

			if (accessor->group == GROUP_TEXT) {
				texts[at++] = from->texts[j];
				continue;
			}
			scratch_begin(view->scratch, &out);
			field_print_item(&out, accessor, from, j);
			texts[at++] = scratch_end(view->scratch, &out);
		}
	}
}

/* Has every argument a value?  Otherwise VALUE is as absent, or lost, as the first without. */
static bool
arguments_have(struct eval *eval, struct event_view *view, const struct transform *transform,
    struct field_value *value)
{
	for (uint32_t i = 0; i < transform->count; i++) {
		const struct accessor *accessor =
		    &eval->program->accessors[transform->arguments[i]];
		const struct field_value *argument =
		    eval_value(eval, view, transform->arguments[i]);

		if (argument->state == FIELD_VALUE && (argument->count > 0 || accessor->is_list))
			continue;
		value_none(value);
		if (argument->state != FIELD_VALUE)
			value->state = argument->state;
		return false;
	}
	return true;
}

void
transform_get(struct eval *eval, struct event_view *view, const struct accessor *accessor,
    struct field_value *value)
{
	const struct transform *transform = accessor->transform;
	const uint32_t *arguments = transform->arguments;
	const struct accessor *accessors = eval->program->accessors;

	if (!arguments_have(eval, view, transform, value))
		return;
	switch (transform->id) {
	case TRANSFORM_tolower: case TRANSFORM_toupper: case TRANSFORM_b64:
	case TRANSFORM_basename: case TRANSFORM_UTF8:
		map_get(view->scratch, text_functions[transform->id],
		    accessor->is_list || accessor->any_ancestor,
		    eval_value(eval, view, arguments[0]), value);
		return;
	case TRANSFORM_len:
		len_get(&accessors[arguments[0]], eval_value(eval, view, arguments[0]), value);
		return;
	case TRANSFORM_join:
		join_get(eval, view, transform, value);
		return;
	case TRANSFORM_concat:
		concat_get(eval, view, transform, value);
		return;
	case TRANSFORM_getopt:
		getopt_get(view->scratch, transform, eval_value(eval, view, arguments[0]),
		    eval_value(eval, view, arguments[1])->texts[0], value);
		return;
	case TRANSFORM_LITERAL:
		value_text(value, transform->literal);
		return;
	case TRANSFORM_LIST:
		list_get(eval, view, transform, value);
		return;
	case TRANSFORM_COUNT:
		break;
	}
	value_none(value);
}
