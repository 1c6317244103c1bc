# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Sourced by the shell tests of the pipeline: B, SAKER, a temporary folder T that goes away, and a few checks.

B=${B:-build}
SAKER=$B/bin/saker
T=$(mktemp -d) || exit 111
trap 'rm -rf "$T"' EXIT

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
