/* SPDX-License-Identifier: Apache-2.0 */
/* Writing alerts as JSON, and checking JSON that came from another process.  See json.h. */
#include "json.h"

#include <ctype.h>
#include <string.h>

/* A place in JSON text that is being checked. */
struct json {
	const char *at;
	const char *end;
};

static bool json_value(struct json *json, int depth);

static bool
json_take(struct json *json, char c)
{
	if (json->at == json->end || *json->at != c)
		return false;
	json->at++;
	return true;
}

static bool
json_word(struct json *json, struct span word)
{
	if ((size_t)(json->end - json->at) < word.len || memcmp(json->at, word.ptr, word.len) != 0)
		return false;
	json->at += word.len;
	return true;
}

static bool
json_hex4(struct json *json)
{
	for (int i = 0; i < 4; i++, json->at++)
		if (json->at == json->end || !isxdigit((unsigned char)*json->at))
			return false;
	return true;
}

static bool
json_escape(struct json *json)
{
	char c;

	if (json->at == json->end)
		return false;
	c = *json->at++;
	return c == 'u' ? json_hex4(json) : c != 0 && strchr("\"\\/bfnrt", c) != NULL;
}

static bool
json_string(struct json *json)
{
	bool valid;

	if (!json_take(json, '"'))
		return false;
	while (json->at < json->end && *json->at != '"') {
		uint8_t c = (uint8_t)*json->at;

		if (c < 0x20)
			return false;
		if (c == '\\') {
			json->at++;
			if (!json_escape(json))
				return false;
			continue;
		}
		json->at += utf8_next(json->at, (size_t)(json->end - json->at), &valid);
		if (!valid)
			return false;
	}
	return json_take(json, '"');
}

static bool
json_digits(struct json *json)
{
	const char *begin = json->at;

	while (json->at < json->end && *json->at >= '0' && *json->at <= '9')
		json->at++;
	return json->at > begin;
}

static bool
json_number(struct json *json)
{
	(void)json_take(json, '-');
	if (!json_take(json, '0') && !json_digits(json))
		return false;
	if (json_take(json, '.') && !json_digits(json))
		return false;
	if (json_take(json, 'e') || json_take(json, 'E')) {
		if (!json_take(json, '+'))
			(void)json_take(json, '-');
		return json_digits(json);
	}
	return true;
}

static bool
json_array(struct json *json, int depth)
{
	if (!json_take(json, '['))
		return false;
	if (json_take(json, ']'))
		return true;
	do {
		if (!json_value(json, depth))
			return false;
	} while (json_take(json, ','));
	return json_take(json, ']');
}

/* One `"key":value`.  KEY gets the key, as spelled, without its quotes. */
static bool
json_member(struct json *json, int depth, struct span *key)
{
	const char *begin = json->at;

	if (!json_string(json))
		return false;
	*key = (struct span){ begin + 1, (size_t)(json->at - begin) - 2 };
	return json_take(json, ':') && json_value(json, depth);
}

static bool
json_object(struct json *json, int depth)
{
	struct span key;

	if (!json_take(json, '{'))
		return false;
	if (json_take(json, '}'))
		return true;
	do {
		if (!json_member(json, depth, &key))
			return false;
	} while (json_take(json, ','));
	return json_take(json, '}');
}

/* Recursion ends at JSON_DEPTH_MAX. */
static bool
json_value(struct json *json, int depth)
{
	if (json->at == json->end || depth == 0)
		return false;
	switch (*json->at) {
	case '{':
		return json_object(json, depth - 1);
	case '[':
		return json_array(json, depth - 1);
	case '"':
		return json_string(json);
	case 't':
		return json_word(json, SPAN_OF("true"));
	case 'f':
		return json_word(json, SPAN_OF("false"));
	case 'n':
		return json_word(json, SPAN_OF("null"));
	default:
		return json_number(json);
	}
}

bool
json_valid(struct span bytes)
{
	struct json json;

	if (bytes.len == 0)
		return false;
	json = (struct json){ bytes.ptr, bytes.ptr + bytes.len };
	return json_value(&json, JSON_DEPTH_MAX) && json.at == json.end;
}

