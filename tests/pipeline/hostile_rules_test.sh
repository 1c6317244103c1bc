#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Any bytes as a rule file: an answer within seconds and within a bound of memory, never a crash.
set -u
. tests/pipeline/lib.sh

SECONDS_MAX=30
MEMORY_KIB_MAX=$((2 * 1024 * 1024))
case $B in
*address* | *thread* | *undefined*) MEMORY_KIB_MAX=unlimited ;; # sanitizers map what they never use
esac

# The answer to FILE is the exit code $2, and a line of it matches REGEX.
answers() {
	# shellcheck disable=SC3045 # the shells that there are have it
	(ulimit -v "$MEMORY_KIB_MAX"; exec timeout "$SECONDS_MAX" "$SAKER" check "$1") >"$T/out" 2>&1
	code=$?
	cut -c1-200 "$T/out" | head -5 >"$T/short"
	[ "$code" = "$2" ] || fail "$1: exit code $code, not $2" "$T/short"
	grep -Eq -- "$3" "$T/out" || fail "$1: no line matches $3" "$T/short"
}

repeat() { # TEXT COUNT
	awk -v text="$1" -v count="$2" 'BEGIN { for (i = 0; i < count; i++) printf "%s", text }'
}

# Items 1 to COUNT by FORMAT, each with its own number and twice that of the one STEP further.
each() { # COUNT STEP FORMAT
	for i in $(seq 1 "$1"); do
		# shellcheck disable=SC2059 # the format is the point
		printf -- "$3" "$i" $((i + $2)) $((i + $2))
	done
}

# Each alias stands for nine of the one before: a thousand million elements, if they were made.
{
	echo '- list: a'
	echo '  items: &a0 [x, x, x, x, x, x, x, x, x]'
	for i in 1 2 3 4 5 6 7 8 9; do
		printf -- '- list: b%s\n  items: &a%s [' "$i" "$i"
		repeat "*a$((i - 1)), " 8
		printf '*a%s]\n' $((i - 1))
	done
} >"$T/bomb.yaml"
answers "$T/bomb.yaml" 1 'error'

{
	printf -- '- list: l0\n  items: [x, x]\n'
	each 40 -1 '- list: l%s\n  items: [l%s, l%s]\n'
	one_rule 'evt.type = open and proc.name in (l40)' x
} >"$T/lists.yaml"
answers "$T/lists.yaml" 0 'Ok'

# Lists that grow by text: each is later, so that its name is hit in what the former put in.
{
	each 40 1 '- list: t%s\n  items: [t%s, t%s]\n'
	one_rule 'evt.type = open and proc.name in (t1)' x
} >"$T/growing.yaml"
answers "$T/growing.yaml" 1 'error'

# Macros that name the one before twice.
{
	printf -- '- macro: m0\n  condition: proc.name = x\n'
	each 60 -1 '- macro: m%s\n  condition: m%s or not m%s\n'
	one_rule 'evt.type = open and m60' x
} >"$T/macros.yaml"
answers "$T/macros.yaml" 1 'error'

{
	printf -- '- rule: x\n  desc: x\n  output: x\n  priority: INFO\n  condition: '
	repeat '(' 10000
	printf 'evt.type=open'
	repeat ')' 10000
	echo
} >"$T/deep.yaml"
answers "$T/deep.yaml" 1 'error'
sed 's/((/not (/g' "$T/deep.yaml" >"$T/deepnot.yaml"
answers "$T/deepnot.yaml" 1 'error'

{ printf -- '- list: l\n  items: '; repeat '[' 100000; echo; } >"$T/brackets.yaml"
answers "$T/brackets.yaml" 1 'error'
{ repeat '{a: ' 100000; echo; } >"$T/braces.yaml"
answers "$T/braces.yaml" 1 'error'
{ repeat '- ' 100000; echo; } >"$T/dashes.yaml"
answers "$T/dashes.yaml" 1 'error'

printf -- '- rule: \377\376x\n  desc: \300\200\n' >"$T/utf8.yaml"
answers "$T/utf8.yaml" 1 'error'
head -c 1000000 /dev/zero >"$T/zeros.yaml"
answers "$T/zeros.yaml" 1 'error'
head -c 1000000 "$SAKER" >"$T/program.yaml"
answers "$T/program.yaml" 1 'error'

# A list of a hundred million bytes.
{ printf -- '- list: l\n  items: ['; repeat 'item-of-a-list, ' 6250000; echo 'x]'; } >"$T/large.yaml"
[ "$(wc -c <"$T/large.yaml")" -gt 100000000 ] || fail "not that large" "$T/out"
answers "$T/large.yaml" 1 'error|larger|large'
