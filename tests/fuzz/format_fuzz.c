/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an output format.  What must hold: no crash; a refusal says why, at a place inside
 * of the text; what was accepted prints, as text and as JSON, into buffers of any size.
 */
#include <errno.h>
#include <stdlib.h>

#include "json.h"
#include "judging.h"

enum { ARENA_BYTES = 64 << 20, FORMAT_MAX = 2048 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Print into SIZE bytes, which must hold a terminated text afterwards. */
static void
print(const struct format *format, struct eval *eval, struct event_view *view, size_t size)
{
	char *buf = malloc(size);
	struct text out;

	if (buf == NULL)
		abort();
	text_init(&out, buf, size);
	(void)format_print(format, eval, view, &out);
	if (out.len >= size || buf[out.len] != '\0')
		abort();
	text_init(&out, buf, size);
	(void)json_fields(&out, format, eval, view, 7);
	if (out.len >= size || buf[out.len] != '\0')
		abort();
	free(buf);
}

static void
run(struct compiler *compiler, const struct format *format)
{
	static _Alignas(8) uint8_t bytes[EVENT_RECORD_MAX];
	struct event_view view = { .contexts = &contexts, .scratch = &scratch, .clock = &now };
	struct record_writer writer;
	struct program program;
	struct record record;
	struct eval eval;

	record_begin(&writer, bytes, sizeof(bytes), EV_openat, P_openat_COUNT + D_COUNT);
	record_put(&writer, P_openat_dirfd, (uint64_t)-100);
	record_put_bytes(&writer, P_openat_name, "a\xff\"b", 4, PARAM_EXACT);
	record_put_bytes(&writer, P_openat_file, "/etc/passwd", 11, PARAM_EXACT);
	(void)record_check(&record, bytes, (size_t)record_end(&writer), RECORD_FULL);
	if (program_build(compiler, NULL, 0, &program) < 0 ||
	    eval_init(&eval, &program, 0, MATCH_ALL) < 0)
		abort();
	view_begin(&view, &record);
	(void)eval_event(&eval, &view);
	print(format, &eval, &view, 1);
	print(format, &eval, &view, 33);
	print(format, &eval, &view, 64 * 1024);
	eval_fini(&eval);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct compiler compiler;
	struct format_error error;
	struct format format;
	struct arena arena;

	judging_begin();
	if (size > FORMAT_MAX)
		return 0;
	arena_init(&arena, ARENA_BYTES);
	compiler_init(&compiler, &arena, 1);
	compiler.undelivered = true;
	if (format_compile(&compiler, (struct span){ (const char *)data, size }, true, &format,
	    &error) == 0)
		run(&compiler, &format);
	else if (error.text[0] == '\0' || error.offset > size)
		abort();
	arena_fini(&arena);
	return 0;
}
