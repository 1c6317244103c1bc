/* SPDX-License-Identifier: Apache-2.0 */
/* The codes of what loading rule files can say, and how they are reported. */
#ifndef EVALUATOR_LOADRESULT_H
#define EVALUATOR_LOADRESULT_H

#include <stdarg.h>
#include <stdbool.h>

struct diag;
struct diags;
struct source_place;

/* A span as the two arguments of `%.*s`. */
#define QUOTED(span) (int)(span).len, (span).ptr

enum load_code {
#define LOAD_CODE(code, text, meaning) code,
#include "loadresult.def"
#undef LOAD_CODE
	LOAD_CODE_COUNT
};

/* The name of CODE, such as "LOAD_ERR_VALIDATE".  Static text, as the next two. */
const char *load_code_name(enum load_code code);

/* A few words for CODE. */
const char *load_code_text(enum load_code code);

/* A sentence on what CODE means. */
const char *load_code_meaning(enum load_code code);

/* Is CODE an error?  All others are warnings. */
bool load_code_is_error(enum load_code code);

/* The code called NAME, or LOAD_CODE_COUNT. */
enum load_code load_code_find(const char *name);

/*
 * Append a diagnostic of CODE at PLACE, an error or a warning as CODE is.  A load may
 * report several errors; the first one is that which the reference engine would have
 * stopped at.  Returns it, good until the next one, or NULL when there was no room.
 */
struct diag *load_report(struct diags *diags, enum load_code code, const struct source_place *place,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* As load_report(), with the arguments as a list. */
struct diag *load_report_list(struct diags *diags, enum load_code code,
    const struct source_place *place, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

#endif
