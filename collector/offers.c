/* SPDX-License-Identifier: Apache-2.0 */
/* What this kernel offers.  See offers.h. */
#include "offers.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "log.h"
#include "wait.h"

/* A row a feature, in the order of the enum. */
static const struct offers_row {
	const char *name;
	bool required;
	const char *help;
} rows[] = {
	{ "capabilities", true, "start saker as root, or with CAP_BPF and CAP_PERFMON" },
	{ "kernel types (BTF)", true, "use a kernel built with CONFIG_DEBUG_INFO_BTF" },
	{ "typed tracepoints", true, "use a kernel of 5.5 or later, with CONFIG_BPF_EVENTS" },
	{ "ring buffers", true, "use a kernel of 5.8 or later" },
	{ "task iterators", true, "use a kernel of 5.8 or later" },
	{ "memory of other tasks", false,
	    "5.18 or later tells command lines of what already runs" },
	{ "draining without rights", false, "5.19 or later lets the collector drop CAP_BPF too" },
	{ "io_uring", false, "kernel.io_uring_disabled=0; epoll serves as well" },
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == OFFER_COUNT, "a row each");

static void answer(struct offers *offers, enum offer offer, bool present, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void
answer(struct offers *offers, enum offer offer, bool present, const char *format, ...)
{
	va_list args;

	offers->answers[offer].present = present;
	offers->answers[offer].reason[0] = '\0';
	if (present)
		return;
	va_start(args, format);
	(void)vsnprintf(offers->answers[offer].reason, OFFER_REASON_MAX, format, args);
	va_end(args);
}

static int
silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* True when the running kernel is at least MAJOR.MINOR. */
static bool
kernel_at_least(unsigned int major, unsigned int minor)
{
	unsigned int has_major = 0, has_minor = 0;
	struct utsname name;

	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &has_major, &has_minor) != 2)
		return false;
	return has_major > major || (has_major == major && has_minor >= minor);
}

/* The capabilities in effect: bit N is capability number N. */
static uint64_t
capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct half[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	if (syscall(SYS_capget, &header, half) < 0)
		return 0;
	return (uint64_t)half[1].effective << 32 | half[0].effective;
}

static void
ask_capabilities(struct offers *offers)
{
	uint64_t have = capabilities();
	bool admin = have >> CAP_SYS_ADMIN & 1;
	bool bpf = admin || (have >> CAP_BPF & 1), perfmon = admin || (have >> CAP_PERFMON & 1);

	answer(offers, OFFER_CAPABILITIES, bpf && perfmon, "user %u lacks%s%s",
	    (unsigned int)geteuid(), bpf ? "" : " CAP_BPF", perfmon ? "" : " CAP_PERFMON");
}

static bool
btf_has(const struct btf *btf, const char *name, uint32_t kind)
{
	return btf && btf__find_by_name_kind(btf, name, kind) > 0;
}

/* The value is an enumerator, so it is looked for inside of its type. */
static bool
btf_has_helper(const struct btf *btf, const char *name)
{
	int id = btf ? btf__find_by_name_kind(btf, "bpf_func_id", BTF_KIND_ENUM) : -1;
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
	const struct btf_enum *values = type ? btf_enum(type) : NULL;

	for (int i = 0; type && i < btf_vlen(type); i++) {
		const char *there = btf__name_by_offset(btf, values[i].name_off);

		if (there && strcmp(there, name) == 0)
			return true;
	}
	return false;
}

static void
ask_types(struct offers *offers)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int err = btf ? 0 : errno;
	bool privileged = offers->answers[OFFER_CAPABILITIES].present;
	int ring = privileged ? libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL) : 0;

	answer(offers, OFFER_BTF, btf != NULL, "/sys/kernel/btf/vmlinux: %s", strerror(err));
	answer(offers, OFFER_TP_BTF, btf_has(btf, "btf_trace_sys_exit", BTF_KIND_TYPEDEF),
	    "the kernel's types have no btf_trace_sys_exit");
	answer(offers, OFFER_ITERATORS, btf_has(btf, "bpf_iter_task", BTF_KIND_FUNC),
	    "the kernel's types have no bpf_iter_task");
	answer(offers, OFFER_TASK_MEMORY, btf_has_helper(btf, "BPF_FUNC_copy_from_user_task"),
	    "the kernel has no bpf_copy_from_user_task");
	if (privileged)
		answer(offers, OFFER_RINGBUF, ring == 1, "creating one: %s",
		    ring < 0 ? strerror(-ring) : "refused");
	else
		answer(offers, OFFER_RINGBUF, btf_has(btf, "bpf_ringbuf", BTF_KIND_STRUCT),
		    "the kernel's types have no bpf_ringbuf");
	btf__free(btf);
}

static void
ask_io_uring(struct offers *offers)
{
	struct wait wait;
	int err = wait_open_kind(&wait, NULL, 0, WAIT_IO_URING);

	answer(offers, OFFER_IO_URING, err == 0, "a restricted ring: %s", strerror(-err));
	if (err == 0)
		wait_close(&wait);
}

void
offers_ask(struct offers *offers)
{
	libbpf_print_fn_t before = libbpf_set_print(silent);

	memset(offers, 0, sizeof(*offers));
	ask_capabilities(offers);
	ask_types(offers);
	ask_io_uring(offers);
	answer(offers, OFFER_DRAIN_PLAIN, offers_drain_capabilities() == 0,
	    "the kernel is older than 5.19");
	(void)libbpf_set_print(before);
}

bool
offers_suffices(const struct offers *offers)
{
	for (int i = 0; i < OFFER_COUNT; i++) {
		if (rows[i].required && !offers->answers[i].present)
			return false;
	}
	return true;
}

void
offers_complain(const struct offers *offers)
{
	for (int i = 0; i < OFFER_COUNT; i++) {
		if (rows[i].required && !offers->answers[i].present)
			log_warnx("%s: %s; %s", rows[i].name, offers->answers[i].reason,
			    rows[i].help);
	}
}

void
offers_print(const struct offers *offers, FILE *out)
{
	for (int i = 0; i < OFFER_COUNT; i++) {
		const struct offers_answer *a = &offers->answers[i];

		fprintf(out, "%-24s %-4s %-9s", rows[i].name, a->present ? "yes" : "no",
		    rows[i].required ? "required" : "optional");
		if (!a->present)
			fprintf(out, " %s; %s", a->reason, rows[i].help);
		fputc('\n', out);
	}
}

bool
offers_locked_maps(void)
{
	return !kernel_at_least(5, 11);
}

uint64_t
offers_drain_capabilities(void)
{
	/* Before 5.19 unprivileged_bpf_disabled also refuses what only uses descriptors. */
	return kernel_at_least(5, 19) ? 0 : UINT64_C(1) << CAP_BPF;
}
