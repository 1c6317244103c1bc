#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The tree keeps every rule of tests/lint.sh.  Skipped, after the rules that could run found nothing, where a linter is
# not installed.
set -u
LOG=$(mktemp) || exit 111
trap 'rm -f "$LOG"' EXIT
tests/lint.sh >"$LOG"
code=$?
grep -v '^skip ' "$LOG"
[ "$code" -eq 0 ] || exit 1
! grep '^skip ' "$LOG" || exit 77
