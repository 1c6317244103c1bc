/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The segment: one file of a spool (or, with other sections, of an archive).  The one reader
 * and the one writer of the format are declared here.
 *
 * A segment is append-only and preallocated.  All integers are little-endian; every part
 * begins at a multiple of 8; all padding is zero.  "Hash" is XXH3 (64 bits, seed 0).  The file
 * is named by its number, in 16 decimal digits, then ".seg".  Magic numbers are the bytes
 * "SakrSeg1", "Fram", "Indx" and "Foot".
 *
 *   0                    +------------------------------------------------------------------+
 *                        | struct segment_head                                              |
 *   +SEGMENT_HEAD_BYTES  | sections: { u32 type, u32 len, LEN bytes, padding } ...          |
 *   head.head_bytes      +------------------------------------------------------------------+
 *                        | frame: struct segment_frame, packed records, padding             |
 *                        | frame ...                                                        |
 *                        +------------------------------------------------------------------+
 *      unsealed: zeros to the end of the file         sealed: index, foot, end of the file
 *                        +------------------------------------------------------------------+
 *                        | struct segment_index, one struct segment_entry a frame           |
 *                        | struct segment_foot                                              |
 *                        +------------------------------------------------------------------+
 *
 * Head.  head.hash is the hash of the first head.head_bytes bytes of the file with that field zero.
 * Sections of an unknown type are passed over.
 *
 * Frame.  packed_bytes bytes of one zstd frame follow the struct; unpacked they are
 * plain_bytes bytes: record_count records (event.h), one after the other, each of its own
 * head.len bytes.  frame.bytes covers struct, packed bytes and padding.  frame.hash is the
 * hash of these frame.bytes bytes with that field zero.  frame.before is the hash of the frame
 * before, in the first frame head.hash, so that frames form a chain; since the head names the
 * last hash of the segment before, the chain goes on from file to file.
 *
 * Positions.  A record's key is (position, index of the alert within its event).  Keys grow
 * along a stream, and a stream is named by a random number; a segment holds one stream.
 * frame.first and frame.last are the keys of the first and last record of the frame that has
 * one (records that were written by the spooler itself have position 0 and none); a frame
 * without any repeats the last key before it in last, and zeros in first.
 *
 * Ordinals.  Records are counted over all segments of a directory; head.ordinal is the number
 * of records before this segment, so that what is missing between two segments is a
 * subtraction.
 *
 * Ends.  Where a segment ends is said by, in this order: the next segment's before_bytes
 * (frames from there on are repeated in the next segment, because a write or sync had failed);
 * its own index; the first frame that is not whole.  A torn tail loses the torn frame: what
 * follows the last whole frame of an unsealed segment is ignored, and cut off when the segment
 * is sealed.
 *
 * Index.  index.bytes covers struct and entries.  foot.hash is the hash of index and foot with
 * that field zero.  The foot is the last SEGMENT_FOOT_BYTES bytes of the file and points back
 * to the index.
 */
#ifndef OUTPUTS_SEGMENT_H
#define OUTPUTS_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

enum {
	SEGMENT_VERSION = 1,
	SEGMENT_HEAD_BYTES = 128,
	SEGMENT_HEAD_MAX = 64 << 10,   /* head and sections */
	SEGMENT_FRAME_BYTES = 80,
	SEGMENT_FOOT_BYTES = 48,
	SEGMENT_PLAIN_MAX = 128 << 10, /* bytes of a frame's records */
	SEGMENT_FRAME_MAX = SEGMENT_FRAME_BYTES + SEGMENT_PLAIN_MAX + 4096, /* bytes of a frame */
	SEGMENT_FRAMES_MAX = 16384,    /* frames of a segment */
	SEGMENT_NAME_MAX = 24
};

enum segment_kind { SEGMENT_ALERTS = 1, SEGMENT_EVENTS = 2 };

enum segment_section {
	SECTION_HOST = 1,     /* host name, not terminated */
	SECTION_CAPTURE = 2,  /* archives: which events, parameters and filters were in force */
	SECTION_SNAPSHOT = 3, /* archives: the collector's snapshot records */
	SECTION_ANCHOR = 4    /* archives: the clock anchor record in force */
};

/* The place of a record in its stream. */
struct segment_key {
	uint64_t position;
	uint32_t index;
	uint32_t reserved;
};