static int
span_order(struct span a, struct span b)
{
	int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static void
json_added(struct text *out, struct span key, uint64_t number)
{
	text_format(out, "\"%.*s\":%llu", (int)key.len, key.ptr, (unsigned long long)number);
}

/*
 * Where in FIELDS, a valid object with members, the member KEY belongs: the offset of the
 * member before which it goes, or of the closing brace.  0 when the key is there.
 */
static size_t
json_place(struct span fields, struct span key)
{
	struct json json = { fields.ptr + 1, fields.ptr + fields.len };
	const char *begin;
	struct span other;

	do {
		begin = json.at;
		(void)json_member(&json, JSON_DEPTH_MAX, &other);
		if (span_order(other, key) >= 0)
			return span_equal(other, key) ? 0 : (size_t)(begin - fields.ptr);
	} while (json_take(&json, ','));
	return fields.len - 1;
}

bool
json_object_with(struct text *out, struct span fields, struct span key, uint64_t number)
{
	bool nothing = fields.len == 0 || span_equal(fields, SPAN_OF("null")) ||
	    span_equal(fields, SPAN_OF("{}"));
	bool valid = nothing || (fields.ptr[0] == '{' && json_valid(fields));
	size_t place;

	if (nothing || !valid) {
		text_char(out, '{');
		json_added(out, key, number);
		text_char(out, '}');
		return valid;
	}
	place = json_place(fields, key);
	text_bytes(out, fields.ptr, place);
	if (place == fields.len - 1)
		text_char(out, ',');
	if (place > 0)
		json_added(out, key, number);
	if (place > 0 && place < fields.len - 1)
		text_char(out, ',');
	text_bytes(out, fields.ptr + place, fields.len - place);
	return true;
}

/* `"key":"value"`. */
static void
json_text(struct text *out, const char *key, struct span value)
{
	text_format(out, "\"%s\":\"", key);
	text_json(out, value.ptr, value.len);
	text_char(out, '"');
}

/* `"key":["a","b"],` from NUL-separated LIST. */
static void
json_list(struct text *out, const char *key, struct span list)
{
	size_t at = 0, len;

	text_format(out, "\"%s\":[", key);
	for (; at < list.len; at += len + 1) {
		len = strnlen(list.ptr + at, list.len - at);
		if (at > 0)
			text_char(out, ',');
		text_char(out, '"');
		text_json(out, list.ptr + at, len);
		text_char(out, '"');
	}
	text_string(out, "],");
}

static void
json_output(struct text *out, const struct alert *alert, bool iso_8601)
{
	text_string(out, "\"output\":\"");
	alert_prefix(out, alert, iso_8601);
	text_json(out, alert->message.ptr, alert->message.len);
	text_string(out, "\",");
}

static bool
json_fields(struct text *out, const struct alert *alert, bool iso_8601)
{
	struct span key = iso_8601 ? SPAN_OF("evt.time.iso8601") : SPAN_OF("evt.time");
	bool whole;

	text_string(out, "\"output_fields\":");
	whole = json_object_with(out, alert->fields, key, alert->wall_ns);
	text_char(out, ',');
	return whole;
}

bool
json_alert(struct text *out, const struct alert *alert, const struct alert_format *format)
{
	bool internal = span_equal(alert->source, SPAN_OF("internal")), whole = true;

	text_char(out, '{');
	json_text(out, "hostname", alert->hostname);
	text_char(out, ',');
	if (alert->lost.len > 0)
		json_list(out, "lost_fields", alert->lost);
	if (format->include_message) {
		json_text(out, "message", alert->message);
		text_char(out, ',');
	}
	if (format->include_output)
		json_output(out, alert, format->iso_8601);
	if (format->include_fields)
		whole = json_fields(out, alert, format->iso_8601);
	json_text(out, "priority", span_text(alert_priority_name(alert->priority)));
	text_char(out, ',');
	json_text(out, "rule", alert->rule);
	text_char(out, ',');
	/* Sixteen hexadecimal digits: what reads JSON has often only 53 bits for a number. */
	if (format->include_rules_hash && !internal)
		text_format(out, "\"rules_hash\":\"%016llx\",",
		    (unsigned long long)alert->rules_hash);
	json_text(out, "source", alert->source);
	text_char(out, ',');
	/* What the engine says of itself has no rule, and so no tags. */
	if (format->include_tags && !internal)
		json_list(out, "tags", alert->tags);
	text_string(out, "\"time\":\"");
	alert_time_utc(out, alert, "Z");
	text_string(out, "\"}");
	return whole;
}
