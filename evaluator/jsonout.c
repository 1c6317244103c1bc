/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to a stream.  See jsonout.h. */
#include "jsonout.h"

enum { CHARACTER_BYTES_MAX = 32 }; /* of one character, escaped */

static void
write_text(FILE *out, struct span text)
{
	char buf[CHARACTER_BYTES_MAX];
	struct text escaped;
	size_t step;
	bool valid;

	(void)fputc('"', out);
	for (size_t at = 0; at < text.len; at += step) {
		step = utf8_next(text.ptr + at, text.len - at, &valid);
		text_init(&escaped, buf, sizeof(buf));
		text_json(&escaped, text.ptr + at, step);
		(void)fputs(buf, out);
	}
	(void)fputc('"', out);
}

/* What stands before a value. */
static void
jsonout_begin(struct jsonout *json, const char *key)
{
	if (json->comma)
		(void)fputc(',', json->out);
	if (key != NULL) {
		write_text(json->out, span_text(key));
		(void)fputc(':', json->out);
	}
	json->comma = true;
}

static void
jsonout_open(struct jsonout *json, const char *key, char bracket)
{
	jsonout_begin(json, key);
	(void)fputc(bracket, json->out);
	json->comma = false;
}

static void
jsonout_shut(struct jsonout *json, char bracket)
{
	(void)fputc(bracket, json->out);
	json->comma = true;
}

void
jsonout_object(struct jsonout *json, const char *key)
{
	jsonout_open(json, key, '{');
}

void
jsonout_object_end(struct jsonout *json)
{
	jsonout_shut(json, '}');
}

void
jsonout_array(struct jsonout *json, const char *key)
{
	jsonout_open(json, key, '[');
}

void
jsonout_array_end(struct jsonout *json)
{
	jsonout_shut(json, ']');
}

void
jsonout_span(struct jsonout *json, const char *key, struct span text)
{
	jsonout_begin(json, key);
	write_text(json->out, text);
}

void
jsonout_string(struct jsonout *json, const char *key, const char *text)
{
	jsonout_span(json, key, span_text(text));
}

void
jsonout_bool(struct jsonout *json, const char *key, bool value)
{
	jsonout_begin(json, key);
	(void)fputs(value ? "true" : "false", json->out);
}

void
jsonout_number(struct jsonout *json, const char *key, uint64_t value)
{
	jsonout_begin(json, key);
	(void)fprintf(json->out, "%llu", (unsigned long long)value);
}
