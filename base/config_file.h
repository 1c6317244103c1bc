/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the reading of a configuration file: what config.c (keys and their values) and
 * config_select.c (selections of rules) share.
 */
#ifndef BASE_CONFIG_FILE_H
#define BASE_CONFIG_FILE_H

#include <yaml.h>

#include "config.h"

/* One file being read. */
struct config_file {
	struct config *config; /* a copy, good only if nothing was wrong */
	const char *file;
	const char *text;
	size_t len;
	struct diags *diags;
	yaml_document_t document;
};

/* Report at character INDEX of the file. */
void config_report(struct config_file *loader, enum diag_level level, size_t index,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Is NODE nothing: a plain empty scalar, `~` or `null`? */
bool config_node_is_nothing(const yaml_node_t *node);

/* What NODE is, for messages: "a list".  Static text. */
const char *config_node_kind(const yaml_node_t *node);

/* Report that NODE is not what ROW wants. */
void config_refuse_kind(struct config_file *loader, const struct config_row *row,
    const yaml_node_t *node);

/* Take the selections of NODE, in place of all that the key of ROW (a SELECT) had. */
void config_take_selections(struct config_file *loader, const struct config_row *row,
    yaml_node_t *node);

#endif
