/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a rule file, loaded behind a good one.  What must hold: no crash; a failure
 * is told; it leaves what was loaded before; every place in a compiled rule is a place in
 * its file.
 */
#include <stdint.h>
#include <stdlib.h>

#include "canon.h"
#include "loader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char first[] =
	"- list: shells\n  items: [bash, zsh]\n"
	"- macro: spawned\n  condition: evt.type in (execve, execveat)\n"
	"- rule: r\n  desc: d\n  condition: spawned and proc.name in (shells)\n"
	"  output: o\n  priority: info\n";

static void
check_place(const struct rule *rule, const struct ast_position *at)
{
	struct source_place place = rule_place(rule, at);

	if (place.offset > place.text.len || place.line < 1 || place.column < 1)
		abort();
}

static void
check_node(const struct rule *rule, const struct ast_node *node)
{
	check_place(rule, &node->at);
	if (node->kind == AST_MACRO)
		abort();
	if (node->kind == AST_CHECK)
		check_place(rule, &node->op_at);
	for (uint32_t i = 0; i < node->child_count; i++)
		check_node(rule, node->children[i]);
}

static void
check_rules(struct rules *rules)
{
	for (uint32_t i = 0; i < rules->rule_count; i++) {
		check_node(&rules->rules[i], rules->rules[i].tree);
		if (canon_new(&rules->arena, rules->rules[i].tree).ptr == NULL)
			abort();
		rule_output_place(&rules->rules[i], rules->rules[i].output.len);
	}
}

/* Load a file and compile; returns whether that went well and was told if not. */
static bool
load(struct loader *loader, const char *bytes, size_t len)
{
	struct diags diags = DIAGS_NONE;
	struct rules *rules = NULL;
	int err = loader_file(loader, "fuzz.yaml", bytes, len, &diags);

	if (err == 0)
		err = loader_compile(loader, &diags, &rules);
	if ((err < 0) != (diags.error_count > 0) || (err == 0) != (rules != NULL))
		abort();
	if (rules != NULL)
		check_rules(rules);
	rules_free(rules);
	diags_fini(&diags);
	return err == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct loader *loader = loader_new(NULL);

	if (loader == NULL || !load(loader, first, sizeof(first) - 1))
		abort();
	load(loader, (const char *)data, size);
	loader_free(loader);
	return 0;
}
