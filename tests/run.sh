#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Run every test and count.  A test is a program or script that exits 0 (passed), 77 (skipped; its last line says
# why) or anything else (failed; its output is shown).  B names the build folder.  The last line is the result.
#
# TESTS limits the run to tests whose path contains one of these words.
set -u
B=${B:-build}
export B
LOG=$(mktemp -d) || exit 111
trap 'rm -rf "$LOG"' EXIT
passed=0 failed=0 skipped=0

wanted() {
	[ -z "${TESTS:-}" ] && return 0
	for word in $TESTS; do
		case $1 in *"$word"*) return 0 ;; esac
	done
	return 1
}

one() {
	wanted "$1" || return 0
	begin=$(date +%s)
	timeout "${TEST_SECONDS:-300}" "$1" >"$LOG/out" 2>&1 </dev/null
	code=$?
	took=$(($(date +%s) - begin))
	case $code in
	0) passed=$((passed + 1)); printf 'ok    %s (%ss)\n' "$1" "$took" ;;
	77) skipped=$((skipped + 1)); printf 'skip  %s: %s\n' "$1" "$(tail -n 1 "$LOG/out")" ;;
	*) failed=$((failed + 1)); printf 'FAIL  %s (exit %s, %ss)\n' "$1" "$code" "$took"; tail -n 60 "$LOG/out" ;;
	esac
}

for test in $(find "$B/tests" -type f -name '*_test' -perm -u+x | sort) tests/*/*_test.sh; do
	[ -e "$test" ] && one "$test"
done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
