#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The project's own rules and the linters, each rule a few lines of grep, sed or awk.
#
#   tests/lint.sh [RULE...]       all rules, or those named, over the tree this file stands in
#   LINT_TREE=DIR                 over another tree
#
# Prints one line a finding and ends with a count.  Exit codes: 0 no finding, 1 findings, 100 used wrongly.
set -u
LC_ALL=C
export LC_ALL
HERE=$(cd "$(dirname "$0")" && pwd)
TREE=${LINT_TREE:-$(dirname "$HERE")}
cd "$TREE" || exit 100
# shellcheck source=tests/lint/files.sh
. "$HERE/lint/files.sh"
# shellcheck source=tests/lint/text.sh
. "$HERE/lint/text.sh"
# shellcheck source=tests/lint/code.sh
. "$HERE/lint/code.sh"
# shellcheck source=tests/lint/tables.sh
. "$HERE/lint/tables.sh"
# shellcheck source=tests/lint/tools.sh
. "$HERE/lint/tools.sh"

RULES="spdx white_space words paths long_lines long_files long_functions contracts calls wall libraries rows \
verbs options settings events commands mandoc shellcheck cppcheck"

FOUND=$(mktemp) || exit 111
trap 'rm -f "$FOUND"' EXIT
rules=0 findings=0 skipped=0
[ $# -gt 0 ] || eval "set -- $RULES"
for rule; do
	case " $RULES " in
	*" $rule "*) ;;
	*) echo "lint: \"$rule\" is not a rule; expected one of $RULES" >&2; exit 100 ;;
	esac
	"rule_$rule" >"$FOUND" 2>&1
	case $? in
	77) skipped=$((skipped + 1)); sed "s/^/skip  $rule: /" "$FOUND"; continue ;;
	esac
	rules=$((rules + 1))
	findings=$((findings + $(wc -l <"$FOUND")))
	sed "s/\$/ [$rule]/" "$FOUND"
done
printf '%d rules, %d findings, %d skipped\n' "$rules" "$findings" "$skipped"
[ "$findings" -eq 0 ]
