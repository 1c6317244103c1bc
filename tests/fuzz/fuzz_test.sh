#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every fuzz target builds, agrees with its corpus, and takes inputs made from it: 3000, or 15 seconds of them.
set -eu
make -s -j"$(nproc)" fuzz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for target in build/fuzz/*_fuzz; do
	name=$(basename "$target" _fuzz)
	corpus=tests/fuzz/corpus/$name
	mkdir "$work/$name"
	[ -d "$corpus" ] || { echo "$name has no corpus"; failed=1; continue; }
	if ! timeout 120 "$target" -seed=1 -runs=3000 -max_total_time=15 -verbosity=0 "$work/$name" "$corpus" \
		>"$work/log" 2>&1; then
		echo "$name:"
		tail -n 30 "$work/log"
		failed=1
	fi
done
exit "$failed"
