#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every unit test, and the ring's model tests, under AddressSanitizer and UndefinedBehaviorSanitizer.
set -eu
SAN=address,undefined
LOG=$(mktemp)
trap 'rm -f "$LOG"' EXIT
ASAN_OPTIONS=detect_leaks=1
UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export ASAN_OPTIONS UBSAN_OPTIONS
make -s -j"$(nproc)" "SAN=$SAN" WERROR=1 unit-tests
failed=0
for test in "build/$SAN"/tests/unit/*/*_test; do
	[ -x "$test" ] || continue
	code=0
	timeout 250 "$test" >"$LOG" 2>&1 || code=$?
	if [ "$code" != 0 ] && [ "$code" != 77 ]; then
		echo "$test: exit $code"
		tail -n 40 "$LOG"
		failed=1
	fi
done
exit $failed