struct segment_head {
	uint64_t magic;
	uint32_t version;
	uint32_t head_bytes;
	uint64_t schema;         /* segment_schema() of the kind */
	uint64_t number;
	uint64_t stream;
	struct segment_key after; /* newest key of the stream before this segment */
	uint64_t ordinal;        /* records before this segment */
	uint64_t created_ns;     /* wall clock */
	int32_t utc_offset_s;    /* of the machine's zone, east of UTC */
	uint32_t kind;           /* enum segment_kind */
	uint8_t boot_id[16];
	uint64_t before_number;  /* the segment before; 0: none */
	uint64_t before_bytes;   /* where its last valid frame ends */
	uint64_t before_hash;    /* of that frame, or of its head */
	uint64_t hash;
};

struct segment_frame {
	uint32_t magic;
	uint32_t bytes;
	uint32_t packed_bytes;
	uint32_t plain_bytes;
	uint32_t record_count;
	uint32_t reserved;
	struct segment_key first;
	struct segment_key last;
	uint64_t wall_ns;        /* when it was made */
	uint64_t before;
	uint64_t hash;
};

struct segment_index {
	uint32_t magic;
	uint32_t bytes;
	uint64_t reserved;
};

struct segment_entry {
	uint64_t offset;         /* of the frame */
	uint64_t first_position;
	uint32_t first_index;
	uint32_t record_count;
};

struct segment_foot {
	uint32_t magic;
	uint32_t frame_count;
	uint64_t index_offset;
	uint64_t record_count;
	uint64_t chain;          /* hash of the last frame, or of the head */
	uint64_t sealed_ns;      /* wall clock */
	uint64_t hash;
};

_Static_assert(sizeof(struct segment_head) == SEGMENT_HEAD_BYTES, "no hidden padding");
_Static_assert(sizeof(struct segment_frame) == SEGMENT_FRAME_BYTES, "no hidden padding");
_Static_assert(sizeof(struct segment_index) == 16, "no hidden padding");
_Static_assert(sizeof(struct segment_entry) == 24, "no hidden padding");
_Static_assert(sizeof(struct segment_foot) == SEGMENT_FOOT_BYTES, "no hidden padding");

/* True when key A comes after B. */
static inline bool
segment_key_after(struct segment_key a, struct segment_key b)
{
	return a.position != b.position ? a.position > b.position : a.index > b.index;
}

/*
 * Hash of what a reader of KIND must agree on: all of the schema for events, the row of the alert
 * record for alerts, so that alerts not yet delivered survive an upgrade that adds events.
 */
uint64_t segment_schema(enum segment_kind kind);

/* Hash of the LEN bytes at BYTES, in which the 8 bytes at HASH (part of them) count as zero. */
uint64_t segment_hash(void *bytes, size_t len, uint64_t *hash);

/* Write the file name of segment NUMBER. */
void segment_name(char name[SEGMENT_NAME_MAX], uint64_t number);

/* The number in a file name, or 0 when it is not the name of a segment (numbers begin at 1). */
uint64_t segment_number(const char *name);

/* ---- writer: one process, which holds the directory's lock; may block on the disk ---- */

/* What a new segment says of itself; the fields of the head that its writer sets are ignored. */
struct segment_spec {
	struct segment_head head;
	struct span host;
	uint64_t bytes; /* of the file */
};

struct segment_reader;

struct segment_writer {
	int fd;
	uint64_t number;
	uint64_t bytes;        /* of the file */
	uint64_t used;         /* head and whole frames */
	uint64_t chain;        /* hash of the last frame, or of the head */
	uint64_t record_count;
	struct segment_key last; /* newest key of the stream, in this segment or before it */
	uint32_t frame_count;
	struct segment_entry *entries; /* SEGMENT_FRAMES_MAX of them */
};

#define SEGMENT_WRITER_NONE ((struct segment_writer){ .fd = -1 })

/* Take the memory of WRITER.  0 or -ENOMEM; segment_writer_fini() gives it back. */
int segment_writer_init(struct segment_writer *writer);

/* Close what is open and give the memory back; harmless twice. */
void segment_writer_fini(struct segment_writer *writer);

/*
 * Create, preallocate and begin segment SPEC->head.number in DIR.  Returns 0 or a negative errno
 * (-ENOSPC, -EEXIST, ...), and then no file is left behind.
 */
int segment_create(struct segment_writer *writer, int dir, const struct segment_spec *spec);

/*
 * As segment_create(), but in the file NAME of DIR, which is renamed: it is preallocated
 * already.
 */
int segment_create_from(struct segment_writer *writer, int dir, const char *name,
    const struct segment_spec *spec);

/*
 * Read segment NUMBER with READER up to its last whole frame, and go on there, in order to
 * seal it.  Returns 1; 0 when it is sealed already (then it is not open, but writer->last,
 * used, chain and record_count are right); or what segment_open() said.  *TORN tells whether
 * something else than zeros followed the last whole frame.
 */
