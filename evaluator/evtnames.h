/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that rules may use although nothing here bears them: calls of other machines and
 * other kernels, events of other kinds, and parameters of events that are carried without
 * parameters.  Only evtcode.c includes this.
 */
#ifndef EVALUATOR_EVTNAMES_H
#define EVALUATOR_EVTNAMES_H

static const char *const foreign_events[] = {
	"_llseek", "_newselect", "asyncevent", "bdflush", "cachestat", "chown32", "container",
	"container_removed", "cpu_hotplug", "drop", "fchown32", "fcntl64", "file_getattr",
	"file_setattr", "fstat64", "fstatat64", "fstatfs64", "ftruncate64", "futex_requeue",
	"futex_wait", "futex_wake", "getegid32", "geteuid32", "getgid32", "getresgid32",
	"getresuid32", "getuid32", "getxattrat", "groupadded", "groupdeleted", "idle", "infra",
	"ipc", "lchown32", "listmount", "listns", "listxattrat", "llseek", "lsm_get_self_attr",
	"lsm_list_modules", "lsm_set_self_attr", "lstat64", "map_shadow_stack", "mmap2", "mseal",
	"multiplexer", "nice", "notification", "oldfstat", "oldlstat", "oldolduname", "oldstat",
	"olduname", "open_tree_attr", "page_fault", "pciconfig_iobase", "pciconfig_read",
	"pciconfig_write", "pluginevent", "pread", "prlimit", "procinfo", "pwrite", "readdir",
	"recv", "removexattrat", "riscv_flush_icache", "riscv_hwprobe", "rseq_slice_yield",
	"rtas", "s390_guarded_storage", "s390_pci_mmio_read", "s390_pci_mmio_write",
	"s390_runtime_instr", "s390_sthyi", "send", "sendfile64", "setgid32", "setregid32",
	"setresgid32", "setresuid32", "setreuid32", "setuid32", "setxattrat", "sgetmask",
	"sigaction", "signal", "signaldeliver", "sigpending", "sigprocmask", "sigreturn",
	"sigsuspend", "socketcall", "spu_create", "spu_run", "ssetmask", "stat64", "statfs64",
	"statmount", "stime", "subpage_prot", "swapcontext", "switch", "switch_endian",
	"sync_file_range2", "sys_debug_setcontext", "timerfd", "truncate64", "ugetrlimit",
	"uprobe", "uretprobe", "useradded", "userdeleted", "vm86", "waitpid",
};

static const char *const foreign_params[] = {
	"action", "arg", "arg2", "arg2_int", "arg2_str", "arg3", "arg4", "arg5", "argument",
	"argv", "aux", "clockid", "cmd", "container_id", "cpu", "cpu_sys", "cpu_usr",
	"cq_entries", "cur", "desc", "description", "dpid", "dqb_bhardlimit", "dqb_bsoftlimit",
	"dqb_btime", "dqb_curspace", "dqb_ihardlimit", "dqb_isoftlimit", "dqb_itime",
	"dqi_bgrace", "dqi_flags", "dqi_igrace", "entries", "error", "event_data", "event_type",
	"exe_ino_num", "exepath", "fd1", "fd2", "fd_in", "fd_out", "fd_type", "fdin", "fdout",
	"fds", "features", "first", "home", "how", "id", "in_fd", "initval", "ino_num",
	"interval", "ip", "json", "key", "last", "len", "level", "local_ip", "local_port",
	"mask", "max", "maxevents", "min_complete", "mnt_id", "mountfd", "msgcontrol", "newcur",
	"newmax", "next", "nr_args", "nsems", "nsops", "offin", "offout", "offset", "oldcur",
	"oldmax", "op", "opcode", "operation", "option", "optlen", "optname", "out_fd",
	"pathname", "peer", "pgoffset", "pid_fd", "plugin_id", "pos", "ppid", "prot",
	"quota_fmt", "quota_fmt_out", "quotafilepath", "ratio", "remote_ip", "remote_port",
	"resource", "root", "scope", "sem_flg_0", "sem_flg_1", "sem_num_0", "sem_num_1",
	"sem_op_0", "sem_op_1", "semflg", "semid", "semnum", "shell", "sid", "sigmask", "size",
	"sk_pointer", "sk_proto", "sk_type", "source", "special", "spid", "sq_entries",
	"sq_thread_cpu", "sq_thread_idle", "start_time", "sun_path", "target_fd", "timeout",
	"to_submit", "val", "value_bytebuf", "value_charbuf", "vtgid", "whence",
};

/* Names that differ from those of the call they stand for. */
static const struct {
	const char *name, *syscall;
} event_aliases[] = {
	{ "pread", "pread64" },
	{ "pwrite", "pwrite64" },
	{ "prlimit", "prlimit64" },
	{ "sendfile64", "sendfile" },
	{ "fcntl64", "fcntl" },
	{ "mmap2", "mmap" },
	{ "ugetrlimit", "getrlimit" },
};

#endif
