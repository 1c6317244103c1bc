/* SPDX-License-Identifier: Apache-2.0 */
/* The leaves of a condition: strings, constant lists, fields and the calls of transformers. */
#include <errno.h>

#include "parser.h"

enum { COST_TRANSFORMER = 2 };

static const char *const transformers[] = {
#define TRANSFORM(name, arguments_min, arguments_max, meaning) #name,
#include "transforms.def"
};

/*
 * Take a quoted string into VALUE.  Returns 1 when there was one, 0 when there is none here.
 */
static int
parse_quoted(struct parser *p, struct span *text)
{
	struct ast_position at = p->lex.at;
	struct span token;
	size_t bad = 0;
	int err;

	switch (lex_quoted(&p->lex, &token)) {
	case LEX_NONE:
		return 0;
	case LEX_BROKEN:
		return parser_fail_at(p, at, "this quote is never closed");
	case LEX_FOUND:
		break;
	}
	err = lex_unescape(p->arena, token, text, &bad);
	if (err == -ENOMEM)
		return parser_no_memory(p);
	if (err < 0)
		return parser_fail_at(p, at, "`%.*s` is not an escape in a string quoted by %c",
		    bad + 2 < token.len ? 2 : 1, token.ptr + bad, token.ptr[0]);
	return 1;
}

int
parser_take_string(struct parser *p, const char *expected, struct ast_value **value)
{
	int err;

	if ((err = parser_new_value(p, VALUE_STRING, value)) < 0)
		return err;
	if ((err = parse_quoted(p, &(*value)->text)) < 0)
		return err;
	(*value)->quoted = err > 0;
	if (err == 0 && !lex_bare(&p->lex, &(*value)->text))
		return parser_fail(p, expected);
	return 0;
}

/* Take `[argument]`, if it follows at once, into VALUE. */
static int
parse_selector(struct parser *p, struct ast_value *value)
{
	struct ast_position at;
	int err;

	if (!lex_word(&p->lex, "["))
		return 0;
	at = p->lex.at;
	if (lex_word(&p->lex, "''"))
		return parser_fail_at(p, at, "an empty argument is written [\"\"]");
	if ((err = parse_quoted(p, &value->argument)) < 0)
		return err;
	if (err == 0 && !lex_argument(&p->lex, &value->argument))
		return parser_fail(p, "an argument");
	if (!lex_word(&p->lex, "]"))
		return parser_fail(p, "`]`");
	value->has_argument = 1;
	return 0;
}

/* After an item of a list or a call: does another one follow (1), or did `)` end it (0)? */
static int
parse_separator(struct parser *p)
{
	lex_blanks(&p->lex);
	if (lex_word(&p->lex, ")"))
		return 0;
	if (!lex_word(&p->lex, ","))
		return parser_fail(p, "`,` or `)`");
	lex_blanks(&p->lex);
	return 1;
}

static void
value_set_items(struct ast_value *value, struct parser_list *items)
{
	value->items = (struct ast_value **)items->items;
	value->item_count = items->count;
}

int
parser_take_list(struct parser *p, struct ast_position at, struct ast_value **list)
{
	struct parser_list items = { 0 };
	struct ast_value *item;
	int more = 1;
	int err;

	if ((err = parser_new_value(p, VALUE_LIST, list)) < 0)
		return err;
	(*list)->at = at;
	lex_blanks(&p->lex);
	if (lex_word(&p->lex, ")"))
		return 0;
	while (more > 0) {
		if ((err = parser_take_string(p, "a list element", &item)) < 0)
			return err;
		if ((err = parser_push(p, &items, item)) < 0)
			return err;
		more = parse_separator(p);
	}
	value_set_items(*list, &items);
	return more;
}

/* Take the name of a transformer and the `(` that touches it. */
static bool
lex_transformer(struct lex *lex, struct span *name)
{
	struct lex start = *lex;

	if (lex_identifier(lex, name) && lex_word(lex, "("))
		for (size_t i = 0; i < sizeof(transformers) / sizeof(transformers[0]); i++)
			if (span_equal(*name, span_text(transformers[i])))
				return true;
	*lex = start;
	return false;
}

/*
 * A number or a quoted string among the arguments of a transformer: 1 when there was one, 0
 * for none.
 */
