/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case does one act and says what the record of it must hold, computed from what the act itself
 * saw.  Each event of events.def that is a system call has a table cases_NAME; a missing one does
 * not link.
 */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "event.h"

enum { EXPECT_PARAMS_MAX = 40, EXPECT_TEXT_MAX = 4200 };

enum expect_kind { EXPECT_NUMBER, EXPECT_TEXT, EXPECT_ABSENT, EXPECT_STATE };

struct expect_param {
	char name[24];
	enum expect_kind kind;
	int64_t number; /* or enum param_state */
	uint32_t len;
	char text[EXPECT_TEXT_MAX];
};

/* What a record must be; shared with children that do the act. */
struct expect {
	uint16_t event;
	bool nothing;       /* no such record may come */
	bool any_result;
	int count_lane;     /* -1: records are not counted */
	uint32_t least, most;
	uint32_t tid;       /* whose record; the case's own task unless it says otherwise */
	int64_t result;
	int lane;           /* -1: either */
	int compat;
	bool skipped;
	char why[128];      /* skipped: the reason */
	uint32_t count;
	struct expect_param params[EXPECT_PARAMS_MAX];
};

struct syscall_case {
	const char *sentence;
	void (*act)(struct expect *e);
};

#define SYSCALL_CASES(event) const struct syscall_case cases_##event[]

/* The folder of this run, empty when a case begins to use it for the first time; absolute. */
const char *harness_folder(void);

/* A path in it: good until the eighth call after this one. */
const char *harness_path(const char *name);

/* Expect a result: a call's return value as libc gives it, where -1 becomes -errno. */
void expect_result(struct expect *e, int64_t returned);

/* Expect parameter PARAM to be a number. */
void expect_number(struct expect *e, const char *param, int64_t value);

/* Expect parameter PARAM to be a text. */
void expect_text(struct expect *e, const char *param, const char *text);

/* Expect parameter PARAM to be LEN bytes, compared up to EXPECT_TEXT_MAX. */
void expect_bytes(struct expect *e, const char *param, const void *bytes, size_t len);

/* Expect parameter PARAM to be absent. */
void expect_absent(struct expect *e, const char *param);

/* Expect parameter PARAM to be truncated, whatever is left of it. */
void expect_truncated(struct expect *e, const char *param);

/* Expect parameter PARAM to be unreadable. */
void expect_unreadable(struct expect *e, const char *param);

/* Expect the record in LANE. */
void expect_lane(struct expect *e, enum event_lane lane);

/*
 * True where this machine's root is not ours: what the kernel calls our root can not be seen from
 * here.
 */
bool harness_in_chroot(void);

/* The case can not be done here. */
void expect_skip(struct expect *e, const char *why);

/* No record: the act changed nothing, or is told elsewhere. */
void expect_nothing(struct expect *e);

/* Expect path and mode of descriptor FD, as stat and /proc say. */
void expect_file(struct expect *e, int fd);

/* Expect device and inode of descriptor FD. */
void expect_inode(struct expect *e, int fd);

/* Run ACT in a child and wait for it; its records are those expected.  Returns its wait status. */
int harness_child(struct expect *e, void (*act)(struct expect *));

/*
 * Whether calls of the case's event are told when they change nothing (they are, unless a case
 * says otherwise).
 */
void harness_want(struct expect *e, bool wanted);

/* Of the event's records after the act, between LEAST and MOST came in LANE. */
void harness_count(struct expect *e, enum event_lane lane, uint32_t least, uint32_t most);

#endif
