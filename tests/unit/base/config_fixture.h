/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of settings share: a configuration, what was said of it, and parsing. */
#ifndef TESTS_CONFIG_FIXTURE_H
#define TESTS_CONFIG_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config.h"

static struct config config;
static struct diags diags;

static inline int
setup(void **state)
{
	(void)state;
	config_defaults(&config);
	diags = DIAGS_NONE;
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	diags_fini(&diags);
	return 0;
}

static inline int
parse(const char *yaml)
{
	return config_parse(&config, "t.yaml", yaml, strlen(yaml), &diags);
}

/* ASSIGNMENT must give one error, at COLUMN, whose text is TEXT, and change nothing. */
static inline void
expect_set_error(const char *assignment, int column, const char *text)
{
	struct config before = config;

	assert_int_equal(config_set(&config, assignment, &diags), -EINVAL);
	assert_int_equal(diags.count, 1);
	assert_string_equal(diags.items[0].text, text);
	assert_int_equal(diags.items[0].column, column);
	assert_memory_equal(&before, &config, sizeof(config));
	diags_fini(&diags);
}

#endif
