/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions as they are pasted into a condition C:
 *
 *	(C) and not ((F1 c1 x and F2 c2 y) or (F1 c1 z and ...)) and not (F c (v, w))
 *
 * It is text all the way: a value may name a list, call a transformer, or bring its own quotes.
 */
#include <errno.h>

#include "comparison.h"
#include "exception.h"

/* Append TEXT, made because of NODE. */
static void
made(struct srcbuild *build, const char *text, const struct rulefile_node *node)
{
	srcbuild_made(build, span_text(text), node);
}

/* Append a value, in double quotes if it contains a blank and has no quotes of its own. */
static void
expand_quoted(struct srcbuild *build, const struct rulefile_node *value)
{
	const char first = value->text.len > 0 ? value->text.ptr[0] : '\0';
	const bool quotes = first != '"' && first != '\'' && value->text.len > 0 &&
	    memchr(value->text.ptr, ' ', value->text.len) != NULL;

	if (quotes)
		made(build, "\"", value);
	srcbuild_node(build, value);
	if (quotes)
		made(build, "\"", value);
}

static int
expand_fail(struct diags *diags, const struct rulefile_node *value, const char *text)
{
	struct source_place place = rulefile_place(value);

	load_report(diags, LOAD_ERR_VALIDATE, &place, "%s", text);
	return -EINVAL;
}

/* Append `(v1, v2)` of COUNT scalar VALUES; NODE is what to blame for the rest. */
static int
expand_list(struct srcbuild *build, const struct rulefile_node *const *values, uint32_t count,
    const struct rulefile_node *node, struct diags *diags)
{
	made(build, "(", node);
	for (uint32_t i = 0; i < count; i++) {
		if (values[i]->kind != RULEFILE_SCALAR)
			return expand_fail(diags, values[i],
			    "this value must be a text, not a sequence");
		if (i > 0)
			made(build, ", ", node);
		expand_quoted(build, values[i]);
	}
	made(build, ")", node);
	return 0;
}

/* Append the right side of one comparison. */
static int
expand_value(struct srcbuild *build, struct span comp, const struct rulefile_node *value,
    struct diags *diags)
{
	struct comparison comparison;
	bool list;

	if (value->kind == RULEFILE_SEQUENCE)
		return expand_list(build, (const struct rulefile_node *const *)value->items,
		    value->count, value, diags);
	list = comparison_parse(comp, &comparison) && comparison_takes_list(&comparison);
	if (!list) {
		expand_quoted(build, value);
		return 0;
	}
	/* The text of a scalar for a list operator is not quoted: it may hold several elements. */
	if (value->text.ptr[0] == '(') {
		srcbuild_node(build, value);
		return 0;
	}
	made(build, "(", value);
	srcbuild_node(build, value);
	made(build, ")", value);
	return 0;
}

static void
expand_left(struct srcbuild *build, const struct rule_exception *exception, uint32_t at)
{
	const struct rulefile_node *fields = exception->fields;

	srcbuild_node(build, fields->kind == RULEFILE_SEQUENCE ? fields->items[at] : fields);
	made(build, " ", fields);
	srcbuild_made(build, rule_exception_comp(exception, at),
	    exception->comps ? exception->comps : fields);
	made(build, " ", fields);
}

/* Append `(F1 c1 x and F2 c2 y)` for one VALUE of an exception with several fields. */
static int
expand_row(struct srcbuild *build, const struct rule_exception *exception,
    const struct rulefile_node *value, struct diags *diags)
{
	int err = 0;

	if (value->kind != RULEFILE_SEQUENCE || value->count != exception->fields->count)
		return expand_fail(diags, value,
		    "this value must be a sequence as long as `fields`");
	made(build, "(", value);
	for (uint32_t i = 0; i < value->count && err == 0; i++) {
		if (i > 0)
			made(build, " and ", value);
		expand_left(build, exception, i);
		err = expand_value(build, rule_exception_comp(exception, i),
		    value->items[i], diags);
	}
	made(build, ")", value);
	return err;
}

/* Append `(row or row)`. */
static int
expand_rows(struct srcbuild *build, const struct rule_exception *exception, struct diags *diags)
{
	int err = 0;

	made(build, "(", exception->node);
	for (uint32_t i = 0; i < exception->value_count && err == 0; i++) {
		if (i > 0)
			made(build, " or ", exception->node);
		err = expand_row(build, exception, exception->values[i], diags);
	}
	made(build, ")", exception->node);
	return err;
}

/* Append `(F c (v, w))` for an exception with one field. */
static int
expand_single(struct srcbuild *build, const struct rule_exception *exception, struct diags *diags)
{
	int err;

	made(build, "(", exception->node);
	expand_left(build, exception, 0);
	err = expand_list(build, exception->values, exception->value_count, exception->node, diags);
	made(build, ")", exception->node);
	return err;
}

int
exceptions_expand(const struct rule *rule, struct srcbuild *build, struct diags *diags)
{
	int err = 0;

	if (rule->exception_count > 0)
		made(build, "(", rule->exceptions[0]->node);
	srcbuild_slice(build, &rule->condition, 0, rule->condition.text.len);
	if (rule->exception_count > 0)
		made(build, ")", rule->exceptions[0]->node);
	for (uint32_t i = 0; i < rule->exception_count && err == 0; i++) {
		const struct rule_exception *exception = rule->exceptions[i];

		if (exception->value_count == 0)
			continue;
		made(build, " and not ", exception->node);
		if (exception->fields->kind == RULEFILE_SEQUENCE)
			err = expand_rows(build, exception, diags);
		else
			err = expand_single(build, exception, diags);
	}
	return err;
}
