/* SPDX-License-Identifier: Apache-2.0 */
/* What runs on the host of the mix, and which files it has. */
#ifndef TESTS_MIX_HOST_H
#define TESTS_MIX_HOST_H

#include "mix.h"

/* Rows of mix_programs that others refer to. */
enum mix_program_id {
	MIX_SYSTEMD, MIX_KTHREADD, MIX_SHIM, MIX_NGINX_MASTER, MIX_NGINX, MIX_PHP,
	MIX_POSTGRES_MASTER, MIX_POSTGRES, MIX_MYSQLD, MIX_REDIS, MIX_JAVA, MIX_NODE,
	MIX_GUNICORN, MIX_PYTHON,
	MIX_GO, MIX_KUBELET, MIX_CONTAINERD, MIX_PROXY, MIX_NODE_EXPORTER, MIX_FLUENT, MIX_JOURNALD,
	MIX_RSYSLOGD, MIX_CRON, MIX_SSHD, MIX_RUNNER, MIX_KWORKER,
	/* they come and go */
	MIX_CRON_SH, MIX_CRON_PHP, MIX_LOGROTATE, MIX_BUILD_SH, MIX_MAKE, MIX_GCC, MIX_CC1, MIX_AS,
	MIX_LD, MIX_GIT, MIX_RUNC, MIX_PROBE_SH, MIX_READY, MIX_FIND,
	MIX_INTRUDER,
	MIX_PROGRAMS
};

struct mix_program {
	const char *comm, *exepath; /* argv[0] is exepath but for what has none */
	const char *args;           /* pattern; "|" stands between arguments */
	const char *cwd;            /* pattern */
	const char *user;           /* NULL in containers, for all but root */
	uint32_t uid;
	uint16_t parent;            /* enum mix_program_id */
	uint16_t processes, threads; /* at the beginning; threads of each, beside the first */
	uint16_t weight;            /* share of the events of those that stay */
	uint16_t port;              /* it listens on; 0: none */
	bool contained;
	bool brief;                 /* comes and goes */
	const char *trees;          /* a letter of mix_trees for each time out of their number */
};

extern const struct mix_program mix_programs[MIX_PROGRAMS];

enum mix_access { MIX_READ, MIX_WRITE, MIX_APPEND, MIX_UPDATE, MIX_LIST };

/* Files of one kind. */
struct mix_tree {
	char letter;
	uint8_t bits;   /* log2 of their number */
	uint8_t access; /* enum mix_access */
	bool removable; /* its files are renamed and removed */
	uint32_t mode;  /* S_IFMT and permissions */
	uint32_t device;
	const char *const *patterns; /* ended by NULL */
};

/* The tree of LETTER, which there is. */
const struct mix_tree *mix_tree_find(char letter);

/* Names of threads of PROGRAM, the NUMBERth. */
const char *mix_thread_name(uint16_t program, uint32_t number);

/*
 * Append PATTERN: %w a word, %d a small number, %x a hexadecimal one, all out of NUMBER; %n NUMBER
 * itself in hexadecimal; "|" a NUL; anything else as it is.
 */
void mix_expand(struct text *out, const char *pattern, uint64_t number);

/* Numbers and texts of a task that runs PROGRAM: its capabilities, the inode of its executable. */
uint64_t mix_capabilities(const struct mix_program *program);
uint64_t mix_exe_inode(const struct mix_program *program);

/* The environment of every task, NUL-separated. */
struct span mix_environment(void);

/* Append what PROCESS has as its cgroups, NUL-separated. */
void mix_cgroups(struct text *out, const struct mix_task *process);

/* What is the same of every task: descriptors, memory in KiB, faults, times in ns. */
#define MIX_FDLIMIT 1048576
#define MIX_VM_SIZE 10240
#define MIX_VM_RSS 3072
#define MIX_PGFT_MIN 180
#define MIX_EXE_TIME 1690000000000000000
#define MIX_NS_START 1000000000

/* Home and shell of every user of the host. */
#define MIX_USER_HOME "/var/lib/home"
#define MIX_USER_SHELL "/usr/sbin/nologin"

/* Mix the bits of NUMBER: equal numbers give equal results, others unrelated ones. */
static inline uint64_t
mix_bits(uint64_t number)
{
	number += 0x9e3779b97f4a7c15u;
	number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9u;
	number = (number ^ (number >> 27)) * 0x94d049bb133111ebu;
	return number ^ (number >> 31);
}

#endif
