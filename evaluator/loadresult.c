/* SPDX-License-Identifier: Apache-2.0 */
/* Names of load codes, and reporting with them. */
#include <stdio.h>
#include <string.h>

#include "diag.h"
#include "loadresult.h"
#include "rulefile.h"

static const struct {
	const char *name, *text, *meaning;
} codes[] = {
#define LOAD_CODE(code, text, meaning) { #code, text, meaning },
#include "loadresult.def"
#undef LOAD_CODE
};
_Static_assert(sizeof(codes) / sizeof(codes[0]) == LOAD_CODE_COUNT, "a row for each code");

const char *
load_code_name(enum load_code code)
{
	return codes[code].name;
}

const char *
load_code_text(enum load_code code)
{
	return codes[code].text;
}

const char *
load_code_meaning(enum load_code code)
{
	return codes[code].meaning;
}

bool
load_code_is_error(enum load_code code)
{
	return code <= LOAD_ERR_EXTENSION;
}

enum load_code
load_code_find(const char *name)
{
	enum load_code code = 0;

	while (code < LOAD_CODE_COUNT && strcmp(codes[code].name, name) != 0)
		code++;
	return code;
}

struct diag *
load_report_list(struct diags *diags, enum load_code code, const struct source_place *place,
    const char *format, va_list args)
{
	const enum diag_level level = load_code_is_error(code) ? DIAG_ERROR : DIAG_WARNING;
	char text[DIAG_TEXT_MAX];

	vsnprintf(text, sizeof(text), format, args);
	return diags_add(diags, level, load_code_name(code), place->file, place->line,
	    place->column, place->text.ptr, place->text.len, "%s", text);
}

struct diag *
load_report(struct diags *diags, enum load_code code, const struct source_place *place,
    const char *format, ...)
{
	struct diag *diag;
	va_list args;

	va_start(args, format);
	diag = load_report_list(diags, code, place, format, args);
	va_end(args);
	return diag;
}
