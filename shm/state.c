/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of the enricher's state region.  See state.h. */
#include "state.h"

#include <errno.h>

static const uint32_t block_bytes[STATE_BLOCK_CLASSES] = { 256, 1024, 4096, STATE_BLOCK_BYTES_MAX };

/* Blocks of each class in a group: most processes fit the smallest, threads need none. */
static const uint32_t block_share[STATE_BLOCK_CLASSES] = { 128, 64, 8, 1 };

static size_t
head_bytes(void)
{
	return (sizeof(struct state_head) + REGION_PAGE - 1) & ~(size_t)(REGION_PAGE - 1);
}

static size_t
group_bytes(void)
{
	size_t bytes = STATE_GROUP_TASKS * sizeof(struct state_task);

	for (uint32_t i = 0; i < STATE_BLOCK_CLASSES; i++)
		bytes += (size_t)block_share[i] * block_bytes[i];
	return bytes;
}

size_t
state_content(uint32_t tasks_max)
{
	size_t groups = ((size_t)tasks_max + STATE_GROUP_TASKS - 1) / STATE_GROUP_TASKS;

	return head_bytes() + (groups > 0 ? groups : 1) * group_bytes();
}

int
state_view_init(struct state_view *view, void *content, size_t bytes)
{
	size_t groups;
	uint8_t *at;

	if (bytes < head_bytes() + group_bytes())
		return -EBADMSG;
	groups = (bytes - head_bytes()) / group_bytes();
	if (groups > UINT32_MAX / STATE_GROUP_TASKS / 2)
		return -EBADMSG;
	view->head = content;
	at = (uint8_t *)content + head_bytes();
	view->tasks = (void *)at;
	view->task_count = (uint32_t)groups * STATE_GROUP_TASKS;
	at += view->task_count * sizeof(struct state_task);
	for (uint32_t i = 0; i < STATE_BLOCK_CLASSES; i++) {
		view->blocks[i] = at;
		view->block_count[i] = (uint32_t)groups * block_share[i];
		at += (size_t)view->block_count[i] * block_bytes[i];
	}
	return 0;
}

uint32_t
state_block_bytes(uint32_t class)
{
	return block_bytes[class];
}
