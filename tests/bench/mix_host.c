/* SPDX-License-Identifier: Apache-2.0 */
/* The programs of the mix.  See mix_host.h. */
#include "mix_host.h"

/* Columns: comm, executable, arguments, working directory, user, uid; parent, processes, threads,
 * weight, port; in a container, brief; trees. */
#define PROGRAM(id, comm, path, args, cwd, user, uid, parent, processes, threads, weight, port, \
    contained, brief, trees) \
	[MIX_##id] = { comm, path, args, cwd, user, uid, MIX_##parent, processes, threads, \
	    weight, port, contained, brief, trees }

const struct mix_program mix_programs[MIX_PROGRAMS] = {
	PROGRAM(SYSTEMD, "systemd", "/usr/lib/systemd/systemd", "--switched-root|--system", "/",
	    "root", 0, SYSTEMD, 1, 0, 20, 0, false, false, "ppspsre"),
	PROGRAM(KTHREADD, "kthreadd", NULL, "", "/", "root", 0, SYSTEMD, 1, 0, 0, 0, false, false,
	    "p"),
	PROGRAM(SHIM, "containerd-shim", "/usr/bin/containerd-shim-runc-v2",
	    "-namespace|k8s.io|-id|%x%x%x%x|-address|/run/containerd/containerd.sock",
	    "/run/containerd/io.containerd.runtime.v2.task/k8s.io/%x%x%x%x", "root", 0, SYSTEMD, 96,
	    11, 40, 0, false, false, "rrspk"),
	PROGRAM(NGINX_MASTER, "nginx", "/usr/sbin/nginx", "-g|daemon off;", "/", NULL, 0, SHIM, 6,
	    0, 3, 80, true, false, "reg"),
	PROGRAM(NGINX, "nginx", "/usr/sbin/nginx", "-g|daemon off;", "/", "", 101, NGINX_MASTER, 48,
	    0, 300, 8080, true, false, "wwwwwwwwcccg"),
	PROGRAM(PHP, "php-fpm8.2", "/usr/sbin/php-fpm8.2", "", "/var/www/html", NULL, 33, SHIM, 60,
	    0, 160, 9000, true, false, "wwwhhhhut"),
	PROGRAM(POSTGRES_MASTER, "postgres", "/usr/lib/postgresql/15/bin/postgres",
	    "-D|/var/lib/postgresql/15/main|-c|config_file=/etc/postgresql/15/main/postgresql.conf",
	    "/var/lib/postgresql/15/main", "postgres", 109, SYSTEMD, 1, 0, 4, 5432, false, false,
	    "der"),
	PROGRAM(POSTGRES, "postgres", "/usr/lib/postgresql/15/bin/postgres",
	    "-D|/var/lib/postgresql/15/main|-c|config_file=/etc/postgresql/15/main/postgresql.conf",
	    "/var/lib/postgresql/15/main", "postgres", 109, POSTGRES_MASTER, 80, 0, 160, 5432,
	    false, false, "dddddddddt"),
	PROGRAM(MYSQLD, "mysqld", "/usr/sbin/mysqld", "", "/var/lib/mysql", NULL, 999, SHIM, 2, 120,
	    80, 3306, true, false, "mmmmmt"),
	PROGRAM(REDIS, "redis-server", "/usr/local/bin/redis-server", "*:6379", "/data", NULL, 999,
	    SHIM, 5, 4, 60, 6379, true, false, "tsv"),
	PROGRAM(JAVA, "java", "/opt/java/openjdk/bin/java",
	    "-Xmx2g|-XX:+UseG1GC|-jar|/app/%w-%w.jar|--server.port=8080", "/app", NULL, 1000, SHIM,
	    16, 140, 200, 8080, true, false, "jjjpetg"),
	PROGRAM(NODE, "node", "/usr/local/bin/node", "/app/dist/main.js|--service|%w", "/app", NULL,
	    1000, SHIM, 14, 10, 140, 3000, true, false, "nnnnnew"),
	PROGRAM(GUNICORN, "gunicorn", "/usr/local/bin/python3.11",
	    "/usr/local/bin/gunicorn|%w.wsgi:application|--workers|8", "/srv/app", NULL, 1000, SHIM,
	    8, 0, 8, 8000, true, false, "yype"),
	PROGRAM(PYTHON, "gunicorn", "/usr/local/bin/python3.11",
	    "/usr/local/bin/gunicorn|%w.wsgi:application|--workers|8", "/srv/app", NULL, 1000,
	    GUNICORN, 64, 0, 160, 8000, true, false, "yyyyhute"),
	PROGRAM(GO, "api-server", "/app/api-server", "--listen=:8443|--config=/etc/%w/%w.yaml", "/",
	    NULL, 65532, SHIM, 22, 14, 140, 8443, true, false, "eepst"),
	PROGRAM(KUBELET, "kubelet", "/usr/bin/kubelet",
	    "--config=/var/lib/kubelet/config.yaml|--kubeconfig=/etc/kubernetes/kubelet.conf", "/",
	    "root", 0, SYSTEMD, 1, 40, 130, 10250, false, false, "sssssskkkpp"),
	PROGRAM(CONTAINERD, "containerd", "/usr/bin/containerd", "", "/", "root", 0, SYSTEMD, 1, 50,
	    60, 0, false, false, "ooookksr"),
	PROGRAM(PROXY, "kube-proxy", "/usr/local/bin/kube-proxy",
	    "--config=/var/lib/kube-proxy/config.conf|--hostname-override=node-%d", "/", NULL, 0,
	    SHIM, 1, 12, 20, 10256, true, false, "pse"),
	PROGRAM(NODE_EXPORTER, "node_exporter", "/bin/node_exporter", "--path.rootfs=/host", "/",
	    NULL, 65534, SHIM, 1, 10, 70, 9100, true, false, "ppppss"),
	PROGRAM(FLUENT, "fluent-bit", "/fluent-bit/bin/fluent-bit",
	    "-c|/fluent-bit/etc/fluent-bit.conf", "/", NULL, 0, SHIM, 1, 8, 60, 2020, true, false,
	    "aaaaat"),
	PROGRAM(JOURNALD, "systemd-journal", "/usr/lib/systemd/systemd-journald", "", "/", "root",
	    0, SYSTEMD, 1, 0, 70, 0, false, false, "ppppsr"),
	PROGRAM(RSYSLOGD, "rsyslogd", "/usr/sbin/rsyslogd", "-n|-iNONE", "/", "syslog", 104,
	    SYSTEMD, 1, 3, 20, 0, false, false, "ge"),
	PROGRAM(CRON, "cron", "/usr/sbin/cron", "-f|-P", "/", "root", 0, SYSTEMD, 1, 0, 4, 0, false,
	    false, "el"),
	PROGRAM(SSHD, "sshd", "/usr/sbin/sshd", "-D", "/", "root", 0, SYSTEMD, 3, 0, 4, 22, false,
	    false, "elp"),
	PROGRAM(RUNNER, "build-agent", "/usr/local/bin/build-agent",
	    "run|--working-directory|/srv/build", "/srv/build", "build", 997, SYSTEMD, 4, 12, 10, 0,
	    false, false, "bt"),
	PROGRAM(KWORKER, "kworker/u8:3", NULL, "", "/", "root", 0, KTHREADD, 180, 0, 0, 0, false,
	    false, "p"),

	PROGRAM(CRON_SH, "sh", "/usr/bin/dash", "-c|/usr/local/bin/%w --quiet --%w", "/var/www",
	    "app", 998, CRON, 0, 0, 3, 0, false, true, "lle"),
	PROGRAM(CRON_PHP, "php", "/usr/bin/php8.2", "-f|/var/www/jobs/%w.php|--shard=%d",
	    "/var/www/jobs", "app", 998, CRON_SH, 0, 0, 5, 0, false, true, "lllehhu"),
	PROGRAM(LOGROTATE, "logrotate", "/usr/sbin/logrotate", "/etc/logrotate.conf", "/", "root",
	    0, CRON_SH, 0, 0, 1, 0, false, true, "lle"),
	PROGRAM(BUILD_SH, "bash", "/usr/bin/bash", "-c|make -j8 -C %w %w-all", "/srv/build/%w",
	    "build", 997, RUNNER, 0, 0, 6, 0, false, true, "lleb"),
	PROGRAM(MAKE, "make", "/usr/bin/make", "-j8|-C|%w|%w-all", "/srv/build/%w", "build", 997,
	    BUILD_SH, 0, 0, 8, 0, false, true, "llbbbb"),
	PROGRAM(GCC, "gcc", "/usr/bin/x86_64-linux-gnu-gcc-12",
	    "-O2|-g|-Wall|-Iinclude|-c|src/%w/%w_%d.c|-o|out/%w/%w_%d.o", "/srv/build/%w", "build",
	    997, MAKE, 0, 0, 16, 0, false, true, "llti"),
	PROGRAM(CC1, "cc1", "/usr/lib/gcc/x86_64-linux-gnu/12/cc1",
	    "-quiet|-Iinclude|src/%w/%w_%d.c|-O2|-g|-Wall|-o|/tmp/cc%x.s", "/srv/build/%w", "build",
	    997, GCC, 0, 0, 24, 0, false, true, "lbbbbbiiiiit"),
	PROGRAM(AS, "as", "/usr/bin/x86_64-linux-gnu-as", "--64|-o|out/%w/%w_%d.o|/tmp/cc%x.s",
	    "/srv/build/%w", "build", 997, GCC, 0, 0, 10, 0, false, true, "lltx"),
	PROGRAM(LD, "ld", "/usr/bin/x86_64-linux-gnu-ld.bfd",
	    "-o|out/%w|out/%w/%w_%d.o|out/%w/%w_%d.o|-lc", "/srv/build/%w", "build", 997, GCC, 0, 0,
	    4, 0, false, true, "lllxxx"),
	PROGRAM(GIT, "git", "/usr/bin/git", "fetch|--depth=20|origin|%w", "/srv/build/%w", "build",
	    997, BUILD_SH, 0, 0, 4, 0, false, true, "lteqqq"),
	PROGRAM(RUNC, "runc", "/usr/bin/runc",
	    "--root|/run/containerd/runc/k8s.io|exec|--process|/tmp/runc-process%d|%x%x%x%x",
	    "/run/containerd/io.containerd.runtime.v2.task/k8s.io/%x%x%x%x", "root", 0, SHIM, 0, 0,
	    10, 0, false, true, "ppssr"),
	PROGRAM(PROBE_SH, "sh", "/usr/bin/dash", "-c|exec pg_isready -U app -d %w", "/", NULL, 0,
	    RUNC, 0, 0, 5, 0, true, true, "lle"),
	PROGRAM(READY, "pg_isready", "/usr/lib/postgresql/15/bin/pg_isready", "-U|app|-d|%w", "/",
	    NULL, 0, PROBE_SH, 0, 0, 5, 0, true, true, "llle"),
	PROGRAM(FIND, "find", "/usr/bin/find", "/srv/uploads|-mtime|+%d|-name|*.tmp",
	    "/srv/uploads", "app", 998, CRON_SH, 0, 0, 3, 0, false, true, "lU"),
	PROGRAM(INTRUDER, "cat", "/usr/bin/cat", "/etc/shadow", "/tmp", "app", 998,
	    CRON, 0, 0, 0, 0, false, true, "e"),
};

