#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A scope by cgroup, by a running process, and the whole machine: what is inside gives alerts, what is outside does not.
set -u
. tests/pipeline/lib.sh
needs_bpf

cat >"$T/my.yaml" <<'RULES'
- rule: Opened
  desc: a file of ours was opened
  condition: evt.type in (open, openat) and fd.filename startswith saker-scope-
  output: opened %fd.filename
  priority: WARNING
RULES

# Start a pipeline with the options given, in the background: PID.
start() {
	: >"$T/out"
	"$SAKER" run -r "$T/my.yaml" -o run_dir="$T/run" -o spool.dir="$T/spool" "$@" >"$T/out" 2>"$T/err" &
	PID=$!
	PIPELINE=$PID
	wait_ready "$T/run"
}

stop() {
	sleep 0.3
	kill -TERM "$PID"
	wait "$PID"
	code=$?
	PIPELINE=
	expect_code $code 0 "$T/err"
}

# The whole machine.
start
: >"$T/saker-scope-anyone"
stop
expect "$T/out" 'saker-scope-anyone'

# A process that runs already, and what it starts.
# shellcheck disable=SC2016
sh -c 'while [ ! -e "$1/go" ]; do sleep 0.05; done
	: >"$1/saker-scope-inside"
	sh -c ": >\"$1/saker-scope-child\""' sh "$T" &
inside=$!
start -o scope.pid="$inside"
: >"$T/saker-scope-outside"
: >"$T/go"
wait "$inside"
stop
expect "$T/out" 'saker-scope-inside'
expect "$T/out" 'saker-scope-child'
expect_not "$T/out" 'saker-scope-outside'

# A cgroup of the unified hierarchy.
root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
group=$root/saker-test-$$
if [ -z "$root" ] || ! mkdir "$group" 2>/dev/null; then
	echo "scope by cgroup not tried: no writable cgroup2 hierarchy"
	exit 0
fi
trap '[ -z "$PIPELINE" ] || kill -TERM "$PIPELINE" 2>/dev/null; rmdir "$group" 2>/dev/null; rm -rf "$T"' EXIT
start -o scope.cgroup="$group"
# shellcheck disable=SC2016
sh -c 'echo $$ >"$1/cgroup.procs"; : >"$2/saker-scope-grouped"; exec sleep 0.1' sh "$group" "$T"
: >"$T/saker-scope-ungrouped"
stop
expect "$T/out" 'saker-scope-grouped'
expect_not "$T/out" 'saker-scope-ungrouped'
