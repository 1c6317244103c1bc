# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Sourced by the shell tests of the pipeline: B, SAKER, a temporary folder T that goes away, and a few checks.

B=${B:-build}
SAKER=$B/bin/saker
T=$(mktemp -d) || exit 111
chmod 0755 "$T" # workers have users of their own
PIPELINE= # the pipeline that a test started in the background; a test that fails leaves none behind
trap '[ -z "$PIPELINE" ] || kill -TERM "$PIPELINE" 2>/dev/null; rm -rf "$T"' EXIT

needs_bpf() {
	[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
	[ -r /sys/kernel/btf/vmlinux ] || { echo "needs /sys/kernel/btf/vmlinux"; exit 77; }
}

# Print what is wrong with what was seen (file $2), and fail.
fail() {
	echo "FAILED: $1"
	[ -z "${2:-}" ] || sed 's/^/  | /' "$2"
	exit 1
}

# FILE has a line that matches the extended REGEX.
expect() {
	grep -Eq -- "$2" "$1" || fail "no line matches: $2" "$1"
}

expect_not() {
	! grep -Eq -- "$2" "$1" || fail "a line matches: $2" "$1"
}

expect_code() {
	[ "$1" = "$2" ] || fail "exit code $1, expected $2" "${3:-}"
}

# A rule file with the one rule that has CONDITION and OUTPUT.
one_rule() {
	printf -- '- rule: x\n  desc: x\n  condition: %s\n  output: %s\n  priority: WARNING\n' "$1" "$2"
}

# A rule file with the rule "Shadow read", whose output is $1.
shadow_rule() {
	one_rule 'evt.type in (open, openat) and fd.name = /etc/shadow' "$1" | sed 's/^- rule: x$/- rule: Shadow read/'
}

# Wait until the pipeline whose run folder is $1 says that all its processes are ready.
wait_ready() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		"$SAKER" status --run-dir "$1" >"$T/ready" 2>/dev/null &&
		    grep -q '^keeper.*ready' "$T/ready" && return 0
		sleep 0.2
	done
	fail "not ready" "$T/ready"
}
