#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# All rule-language cases pass.  SAKER_CONFORMANCE names another file of cases.
set -u
B=${B:-build}
CASES=${SAKER_CONFORMANCE:-../shared/conformance/rules-cases.jsonl}
if [ ! -f "$CASES" ]; then
	echo "no cases: $CASES is not there, and SAKER_CONFORMANCE names no other file"
	exit 77
fi
exec "$B/tests/conformance/conformance" "$CASES"
