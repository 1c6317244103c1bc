/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one check means, in the plainest form: constants are tried one after another, and
 * nothing is remembered.  See oracle.h.
 */
#ifndef EVALUATOR_ORACLE_OP_H
#define EVALUATOR_ORACLE_OP_H

#include "constant.h"

/* How several values on the left combine. */
enum oracle_values {
	VALUES_ONE,
	VALUES_LIST,      /* `in`: every one; `intersects`: some */
	VALUES_EITHER,    /* two ends: some, but for `!=` both */
	VALUES_ANCESTORS, /* some */
	VALUES_SPELLINGS  /* on either side: some; against a match, both */
};

struct oracle_check {
	enum ast_op op;
	enum ast_modifier modifier;
	enum field_type type;
	enum field_group group; /* of one value */
	enum oracle_values values;
	bool distance;          /* the values are distances: those up to the constant are equal */
	uint32_t left, right;   /* accessors; no right one: constants */
	union constant *constants;
	uint32_t constant_count;
};

/* Bytes for the texts of one comparison: the longest value, a pattern, and what ends them. */
enum { ORACLE_TEXT_BYTES = 1 << 18 };

/*
 * Does CHECK hold for LEFT, and RIGHT where it has one (else NULL)?  AGAINST says that what
 * holds counts against a match.  ROOM has ORACLE_TEXT_BYTES bytes.  Pure but for states of
 * regular expressions.
 */
bool oracle_holds(const struct oracle_check *check, const struct field_value *left,
    const struct field_value *right, bool against, char *room);

#endif
