#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the evaluator answers to a mix of events does not hang on what its caches hold.  Of our rules and of those of
# users (RULES names others); skipped, after ours, where these are not there.
set -u
B=${B:-build}
RULES=${RULES:-../shared/upstream-rules/falco_rules.yaml ../shared/upstream-rules/falco-incubating_rules.yaml}

"$B/tests/bench/eval_bench" -c -m -n 100000 rules/saker_rules.yaml || exit 1
# shellcheck disable=SC2086 # a list of files
exec "$B/tests/bench/eval_bench" -c -m -n 100000 $RULES
