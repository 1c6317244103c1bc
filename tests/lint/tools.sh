# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Linters made by others, each where it is installed.

CPPCHECK_SECONDS=${CPPCHECK_SECONDS:-120}

# True when the program is there; otherwise says that it is missing.
have() {
	command -v "$1" >/dev/null 2>&1 || { echo "$1 is not installed"; return 1; }
}

rule_mandoc() {
	have "${MANDOC:-mandoc}" || return 77
	made=$(mktemp -d)
	[ ! -x packaging/manuals.sh ] || packaging/manuals.sh "$made"
	for page in $(manuals) "$made"/*.7; do
		[ -f "$page" ] || continue
		"${MANDOC:-mandoc}" -T lint -W style "$page" 2>&1 | sed 's/^mandoc: //' |
		    grep -vE 'referenced manual not found|Mdocdate missing|outdated mandoc.db'
	done
	rm -rf "$made"
	return 0
}

rule_shellcheck() {
	have shellcheck || return 77
	scripts | xargs -r -n 8 -P "$(nproc)" shellcheck -x -P SCRIPTDIR -e SC2034 -f gcc
	return 0
}

# An array of function pointers whose declaration it misreads is said to be uninitialised, and so is what
# recvmsg() fills.
CPPCHECK_WRONG="--suppress=uninitvar:evaluator/field.c --suppress=ctuuninitvar:shm/keeper_message.c"

# What it found out of a file is kept in the build folder, for the files that stay as they are.
cppcheck_memory() {
	[ -n "${LINT_TREE:-}" ] && return
	mkdir -p "${B:-build}/cppcheck" && echo "--cppcheck-build-dir=${B:-build}/cppcheck"
}

rule_cppcheck() {
	have cppcheck || return 77
	# shellcheck disable=SC2046,SC2086
	timeout "$CPPCHECK_SECONDS" cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr \
	    --template=gcc -j2 $(cppcheck_memory) -Ibase -Ishm --suppress=missingInclude $CPPCHECK_WRONG \
	    $(files '^(base|shm|keeper|collector|enricher|evaluator|outputs|cli)/.*\.c$') 2>&1 |
	    grep -E '^[^ ].*: (error|warning|portability)'
	return 0
}
