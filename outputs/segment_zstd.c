/* SPDX-License-Identifier: Apache-2.0 */
/* Compression of frames; nothing else knows zstd. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "segment.h"
#include "segment_wire.h"

/*
 * One core writes hundreds of megabytes a second at this level; higher ones buy little for
 * records.
 */
enum { PACK_LEVEL = 1 };

_Static_assert(ZSTD_COMPRESSBOUND(SEGMENT_PLAIN_MAX) + SEGMENT_FRAME_BYTES + 8 <= SEGMENT_FRAME_MAX,
    "any records fit a frame");

struct segment_packer {
	ZSTD_CCtx *pack;
	ZSTD_DCtx *unpack;
};

/* The contexts take their memory at first use: use them once, with the largest frame. */
static int
packer_warm(struct segment_packer *packer)
{
	struct segment_frame *frame = malloc(SEGMENT_FRAME_MAX);
	void *plain = calloc(1, SEGMENT_PLAIN_MAX);
	int err = -ENOMEM;

	if (frame && plain && (err = segment_pack(packer, frame, plain, SEGMENT_PLAIN_MAX)) == 0)
		err = segment_unpack(packer, frame, plain);
	free(frame);
	free(plain);
	return err;
}

struct segment_packer *
segment_packer_new(void)
{
	struct segment_packer *packer = calloc(1, sizeof(*packer));

	if (packer == NULL)
		return NULL;
	packer->pack = ZSTD_createCCtx();
	packer->unpack = ZSTD_createDCtx();
	if (packer->pack && packer->unpack && packer_warm(packer) == 0)
		return packer;
	segment_packer_free(packer);
	return NULL;
}

void
segment_packer_free(struct segment_packer *packer)
{
	if (packer == NULL)
		return;
	ZSTD_freeCCtx(packer->pack);
	ZSTD_freeDCtx(packer->unpack);
	free(packer);
}

int
segment_pack(struct segment_packer *packer, struct segment_frame *frame, const void *plain,
    uint32_t plain_bytes)
{
	uint8_t *packed = (uint8_t *)(frame + 1);
	size_t room = SEGMENT_FRAME_MAX - SEGMENT_FRAME_BYTES, len, padded;

	len = ZSTD_compressCCtx(packer->pack, packed, room, plain, plain_bytes, PACK_LEVEL);
	if (ZSTD_isError(len))
		return -EIO;
	padded = (len + 7) & ~(size_t)7;
	memset(packed + len, 0, padded - len);
	memset(frame, 0, sizeof(*frame));
	frame->magic = SEGMENT_FRAME_MAGIC;
	frame->bytes = (uint32_t)(SEGMENT_FRAME_BYTES + padded);
	frame->packed_bytes = (uint32_t)len;
	frame->plain_bytes = plain_bytes;
	return 0;
}

int
segment_unpack(struct segment_packer *packer, const struct segment_frame *frame, void *plain)
{
	size_t len;

	if (frame->plain_bytes > SEGMENT_PLAIN_MAX)
		return -EBADMSG;
	len = ZSTD_decompressDCtx(packer->unpack, plain, frame->plain_bytes, frame + 1,
	    frame->packed_bytes);
	return ZSTD_isError(len) || len != frame->plain_bytes ? -EBADMSG : 0;
}
