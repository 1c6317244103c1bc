/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of tasks.  A task's texts stand behind each other in one block, in the order of enum
 * state_text; when there is too little room, the last ones are cut first.
 */
#include <string.h>

#include "task.h"

static enum param_state
text_state(const struct state_task *task, uint32_t which)
{
	return (enum param_state)(task->text_states >> (2 * which) & 3);
}

enum param_state
tasks_text(const struct tasks *tasks, uint32_t index, enum state_text which, struct span *text)
{
	const struct state_task *task = tasks_at(tasks, index);
	uint32_t size, offset = 0;

	*text = SPAN_NONE;
	if (task->block == 0)
		return text_state(task, which);
	for (uint32_t i = 0; i < (uint32_t)which; i++)
		offset += task->text_lens[i];
	text->ptr = pool_bytes(&tasks->pool, task->block, &size) + offset;
	text->len = task->text_lens[which];
	return text_state(task, which);
}

/* What is to be written: lengths and states, and the bytes in the table's scratch. */
struct composition {
	uint16_t lens[STATE_TEXTS];
	uint16_t states;
	uint32_t total;
	bool cut;
};

/* Put TEXTS and what INDEX has beside them together, at most ROOM bytes. */
static void
compose(struct tasks *tasks, uint32_t index, const struct task_texts *texts, uint32_t room,
    struct composition *out)
{
	memset(out, 0, sizeof(*out));
	for (uint32_t i = 0; i < STATE_TEXTS; i++) {
		enum param_state state;
		struct span text;

		if (texts->set & 1u << i) {
			text = texts->spans[i];
			state = texts->states[i];
		} else {
			state = tasks_text(tasks, index, (enum state_text)i, &text);
		}
		if (text.len > room - out->total) {
			text.len = room - out->total;
			state = PARAM_TRUNCATED;
			out->cut = true;
		}
		if (text.len > 0)
			memcpy(tasks->scratch + out->total, text.ptr, text.len);
		out->lens[i] = (uint16_t)text.len;
		out->states |= (uint16_t)((unsigned)state << (2 * i));
		out->total += (uint32_t)text.len;
	}
}

/* A block for LEN bytes, at the cost of other tasks if need be; 0 when even that does not help. */
static uint32_t
block_get(struct tasks *tasks, uint32_t index, uint32_t len)
{
	enum { PUT_OUT_MAX = 8 };
	uint32_t block = pool_get(&tasks->pool, len);

	for (int i = 0; i < PUT_OUT_MAX && block == 0 && tasks_make_room(tasks, index); i++)
		block = pool_get(&tasks->pool, len);
	return block;
}

/* The block that is to hold LEN bytes of INDEX, and its size: the one it has when that fits. */
static uint32_t
block_choose(struct tasks *tasks, uint32_t index, uint32_t len, uint32_t *size)
{
	uint32_t has = tasks_at(tasks, index)->block, block;

	*size = 0;
	if (has != 0) {
		(void)pool_bytes(&tasks->pool, has, size);
		if (pool_fits(*size, len))
			return has;
	}
	block = block_get(tasks, index, len);
	if (block == 0)
		return has;
	(void)pool_bytes(&tasks->pool, block, size);
	return block;
}

void
tasks_put_texts(struct tasks *tasks, uint32_t index, const struct task_texts *texts)
{
	struct state_task *task = tasks_at(tasks, index);
	struct composition made;
	uint32_t has = task->block, block, size;

	compose(tasks, index, texts, STATE_BLOCK_BYTES_MAX, &made);
	block = block_choose(tasks, index, made.total, &size);
	if (made.total > size)
		compose(tasks, index, texts, size, &made);
	if (made.cut)
		stats_add(tasks->stats, STAT_ENRICHER_contexts_cut, 1);
	if (block != 0)
		memcpy(pool_bytes(&tasks->pool, block, &size), tasks->scratch, made.total);
	if (has != 0 && has != block)
		pool_put(&tasks->pool, has);
	task->block = block;
	task->text_states = made.states;
	memcpy(task->text_lens, made.lens, sizeof(made.lens));
}

void
tasks_put_comm(struct tasks *tasks, uint32_t index, struct span comm)
{
	struct state_task *task = tasks_at(tasks, index);

	task->comm_len = (uint8_t)(comm.len < STATE_COMM_MAX ? comm.len : STATE_COMM_MAX);
	memset(task->comm, 0, sizeof(task->comm));
	if (task->comm_len > 0)
		memcpy(task->comm, comm.ptr, task->comm_len);
}
