/* SPDX-License-Identifier: Apache-2.0 */
/* Full records and contexts of the mix.  See mix_full.h. */
#include "mix_full.h"

#include <errno.h>
#include <stdlib.h>

#include "mix_host.h"

#define CONTEXT_WHEN_ALWAYS 1
#define CONTEXT_WHEN_WANTED 0
static const uint64_t always_rows = 0
#define CONTEXT(name, type, when) | (uint64_t)CONTEXT_WHEN_##when << C_##name
#include "context.def"
    ;

enum { ANCESTORS_MAX = 64, CONTENT_AT = sizeof(uint64_t), KEY = 0x5eed };

/* A context being made. */
struct block {
	struct context_head *head;
	uint64_t *states, *values;
	uint8_t *body;
	uint32_t used;
	uint64_t rows;
};

static void
block_begin(struct block *block, struct mix_full *full)
{
	memset(full->block, 0, sizeof(full->block));
	block->head = (void *)full->block;
	block->states = (void *)(block->head + 1);
	block->values = block->states + EVENT_STATE_WORDS(C_COUNT);
	block->body = (void *)(block->values + C_COUNT);
	block->used = 0;
	block->rows = always_rows | full->contexts;
}

static void
block_put(struct block *block, enum context_id row, uint64_t value)
{
	if (!(block->rows >> row & 1))
		return;
	block->states[row / 32] |= (uint64_t)PARAM_EXACT << row % 32 * 2;
	block->values[row] = value;
}

/* The texts of the mix are short: they fit the largest class in any case. */
static void
block_put_text(struct block *block, enum context_id row, struct span text)
{
	if (!(block->rows >> row & 1) || text.ptr == NULL)
		return;
	block_put(block, row, (uint64_t)text.len << 32 | block->used);
	memcpy(block->body + block->used, text.ptr, text.len);
	block->used += ((uint32_t)text.len + 7) & ~7u;
}

/* Names of the host's users; of a container's, root alone is known. */
static void
block_put_names(struct block *block, const struct mix_program *program, bool inside)
{
	const char *user = program->uid == 0 ? "root" : program->user;

	if (inside && program->uid != 0) {
		block->head->lost |= LOST_USER;
		return;
	}
	block_put_text(block, C_user_name, span_text(user));
	if (!inside) {
		block_put_text(block, C_user_home, SPAN_OF(MIX_USER_HOME));
		block_put_text(block, C_user_shell, SPAN_OF(MIX_USER_SHELL));
	}
	block_put_text(block, C_group_name, span_text(user));
}

static void
block_put_numbers(struct block *block, const struct mix_program *program)
{
	uint64_t capabilities = mix_capabilities(program);

	block_put(block, C_uid, program->uid);
	block_put(block, C_gid, program->uid);
	block_put(block, C_loginuid, UINT32_MAX);
	block_put(block, C_tty, 0);
	block_put(block, C_exe_flags, 0);
	block_put(block, C_cap_inheritable, 0);
	block_put(block, C_cap_permitted, capabilities);
	block_put(block, C_cap_effective, capabilities);
	block_put(block, C_exe_ino, mix_exe_inode(program));
	block_put(block, C_exe_ctime, MIX_EXE_TIME);
	block_put(block, C_exe_mtime, MIX_EXE_TIME);
	block_put(block, C_ns_start, MIX_NS_START);
	block_put(block, C_fdlimit, MIX_FDLIMIT);
	block_put(block, C_vm_size, MIX_VM_SIZE);
	block_put(block, C_vm_rss, MIX_VM_RSS);
	block_put(block, C_vm_swap, 0);
	block_put(block, C_pgft_maj, 0);
	block_put(block, C_pgft_min, MIX_PGFT_MIN);
}

