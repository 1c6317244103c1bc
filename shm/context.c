/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry and readers of the context arena.  Who allocates and retires slots: enricher/. */
#include "context.h"

#include <errno.h>
#include <string.h>

/* Slots of each class for each 64 of the smallest one. */
static const uint32_t class_bytes[CONTEXT_CLASSES] = { 512, 2048, CONTEXT_BYTES_MAX };
static const uint32_t class_share[CONTEXT_CLASSES] = { 64, 32, 1 };

static size_t
group_bytes(void)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < CONTEXT_CLASSES; i++)
		bytes += (size_t)class_share[i] * class_bytes[i];
	return bytes;
}

size_t
context_arena_content(uint32_t slots)
{
	size_t groups = (slots + class_share[0] - 1) / class_share[0];

	return REGION_PAGE + groups * group_bytes();
}

int
context_arena_attach_take(struct context_arena *arena, int fd, bool writable)
{
	uint8_t *at;
	size_t groups;
	int err;

	memset(arena, 0, sizeof(*arena));
	if ((err = region_attach_take(&arena->region, fd, REGION_CONTEXTS, writable)) < 0)
		return err;
	groups = (region_content_bytes(&arena->region) - REGION_PAGE) / group_bytes();
	if (groups == 0 || groups * class_share[0] > CONTEXT_SLOTS_MAX) {
		context_arena_detach(arena);
		return -EBADMSG;
	}
	arena->head = region_content(&arena->region);
	at = (uint8_t *)arena->head + REGION_PAGE;
	for (uint32_t i = 0; i < CONTEXT_CLASSES; i++) {
		arena->base[i] = at;
		arena->count[i] = (uint32_t)groups * class_share[i];
		at += (size_t)arena->count[i] * class_bytes[i];
	}
	return 0;
}

void
context_arena_detach(struct context_arena *arena)
{
	if (arena->region.kind != REGION_NONE_KIND)
		region_close(&arena->region);
	memset(arena, 0, sizeof(*arena));
}

uint32_t
context_slots(const struct context_arena *arena)
{
	return arena->count[0] + arena->count[1] + arena->count[2];
}

struct context_head *
context_at(const struct context_arena *arena, uint32_t slot, uint32_t *bytes)
{
	for (uint32_t i = 0; i < CONTEXT_CLASSES; i++) {
		if (slot < arena->count[i]) {
			*bytes = class_bytes[i];
			return (void *)(arena->base[i] + (size_t)slot * class_bytes[i]);
		}
		slot -= arena->count[i];
	}
	return NULL;
}

uint32_t
context_class(uint32_t len)
{
	uint32_t class = 0;

	while (class < CONTEXT_CLASSES && class_bytes[class] < len)
		class++;
	return class;
}

uint32_t
context_class_first(const struct context_arena *arena, uint32_t class)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < class && i < CONTEXT_CLASSES; i++)
		first += arena->count[i];
	return first;
}

int
context_check(const void *buf, size_t len, struct context_view *view)
{
	const struct context_head *head = buf;
	uint32_t words = EVENT_STATE_WORDS(C_COUNT);
	size_t body = sizeof(*head) + 8 * ((size_t)words + C_COUNT);

	if (len < body || head->len != len || head->params != C_COUNT)
		return -EBADMSG;
	view->head = head;
	view->slots.states = (const uint64_t *)(const void *)(head + 1);
	view->slots.values = view->slots.states + words;
	view->slots.body = (const uint8_t *)buf + body;
	view->slots.body_len = (uint32_t)(len - body);
	view->slots.count = C_COUNT;
	return slots_check(&view->slots, context_byte_slots);
}

int
context_read(const struct context_arena *arena, struct context_ref ref, void *buf,
    struct context_view *view)
{
	uint32_t bytes = 0, len;
	const struct context_head *shared = context_at(arena, ref.slot, &bytes);

	if (shared == NULL || ref.id == 0)
		return -EBADMSG;
	if (__atomic_load_n(&shared->id, __ATOMIC_ACQUIRE) != ref.id)
		return -ESTALE;
	len = __atomic_load_n(&shared->len, __ATOMIC_RELAXED);
	if (len < sizeof(*shared) || len > bytes || len > CONTEXT_BYTES_MAX)
		return -EBADMSG;
	memcpy(buf, shared, len);
	__atomic_thread_fence(__ATOMIC_ACQUIRE); /* the copy before the second look */
	if (__atomic_load_n(&shared->id, __ATOMIC_RELAXED) != ref.id)
		return -ESTALE;
	return context_check(buf, len, view);
}
