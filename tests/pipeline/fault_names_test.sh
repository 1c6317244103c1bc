#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every fault point of the sources is one that fault_test kills at.
set -u
missing=0
for name in $(sed -n 's/.*FAULT_POINT("\([a-z_]*\)").*/\1/p' */*.c | sort -u); do
	grep -q "\"$name\"" tests/pipeline/fault_test.c || { echo "fault_test does not kill at $name"; missing=1; }
done
exit $missing