static void
block_fill(struct block *block, const struct mix_task *task, const struct mix_task *process)
{
	const struct mix_program *program = &mix_programs[process->program];
	char id[13], cgroups[512];
	struct text text;

	mix_container_id(process->container, id);
	block_put_text(block, C_comm, span_text(task->comm));
	block_put_numbers(block, program);
	block_put_text(block, C_container_id, span_text(id));
	block_put_names(block, program, process->container != 0);
	block_put_text(block, C_exepath, span_text(program->exepath));
	block_put_text(block, C_exe, span_text(program->exepath ? program->exepath : ""));
	block_put_text(block, C_cwd, span_text(process->cwd));
	block_put_text(block, C_args, (struct span){ process->args, process->args_len });
	block_put_text(block, C_root, SPAN_OF("/"));
	text_init(&text, cgroups, sizeof(cgroups));
	mix_cgroups(&text, process);
	block_put_text(block, C_cgroups, (struct span){ text.buf, text.len });
	block_put_text(block, C_env, mix_environment());
}

/* --- the arena --- */

/* A free slot for LEN bytes, of its class or a larger one. */
static int
slot_take(struct mix_full *full, uint32_t len, uint32_t *slot)
{
	for (uint32_t class = context_class(len); class < CONTEXT_CLASSES; class++) {
		if (full->used[class] == full->arena.count[class])
			continue;
		*slot = context_class_first(&full->arena, class) + full->used[class]++;
		return 0;
	}
	return -ENOSPC;
}

/* The same bytes are one context. */
static int
intern(struct mix_full *full, const struct context_head *head, struct context_ref *ref)
{
	const char *content = (const char *)head + CONTENT_AT;
	uint32_t at = (uint32_t)bytes_hash(content, head->len - CONTENT_AT, KEY), slot, bytes;
	struct context_head *shared;

	for (;; at++) {
		uint32_t *bucket = &full->buckets[at & full->bucket_mask];

		if (*bucket == 0)
			break;
		shared = context_at(&full->arena, *bucket - 1, &bytes);
		if (shared->len != head->len || memcmp((const char *)shared + CONTENT_AT, content,
		    head->len - CONTENT_AT) != 0)
			continue;
		full->shared_count++;
		*ref = (struct context_ref){ .id = shared->id, .slot = *bucket - 1 };
		return 0;
	}
	if (slot_take(full, head->len, &slot) < 0)
		return -ENOSPC;
	shared = context_at(&full->arena, slot, &bytes);
	memcpy((char *)shared + CONTENT_AT, content, head->len - CONTENT_AT);
	shared->id = ++full->next_id;
	full->buckets[at & full->bucket_mask] = slot + 1;
	*ref = (struct context_ref){ .id = shared->id, .slot = slot };
	return 0;
}

/* Make the context of the task at INDEX right, and what it rests on. */
static int
context_make(struct mix_full *full, const struct mix *mix, uint32_t index)
{
	const struct mix_task *task = mix_task(mix, index);
	const struct mix_task *process = mix_task(mix, task->leader);
	struct mix_link *link = &full->links[index];
	struct context_ref parent = { .id = 0 };
	struct block block;
	int err;

	if (process->parent != task->leader) {
		if ((err = context_make(full, mix, process->parent)) < 0)
			return err;
		parent = full->links[process->parent].ref;
	}
	if (link->image == task->image && link->process_image == process->image &&
	    link->parent_id == parent.id)
		return 0;
	block_begin(&block, full);
	block_fill(&block, task, process);
	block.head->parent_id = parent.id;
	block.head->parent_slot = parent.slot;
	block.head->params = C_COUNT;
	block.head->len = (uint32_t)(block.body - full->block) + block.used;
	if ((err = intern(full, block.head, &link->ref)) < 0)
		return err;
	link->image = task->image;
	link->process_image = process->image;
	link->parent_id = parent.id;
	link->lost = block.head->lost;
	return 0;
}

/* --- records --- */

/* A full record being made. */
struct making {
	struct record_writer writer;
	uint32_t own;
	uint64_t wanted;
};

static void
put(struct making *making, enum derived_id row, uint64_t value)
{
	if (making->wanted >> row & 1)
		record_put(&making->writer, making->own + (uint32_t)row, value);
}

