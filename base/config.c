/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration from files and from the command line.  libyaml gives a tree of nodes, which is
 * walked along the known sections only, so neither aliases nor depth can make the walk long.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "config_file.h"
#include "setting.h"
#include "setting_value.h"

void
config_defaults(struct config *config)
{
	size_t count, i;
	const struct config_row *row = config_rows(&count);

	memset(config, 0, sizeof(*config));
	for (i = 0; i < count; i++, row++) {
		char *member = (char *)config + row->offset;

		switch (row->type) {
		case CONFIG_BOOL:
			*(bool *)member = row->default_number != 0;
			break;
		case CONFIG_INT:
		case CONFIG_SIZE:
			*(int64_t *)member = row->default_number;
			break;
		case CONFIG_ENUM:
			*(int *)member = (int)row->default_number;
			break;
		case CONFIG_TEXT:
			memcpy(member, row->default_text, strlen(row->default_text));
			break;
		case CONFIG_SELECT:
			break;
		case CONFIG_LIST:
			setting_list(row, config)->count = 1;
			memcpy(setting_list(row, config)->items[0], row->default_text,
			    strlen(row->default_text));
			break;
		}
	}
}

/*
 * libyaml counts characters, and takes more than '\n' for the end of a line; a diagnostic counts
 * bytes and lines of '\n'.  INDEX is in characters.
 */
static void
loader_place(const struct config_file *loader, size_t index, int *line, int *column)
{
	size_t at = 0;
	bool valid;

	*line = *column = 1;
	for (; index > 0 && at < loader->len; index--) {
		size_t step = utf8_next(loader->text + at, loader->len - at, &valid);

		if (loader->text[at] == '\n') {
			*line += 1;
			*column = 1;
		} else {
			*column += (int)step;
		}
		at += step;
	}
}

void
config_report(struct config_file *loader, enum diag_level level, size_t index,
    const char *format, ...)
{
	char message[DIAG_TEXT_MAX];
	int line, column;
	va_list args;

	va_start(args, format);
	if (vsnprintf(message, sizeof(message), format, args) < 0)
		message[0] = '\0';
	va_end(args);
	loader_place(loader, index, &line, &column);
	diags_add(loader->diags, level, NULL, loader->file, line, column, loader->text,
	    loader->len, "%s", message);
}

