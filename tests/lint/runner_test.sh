#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The runner of tests counts each: what passes, what fails, what is skipped, and a script that can not be started.
set -u
RUN=$PWD/tests/run.sh
T=$(mktemp -d) || exit 111
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 111
mkdir -p built/tests tests/some

# A test called NAME that exits with CODE.
put() {
	printf '#!/bin/sh\necho "said by %s"\nexit %s\n' "$1" "$2" >"tests/some/$1_test.sh"
	chmod 0755 "tests/some/$1_test.sh"
}

# The runner exits with CODE, and a line of what it says matches REGEX.
runs() {
	TESTS='' B=built sh "$RUN" >out 2>&1
	code=$?
	[ "$code" = "$1" ] && grep -Eq "$2" out && return
	echo "exit code $code, expected $1 and a line: $2"
	cat out
	exit 1
}

runs 1 '^0 passed, 0 failed, 0 skipped$'
put good 0
put idle 77
runs 0 '^1 passed, 0 failed, 1 skipped$'
runs 0 '^skip  tests/some/idle_test.sh: said by idle$'
put bad 1
runs 1 '^1 passed, 1 failed, 1 skipped$'
rm tests/some/bad_test.sh
chmod 0644 tests/some/good_test.sh
runs 1 '^FAIL  tests/some/good_test.sh'