static void
put_ancestors(struct making *making, const struct mix *mix, const struct mix_task *process)
{
	uint32_t list[ANCESTORS_MAX], count = 0, at = process->parent;

	while (mix_task(mix, at) != process && count < ANCESTORS_MAX) {
		process = mix_task(mix, at);
		list[count++] = process->tgid;
		at = process->parent;
	}
	if (making->wanted >> D_ancestors & 1)
		record_put_bytes(&making->writer, making->own + D_ancestors, list,
		    count * sizeof(list[0]), PARAM_EXACT);
}

static void
put_numbers(struct making *making, const struct mix *mix, const struct mix_task *task)
{
	const struct mix_task *process = mix_task(mix, task->leader);
	const struct mix_task *parent = mix_task(mix, process->parent);

	put(making, D_parent, parent == process ? 0 : parent->tgid);
	put(making, D_ns_tid, task->ns_pid);
	put(making, D_ns_pid, process->ns_pid);
	if (parent != process)
		put(making, D_parent_ns_pid, parent->ns_pid);
	put(making, D_sid, process->tgid);
	put(making, D_pgid, process->tgid);
	put(making, D_vpgid, process->ns_pid);
	put(making, D_process_start, process->start);
	if (parent != process)
		put(making, D_parent_start, parent->start);
	put_ancestors(making, mix, process);
}

/* The context of the session's leader: here each process leads its own. */
static int
put_session(struct making *making, struct mix_full *full, const struct mix *mix, uint32_t leader)
{
	struct context_ref ref;
	int err;

	if (!(making->wanted >> D_session_context & 1))
		return 0;
	if ((err = context_make(full, mix, leader)) < 0)
		return err;
	ref = full->links[leader].ref;
	record_put(&making->writer, making->own + D_session_context, ref.id);
	record_put(&making->writer, making->own + D_session_slot, ref.slot);
	return 0;
}

int
mix_full_write(struct mix_full *full, const struct mix *mix, const struct mix_event *event,
    void *buf, size_t size)
{
	const struct mix_task *task = mix_task(mix, event->task);
	const struct mix_link *link = &full->links[event->task];
	struct making making = { .wanted = full->derived };
	struct record raw;
	int len = mix_raw_write(&full->raw, mix, event, full->record, sizeof(full->record)), err;

	if (len < 0)
		return len;
	if ((err = record_check(&raw, full->record, (size_t)len, RECORD_RAW)) < 0 ||
	    (err = context_make(full, mix, event->task)) < 0)
		return err;
	making.own = raw.own;
	record_begin_full(&making.writer, buf, size, &raw);
	if (making.writer.overflow)
		return -EMSGSIZE;
	record_put(&making.writer, raw.own + D_number, event->number);
	record_put(&making.writer, raw.own + D_context, link->ref.id);
	record_put(&making.writer, raw.own + D_context_slot, link->ref.slot);
	record_put(&making.writer, raw.own + D_lost, link->lost);
	put_numbers(&making, mix, task);
	if ((err = put_session(&making, full, mix, task->leader)) < 0)
		return err;
	return record_end(&making.writer);
}

int
mix_full_open(struct mix_full *full, uint32_t slots, uint64_t derived, uint64_t contexts)
{
	uint32_t buckets = 1;
	int err;

	memset(full, 0, sizeof(*full));
	full->region = REGION_NONE;
	full->derived = derived;
	full->contexts = contexts;
	err = region_create(&full->region, REGION_CONTEXTS, context_arena_content(slots));
	if (err == 0)
		err = context_arena_attach_take(&full->arena, region_reopen(&full->region, true),
		    true);
	while (err == 0 && buckets < 2 * context_slots(&full->arena))
		buckets *= 2;
	full->bucket_mask = buckets - 1;
	full->buckets = calloc(buckets, sizeof(*full->buckets));
	if (err == 0 && full->buckets == NULL)
		err = -ENOMEM;
	if (err < 0)
		mix_full_close(full);
	return err;
}

void
mix_full_close(struct mix_full *full)
{
	free(full->buckets);
	context_arena_detach(&full->arena);
	region_close(&full->region);
	full->buckets = NULL;
	full->region = REGION_NONE;
}
