/* SPDX-License-Identifier: Apache-2.0 */
/* Events through real regions.  See stream.h. */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>

#include "evtcode.h"
#include "log.h"

enum { STREAM_RING_BYTES = 1 << 20, STREAM_SLOTS = 256, STREAM_START_NS = 1000000000 };

static void
must(int err, const char *what)
{
	if (err < 0)
		fatalx("%s: %s", what, strerror(-err));
}

static int
reopen(const struct region *region, bool writable)
{
	int fd = region_reopen(region, writable);

	must(fd, "reopening a region");
	return fd;
}

static void
stream_open_ring(struct stream *stream)
{
	must(region_create(&stream->data, REGION_FULL_DATA, RING_DATA_CONTENT(STREAM_RING_BYTES)),
	    "a region");
	must(region_create(&stream->tail, REGION_FULL_TAIL, RING_TAIL_CONTENT), "a region");
	must(ring_attach_producer_take(&stream->producer, reopen(&stream->data, true),
	    reopen(&stream->tail, false), REGION_FULL_DATA, 0), "the ring's producer");
	must(ring_attach_consumer_take(&stream->consumer, reopen(&stream->data, false),
	    reopen(&stream->tail, true), REGION_FULL_DATA), "the ring's consumer");
}

void
stream_open(struct stream *stream)
{
	evtcode_init();
	layout_init();
	stream_open_ring(stream);
	must(region_create(&stream->contexts_region, REGION_CONTEXTS,
	    context_arena_content(STREAM_SLOTS)), "a region");
	must(context_arena_attach_take(&stream->writer, reopen(&stream->contexts_region, true),
	    true), "the contexts' writer");
	must(context_arena_attach_take(&stream->reader, reopen(&stream->contexts_region, false),
	    false), "the contexts' reader");
	must(contexts_init(&stream->contexts, &stream->reader), "contexts");
	must(scratch_init(&stream->scratch), "scratch memory");
	stream->view.contexts = &stream->contexts;
	stream->view.scratch = &stream->scratch;
	stream->view.clock = &stream->clock;
	stream->next_context = 1;
}

void
stream_close(struct stream *stream)
{
	scratch_fini(&stream->scratch);
	contexts_fini(&stream->contexts);
	context_arena_detach(&stream->reader);
	context_arena_detach(&stream->writer);
	ring_detach(&stream->consumer);
	ring_detach(&stream->producer);
	region_close(&stream->contexts_region);
	region_close(&stream->tail);
	region_close(&stream->data);
}

/* Put TEXT, if there is one, into slot ID of the context HEAD, whose bytes end at USED. */
static void
context_put(struct context_head *head, enum context_id id, struct span text, uint32_t *used)
{
	uint64_t *states = (uint64_t *)(void *)(head + 1);
	uint64_t *slots = states + EVENT_STATE_WORDS(C_COUNT);

	if (text.ptr == NULL)
		return;
	states[id / 32] |= (uint64_t)PARAM_EXACT << (id % 32 * 2);
	slots[id] = (uint64_t)text.len << 32 | *used;
	memcpy((uint8_t *)(slots + C_COUNT) + *used, text.ptr, text.len);
	*used += ((uint32_t)text.len + 7) & ~7u;
}

/* Write a context; returns where it is. */
static struct context_ref
context_write(struct stream *stream, struct context_ref parent, struct span comm,
    struct span exepath)
{
	const size_t frame = sizeof(struct context_head) +
	    8 * (EVENT_STATE_WORDS(C_COUNT) + C_COUNT);
	size_t len = frame + ((comm.len + 7) & ~(size_t)7) + ((exepath.len + 7) & ~(size_t)7);
	uint32_t class = context_class((uint32_t)len), used = 0, bytes;
	struct context_ref ref = { .id = stream->next_context++ };
	struct context_head *head;

	if (class >= CONTEXT_CLASSES)
		fatalx("a context of %zu bytes", len);
	ref.slot = context_class_first(&stream->writer, class) +
	    (uint32_t)(ref.id % stream->writer.count[class]);
	head = context_at(&stream->writer, ref.slot, &bytes);
	memset(head, 0, bytes);
	head->params = C_COUNT;
	head->parent_id = parent.id;
	head->parent_slot = parent.slot;
	context_put(head, C_comm, comm, &used);
	context_put(head, C_exepath, exepath, &used);
	head->len = (uint32_t)len;
	head->id = ref.id;
	return ref;
}

/* The contexts of EVENT's tasks, the last ancestor first; returns the task's. */
static struct context_ref
contexts_write(struct stream *stream, const struct stream_event *event)
{
	struct context_ref ref = { .id = 0 };

	for (uint32_t level = event->chain_len; level-- > 0;)
		ref = context_write(stream, ref, event->comm[level],
		    level == 0 ? event->exepath : SPAN_NONE);
	return ref;
}

bool
stream_make(struct stream *stream, const struct stream_event *event)
{
	const struct event_info *info = event_find(event->type);
	int nr = info == NULL ? syscall_number(event->type) : -1;
	struct record_writer writer;
	struct event_head *head;
	struct context_ref task;

	if (info == NULL && nr < 0)
		return false;
	if (info == NULL)
		info = event_info(EV_syscall);
	task = contexts_write(stream, event);
	record_begin(&writer, stream->made, sizeof(stream->made), info->id,
	    info->param_count + D_COUNT);
	if (nr >= 0)
		record_put(&writer, P_syscall_ID, (uint64_t)nr);
	record_put(&writer, info->param_count + D_context, task.id);
	record_put(&writer, info->param_count + D_context_slot, task.slot);
	if (event->number > 0)
		record_put(&writer, info->param_count + D_number, event->number);
	head = record_head(&writer);
	head->ts = STREAM_START_NS;
	head->tid = event->tid;
	head->tgid = event->tgid;
	head->cpu = event->cpu;
	must(stream->made_len = record_end(&writer), "making a record");
	return true;
}

void
stream_pass(struct stream *stream)
{
	struct event_head *head = (struct event_head *)(void *)stream->made;
	int err = 0, len;
	void *at;

	head->position = ++stream->position;
	if ((at = ring_reserve(&stream->producer, (uint32_t)stream->made_len, &err)) == NULL)
		fatalx("no room in the ring: %s", strerror(-err));
	memcpy(at, stream->made, (size_t)stream->made_len);
	ring_commit(&stream->producer, (uint32_t)stream->made_len);
	ring_publish(&stream->producer, stream->position);
	must(len = ring_next(&stream->consumer, stream->got, sizeof(stream->got)), "the ring");
	must(record_check(&stream->record, stream->got, (size_t)len, RECORD_FULL), "the record");
	ring_release(&stream->consumer, stream->position);
	view_begin(&stream->view, &stream->record);
}
