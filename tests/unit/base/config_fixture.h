/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of settings share: a configuration, what was said of it, and parsing. */
#ifndef TESTS_CONFIG_FIXTURE_H
#define TESTS_CONFIG_FIXTURE_H

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

#endif
