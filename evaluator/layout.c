/* SPDX-License-Identifier: Apache-2.0 */
/* Slots by name, looked up once.  See layout.h. */
#include "layout.h"

#include <assert.h>

#include "record.h"

static struct event_layout layouts[EVENT_TYPES_MAX];

int
layout_slot(uint32_t id, const char *name)
{
	const struct event_info *info = event_info(id);

	for (uint32_t i = 0; info != NULL && i < info->param_count; i++)
		if (strcmp(info->params[i].name, name) == 0)
			return (int)i;
	return -1;
}

void
layout_init(void)
{
	for (uint32_t id = 0; id < EVENT_TYPES_MAX; id++) {
		struct event_layout *layout = &layouts[id];

#define X(member) layout->member = (int8_t)layout_slot(id, #member);
		LAYOUT_NAMES(X)
#undef X
		layout->socket = layout->sock >= 0 || layout->sock_tuple >= 0 ||
		    layout->tuple >= 0 || layout->domain >= 0 || layout->addr >= 0;
	}
}

const struct event_layout *
layout_of(uint32_t id)
{
	assert(id < EVENT_TYPES_MAX);
	return &layouts[id];
}
