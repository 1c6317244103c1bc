/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings about rules.  See rulewarn.h. */
#include "rulewarn.h"

#include "loadresult.h"

#define SPAN_SHORT(span) (int)((span).len < 80 ? (span).len : 80), (span).ptr

/* A warning that the reference does not know has no code. */
static void
warn_undelivered(const struct rulewarn *warn, const struct source_place *place, struct span field)
{
	(void)diags_add(warn->diags, DIAG_WARNING, NULL, place->file, place->line, place->column,
	    place->text.ptr, place->text.len,
	    "rule `%.*s`: nothing delivers the field `%.*s`: it never has a value",
	    SPAN_SHORT(warn->rule->name), SPAN_SHORT(field));
}

/* --- the tree --- */

static bool
begins_with(struct span text, const char *beginning)
{
	size_t len = strlen(beginning);

	return text.len >= len && memcmp(text.ptr, beginning, len) == 0;
}

/* Is VALUE, or a field inside it, one whose absence used to be written <NA>? */
static bool
has_na_field(const struct ast_value *value)
{
	bool found = value->kind == VALUE_FIELD &&
	    (begins_with(value->text, "ka.") || begins_with(value->text, "jevt."));

	for (uint32_t i = 0; i < value->item_count && !found; i++)
		found = has_na_field(value->items[i]);
	return found;
}

static bool
is_na(const struct ast_value *value)
{
	bool found = value->kind == VALUE_STRING && span_equal(value->text, SPAN_OF("<NA>"));

	for (uint32_t i = 0; value->kind == VALUE_LIST && i < value->item_count && !found; i++)
		found = is_na(value->items[i]);
	return found;
}

/* The first check below NODE that compares such a field with <NA>, or NULL. */
static const struct ast_node *
find_na(const struct ast_node *node)
{
	const struct ast_node *found = NULL;

	for (uint32_t i = 0; i < node->child_count && found == NULL; i++)
		found = find_na(node->children[i]);
	if (node->kind != AST_CHECK || node->right == NULL)
		return found;
	switch (node->op) {
	case OP_EQ: case OP_EQEQ: case OP_NE: case OP_IN: case OP_INTERSECTS: case OP_PMATCH:
		return has_na_field(node->left) && is_na(node->right) ? node : NULL;
	case OP_EXISTS: case OP_LT: case OP_LE: case OP_GT: case OP_GE: case OP_CONTAINS:
	case OP_ICONTAINS: case OP_BCONTAINS: case OP_STARTSWITH: case OP_BSTARTSWITH:
	case OP_ENDSWITH: case OP_GLOB: case OP_IGLOB: case OP_REGEX: case OP_COUNT:
		break;
	}
	return NULL;
}

/* Give each deprecated field of VALUE one warning; SEEN holds those that had theirs. */
static void
warn_deprecated(const struct rulewarn *warn, const struct ast_value *value, bool seen[F_COUNT])
{
	struct source_place place;
	enum field_id field;
	struct diag *diag;

	for (uint32_t i = 0; i < value->item_count; i++)
		warn_deprecated(warn, value->items[i], seen);
	if (value->kind != VALUE_FIELD)
		return;
	field = field_find(value->text);
	if (field >= F_COUNT || seen[field] || !(field_info(field)->flags & FIELD_DEPRECATED))
		return;
	seen[field] = true;
	place = rule_place(warn->rule, &value->at);
	diag = load_report(warn->diags, LOAD_DEPRECATED_ITEM, &place,
	    "the field `%s` is deprecated", field_info(field)->name);
	diag_set_subject(diag, value->text.ptr, value->text.len);
	rule_place_inner(warn->rule, &value->at, diag);
}

static void
warn_deprecated_node(const struct rulewarn *warn, const struct ast_node *node, bool seen[F_COUNT])
{
	for (uint32_t i = 0; i < node->child_count; i++)
		warn_deprecated_node(warn, node->children[i], seen);
	if (node->kind != AST_CHECK)
		return;
	warn_deprecated(warn, node->left, seen);
	if (node->right != NULL && node->right->kind == VALUE_TRANSFORM)
		warn_deprecated(warn, node->right, seen);
}

void
rulewarn_tree(const struct rulewarn *warn)
{
	const struct ast_node *na = find_na(warn->rule->tree);
	bool seen[F_COUNT] = { false };

	if (na != NULL) {
		struct source_place place = rule_place(warn->rule, &na->at);

		rule_place_inner(warn->rule, &na->at,
		    load_report(warn->diags, LOAD_UNSAFE_NA_CHECK, &place,
		        "`<NA>` is compared as a text: absence is tested with `exists`"));
	}
	warn_deprecated_node(warn, warn->rule->tree, seen);
}

/* --- the output --- */

/* Where NAME first occurs in the output: an offset, or -1. */
static ptrdiff_t
find_in_output(const struct rule *rule, struct span name)
{
	const char *found = rule->output.len >= name.len
	    ? memmem(rule->output.ptr, rule->output.len, name.ptr, name.len)
	    : NULL;

	return found != NULL ? found - rule->output.ptr : -1;
}

void
rulewarn_output(const struct rulewarn *warn, const struct compiler *compiler,
    const struct format *format)
{
	struct source_place place;
	ptrdiff_t at;

	/* Deprecated fields count wherever their name occurs. */
	for (uint32_t id = 0; id < F_COUNT; id++) {
		const struct field_info *info = field_info(id);

		if (!(info->flags & FIELD_DEPRECATED))
			continue;
		if ((at = find_in_output(warn->rule, span_text(info->name))) < 0)
			continue;
		place = rule_output_place(warn->rule, (size_t)at);
		diag_set_subject(load_report(warn->diags, LOAD_DEPRECATED_ITEM, &place,
		    "the field `%s` is deprecated", info->name), info->name,
		    strlen(info->name));
	}
	for (uint32_t i = 0; i < format->field_count && !compiler->undelivered; i++) {
		const struct accessor *accessor = &compiler->accessors[format->fields[i]];

		if (accessor->live)
			continue;
		at = find_in_output(warn->rule, accessor->text);
		place = rule_output_place(warn->rule, at > 0 ? (size_t)at : 0);
		warn_undelivered(warn, &place, accessor->text);
	}
}

/* --- values --- */

void
rulewarn_value(void *ctx, enum compile_warning warning, const struct ast_value *value)
{
	const struct rulewarn *warn = ctx;
	struct source_place place = rule_place(warn->rule, &value->at);
	struct diag *diag = NULL;

	switch (warning) {
	case WARN_LOOKS_LIKE_FIELD:
		diag = load_report(warn->diags, LOAD_COMPILE_CONDITION, &place,
		    "`%.*s` is compared as text, though it is a field: was val(%.*s) meant?",
		    SPAN_SHORT(value->text), SPAN_SHORT(value->text));
		break;
	case WARN_LOOKS_LIKE_CALL:
		diag = load_report(warn->diags, LOAD_COMPILE_CONDITION, &place,
		    "`%.*s` is compared as text, though it looks like a call: is a quote too much?",
		    SPAN_SHORT(value->text));
		break;
	case WARN_PLAIN_REGEX:
		diag = load_report(warn->diags, LOAD_COMPILE_CONDITION, &place,
		    "`%.*s` needs no regular expression: `=`, `startswith`, `endswith` or "
		    "`contains` says the same", SPAN_SHORT(value->text));
		break;
	case WARN_UNDELIVERED:
		warn_undelivered(warn, &place, value->text);
		break;
	}
	rule_place_inner(warn->rule, &value->at, diag);
}
