/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rule files as the keeper hands them to evaluators: all of them, copied one after another into
 * one sealed memory file, so that whoever reads them, at whatever time, reads the same bytes.
 *
 *   | entry: length, name | bytes | entry | bytes | ...        nothing is aligned
 */
#ifndef SHM_RULESIMAGE_H
#define SHM_RULESIMAGE_H

#include <stddef.h>
#include <stdint.h>

enum {
	RULES_IMAGE_FILES_MAX = 200,
	RULES_IMAGE_BYTES_MAX = 64 << 20, /* of all files together */
	RULES_IMAGE_NAME_MAX = 264        /* with its terminator */
};

struct rules_image_entry {
	uint64_t len; /* of the bytes behind this */
	char name[RULES_IMAGE_NAME_MAX]; /* for messages; terminated */
};

/* An image that is mapped; all zero: none. */
struct rules_image {
	char *bytes;
	size_t size;
};

/*
 * Map the image behind FD (borrowed), read-only.  rules_image_close() ends it, also after a
 * failure.  Returns 0, -EBADMSG for what can not be an image, or another negative errno.
 */
int rules_image_open(struct rules_image *image, int fd);

/*
 * The file at *AT (0 for the first): copies its head to ENTRY, points *BYTES at its entry->len
 * bytes, good while the image is open, and moves *AT behind them.  Returns 1; 0 at the end;
 * -EBADMSG for an image that breaks its layout.
 */
int rules_image_next(const struct rules_image *image, size_t *at, struct rules_image_entry *entry,
    char **bytes);

/* Unmap; harmless twice. */
void rules_image_close(struct rules_image *image);

#endif
