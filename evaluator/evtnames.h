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

static const struct {
	uint8_t type;      /* enum field_type, as the first event of that name has it */
	const char *names; /* each between blanks */
} foreign_params[] = {
	{ FIELD_INT16,
	    " sem_op_0 sem_op_1 " },
	{ FIELD_INT32,
	    " aux key nsems semid semnum " },
	{ FIELD_INT64,
	    " arg2_int cur dpid fd1 fd2 fd_in fd_out fdin fdout in_fd max maxevents "
	    "mountfd newcur newmax next oldcur oldmax out_fd pid_fd ppid sid spid "
	    "target_fd timeout vtgid " },
	{ FIELD_UINT8,
	    " clockid " },
	{ FIELD_UINT16,
	    " sem_num_0 sem_num_1 sk_proto sk_type " },
	{ FIELD_UINT32,
	    " action cmd cpu cq_entries dqi_flags entries error event_type fd_type "
	    "features first how id last level mask min_complete mnt_id nr_args nsops op "
	    "opcode operation option optlen optname plugin_id prot quota_fmt quota_fmt_out "
	    "ratio resource sem_flg_0 sem_flg_1 semflg size sq_entries sq_thread_cpu "
	    "sq_thread_idle to_submit whence " },
	{ FIELD_UINT64,
	    " arg argument cpu_sys cpu_usr dqb_bhardlimit dqb_bsoftlimit dqb_curspace "
	    "dqb_ihardlimit dqb_isoftlimit event_data exe_ino_num initval ino_num ip len "
	    "offin offout offset peer pgoffset pos sk_pointer source " },
	{ FIELD_PORT,
	    " local_port remote_port " },
	{ FIELD_RELTIME,
	    " dqb_btime dqb_itime dqi_bgrace dqi_igrace interval " },
	{ FIELD_ABSTIME,
	    " start_time " },
	{ FIELD_TEXT,
	    " arg2_str container_id desc description exepath home json pathname "
	    "quotafilepath root scope shell special sun_path value_charbuf " },
	{ FIELD_ADDRESS,
	    " local_ip remote_ip " },
	{ FIELD_OPAQUE,
	    " arg2 arg3 arg4 arg5 argv fds msgcontrol sigmask val value_bytebuf " },
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
