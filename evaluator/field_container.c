/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container.* and k8s.*: the id is in the task's context; outside of containers all else is
 * known too.  Inside, what only a container runtime can tell is absent; fields that say
 * nothing outside have no row here, for nothing delivers them yet.
 */
#include "sources.h"

enum container_answer {
	ANSWER_ID,      /* the id itself */
	ANSWER_HOST,    /* outside of containers: "host" */
	ANSWER_EMPTY,   /* outside of containers: the empty text */
	ANSWER_FALSE    /* outside of containers: false */
};

static void
get_container(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct context_entry *self = view_ancestor(view, 0);
	enum container_answer answer = (enum container_answer)accessor->source->item;
	struct span id;

	value_none(value);
	if (self == NULL || !slots_bytes(&self->view.slots, C_container_id, &id)) {
		value_lost(value);
		return;
	}
	if (answer == ANSWER_ID) {
		value_text(value, id);
		return;
	}
	if (!span_equal(id, SPAN_OF("host"))) {
		value->state = FIELD_PENDING;
		return;
	}
	switch (answer) {
	case ANSWER_ID:
	case ANSWER_HOST:
		value_text(value, id);
		break;
	case ANSWER_EMPTY:
		value_text(value, SPAN_OF(""));
		break;
	case ANSWER_FALSE:
		value_number(value, 0);
		break;
	}
}

#define ROW(name, answer) \
	{ \
		F_##name, ANSWER_##answer, 0, LOST_TASK | LOST_CONTAINER, get_container, D_CHAIN, \
		    C_BIT(container_id) \
	}

static const struct field_source rows[] = {
	ROW(container_id, ID),
	ROW(container_full_id, HOST),
	ROW(container_name, HOST),
	ROW(container_type, HOST),
	ROW(container_image, EMPTY),
	ROW(container_image_id, EMPTY),
	ROW(container_image_repository, EMPTY),
	ROW(container_image_tag, EMPTY),
	ROW(container_image_digest, EMPTY),
	ROW(container_privileged, FALSE),
};

const struct field_source *
source_of_container(enum field_id field)
{
	return source_find(rows, sizeof(rows) / sizeof(rows[0]), field);
}
