/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the mix by kind.  See mix_host.h. */
#include <stdlib.h>

#include "mix_host.h"

static const char *const words[] = { "account", "basket", "billing", "cache", "catalog", "client",
	"common", "config", "core", "data", "event", "export", "front", "gateway", "handler",
	"image", "index", "invoice", "item", "job", "layout", "ledger", "locale", "mailer",
	"media", "message", "metric", "model", "order", "page", "parser", "payment", "plugin",
	"policy", "profile", "query", "queue", "record", "render", "report", "request", "router",
	"schema", "search", "service", "session", "shipping", "signal", "sink", "stock", "store",
	"stream", "style", "table", "tag", "task", "theme", "token", "upload", "user", "vendor",
	"view", "widget", "worker" };

_Static_assert(sizeof(words) / sizeof(words[0]) == 64, "a power of two");

void
mix_expand(struct text *out, const char *pattern, uint64_t number)
{
	uint64_t bits = mix_bits(number);

	for (; *pattern != '\0'; pattern++) {
		if (*pattern == '|') {
			text_char(out, '\0');
			continue;
		}
		if (*pattern != '%') {
			text_char(out, *pattern);
			continue;
		}
		switch (*++pattern) {
		case 'w': text_string(out, words[bits % 64]); break;
		case 'd': text_u64(out, bits % 97); break;
		case 'x': text_format(out, "%06x", (unsigned)(bits & 0xffffff)); break;
		case 'n': text_format(out, "%llx", (unsigned long long)number); break;
		}
		bits = mix_bits(bits);
	}
}

#define PATTERNS(name, ...) static const char *const name[] = { __VA_ARGS__, NULL }

PATTERNS(libraries, "/usr/lib/x86_64-linux-gnu/lib%w.so.%d",
    "/usr/lib/x86_64-linux-gnu/libc.so.6", "/etc/ld.so.cache",
    "/usr/lib/x86_64-linux-gnu/libpthread.so.0", "/usr/lib/locale/locale-archive",
    "/usr/lib/x86_64-linux-gnu/libz.so.1.2.13",
    "/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache",
    "/usr/lib/x86_64-linux-gnu/libcrypto.so.3",
    "/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30");
PATTERNS(etc, "/etc/passwd", "/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/hosts",
    "/etc/group", "/etc/localtime", "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/openssl.cnf", "/etc/host.conf", "/etc/gai.conf", "/etc/os-release",
    "/etc/%w/%w.conf", "/etc/%w/conf.d/%n.conf", "/usr/share/zoneinfo/Europe/Berlin",
    "/etc/services", "/etc/protocols");
PATTERNS(proc, "/proc/self/stat", "/proc/self/maps", "/proc/stat", "/proc/meminfo",
    "/proc/loadavg", "/proc/%n/stat", "/proc/%n/status", "/proc/%n/cmdline", "/proc/%n/cgroup",
    "/proc/%n/comm", "/proc/self/mountinfo", "/proc/self/fd", "/proc/net/dev",
    "/proc/sys/kernel/random/boot_id", "/proc/sys/vm/overcommit_memory", "/proc/%n/io");
PATTERNS(sys, "/sys/fs/cgroup/kubepods.slice/kubepods-pod%x%n.slice/memory.stat",
    "/sys/fs/cgroup/kubepods.slice/kubepods-pod%x%n.slice/cpu.stat",
    "/sys/fs/cgroup/kubepods.slice/kubepods-pod%x%n.slice/io.stat",
    "/sys/fs/cgroup/system.slice/%w-%n.service/memory.current",
    "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "/sys/devices/system/cpu/online",
    "/sys/class/net/veth%x%n/statistics/rx_bytes");
PATTERNS(run, "/run/containerd/io.containerd.runtime.v2.task/k8s.io/%x%x%x%n/config.json",
    "/run/systemd/journal/streams/8:%n", "/run/containerd/fifo/%n/%x-stdout",
    "/run/udev/data/c%d:%n", "/run/systemd/units/invocation:%w-%n.service");
PATTERNS(web, "/var/www/html/assets/%w/%w-%n.js", "/var/www/html/assets/%w/%w-%n.css",
    "/var/www/html/media/catalog/%w/%w/%n_%x.jpg", "/var/www/html/media/%w/%n.webp",
    "/var/www/html/%w/%w/index-%n.html", "/var/www/html/static/fonts/%w-%n.woff2");
PATTERNS(web_cache, "/var/cache/nginx/%d/%d/%x%x%x%n", "/var/lib/nginx/proxy/%d/%d/%n");
PATTERNS(php, "/var/www/html/vendor/%w/%w/src/%w/%n.php", "/var/www/html/app/%w/%w_%n.php",
    "/var/www/html/var/cache/prod/%w/%x%n.php");
PATTERNS(postgres, "/var/lib/postgresql/15/main/base/16384/%n",
    "/var/lib/postgresql/15/main/base/16384/%n_fsm",
    "/var/lib/postgresql/15/main/base/16384/%n.1",
    "/var/lib/postgresql/15/main/pg_wal/0000000100000%n",
    "/var/lib/postgresql/15/main/pg_xact/%n",
    "/var/lib/postgresql/15/main/base/pgsql_tmp/pgsql_tmp%d.%n");
PATTERNS(mysql, "/var/lib/mysql/shop/%w_%w_%n.ibd", "/var/lib/mysql/binlog.%n",
    "/var/lib/mysql/%w/%w#p#p%n.ibd");
PATTERNS(jars, "/app/lib/%w-%w-%d.%n.jar", "/opt/java/openjdk/lib/modules",
    "/app/config/%w-%n.yml", "/tmp/tomcat.8080.%n/work/Tomcat/localhost/ROOT/%w.class",
    "/opt/java/openjdk/conf/security/java.security");
