#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every fault point of the sources is one that fault_test or reload_test kills at.
set -u
missing=$(sed -n 's/.*FAULT_POINT("\([a-z_]*\)").*/\1/p' ./*/*.c | sort -u | while read -r name; do
	grep -q "\"$name\"" tests/pipeline/fault_test.c tests/pipeline/reload_test.c || echo "no test kills at $name"
done)
[ -z "$missing" ] || { echo "$missing"; exit 1; }
