/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that was put together from pieces of rule files, each byte knowing where it was
 * written.  Conditions are joined, wrapped in exceptions and filled with lists before they
 * are parsed; an error in the result is still shown where its author can mend it.
 *
 *	text      (  proc.name in (  a, b  )  )  and not  (  proc.pname  =  x  )
 *	pieces    |1 |2              |3    |2 |1 |1          |4             |5
 *
 *	piece     from here on in the text: this byte of the value of this scalar, and the
 *	          next ones (copied), or that one place for all bytes (made)
 */
#ifndef EVALUATOR_SRCTEXT_H
#define EVALUATOR_SRCTEXT_H

#include <stdbool.h>

#include "rulefile.h"
#include "text.h"

enum { SRCTEXT_BYTES_MAX = 16 << 20 };

struct srctext_piece {
	uint32_t at;     /* offset in the text */
	uint32_t offset; /* in the value of node */
	const struct rulefile_node *node;
	bool made;       /* all bytes stand for that one place */
};

struct srctext {
	struct span text; /* terminated */
	const struct srctext_piece *pieces;
	uint32_t piece_count;
};

/*
 * A text being built on the heap, at most SRCTEXT_BYTES_MAX long.  Failure is remembered
 * until it is asked for.
 */
struct srcbuild {
	char *bytes;
	size_t len, capacity;
	struct srctext_piece *pieces;
	size_t piece_count, piece_capacity;
	int err; /* 0; -E2BIG: too long; -ENOMEM */
};

#define SRCBUILD_NONE ((struct srcbuild){ NULL, 0, 0, NULL, 0, 0, 0 })

/* Where byte OFFSET of TEXT (the end included) was written. */
struct source_place srctext_place(const struct srctext *text, size_t offset);

/* Begin again with an empty text, keeping the memory. */
void srcbuild_clear(struct srcbuild *build);

/* Free the memory; harmless on SRCBUILD_NONE and twice. */
void srcbuild_fini(struct srcbuild *build);

/* Append the value of scalar NODE. */
void srcbuild_node(struct srcbuild *build, const struct rulefile_node *node);

/* Append TEXT, made because of NODE. */
void srcbuild_made(struct srcbuild *build, struct span text, const struct rulefile_node *node);

/* Append LEN bytes of FROM from START on, which keep their places. */
void srcbuild_slice(struct srcbuild *build, const struct srctext *from, size_t start, size_t len);

/* Append TEXT, which stands for what was at byte OFFSET of FROM. */
void srcbuild_instead(struct srcbuild *build, struct span text, const struct srctext *from,
    size_t offset);

/* Drop everything behind LEN bytes. */
void srcbuild_cut(struct srcbuild *build, size_t len);

/* See what has been built so far as a text; good until BUILD changes. */
struct srctext srcbuild_view(const struct srcbuild *build);

/* Copy the text into ARENA.  Returns 0, or the failure that was remembered (-E2BIG, -ENOMEM). */
int srcbuild_take(const struct srcbuild *build, struct arena *arena, struct srctext *text);

#endif
