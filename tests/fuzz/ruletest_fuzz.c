/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a file of rule tests, and its values as those of fields.  What must hold: no
 * crash; an item that is wrong is told; values of all fields that are accepted can be read.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "diag.h"
#include "evtcode.h"
#include "field.h"
#include "material.h"
#include "ruletest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_BYTES_MAX = 64 << 20, FUZZ_VALUES_MAX = 64 };

static void
check_values(const struct material *material)
{
	for (uint32_t i = 0; i < material->count; i++) {
		const struct field_value *value = &material->items[i].value;

		if (value->state != FIELD_VALUE || (value->count > 0 && value->texts == NULL))
			abort();
	}
}

static void
check_event(struct arena *arena, const struct ruletest_event *event)
{
	static struct material material;
	char error[MATERIAL_ERROR_MAX];

	memset(&material, 0, sizeof(material));
	material.arena = arena;
	for (uint32_t i = 0; i < event->count; i++) {
		const struct ruletest_field *field = &event->fields[i];
		struct span values[FUZZ_VALUES_MAX];
		uint32_t count = ruletest_elements(field->value);

		if (count > FUZZ_VALUES_MAX)
			continue;
		for (uint32_t at = 0; at < count; at++)
			values[at] = ruletest_element(field->value, at)->text;
		error[0] = '\0';
		if (material_add(&material, field->name->text, values, count, error) < 0 &&
		    error[0] == '\0')
			abort();
	}
	(void)material_finish(&material);
	check_values(&material);
}

static void
check_items(struct ruletest_reader *reader)
{
	struct ruletest_item item;
	size_t told = 0;
	int got;

	while ((got = ruletest_next(reader, &item)) != 0 && got != -ENOMEM) {
		if ((got < 0) != (reader->diags->error_count > told))
			abort();
		told = reader->diags->error_count;
		if (got > 0 && item.kind == RULETEST_TEST)
			check_event(reader->arena, item.event);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ruletest_reader reader;
	const struct rulefile *file;
	struct diags diags = DIAGS_NONE;
	struct arena arena;

	evtcode_init();
	arena_init(&arena, FUZZ_BYTES_MAX);
	if (rulefile_parse(&arena, "fuzz.yaml", (struct span){ (const char *)data, size }, &diags,
	        &file) == 0) {
		ruletest_read(&reader, &arena, file, &diags);
		check_items(&reader);
	}
	diags_fini(&diags);
	arena_fini(&arena);
	return 0;
}
