/* SPDX-License-Identifier: Apache-2.0 */
/* Random rule files.  See rulesets.h. */
#include "rulesets.h"

#include "checks.h"
#include "pool.h"
#include "record.h"

enum { CHECKS_MAX = 20, CHECKS_BYTES = 96 * 1024, RULES_MAX = 14, MACROS_MAX = 4, DEPTH_MAX = 4 };

/* What the conditions of one file are made of. */
struct making {
	struct choice *choice;
	struct text *out;
	const struct kinds *kinds;
	struct span checks[CHECKS_MAX];
	uint32_t check_count, macro_count;
};

static const uint16_t likely[] = { EV_openat, EV_execve, EV_connect, EV_rename, EV_ptrace,
	EV_procexit, EV_clone, EV_mkdir, EV_unlinkat, EV_syscall, EV_accept4, EV_bind, EV_setuid };

void
kinds_choose(struct choice *choice, struct kinds *kinds)
{
	kinds->count = 1 + choose(choice, KINDS_MAX);
	for (uint32_t i = 0; i < kinds->count; i++) {
		const struct event_info *info;
		uint32_t id = CHOOSE(choice, likely);

		if (chance(choice, 35))
			id = choose(choice, EVENT_TYPES_MAX);
		while ((info = event_info(id)) == NULL || info->category == CATEGORY_META)
			id = (id + 1) % EVENT_TYPES_MAX;
		kinds->ids[i] = (uint16_t)id;
	}
}

/* --- conditions --- */

static const char *
kind_name(struct making *making)
{
	uint16_t id = making->kinds->ids[choose(making->choice, making->kinds->count)];

	return id == EV_syscall ? "getpid" : event_info(id)->name;
}

static void
type_write(struct making *making)
{
	static const char *const forms[] = { "evt.type = %s", "evt.type in (%s, openat)",
		"evt.type != %s", "evt.type in (%s, execve, connect, mkdir)", "evt.type == %s" };

	text_format(making->out, CHOOSE(making->choice, forms), kind_name(making));
}

static void
leaf_write(struct making *making)
{
	struct span check = making->checks[choose(making->choice, making->check_count)];

	if (chance(making->choice, 15))
		type_write(making);
	else if (making->macro_count > 0 && chance(making->choice, 20))
		text_format(making->out, "m%u", choose(making->choice, making->macro_count));
	else if (chance(making->choice, 6))
		text_string(making->out, chance(making->choice, 50) ? "proc.name in (shells)" :
		    "fd.name pmatch (folders)");
	else
		text_bytes(making->out, check.ptr, check.len);
}

static void
expression_write(struct making *making, uint32_t depth)
{
	const char *junction = chance(making->choice, 50) ? " and " : " or ";
	uint32_t count;

	if (depth == DEPTH_MAX || chance(making->choice, 15 + depth * 20)) {
		leaf_write(making);
		return;
	}
	if (chance(making->choice, 25)) {
		text_string(making->out, "not (");
		expression_write(making, depth + 1);
		text_string(making->out, ")");
		return;
	}
	count = 2 + choose(making->choice, 3);
	text_string(making->out, "(");
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			text_string(making->out, junction);
		if (chance(making->choice, 25))
			text_string(making->out, "not ");
		expression_write(making, depth + 1);
	}
	text_string(making->out, ")");
}

/* --- items --- */

static void
exceptions_write(struct making *making)
{
	static const char *const comps[] = { "=", "'!='", "startswith", "contains", "endswith" };

	text_format(making->out,
	    "  exceptions:\n    - name: e\n      fields: [proc.name, fd.name]\n"
	    "      comps: [%s, %s]\n      values:\n        - [%s, %s]\n        - [cat, /etc]\n",
	    chance(making->choice, 50) ? "in" : "intersects", CHOOSE(making->choice, comps),
	    "[cat, sh]", chance(making->choice, 50) ? "/usr" : "/etc/passwd");
}

static void
rule_write(struct making *making, uint32_t number)
{
	text_format(making->out, "- rule: r%u\n  desc: d\n  output: o\n  priority: info\n", number);
	text_string(making->out, "  condition: |\n    ");
	if (chance(making->choice, 60)) {
		type_write(making);
		text_string(making->out, " and ");
	}
	expression_write(making, 0);
	text_string(making->out, "\n");
	if (chance(making->choice, 12))
		exceptions_write(making);
	if (chance(making->choice, 5))
		text_string(making->out, "  enabled: false\n");
}

/* Checks to choose from: some differ from another in their constants alone. */
static void
checks_make(struct making *making, struct text *store)
{
	uint32_t count = 2 + choose(making->choice, CHECKS_MAX - 1);

	for (uint32_t i = 0; i < count; i++) {
		size_t from = store->len;

		check_write(making->choice, store,
		    making->kinds->ids[choose(making->choice, making->kinds->count)]);
		if (store->truncated)
			return;
		making->checks[making->check_count++] =
		    (struct span){ store->buf + from, store->len - from };
	}
}

void
rules_write(struct choice *choice, struct text *out, const struct kinds *kinds)
{
	static char buf[CHECKS_BYTES];
	struct making making = { .choice = choice, .out = out, .kinds = kinds };
	uint32_t macros = choose(choice, MACROS_MAX + 1), rules = 1 + choose(choice, RULES_MAX);
	struct text store;

	text_init(&store, buf, sizeof(buf));
	checks_make(&making, &store);
	text_string(out, "- list: shells\n  items: [sh, bash, zsh]\n"
	    "- list: folders\n  items: [/etc, /usr/b*]\n");
	for (uint32_t i = 0; i < macros; i++) {
		text_format(out, "- macro: m%u\n  condition: |\n    ", i);
		expression_write(&making, 2);
		text_string(out, "\n");
		making.macro_count++;
	}
	for (uint32_t i = 0; i < rules; i++)
		rule_write(&making, i);
	if (chance(choice, 15)) {
		text_string(out, "- rule: r0\n  override:\n    condition: append\n"
		    "  condition: |\n    or ");
		expression_write(&making, 2);
		text_string(out, "\n");
	}
}