static int
parse_literal(struct parser *p, struct ast_value **value)
{
	struct lex start = p->lex;
	struct span text;
	bool number;
	int err;

	number = lex_number(&p->lex, &text);
	if (!number && (err = parse_quoted(p, &text)) <= 0)
		return err;
	if ((err = parser_new_value(p, number ? VALUE_NUMBER : VALUE_STRING, value)) < 0)
		return err;
	(*value)->at = start.at;
	(*value)->text = text;
	(*value)->quoted = !number;
	return 1;
}

static int
parse_argument_item(struct parser *p, struct ast_value **value)
{
	int err = parse_literal(p, value);

	if (err == 0)
		err = parser_take_operand(p, value);
	if (err == 0)
		return parser_fail(p, "a field, a transformer, a number or a quoted string");
	return err < 0 ? err : 0;
}

/* `(`...`)` as an argument; the `(` at AT is already taken. */
static int
parse_argument_list(struct parser *p, struct ast_position at, struct ast_value **list)
{
	struct parser_list items = { 0 };
	struct ast_value *item;
	int more = 1;
	int err;

	if ((err = parser_new_value(p, VALUE_LIST, list)) < 0)
		return err;
	(*list)->at = at;
	lex_blanks(&p->lex);
	if (lex_word(&p->lex, ")"))
		return 0;
	while (more > 0) {
		if ((err = parse_argument_item(p, &item)) < 0)
			return err;
		if ((err = parser_push(p, &items, item)) < 0)
			return err;
		more = parse_separator(p);
	}
	value_set_items(*list, &items);
	return more;
}

static int
parse_argument(struct parser *p, struct ast_value **value)
{
	struct ast_position at = p->lex.at;

	if (lex_word(&p->lex, "("))
		return parse_argument_list(p, at, value);
	return parse_argument_item(p, value);
}

/* The arguments of a transformer, `)` and a selector; name and `(` are already taken. */
static int
parse_call(struct parser *p, struct ast_value *call)
{
	struct parser_list arguments = { 0 };
	struct ast_value *argument;
	int more = 1;
	int err;

	if ((err = parser_enter(p, COST_TRANSFORMER)) < 0)
		return err;
	lex_blanks(&p->lex);
	while (more > 0) {
		if ((err = parse_argument(p, &argument)) < 0)
			return err;
		if ((err = parser_push(p, &arguments, argument)) < 0)
			return err;
		more = parse_separator(p);
	}
	if (more < 0)
		return more;
	value_set_items(call, &arguments);
	p->depth -= COST_TRANSFORMER;
	return parse_selector(p, call);
}

int
parser_take_operand(struct parser *p, struct ast_value **value)
{
	struct ast_position at = p->lex.at;
	struct span name;
	bool field = lex_field_name(&p->lex, &name);
	int err;

	if (!field && !lex_transformer(&p->lex, &name))
		return 0;
	if ((err = parser_new_value(p, field ? VALUE_FIELD : VALUE_TRANSFORM, value)) < 0)
		return err;
	(*value)->at = at;
	(*value)->text = name;
	err = field ? parse_selector(p, *value) : parse_call(p, *value);
	return err < 0 ? err : 1;
}

/* The one plain field of val(...), `)` and a selector; `val(` at AT is already taken. */
static int
parse_val(struct parser *p, struct ast_position at, struct ast_value **value)
{
	struct parser_list items = { 0 };
	struct ast_value *field;
	int err;

	lex_blanks(&p->lex);
	if ((err = parser_new_value(p, VALUE_FIELD, &field)) < 0)
		return err;
	if (!lex_field_name(&p->lex, &field->text))
		return parser_fail(p, "a plain field");
	if ((err = parse_selector(p, field)) < 0)
		return err;
	lex_blanks(&p->lex);
	if (!lex_word(&p->lex, ")"))
		return parser_fail(p, "`)`");
	if ((err = parser_new_value(p, VALUE_TRANSFORM, value)) < 0)
		return err;
	if ((err = parser_push(p, &items, field)) < 0)
		return err;
	(*value)->at = at;
	(*value)->text = SPAN_OF("val");
	value_set_items(*value, &items);
	return parse_selector(p, *value);
}

int
parser_take_right_call(struct parser *p, struct ast_value **value)
{
	struct ast_position at = p->lex.at;
	struct span name;
	int err;

	if (lex_word(&p->lex, "val(")) {
		err = parse_val(p, at, value);
	} else {
		if (!lex_transformer(&p->lex, &name))
			return 0;
		if ((err = parser_new_value(p, VALUE_TRANSFORM, value)) < 0)
			return err;
		(*value)->at = at;
		(*value)->text = name;
		err = parse_call(p, *value);
	}
	return err < 0 ? err : 1;
}