bool
config_node_is_nothing(const yaml_node_t *node)
{
	const char *value;

	if (node->type != YAML_SCALAR_NODE ||
	    node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	value = (const char *)node->data.scalar.value;
	return !value[0] || strcmp(value, "~") == 0 || strcmp(value, "null") == 0;
}

const char *
config_node_kind(const yaml_node_t *node)
{
	switch (node->type) {
	case YAML_SEQUENCE_NODE:
		return "a list";
	case YAML_MAPPING_NODE:
		return "a section";
	case YAML_SCALAR_NODE:
		return config_node_is_nothing(node) ? "nothing" : "a single value";
	case YAML_NO_NODE:
		break;
	}
	return "nothing";
}

static void
take_scalar(struct config_file *loader, const struct config_row *row, size_t index,
    const yaml_node_t *node)
{
	struct span value = { (const char *)node->data.scalar.value, node->data.scalar.length };
	char buf[DIAG_TEXT_MAX];
	struct text why;

	text_init(&why, buf, sizeof(buf));
	if (setting_take(row, loader->config, index, value, &why) < 0)
		config_report(loader, DIAG_ERROR, node->start_mark.index, "%s", buf);
}

void
config_refuse_kind(struct config_file *loader, const struct config_row *row,
    const yaml_node_t *node)
{
	char buf[DIAG_TEXT_MAX];
	struct text expected;

	text_init(&expected, buf, sizeof(buf));
	setting_expected(row, &expected);
	config_report(loader, DIAG_ERROR, node->start_mark.index, "%s: expected %s, got %s",
	    row->path, buf, config_node_kind(node));
}

static void
take_list(struct config_file *loader, const struct config_row *row, yaml_node_t *node)
{
	struct config_list *list = setting_list(row, loader->config);
	yaml_node_item_t *item = node->data.sequence.items.start;
	size_t error_count;

	memset(list, 0, sizeof(*list));
	for (; item < node->data.sequence.items.top; item++) {
		yaml_node_t *entry = yaml_document_get_node(&loader->document, *item);

		error_count = loader->diags->error_count;
		if (entry->type != YAML_SCALAR_NODE || config_node_is_nothing(entry))
			config_refuse_kind(loader, row, entry);
		else
			take_scalar(loader, row, list->count, entry);
		if (list->count >= CONFIG_LIST_MAX && loader->diags->error_count > error_count)
			return; /* those after the first too many would all say the same */
	}
}

/* The value of a known key: of the type that its row says, or an error. */
static void
take_row(struct config_file *loader, const struct config_row *row, yaml_node_t *node)
{
	bool list = row->type == CONFIG_LIST;

	if (row->type == CONFIG_SELECT) {
		config_take_selections(loader, row, node);
	} else if (list && node->type == YAML_SEQUENCE_NODE) {
		take_list(loader, row, node);
	} else if (list && config_node_is_nothing(node)) { /* entries commented out */
		memset(setting_list(row, loader->config), 0, sizeof(struct config_list));
	} else if (node->type != YAML_SCALAR_NODE || config_node_is_nothing(node)) {
		config_refuse_kind(loader, row, node);
	} else {
		if (list)
			memset(setting_list(row, loader->config), 0, sizeof(struct config_list));
		take_scalar(loader, row, 0, node);
	}
}

static void walk_section(struct config_file *loader, yaml_node_t *section, const char *path);

static void
walk_key(struct config_file *loader, const char *path, const yaml_node_t *key, yaml_node_t *value)
{
	struct setting setting = setting_find(path);
	size_t index = key->start_mark.index;
	char buf[DIAG_TEXT_MAX];
	struct text why;

	switch (setting.kind) {
	case SETTING_ROW:
		if (setting.alias)
			config_report(loader, DIAG_WARNING, index,
			    "\"%s\" is an old name of \"%s\"", path, setting.row->path);
		take_row(loader, setting.row, value);
		break;
	case SETTING_SECTION:
		if (value->type == YAML_MAPPING_NODE)
			walk_section(loader, value, path);
		else if (!config_node_is_nothing(value))
			config_report(loader, DIAG_ERROR, value->start_mark.index,
			    "%s: expected a section of keys, got %s", path,
			    config_node_kind(value));
		break;
	case SETTING_UNUSED:
		config_report(loader, DIAG_WARNING, index, "\"%s\" is not used: %s", path,
		    setting.sentence);
		break;
	case SETTING_UNKNOWN:
		text_init(&why, buf, sizeof(buf));
		setting_unknown(path, &why);
		config_report(loader, DIAG_ERROR, index, "%s", buf);
		break;
	}
}

/* The key that a pair is about: for an old name, the name that counts. */
static const char *
key_meaning(const char *path)
{
	struct setting setting = setting_find(path);

	return setting.kind == SETTING_ROW ? setting.row->path : path;
}

/* PATH gets the full path of the key of PAIR in the section PREFIX; false if it can be no key. */
static bool
pair_path(struct config_file *loader, const yaml_node_pair_t *pair, const char *prefix,
    char path[SETTING_PATH_MAX])
{
	yaml_node_t *key = yaml_document_get_node(&loader->document, pair->key);
	const char *name;
	struct text full;

	text_init(&full, path, SETTING_PATH_MAX);
	if (key->type != YAML_SCALAR_NODE)
		return false;
	name = (const char *)key->data.scalar.value;
	if (key->data.scalar.length != strlen(name))
		return false;
	text_format(&full, "%s%s", prefix, prefix[0] ? "." : "");
	text_string(&full, name);
	return !strchr(name, '.') && !full.truncated;
}

/* Whether a pair of SECTION before PAIR set the key PATH already; *INDEX gets where. */
static bool
pair_is_repeated(struct config_file *loader, const yaml_node_t *section,
    const yaml_node_pair_t *pair, const char *prefix, const char *path, size_t *index)
{
	const yaml_node_pair_t *other = section->data.mapping.pairs.start;
	char other_path[SETTING_PATH_MAX];

	for (; other < pair; other++) {
		if (!pair_path(loader, other, prefix, other_path) ||
		    strcmp(key_meaning(other_path), key_meaning(path)) != 0)
			continue;
		*index = yaml_document_get_node(&loader->document, other->key)->start_mark.index;
		return true;
	}
	return false;
}

static void
walk_pair(struct config_file *loader, const yaml_node_t *section, const yaml_node_pair_t *pair,
    const char *prefix)
{
	yaml_node_t *key = yaml_document_get_node(&loader->document, pair->key);
	yaml_node_t *value = yaml_document_get_node(&loader->document, pair->value);
	char path[SETTING_PATH_MAX];
	int line, column;
	size_t index;

	if (!pair_path(loader, pair, prefix, path)) {
		config_report(loader, DIAG_ERROR, key->start_mark.index,
		    key->type != YAML_SCALAR_NODE ? "expected the name of a key, got %s"
		    : "expected the name of a key, without dots; got \"%s\"",
		    key->type != YAML_SCALAR_NODE ? config_node_kind(key) : path);
		return;
	}
	if (pair_is_repeated(loader, section, pair, prefix, path, &index)) {
		loader_place(loader, index, &line, &column);
		config_report(loader, DIAG_ERROR, key->start_mark.index,
		    "\"%s\" is set twice, first in line %d", path, line);
		return;
	}
	walk_key(loader, path, key, value);
}

/* Each pair is looked at against those before it: the bound on diagnostics bounds that too. */
static void
walk_section(struct config_file *loader, yaml_node_t *section, const char *path)
{
	const yaml_node_pair_t *pair = section->data.mapping.pairs.start;

	for (; pair < section->data.mapping.pairs.top; pair++) {
		if (loader->diags->count >= DIAG_LIST_MAX)
			return;
		walk_pair(loader, section, pair, path);
	}
}

/* Where and why libyaml could not go on. */
static void
loader_syntax(struct config_file *loader, const yaml_parser_t *parser)
{
	bool reader = parser->error == YAML_READER_ERROR;

	if (parser->error == YAML_MEMORY_ERROR)
		return;
	config_report(loader, DIAG_ERROR, reader ? parser->mark.index : parser->problem_mark.index,
	    "not YAML: %s%s%s", parser->context ? parser->context : "",
	    parser->context ? ": " : "", parser->problem ? parser->problem : "unreadable");
}

/* Take the document that is loaded; *LAST when it was the end of the file instead. */
static void
loader_document(struct config_file *loader, int number, bool *last)
{
	yaml_node_t *root = yaml_document_get_root_node(&loader->document);

	*last = !root;
	if (!root)
		return;
	if (number > 1)
		config_report(loader, DIAG_ERROR, root->start_mark.index,
		    "expected one document, got another");
	else if (root->type == YAML_MAPPING_NODE)
		walk_section(loader, root, "");
	else if (!config_node_is_nothing(root))
		config_report(loader, DIAG_ERROR, root->start_mark.index,
		    "expected keys and values, got %s", config_node_kind(root));
}

static int
loader_run(struct config_file *loader)
{
	yaml_parser_t parser;
	bool last = false;
	int number, err = 0;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)loader->text, loader->len);
	for (number = 1; number <= 2 && !last; number++) {
		if (!yaml_parser_load(&parser, &loader->document)) {
			err = parser.error == YAML_MEMORY_ERROR ? -ENOMEM : -EINVAL;
			loader_syntax(loader, &parser);
			break;
		}
		loader_document(loader, number, &last);
		yaml_document_delete(&loader->document);
	}
	yaml_parser_delete(&parser);
	return err;
}

