/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the parser: what parse.c (structure) and parse_value.c (leaves) share.  Functions
 * return a negative errno with the error filled in; a failure ends the whole parse.
 */
#ifndef EVALUATOR_PARSER_H
#define EVALUATOR_PARSER_H

#include "lex.h"
#include "parse.h"

struct parser {
	struct arena *arena;
	struct lex lex;
	uint32_t depth, depth_max;
	struct parse_error *error;
};

/* Pointers being collected in the arena; starts as zeroes. */
struct parser_list {
	void **items;
	uint32_t count, capacity;
};

/* Fail at AT, with a formatted message. */
int parser_fail_at(struct parser *p, struct ast_position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fail at the current place: "expected EXPECTED, got" what stands there. */
int parser_fail(struct parser *p, const char *expected);

/* Fail because the arena is full. */
int parser_no_memory(struct parser *p);

/* Count COST of a production that begins; it takes the cost off again when it ends well. */
int parser_enter(struct parser *p, uint32_t cost);

/* Append ITEM to LIST. */
int parser_push(struct parser *p, struct parser_list *list, void *item);

/* Make a value at the current place. */
int parser_new_value(struct parser *p, enum ast_value_kind kind, struct ast_value **value);

/* Make a node at AT. */
int parser_new_node(struct parser *p, enum ast_kind kind, struct ast_position at,
    struct ast_node **node);

/* Take a quoted string, or else a bare one; EXPECTED is what the message calls it. */
int parser_take_string(struct parser *p, const char *expected, struct ast_value **value);

/* Take the items of a constant list and its `)`; the `(` at AT is already taken. */
int parser_take_list(struct parser *p, struct ast_position at, struct ast_value **list);

/* Take a field or a transformer call: returns 1 when there was one, 0 for none. */
int parser_take_operand(struct parser *p, struct ast_value **value);

/*
 * Take a transformer call or val(...), as on the right of an operator: 1 when there was
 * one, 0 for none.
 */
int parser_take_right_call(struct parser *p, struct ast_value **value);

#endif