static const char *const java_threads[] = { "http-nio-8080-e", "GC Thread#0", "C2 CompilerThre",
	"G1 Conc#0", "VM Thread", "HikariPool-1 ho", "kafka-producer-", "scheduling-1",
	"Catalina-utilit", "ForkJoinPool.co" };

const char *
mix_thread_name(uint16_t program, uint32_t number)
{
	switch (program) {
	case MIX_JAVA:
		return java_threads[number % 10];
	case MIX_NODE:
		return number % 2 ? "libuv-worker" : "node";
	case MIX_MYSQLD:
		return number % 3 ? "connection" : "ib_io_rd-1";
	case MIX_REDIS:
		return number % 2 ? "bio_aof" : "io_thd_1";
	case MIX_RSYSLOGD:
		return number % 2 ? "in:imuxsock" : "rs:main Q:Reg";
	default:
		return mix_programs[program].comm;
	}
}

/* In a container root has what container runtimes leave it. */
uint64_t
mix_capabilities(const struct mix_program *program)
{
	if (program->uid != 0)
		return 0;
	return program->contained ? 0xa80425fb : 0x1ffffffffff;
}

uint64_t
mix_exe_inode(const struct mix_program *program)
{
	return 5000 + mix_bits((uint64_t)(program - mix_programs)) % 100000;
}

struct span
mix_environment(void)
{
	return SPAN_OF("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin\0HOME=/\0"
	    "LANG=C.UTF-8\0HOSTNAME=node-7\0KUBERNETES_SERVICE_HOST=10.96.0.1\0"
	    "KUBERNETES_SERVICE_PORT=443\0APP_ENV=production\0TZ=Europe/Berlin");
}

void
mix_cgroups(struct text *out, const struct mix_task *process)
{
	char id[13];

	if (process->container == 0) {
		text_string(out, "cpuset=/");
		text_char(out, '\0');
		text_format(out, "cpu=/system.slice/%s.service",
		    mix_programs[process->program].comm);
		return;
	}
	mix_container_id(process->container, id);
	text_string(out, "cpuset=/kubepods.slice/cri-containerd-");
	for (size_t i = 0; i < 64; i++)
		text_char(out, id[i % 12]);
	text_string(out, ".scope");
}
