#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Which branches of the compiler and of what runs its programs the differential target reaches:
#
#   sh tests/fuzz/coverage.sh [SECONDS]
#
# builds the target with source coverage, feeds it its corpus and SECONDS (60) of inputs made from that, and prints a
# line for each file.  It fails when fewer than 95 % of all branches were taken.  What refuses a condition, and what
# fails without memory, is left out: every condition here is one that compiles, and other targets refuse.
set -eu
seconds=${1:-60}
O=${O:-build}
least=95
for tool in clang clang++ llvm-profdata llvm-cov; do
	command -v "$tool" >/dev/null || { echo "$tool is not there"; exit 77; }
done
make -s O="$O" "$O/gen/syscalls.h"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-D_GNU_SOURCE -O1 -g -w -fprofile-instr-generate -fcoverage-mapping -Ibase -Ishm
  -Ievaluator -Itests/fuzz/differential -I$O/gen"
# shellcheck disable=SC2086 # the flags are many words
clang++ -std=gnu++17 $flags '-DSAKER_VERSION="fuzz"' -fsanitize=fuzzer-no-link -c -o "$work/regex.o" evaluator/regex.cc
sources=$(find base shm evaluator tests/fuzz/differential -name '*.c' ! -path evaluator/main.c)
# shellcheck disable=SC2086
clang -std=gnu11 $flags '-DSAKER_VERSION="fuzz"' \
  -fsanitize=fuzzer -o "$work/target" tests/fuzz/differential_fuzz.c $sources "$work/regex.o" \
  -lyaml -lseccomp -lzstd -lm -lre2 -lstdc++
mkdir "$work/corpus"
LLVM_PROFILE_FILE="$work/profile" "$work/target" -seed=1 -max_total_time="$seconds" -max_len=2048 -entropic=0 \
  -verbosity=0 "$work/corpus" tests/fuzz/corpus/differential >"$work/log" 2>&1 || { tail -n 40 "$work/log"; exit 1; }
llvm-profdata merge -o "$work/merged" "$work/profile"

# Branches that are left out, by their lines, and why:
# - memory that is not there, and what a failure before it leads to;
refusals='ENOMEM|NO_MEMORY|== NULL|!= NULL|err = |err <|err !=|err == 0|failed|_init\(|names_set|arena_defer'
refusals=$refusals'|constant_key|calloc|exact_room'
# - refusals (what compiles is judged; other targets refuse), but for those of constants and functions, which are tried;
refusals=$refusals'|EINVAL|E2BIG|refuse|abort|warn|exactly|at least|VALUE_TRANSFORM\)'
# - bounds that take megabytes of rules to reach, and counters that take billions of events;
refusals=$refusals'|COMPILE_[A-Z]*_MAX|PROGRAM_WORK_MAX|CONSTANT_TEXT_MAX|AUTOMATON_CELLS_MAX|MATCHER_SET_MAX'
refusals=$refusals'|MATCHER_WORDS_MAX|add_overflow|UINT32_MAX / 2|RESIDUAL_LIST_MAX'
# - what tells unequal things with equal hashes apart: the hashes are 64 bits long;
refusals=$refusals'|hash ==|hash !=|memcmp\(|entry->accessor|entry->lens'
# - the way past a switch over an enumeration of which each value has a row, rows there for values that can not come,
#   and rows of several operators, of which the compiler makes one;
# - the end of a search that always finds.
never='switch \(|case .*(_COUNT|EXISTS|GROUP_LIST|GROUP_OPAQUE|MODIFIER_NONE|FIELD_PARAM|VALUE_NONE|TRANSFORM_UTF8)'
never=$never'|case (AST_MACRO|TEST_NONE)|\*link != 0|tries < 2|TRANSFORM_(LITERAL;|COUNT\))'
never=$never'|case OP_.*: case OP_|\|  *0\|.*case OP_'
total=0 missed=0
for file in compile compile_check operand program eval eval_cost op transform getopt constant glob residual \
  residual_make texts steps matcher matcher_build automaton contexts; do
	file=evaluator/$file.c
	llvm-cov show "$work/target" -instr-profile="$work/merged" -show-branches=count "$file" |
	  awk -v refusals="$refusals" -v never="$never" -v file="$file" '
		/^ *[0-9]+\|/ { text = $0 }
		/Branch \(/ {
			if (text ~ refusals || text ~ never)
				next
			branches = split($0, part, /True: |False: /)
			for (i = 2; i <= branches; i++) {
				total++
				if (part[i] ~ /^0[,\]]/) {
					missed++
					missing = missing "\n    " text
				}
			}
		}
		END { printf "%s %d %d%s\n", file, total, missed, missing }' >"$work/file"
	read -r name all not <"$work/file"
	total=$((total + all)) missed=$((missed + not))
	echo "$name: $((all - not)) of $all branches"
	[ -z "${V:-}" ] || sed 1d "$work/file"
done
reached=$(((total - missed) * 1000 / total))
echo "together $((total - missed)) of $total: $((reached / 10)).$((reached % 10)) %"
[ "$reached" -ge $((least * 10)) ]
