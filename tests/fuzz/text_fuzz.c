/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes through the escaping of text, into buffers of every small size, and as the source of a
 * diagnostic.  What must hold: results are terminated, valid UTF-8, free of what they escape, and a
 * shorter buffer gives a beginning of what a longer one gives.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "text.h"

enum { WHOLE_MAX = 1 << 16 };

typedef void append_fn(struct text *text, const char *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_clean(const char *text, size_t len)
{
	size_t at, step;
	bool valid;

	for (at = 0; at < len; at += step) {
		step = utf8_next(text + at, len - at, &valid);
		if (!valid || (uint8_t)text[at] < 0x20)
			abort();
	}
}

static void
fuzz_append(append_fn *append, const char *bytes, size_t len)
{
	static char whole[WHOLE_MAX], part[64];
	struct text text, cut;
	size_t size;

	text_init(&text, whole, sizeof(whole));
	append(&text, bytes, len);
	if (text.truncated || text.len != strlen(whole))
		abort();
	check_clean(whole, text.len);
	for (size = 1; size <= sizeof(part); size++) {
		text_init(&cut, part, size);
		append(&cut, bytes, len);
		if (cut.len >= size || part[cut.len] != '\0' ||
		    memcmp(part, whole, cut.len) != 0 ||
		    cut.truncated != (cut.len < text.len))
			abort();
	}
}

/* The first two bytes choose the place. */
static void
fuzz_diag(const uint8_t *data, size_t size)
{
	struct diags diags = DIAGS_NONE;
	const struct diag *diag;

	if (size < 2)
		return;
	diag = diags_add(&diags, DIAG_ERROR, NULL, "f", data[0], data[1], (const char *)data + 2,
	    size - 2, "%.*s", (int)(size - 2), (const char *)data + 2);
	if (diag) {
		check_clean(diag->source, strlen(diag->source));
		check_clean(diag->text, strlen(diag->text));
		if (diag->caret > (int)strlen(diag->source))
			abort();
	}
	diags_fini(&diags);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > WHOLE_MAX / 8) /* the widest escape has six bytes */
		return 0;
	fuzz_append(text_json, (const char *)data, size);
	fuzz_append(text_visible, (const char *)data, size);
	fuzz_diag(data, size);
	return 0;
}
