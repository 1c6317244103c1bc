/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the cases of every event against the probe.  Arguments name events; none: all.  See
 * harness.h.
 */
#include "syscall/harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syscall/capture.h"

enum { PATHS = 8, PATH_BYTES = 512 };

/* One table an event; rows that are no system calls have none. */
#define CASES_OTHER(name) extern SYSCALL_CASES(name);
#define CASES_FILE CASES_OTHER
#define CASES_NET CASES_OTHER
#define CASES_PROCESS CASES_OTHER
#define CASES_USER CASES_OTHER
#define CASES_IO_OTHER CASES_OTHER
#define CASES_META(name)
#define EVENT(id, name, category, flags, fd, params) CASES_##category(name)
#define RESULT(event, name, type)
#define PARAM(event, name, type, how)
#define KERNEL(event, name, type, how)
#include "events.def"
#undef CASES_OTHER
#undef CASES_META

#define CASES_OTHER(name) { EV_##name, cases_##name },
#define CASES_META(name)
#define EVENT(id, name, category, flags, fd, params) CASES_##category(name)
#define RESULT(event, name, type)
#define PARAM(event, name, type, how)
#define KERNEL(event, name, type, how)
static const struct {
	uint16_t event;
	const struct syscall_case *cases;
} tables[] = {
#include "events.def"
};

static char folder[PATH_BYTES];
static struct capture capture;

bool
harness_in_chroot(void)
{
	struct stat ours, first;

	return stat("/", &ours) < 0 || stat("/proc/1/root/.", &first) < 0 ||
	    ours.st_ino != first.st_ino || ours.st_dev != first.st_dev;
}

const char *
harness_folder(void)
{
	return folder;
}

const char *
harness_path(const char *name)
{
	static char paths[PATHS][2 * PATH_BYTES];
	static unsigned int next;
	char *path = paths[next++ % PATHS];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

void
expect_result(struct expect *e, int64_t returned)
{
	e->result = returned == -1 ? -errno : returned;
}

static struct expect_param *
expect_add(struct expect *e, const char *param, enum expect_kind kind)
{
	struct expect_param *p = &e->params[e->count++];

	if (e->count > EXPECT_PARAMS_MAX)
		abort();
	snprintf(p->name, sizeof(p->name), "%s", param);
	p->kind = kind;
	return p;
}

void
expect_number(struct expect *e, const char *param, int64_t value)
{
	expect_add(e, param, EXPECT_NUMBER)->number = value;
}

void
expect_bytes(struct expect *e, const char *param, const void *bytes, size_t len)
{
	struct expect_param *p = expect_add(e, param, EXPECT_TEXT);

	p->len = (uint32_t)(len > sizeof(p->text) ? sizeof(p->text) : len);
	memcpy(p->text, bytes, p->len);
}

void
expect_text(struct expect *e, const char *param, const char *text)
{
	expect_bytes(e, param, text, strlen(text));
}

void
expect_absent(struct expect *e, const char *param)
{
	expect_add(e, param, EXPECT_ABSENT);
}

void
expect_truncated(struct expect *e, const char *param)
{
	expect_add(e, param, EXPECT_STATE)->number = PARAM_TRUNCATED;
}

void
expect_unreadable(struct expect *e, const char *param)
{
	expect_add(e, param, EXPECT_STATE)->number = PARAM_UNREADABLE;
}

void
expect_lane(struct expect *e, enum event_lane lane)
{
	e->lane = (int)lane;
}

void
expect_skip(struct expect *e, const char *why)
{
	e->skipped = true;
	snprintf(e->why, sizeof(e->why), "%s", why);
}

void
expect_nothing(struct expect *e)
{
	e->nothing = true;
}

void
expect_inode(struct expect *e, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return;
	expect_number(e, "dev", (int64_t)((minor(st.st_dev) & 0xff) | major(st.st_dev) << 8 |
	    (minor(st.st_dev) & ~0xffu) << 12));
	expect_number(e, "ino", (int64_t)st.st_ino);
}

void
expect_file(struct expect *e, int fd)
{
	char link[64], path[4096];
	struct stat st;
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path));
	if (len < 0 || fstat(fd, &st) < 0)
		return;
	expect_bytes(e, "file", path, (size_t)len);
	expect_number(e, "file_mode", st.st_mode);
}

