/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options in a command line.  Long ones are passed over, and the first element that is no
 * option ends the search.  See transform.h.
 */
#include "transform.h"

enum option_kind { OPTION_UNKNOWN, OPTION_PLAIN, OPTION_ARGUMENT };

struct getopt {
	uint8_t kinds[256];  /* enum option_kind of each byte */
	const struct field_value *argv;
	uint32_t at;         /* the element at hand */
	bool selects;
	char selector;
	struct span *found;  /* of a list: room for all that can be found */
	uint32_t count;
	struct span chosen;  /* of a selector */
	bool has_chosen;
};

/* Colons in front, and those behind the first one of an option, mean nothing. */
static void
options_read(struct getopt *g, struct span options)
{
	for (size_t i = 0; i < options.len; i++) {
		unsigned char c = (unsigned char)options.ptr[i];

		if (c == ':')
			continue;
		if (i + 1 < options.len && options.ptr[i + 1] == ':')
			g->kinds[c] = OPTION_ARGUMENT;
		else if (g->kinds[c] == OPTION_UNKNOWN)
			g->kinds[c] = OPTION_PLAIN;
	}
}

/* Option C was given; what it says of itself is VALUE, and LISTED goes before that in a list. */
static void
option_add(struct getopt *g, char c, const struct span *listed, struct span value)
{
	if (g->selects) {
		if (g->kinds[(unsigned char)c] == OPTION_UNKNOWN || c != g->selector)
			return;
		g->chosen = value;
		g->has_chosen = true;
		return;
	}
	if (listed != NULL)
		g->found[g->count++] = *listed;
	g->found[g->count++] = value;
}

/*
 * The option at *AT of ELEMENT, whose argument is the rest of the element, or else the
 * whole next one.
 */
static void
option_with_argument(struct getopt *g, struct span element, size_t at)
{
	struct span option = { element.ptr + at, 1 };
	struct span rest = { element.ptr + at + 1, element.len - at - 1 };

	if (rest.len == 0 && g->at + 1 == g->argv->count) {
		option_add(g, option.ptr[0], NULL, SPAN_OF(""));
		return;
	}
	if (rest.len == 0)
		rest = g->argv->texts[++g->at];
	option_add(g, option.ptr[0], &option, rest);
}

static void
options_of(struct getopt *g, struct span element)
{
	for (size_t at = 1; at < element.len; at++) {
		char c = element.ptr[at];

		switch ((enum option_kind)g->kinds[(unsigned char)c]) {
		case OPTION_UNKNOWN:
			option_add(g, c, NULL, SPAN_OF("?"));
			break;
		case OPTION_PLAIN:
			option_add(g, c, NULL, (struct span){ element.ptr + at, 1 });
			break;
		case OPTION_ARGUMENT:
			option_with_argument(g, element, at);
			return;
		}
	}
}

static void
elements_walk(struct getopt *g)
{
	for (g->at = 0; g->at < g->argv->count; g->at++) {
		struct span element = g->argv->texts[g->at];

		if (element.len < 2 || element.ptr[0] != '-' || span_equal(element, SPAN_OF("--")))
			return;
		if (element.ptr[1] != '-')
			options_of(g, element);
	}
}

void
getopt_get(struct scratch *scratch, const struct transform *transform,
    const struct field_value *argv, struct span options, struct field_value *value)
{
	struct getopt g = { .argv = argv, .selects = transform->selects,
		.selector = transform->selector };
	size_t most = 1; /* each byte is an option at most, and each element an argument */

	options_read(&g, options);
	for (uint32_t i = 0; i < argv->count; i++)
		most += argv->texts[i].len + 1;
	if (!g.selects && (g.found = scratch_take(scratch, most, sizeof(*g.found))) == NULL) {
		value_lost(value);
		return;
	}
	elements_walk(&g);
	if (!g.selects) {
		value->state = FIELD_VALUE;
		value->count = g.count;
		value->texts = g.found;
	} else if (g.has_chosen) {
		value_text(value, g.chosen);
	} else {
		value_none(value);
	}
}
