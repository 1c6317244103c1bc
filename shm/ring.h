/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lock-free ring between one producer and one consumer process that do not trust each other.
 *
 *   data region: the producer writes, the consumer reads   tail region: the other way round
 *   +--------+-------------------+--------+--------+---    +--------+--------------------+
 *   | region | head, position,   | mark 0 | mark 1 | data  | region | tail, position,    |
 *   |  head  | closed, sleeping  |        |        | ×2    |  head  | sleeping           |
 *   +--------+-------------------+--------+--------+---    +--------+--------------------+
 *
 * The data are mapped twice, back to back, so that no entry wraps.  An entry begins with its own
 * length (u32, a multiple of 8, at least 8), as a record does.  Indices only grow; the place is
 * index modulo capacity.  A peer's index is input: it is loaded once, checked, and used as the
 * local copy.
 *
 * Sleeping: the flag stands in the sleeper's page, the futex word is the peer's index.  The
 * sleeper sets its flag, fences, loads the index again and waits for it to change; the peer
 * stores its index, fences, and looks at the flag.
 *
 * A mark is what the producer must find again if it dies: written before the head it belongs to,
 * valid when the head has that value.  It holds the last position and a few words of the
 * producer's own.
 */
#ifndef SHM_RING_H
#define SHM_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "region.h"

enum {
	RING_BYTES_MIN = 128 * 1024,
	RING_MARK_WORDS = 510,
	RING_CONTROL_BYTES = 3 * REGION_PAGE, /* between the region's head page and the data */
	RING_ENTRY_MIN = 8,
	RING_WAIT_MAX = 8 /* rings of one consumer that waits for all of them */
};

/* How a sleeper wants to be woken; value of its flag. */
enum ring_sleep { RING_AWAKE, RING_WAKE_ANY, RING_WAKE_EIGHTH };

struct ring_producer_page {
	_Alignas(64) uint64_t head;     /* bytes ever published */
	_Alignas(64) uint64_t position; /* everything up to here has been judged or passed on */
	uint32_t closed;                /* the producer has ended in order */
	_Alignas(64) uint32_t sleeping; /* producer waits for room: enum ring_sleep */
};

struct ring_consumer_page {
	_Alignas(64) uint64_t tail;     /* bytes ever consumed */
	uint64_t position;              /* last position handled */
	_Alignas(64) uint32_t sleeping; /* consumer waits for entries: enum ring_sleep */
};

struct ring_mark {
	uint64_t head;
	uint64_t position;
	uint64_t words[RING_MARK_WORDS];
};

/* One end of a ring, in the private memory of the process that holds it. */
struct ring {
	struct region data;
	struct region tail;
	struct ring_producer_page *producer; /* read-only for the consumer */
	struct ring_consumer_page *consumer; /* read-only for the producer */
	struct ring_mark *marks;             /* two */
	uint8_t *bytes;                      /* mapped twice */
	uint64_t capacity;                   /* a power of two */
	uint64_t own;                        /* own index: reserved or consumed, not yet stored */
	uint64_t stored;                     /* own index as last stored */
	uint64_t peer;                       /* the peer's index as last loaded and checked */
	uint32_t mark_next;                  /* which mark the next publish writes */
	uint32_t mark_used;                  /* words of a mark in use */
	uint32_t idle;                       /* waits in a row that found nothing */
	bool broken;                         /* consumer: what the producer wrote can not be */
	uint64_t words[RING_MARK_WORDS];     /* the producer's words for the next mark */
	uint64_t position;
	uint64_t wake_count;                 /* futex wakes sent */
	uint64_t sleep_count;
};

/* Content bytes (region_create) of the two regions of a ring with CAPACITY bytes of data. */
#define RING_DATA_CONTENT(capacity) ((size_t)RING_CONTROL_BYTES + (capacity))
#define RING_TAIL_CONTENT ((size_t)REGION_PAGE)

/*
 * Attach to the producer's end.  The descriptors are taken (also on failure).  MARK_WORDS: words
 * of a mark that the producer uses.  A successor goes on where the former holder stopped: at the
 * stored head, with the marked words.  Returns 0, a negative errno, or -EBADMSG when the regions
 * can not be.  A producer that finds an impossible tail takes the ring for full: only the consumer
 * can mend its index.
 */
int ring_attach_producer_take(struct ring *ring, int data_fd, int tail_fd,
    enum region_kind data_kind, uint32_t mark_words);