int
harness_child(struct expect *e, void (*act)(struct expect *))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		e->tid = (uint32_t)getpid();
		act(e);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

void
harness_want(struct expect *e, bool wanted)
{
	capture_want(&capture, e->event, wanted);
}

void
harness_count(struct expect *e, enum event_lane lane, uint32_t least, uint32_t most)
{
	e->count_lane = (int)lane;
	e->least = least;
	e->most = most;
}

static void
print_bytes(const char *bytes, uint32_t len)
{
	for (uint32_t i = 0; i < len && i < 200; i++)
		if (bytes[i] >= ' ' && bytes[i] < 127)
			putchar(bytes[i]);
		else
			printf("\\x%02x", (uint8_t)bytes[i]);
	if (len > 200)
		printf("... (%u bytes)", len);
}

static void
expect_print(const struct expect *e)
{
	const char *name = event_info(e->event)->name;

	for (uint32_t i = 0; i < e->count; i++) {
		const struct expect_param *p = &e->params[i];

		printf("    %s %s=", name, p->name);
		switch (p->kind) {
		case EXPECT_NUMBER: printf("%lld", (long long)p->number); break;
		case EXPECT_TEXT: print_bytes(p->text, p->len); break;
		case EXPECT_ABSENT: printf("(absent)"); break;
		case EXPECT_STATE: printf("(state %lld)", (long long)p->number); break;
		}
		putchar('\n');
	}
}

static int
param_index(uint16_t event, const char *name)
{
	const struct event_info *info = event_info(event);

	for (int i = 0; i < info->param_count; i++)
		if (strcmp(info->params[i].name, name) == 0)
			return i;
	printf("    FAIL: event %s has no parameter %s\n", info->name, name);
	return -1;
}

/* Compare one parameter; says what differs unless QUIET. */
static bool
param_holds(const struct record *r, const struct expect_param *p, bool quiet)
{
	int at = param_index(r->head->type, p->name);
	struct span bytes = SPAN_NONE;
	enum param_state state;
	uint64_t value = 0;

	if (at < 0)
		return false;
	state = slots_state(&r->slots, (uint32_t)at);
	switch (p->kind) {
	case EXPECT_ABSENT:
		if (state == PARAM_ABSENT)
			return true;
		break;
	case EXPECT_STATE:
		if (state == (enum param_state)p->number)
			return true;
		break;
	case EXPECT_NUMBER:
		if (slots_scalar(&r->slots, (uint32_t)at, &value) && (int64_t)value == p->number)
			return true;
		break;
	case EXPECT_TEXT:
		slots_bytes(&r->slots, (uint32_t)at, &bytes);
		if (state == PARAM_EXACT && bytes.len == p->len &&
		    memcmp(bytes.ptr, p->text, p->len) == 0)
			return true;
		break;
	}
	if (quiet)
		return false;
	printf("    FAIL: %s is in state %d, %lld, \"", p->name, state, (long long)value);
	print_bytes(bytes.ptr, (uint32_t)bytes.len);
	printf("\"\n");
	return false;
}

/* Compare R with what E says; tells what differs unless QUIET. */
static bool
record_holds(const struct record *r, const struct expect *e, bool quiet)
{
	bool good = true;

	if (e->lane >= 0 && r->head->lane != e->lane) {
		if (!quiet)
			printf("    FAIL: lane %u, expected %d\n", r->head->lane, e->lane);
		good = false;
	}
	if (!!(r->head->flags & EVENT_COMPAT) != e->compat || r->head->seq == 0 ||
	    r->head->ts == 0 || r->head->start == 0 || r->head->position != 0) {
		if (!quiet)
			printf("    FAIL: head: flags %u, seq %llu\n", r->head->flags,
			    (unsigned long long)r->head->seq);
		good = false;
	}
	for (uint32_t i = 0; i < e->count; i++)
		good = param_holds(r, &e->params[i], quiet) && good;
	return good;
}