PATTERNS(modules, "/app/node_modules/%w-%w/dist/%w-%n.js", "/app/node_modules/@%w/%w/lib/%n.js",
    "/app/node_modules/%w/package-%n.json", "/app/dist/%w/%w.%n.js");
PATTERNS(python,
    "/usr/local/lib/python3.11/site-packages/%w/%w/__pycache__/%w_%n.cpython-311.pyc",
    "/usr/local/lib/python3.11/%w_%n.py", "/srv/app/%w/%w_%n.py",
    "/srv/app/templates/%w/%n.html");
PATTERNS(kubelet,
    "/var/lib/kubelet/pods/%x%x-%n/volumes/kubernetes.io~projected/kube-api-access-%x/ca.crt",
    "/var/lib/kubelet/pods/%x%x-%n/etc-hosts", "/var/lib/kubelet/pods/%x%x-%n/containers/%w/%x",
    "/var/lib/kubelet/config.yaml",
    "/var/lib/kubelet/pods/%x%x-%n/volumes/kubernetes.io~configmap/%w/%w.yaml");
PATTERNS(layers,
    "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/%d/fs/usr/share/%w/%w-%n",
    "/var/lib/containerd/io.containerd.content.v1.content/blobs/sha256/%x%x%x%x%x%n",
    "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/%d/fs/usr/lib/%w/%n.so");
PATTERNS(sources, "/srv/build/%w/src/%w/%w_%n.c", "/srv/build/%w/include/%w/%w_%n.h",
    "/srv/build/%w/src/%w/%w_%n.d", "/srv/build/%w/mk/%w-%n.mk");
PATTERNS(includes, "/usr/include/stdio.h", "/usr/include/x86_64-linux-gnu/bits/%w-%n.h",
    "/usr/include/c++/12/bits/%w_%n.h", "/usr/include/%w/%w-%n.h",
    "/usr/lib/gcc/x86_64-linux-gnu/12/include/stddef.h", "/usr/include/linux/%w-%n.h");
PATTERNS(objects, "/srv/build/%w/out/%w/%w_%n.o", "/srv/build/%w/out/%w/lib%w-%n.a");
PATTERNS(repositories, "/srv/build/%w/.git/objects/%d/%x%x%x%n",
    "/srv/build/%w/.git/refs/remotes/origin/%w-%n", "/srv/build/%w/.git/config");
PATTERNS(logs, "/var/log/nginx/access.log", "/var/log/nginx/error.log", "/var/log/%w/%w-%n.log",
    "/var/log/syslog", "/var/log/postgresql/postgresql-15-main.log");
PATTERNS(pod_logs, "/var/log/pods/%w_%w-%x_%x%n/%w/%d.log", "/var/log/containers/%w-%x%n.log");
PATTERNS(uploads, "/srv/uploads/%w/%x%n.bin", "/srv/uploads/incoming/%w-%n.tmp");
PATTERNS(directories, "/srv/uploads/%w/%w-%n", "/srv/uploads/%w/%n/%d");
PATTERNS(temporary, "/tmp/cc%n.s", "/tmp/%w-%n/%x.tmp", "/var/tmp/%w_%n", "/tmp/php%n");
PATTERNS(devices, "/dev/null", "/dev/urandom", "/dev/zero", "/dev/null");

/* Letters are those of mix_programs. */
static const struct mix_tree trees[] = {
	{ 'l', 9, MIX_READ, false, 0100644, 0xfd01, libraries },
	{ 'e', 9, MIX_READ, false, 0100644, 0xfd01, etc },
	{ 'p', 15, MIX_READ, false, 0100444, 0x16, proc },
	{ 's', 15, MIX_READ, false, 0100444, 0x1a, sys },
	{ 'r', 12, MIX_READ, false, 0100644, 0x19, run },
	{ 'w', 20, MIX_READ, false, 0100644, 0xfd02, web },
	{ 'c', 20, MIX_WRITE, true, 0100600, 0xfd02, web_cache },
	{ 'h', 19, MIX_READ, false, 0100644, 0xfd02, php },
	{ 'd', 20, MIX_UPDATE, false, 0100600, 0xfd03, postgres },
	{ 'm', 18, MIX_UPDATE, false, 0100640, 0xfd03, mysql },
	{ 'j', 15, MIX_READ, false, 0100644, 0x2f, jars },
	{ 'n', 20, MIX_READ, false, 0100644, 0x2f, modules },
	{ 'y', 20, MIX_READ, false, 0100644, 0x2f, python },
	{ 'k', 17, MIX_READ, false, 0100644, 0xfd01, kubelet },
	{ 'o', 20, MIX_READ, false, 0100644, 0xfd01, layers },
	{ 'b', 20, MIX_READ, false, 0100644, 0xfd02, sources },
	{ 'i', 17, MIX_READ, false, 0100644, 0xfd01, includes },
	{ 'x', 19, MIX_WRITE, true, 0100644, 0xfd02, objects },
	{ 'q', 20, MIX_READ, false, 0100444, 0xfd02, repositories },
	{ 'g', 8, MIX_APPEND, false, 0100640, 0xfd01, logs },
	{ 'a', 11, MIX_READ, false, 0100640, 0xfd01, pod_logs },
	{ 'u', 20, MIX_WRITE, true, 0100644, 0xfd02, uploads },
	{ 'U', 14, MIX_LIST, true, 0040755, 0xfd02, directories },
	{ 't', 20, MIX_WRITE, true, 0100600, 0x20, temporary },
	{ 'v', 4, MIX_READ, false, 0020666, 0x5, devices },
};

const struct mix_tree *
mix_tree_find(char letter)
{
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++)
		if (trees[i].letter == letter)
			return &trees[i];
	abort();
}