int
config_parse(struct config *config, const char *file, const char *text, size_t len,
    struct diags *diags)
{
	struct config_file loader = { .file = file, .text = text, .len = len, .diags = diags };
	size_t error_count = diags->error_count;
	int err;

	if (!(loader.config = malloc(sizeof(*loader.config))))
		return -ENOMEM;
	*loader.config = *config;
	err = loader_run(&loader);
	if (!err && diags->error_count > error_count)
		err = -EINVAL;
	if (!err)
		*config = *loader.config;
	free(loader.config);
	return err;
}

/* Read what FD holds, at most SIZE bytes.  Returns their number or a negative errno. */
static ssize_t
read_all(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t got;

	while (len < size) {
		got = read(fd, buf + len, size - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

int
config_load(struct config *config, const char *path, struct diags *diags)
{
	char *text = malloc(CONFIG_FILE_BYTES_MAX + 1);
	ssize_t len;
	int fd, err;

	if (!text)
		return -ENOMEM;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0) {
		err = -errno;
		goto done;
	}
	len = read_all(fd, text, CONFIG_FILE_BYTES_MAX + 1);
	close(fd);
	if (len < 0) {
		err = (int)len;
	} else if (len > CONFIG_FILE_BYTES_MAX) {
		diags_add(diags, DIAG_ERROR, NULL, path, 0, 0, NULL, 0,
		    "expected at most %d bytes of configuration, got more", CONFIG_FILE_BYTES_MAX);
		err = -EINVAL;
	} else {
		err = config_parse(config, path, text, (size_t)len, diags);
	}
done:
	free(text);
	return err;
}
