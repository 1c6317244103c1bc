/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Selections of rules from a file:
 *
 *	rules:
 *	  - disable: {rule: "*"}
 *	  - enable: {tag: network}
 */
#include <string.h>

#include "config_file.h"
#include "setting_value.h"

static const char *
scalar_text(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
}

/* Take `rule: NAME` or `tag: NAME` of selection INDEX. */
static void
take_name(struct config_file *loader, const struct config_row *row, size_t index, bool enable,
    const yaml_node_pair_t *pair)
{
	yaml_node_t *key = yaml_document_get_node(&loader->document, pair->key);
	yaml_node_t *value = yaml_document_get_node(&loader->document, pair->value);
	char buf[DIAG_TEXT_MAX];
	struct text why;

	if (value->type != YAML_SCALAR_NODE || config_node_is_nothing(value)) {
		config_report(loader, DIAG_ERROR, value->start_mark.index,
		    "%s: expected a name, got %s", row->path, config_node_kind(value));
		return;
	}
	text_init(&why, buf, sizeof(buf));
	if (setting_select(row, loader->config, index, enable, span_text(scalar_text(key)),
	        (struct span){ scalar_text(value), value->data.scalar.length }, &why) < 0)
		config_report(loader, DIAG_ERROR, value->start_mark.index, "%s", buf);
}

/* Take `enable: {...}` or `disable: {...}` as selection INDEX. */
static void
take_selection(struct config_file *loader, const struct config_row *row, size_t index,
    const yaml_node_t *node)
{
	const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	yaml_node_t *key = yaml_document_get_node(&loader->document, pair->key);
	yaml_node_t *value = yaml_document_get_node(&loader->document, pair->value);
	bool enable = strcmp(scalar_text(key), "enable") == 0;

	if (!enable && strcmp(scalar_text(key), "disable") != 0) {
		config_report(loader, DIAG_ERROR, key->start_mark.index,
		    "%s: expected enable or disable, got \"%.*s\"", row->path, SETTING_QUOTE_MAX,
		    scalar_text(key));
		return;
	}
	if (value->type != YAML_MAPPING_NODE ||
	    value->data.mapping.pairs.start == value->data.mapping.pairs.top) {
		config_report(loader, DIAG_ERROR, value->start_mark.index,
		    "%s: expected rule or tag with a name, got %s", row->path,
		    config_node_kind(value));
		return;
	}
	for (pair = value->data.mapping.pairs.start; pair < value->data.mapping.pairs.top; pair++)
		take_name(loader, row, index, enable, pair);
}

void
config_take_selections(struct config_file *loader, const struct config_row *row, yaml_node_t *node)
{
	struct config_selections *selections = setting_selections(row, loader->config);
	yaml_node_item_t *item;

	memset(selections, 0, sizeof(*selections));
	if (config_node_is_nothing(node))
		return; /* a list whose entries are commented out */
	if (node->type != YAML_SEQUENCE_NODE) {
		config_refuse_kind(loader, row, node);
		return;
	}
	for (item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++) {
		yaml_node_t *entry = yaml_document_get_node(&loader->document, *item);
		size_t index = selections->count;

		if (index == CONFIG_LIST_MAX) {
			config_report(loader, DIAG_ERROR, entry->start_mark.index,
			    "%s: expected at most %d entries", row->path, CONFIG_LIST_MAX);
			return;
		}
		if (entry->type != YAML_MAPPING_NODE ||
		    entry->data.mapping.pairs.top - entry->data.mapping.pairs.start != 1)
			config_refuse_kind(loader, row, entry);
		else
			take_selection(loader, row, index, entry);
	}
}