int segment_resume(struct segment_writer *writer, int dir, uint64_t number,
    struct segment_reader *reader, bool *torn);

/* Whether a frame of BYTES bytes fits, with the index that must follow. */
bool segment_fits(const struct segment_writer *writer, uint32_t bytes);

/*
 * Append FRAME (as segment_pack() made it), setting its chain.  Returns 0 or a negative errno,
 * after which this segment must not be used but for segment_abandon().
 */
int segment_append(struct segment_writer *writer, struct segment_frame *frame);

/* Force what was appended to the disk.  A failure as with segment_append(). */
int segment_sync(struct segment_writer *writer);

/* Write index and foot, cut the file after them, and close it (when SYNC, durably). */
int segment_seal(struct segment_writer *writer, bool sync);

/* Close without sealing. */
void segment_abandon(struct segment_writer *writer);

/* ---- packing: compression, in memory taken at start ---- */

struct segment_packer;

/* New compression state, or NULL without memory. */
struct segment_packer *segment_packer_new(void);

/* Give PACKER back; NULL is none. */
void segment_packer_free(struct segment_packer *packer);

/*
 * Make a frame at FRAME (SEGMENT_FRAME_MAX bytes) from PLAIN_BYTES bytes (at most
 * SEGMENT_PLAIN_MAX) of records.  Sets magic, the byte counts and the packed bytes; the caller
 * sets the rest.  0 or -EIO.
 */
int segment_pack(struct segment_packer *packer, struct segment_frame *frame, const void *plain,
    uint32_t plain_bytes);

/* Unpack FRAME, checked, into PLAIN (SEGMENT_PLAIN_MAX bytes).  0, or -EBADMSG. */
int segment_unpack(struct segment_packer *packer, const struct segment_frame *frame, void *plain);

/*
 * ---- reader: any bytes may come; nothing is trusted before its hash and bounds are checked
 * ----
 */

enum segment_state {
	SEGMENT_FRAME,  /* a whole frame: reader->frame */
	SEGMENT_OPEN,   /* nothing here yet */
	SEGMENT_SEALED, /* the index is here */
	SEGMENT_TORN    /* not a whole frame: being written, torn or damaged */
};

struct segment_reader {
	int fd;
	struct segment_head head;
	char host[256];               /* from its section, terminated */
	uint64_t at;                  /* offset of the next frame */
	uint64_t chain;               /* hash of the frame before; 0: not read in order */
	struct segment_frame *frame;  /* SEGMENT_FRAME_MAX bytes, the last frame read */
	uint8_t *plain;               /* SEGMENT_PLAIN_MAX bytes, 8-aligned: segment_records() */
	struct segment_packer *packer;
};

#define SEGMENT_READER_NONE ((struct segment_reader){ .fd = -1 })

/* Take the memory of READER.  0 or -ENOMEM; segment_reader_fini() gives it back and closes. */
int segment_reader_init(struct segment_reader *reader);

/* Close what is open and give the memory back; harmless twice. */
void segment_reader_fini(struct segment_reader *reader);

/*
 * Open segment NUMBER of DIR at its first frame.  Returns 0; -ENOENT; -ENODATA when its head
 * is still all zeros; -EBADMSG for a head that can not be; -ENOTSUP for another version, kind
 * or schema.
 */
int segment_open(struct segment_reader *reader, int dir, uint64_t number);

/* As segment_open(), of the file behind FD (taken). */
int segment_open_take(struct segment_reader *reader, int fd);

/* Close the file, keep the memory. */
void segment_close(struct segment_reader *reader);

/*
 * Look at the next frame, and on SEGMENT_FRAME move past it.  Checks bounds, hash, and the
 * chain when reader->chain is known.  Does not allocate.  A negative errno only for what the
 * system refused.
 */
int segment_next(struct segment_reader *reader);

/*
 * Go to the frame at offset AT, which the caller remembers from before; it is checked when it
 * is read.
 */
void segment_seek(struct segment_reader *reader, uint64_t at);

/*
 * Pass over a damaged frame by the length it claims.  True when something valid in form stands
 * there; the chain is not known after that.
 */
bool segment_skip(struct segment_reader *reader);

/*
 * Unpack the frame last read into reader->plain.  Returns 0, or -EBADMSG when the bytes do not
 * unpack or are not record_count records.
 */
int segment_records(struct segment_reader *reader);

/*
 * Read and check index and foot against what was read.  0, -EBADMSG, or -ENODATA when not
 * sealed.
 */
int segment_check_seal(struct segment_reader *reader, uint32_t frame_count, uint64_t record_count);

#endif