/*
 * Attach to the consumer's end, likewise; a successor goes on at the stored tail.
 */
int ring_attach_consumer_take(struct ring *ring, int data_fd, int tail_fd,
    enum region_kind data_kind);

/* Unmap; harmless on a ring that never attached (zeroed). */
void ring_detach(struct ring *ring);

/*
 * Producer: LEN bytes (a multiple of 8) for the next entry.  NULL when there is no room, or when
 * a quarter of the ring (what a tap allows for) would be pending: publish, perhaps wait for room,
 * try again.  -EBADMSG in *ERR (0 otherwise) when the consumer's index can not be.  The consumer
 * sees nothing before ring_publish().
 */
void *ring_reserve(struct ring *ring, uint32_t len, int *err);

/*
 * Producer: the entry at the last reservation is complete and LEN bytes long (at most
 * what was reserved).
 */
static inline void
ring_commit(struct ring *ring, uint32_t len)
{
	ring->own += len;
}

/* Producer: bytes committed and not published. */
static inline uint64_t
ring_pending(const struct ring *ring)
{
	return ring->own - ring->stored;
}

/*
 * Producer: show everything committed, with POSITION as its last; wakes a sleeping
 * consumer.  No entries: position only.
 */
void ring_publish(struct ring *ring, uint64_t position);

/* Producer: nothing more will come. */
void ring_end(struct ring *ring);

/* Producer: sleep until there is room for LEN bytes, at most TIMEOUT_NS.  Returns 0 or -EBADMSG. */
int ring_wait_room(struct ring *ring, uint32_t len, uint64_t timeout_ns);

/*
 * Consumer: copy the next entry into BUF (SIZE bytes).  Returns its length; 0 when there is none;
 * -EBADMSG when an index or length can not be.  ring_release() gives the room back.
 */
int ring_next(struct ring *ring, void *buf, size_t size);

/*
 * Consumer: the next entry in place, without a copy, for measurements and single-owner
 * rings only.  As ring_next().
 */
int ring_peek(struct ring *ring, const void **entry);

/*
 * Consumer, after -EBADMSG: give up everything that is in the ring, so that a successor begins
 * with what the producer writes next.
 */
void ring_abandon(struct ring *ring);

/* Consumer: everything read so far is done, POSITION the last; wakes a sleeping producer. */
void ring_release(struct ring *ring, uint64_t position);

/*
 * Consumer: as ring_release(), but the last KEEP bytes read are not done: a successor reads them
 * again.
 */
void ring_release_but(struct ring *ring, uint64_t position, uint32_t keep);

/*
 * Consumer: sleep until there are entries, at most TIMEOUT_NS.  Short timed sleeps first, woken
 * early only by an eighth of the ring, so that a busy producer pays for no wake-ups; a plain wait
 * after IDLE_SLEEPS of them in a row.
 */
void ring_wait(struct ring *ring, uint64_t timeout_ns);

/*
 * Consumer of the COUNT (at most RING_WAIT_MAX) RINGS: the same for entries in any of them.  Where
 * the kernel can not wait for several words (before Linux 5.16), a short timed sleep.
 */
void ring_wait_any(struct ring *const *rings, uint32_t count, uint64_t timeout_ns);

/*
 * Keeper: wake who sleeps on WORD's low half, an index or counter in a shared region, so that it
 * looks at its stop flag.
 */
void ring_wake_word(uint64_t *word);

/* Consumer: true when the producer has ended and everything was read. */
bool ring_ended(struct ring *ring);

/* Either end: entries waiting, in bytes. */
uint64_t ring_waiting(const struct ring *ring);

/*
 * Neither end, who only watches: bytes waiting, by the contents of a ring's data and tail
 * regions.
 */
static inline uint64_t
ring_fill(const void *data_content, const void *tail_content)
{
	const struct ring_producer_page *producer = data_content;
	const struct ring_consumer_page *consumer = tail_content;
	uint64_t tail = __atomic_load_n(&consumer->tail, __ATOMIC_RELAXED);
	uint64_t head = __atomic_load_n(&producer->head, __ATOMIC_RELAXED);

	return head > tail ? head - tail : 0;
}

/* Position up to which the producer has passed everything on, whether or not it wrote an entry. */
uint64_t ring_position(const struct ring *ring);

/* Consumer: position that the last release told. */
uint64_t ring_released_position(const struct ring *ring);

#endif