/* Count the records of E's task and event in the lane that E counts. */
static bool
count_holds(const struct expect *e)
{
	uint32_t count = 0;
	struct record r;
	size_t at = 0;

	if (e->count_lane < 0)
		return true;
	while (capture_next(&capture, &at, &r))
		if (r.head->type == e->event && r.head->tid == e->tid &&
		    r.head->lane == e->count_lane)
			count++;
	if (count >= e->least && count <= e->most)
		return true;
	printf("    FAIL: %u records in lane %d, expected %u to %u\n", count, e->count_lane,
	    e->least, e->most);
	return false;
}

static bool
record_is_meant(const struct record *r, const struct expect *e)
{
	return r->head->type == e->event && r->head->tid == e->tid &&
	    (e->any_result || r->head->result == e->result);
}

/*
 * One of the records that E can mean must hold; when none does, what differs in the last is told.
 */
static bool
expect_holds(const struct expect *e)
{
	struct record r, last;
	bool any = false;
	size_t at = 0;

	while (capture_next(&capture, &at, &r)) {
		if (!record_is_meant(&r, e))
			continue;
		if (!e->nothing && record_holds(&r, e, true))
			return true;
		last = r;
		any = true;
	}
	if (any && e->nothing)
		printf("    FAIL: a record that should not be\n");
	else if (any)
		record_holds(&last, e, false);
	else if (!e->nothing)
		printf("    FAIL: no record of tid %u with result %lld\n", e->tid,
		    (long long)e->result);
	return e->nothing && !any;
}

/*
 * False for a call that the headers of the build did not have: the probe tells it as any other
 * call.
 */
static bool
event_is_numbered(uint16_t event)
{
	if (event == EV_procexit || event == EV_syscall || event == EV_umount)
		return true;
	return syscall_number(span_text(event_info(event)->name)) >= 0;
}

enum outcome { PASSED, FAILED, SKIPPED };

static enum outcome
case_run(uint16_t event, const struct syscall_case *c, struct expect *e)
{
	memset(e, 0, sizeof(*e));
	e->event = event;
	e->lane = -1;
	e->count_lane = -1;
	e->tid = (uint32_t)getpid();
	if (!event_is_numbered(event))
		expect_skip(e, "the headers of the build do not have this call");
	capture_want(&capture, event, true);
	capture_clear(&capture);
	if (!e->skipped)
		c->act(e);
	capture_drain(&capture);
	printf("%s: %s\n", event_info(event)->name, c->sentence);
	if (e->skipped) {
		printf("    skipped: %s\n", e->why);
		return SKIPPED;
	}
	expect_print(e);
	return expect_holds(e) && count_holds(e) ? PASSED : FAILED;
}

static bool
wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

int
main(int argc, char **argv)
{
	const char *build = getenv("B");
	unsigned int counts[3] = { 0 };
	char object[PATH_BYTES + 64], temporary[] = "/tmp/saker-syscall-XXXXXX";
	struct expect *e =
	    mmap(NULL, sizeof(*e), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int err;

	(void)argc;
	snprintf(object, sizeof(object), "%s/bin/probe.bpf.o", build ? build : "build");
	if ((err = capture_open(&capture, object)) != 0)
		return err;
	if (capture_snapshot(&capture) < 0) {
		printf("snapshot: the iterator does not run\n");
		return 1;
	}
	if (e == MAP_FAILED || !mkdtemp(temporary) || !realpath(temporary, folder))
		return 1;
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		if (!wanted(event_info(tables[t].event)->name, argv + 1))
			continue;
		for (const struct syscall_case *c = tables[t].cases; c->sentence; c++)
			counts[case_run(tables[t].event, c, e)]++;
	}
	if (!argv[1])
		counts[FAILED] += whole_run(&capture, &counts[PASSED]);
	snprintf(object, sizeof(object), "rm -rf %s", folder);
	err = system(object);
	printf("%u passed, %u failed, %u skipped\n", counts[PASSED], counts[FAILED],
	    counts[SKIPPED]);
	return counts[FAILED] > 0 || counts[PASSED] == 0;
}
