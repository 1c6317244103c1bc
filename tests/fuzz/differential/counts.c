/* SPDX-License-Identifier: Apache-2.0 */
/* Counting comparisons.  See counts.h. */
#include "counts.h"

#include <stdio.h>
#include <stdlib.h>

#include "oracle_make.h"

enum { STATES = 4, CLASSES = CLASS_COUNTER + 1 };

static uint64_t counts[OP_COUNT][FIELD_TYPES][2][STATES][CLASSES];

static const char *const states[STATES] = { "absent", "value", "lost", "pending" };
static const char *const classes[CLASSES] = { "context", "other task", "name table", "text",
	"event", "time", "counter" };

static uint32_t
class_of(const struct oracle *oracle, const struct oracle_check *check)
{
	const struct accessor *accessors = oracle->compiler.accessors;
	uint32_t class = accessors[check->left].info->class;

	if (check->right != ACCESSOR_NONE && accessors[check->right].info->class > class)
		class = accessors[check->right].info->class;
	return class;
}

static void
count_node(struct oracle *oracle, struct event_view *view, const struct oracle_node *node)
{
	const struct oracle_check *check = &node->check;

	for (uint32_t i = 0; i < node->child_count; i++)
		count_node(oracle, view, node->children[i]);
	if (node->kind == AST_CHECK)
		counts[check->op][check->type][check->values == VALUES_LIST]
		      [eval_value(&oracle->values, view, check->left)->state]
		      [class_of(oracle, check)]++;
}

void
counts_add(struct oracle *oracle, const struct event_view *view)
{
	const struct oracle_code *code = &oracle->codes[view->code % EVTCODE_COUNT];
	struct event_view own = *view;

	own.scratch = &oracle->scratch;
	own.has_facts = own.has_names = false;
	scratch_reset(&oracle->scratch);
	oracle->values.epoch++;
	for (uint32_t i = 0; i < code->count; i++)
		if (code->rules[i].tree != NULL)
			count_node(oracle, &own, code->rules[i].tree);
}

/* Types and classes that some live field has. */
static bool
is_possible(uint32_t op, uint32_t type, bool list, uint32_t class)
{
	for (uint32_t id = 0; id < F_COUNT; id++) {
		const struct field_info *field = field_info(id);
		bool is_list = (field->flags & FIELD_LIST) != 0;

		if (field->delivered == FIELD_LIVE && field->type == type && is_list == list &&
		    field->class == class && !(field->flags & FIELD_PRINT_ONLY) &&
		    (op_groups((enum ast_op)op) & (list ? GROUP_LIST : field_type_group(type))))
			return true;
	}
	return false;
}

static void
print_all(void)
{
	uint32_t seen = 0, missing = 0;

	for (uint32_t op = 0; op < OP_COUNT; op++)
	for (uint32_t type = 0; type < FIELD_TYPES; type++)
	for (uint32_t list = 0; list < 2; list++)
	for (uint32_t class = 0; class < CLASSES; class++) {
		bool any = false;

		for (uint32_t state = 0; state < STATES; state++) {
			uint64_t count = counts[op][type][list][state][class];

			if (count == 0)
				continue;
			seen++;
			any = true;
			(void)printf("%s %s%s %s %s: %llu\n", ast_op_text((enum ast_op)op),
			    field_type_name(type), list ? " list" : "", states[state],
			    classes[class], (unsigned long long)count);
		}
		if (any || !is_possible(op, type, list, class))
			continue;
		missing++;
		(void)printf("%s %s%s, any state, %s: never\n", ast_op_text((enum ast_op)op),
		    field_type_name(type), list ? " list" : "", classes[class]);
	}
	(void)printf("%u combinations compared, %u never\n", seen, missing);
}

void
counts_at_exit(void)
{
	(void)atexit(print_all);
}
