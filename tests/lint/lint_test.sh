#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016
#
# Every rule of tests/lint.sh must be able to fail: a small tree that is in order, then one fault at a time.
set -u
cd "$(dirname "$0")/../.." || exit 111
LINT=$PWD/tests/lint.sh
LINT_TREE=$(mktemp -d) || exit 111
export LINT_TREE
trap 'rm -rf "$LINT_TREE"' EXIT
cases=0 failed=0
C='/* SPDX-License-Identifier: Apache-2.0 */'
K='/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */'
M='.\" SPDX-License-Identifier: Apache-2.0'

# A tree without a fault.
good_tree() {
	rm -rf "${LINT_TREE:?}"/*
	mkdir -p "$LINT_TREE/base" "$LINT_TREE/shm" "$LINT_TREE/cli" "$LINT_TREE/bpf" "$LINT_TREE/tests/syscall"
	cd "$LINT_TREE" || exit 111
	printf '%s\n/* Say hello; returns 0. */\nint hello_say(void);\n' "$C" >base/hello.h
	printf '%s\n#include "hello.h"\n\nint\nhello_say(void)\n{\n\treturn 0;\n}\n' "$C" >base/hello.c
	printf '%s\nEVENT(1, open, FILE)\n' "$K" >shm/events.def
	printf '%s\nSYSCALL_CASES(open) = {\n};\n' "$C" >tests/syscall/file.c
	printf '%s\nCONFIG(depth, "tree.depth", INT, 4 << 1, 0, 9, "", "How deep.")\n' "$C" >base/config.def
	printf '%s\n.Bl -tag\n.It Ic tree.depth Pq number, 0 to 9, default 8\n.El\n' "$M" >base/saker.conf.5
	printf '%s\nstatic const struct verb verbs[] = {\n\t{ "run", verb_run },\n};\n' "$C" >cli/main.c
	printf '%s\nstatic const struct option options[] = {\n\t{ "json", no_argument, NULL, 0 },\n};\n' "$C" >cli/run.c
	printf 'static const char text[] = "usage: saker run [--json]";\n' >>cli/run.c
	printf '%s\n.It Cm run Op Fl -json\n' "$M" >cli/saker.8
	printf 'Run `make all` and saker run.\n' >README.md
	printf '# SPDX-License-Identifier: Apache-2.0\nall:\n' >Makefile
}

fails() {
	echo "FAIL: $1"
	failed=$((failed + 1))
}

# The tree as it is now passes RULE, or has a finding that contains TEXT.
passes() {
	cases=$((cases + 1))
	out=$("$LINT" "$1" 2>&1) || fails "$1 on a tree in order: $out"
}

finds() {
	cases=$((cases + 1))
	out=$("$LINT" "$1" 2>&1) && { fails "$1 does not find: $2"; good_tree; return; }
	printf '%s\n' "$out" | grep -qF -- "$2" || fails "$1 finds something else than: $2: $out"
	good_tree
}

good_tree
for rule in spdx white_space words paths long_lines long_files long_functions contracts calls wall libraries rows \
    verbs options settings events commands; do
	passes "$rule"
done

printf 'int x;\n' >base/bare.c;                                  finds spdx 'base/bare.c:1'
printf '%s\n' "$C" >bpf/open.bpf.c;                              finds spdx '(GPL-2.0-only OR Apache-2.0)'
printf 'int x; \n' >>base/hello.c;                               finds white_space 'blanks at the end'
printf 'int x;' >>base/hello.c;                                  finds white_space 'no newline'
printf 'int x;\r\n' >>base/hello.c;                              finds white_space 'carriage'
printf '        int x;\n' >>base/hello.c;                        finds white_space 'indented by blanks'
printf '/* TODO: more */\n' >>base/hello.c;                      finds words '"TODO"'
printf 'A stub.\n' >>README.md;                                  finds words '"stub"'
printf 'See /home/me/tree.\n' >>README.md;                          finds paths '/home/me'
printf '/* %0120d */\n' 1 >>base/hello.c;                        finds long_lines '126 columns, at most 100'
yes 'int x;' | head -n 501 >>base/hello.c;                       finds long_files 'at most 500'
{ printf 'int\nlong_one(void)\n{\n'; yes '	x();' | head -n 80; printf '}\n'; } >>base/hello.c
finds long_functions 'long_one has 83 lines'
printf '\nint bye_say(void);\n' >>base/hello.h;                  finds contracts 'base/hello.h:5'
printf 'void f(char *a) { strcpy(a, "x"); }\n' >>base/hello.c;   finds calls 'strcpy()'
printf '#include "events.def"\n' >>base/hello.c;                 finds wall '"events.def" is not in base'
printf '#include "../base/hello.h"\n' >>cli/run.c;              finds wall 'names a folder'
printf '%s\n' "$C" >shm/ring.h
printf '#include "ring.h"\n' >bpf/a.bpf.c;                       finds wall 'not for the kernel'
printf '#include <yaml.h>\n' >>cli/run.c;                        finds libraries '<yaml> belongs to'
printf 'EVENT(1, close, FILE)\n' >>shm/events.def;               finds rows '"1" stands in more than one row'
sed -i 's/{ "run", verb_run },/&\n\t{ "stop", verb_stop },/' cli/main.c; finds verbs 'the verb "stop"'
sed -i 's/Fl -json//' cli/saker.8;                               finds options 'no manual of cli/ tells of --json'
sed -i 's/\[--json\]//' cli/run.c;                               finds options 'no usage text of cli/ tells of --json'
sed -i 's/default 8/default 9/' base/saker.conf.5;               finds settings 'does not say: tree.depth 0 to 9'
sed -i 's/0 to 9/0 to 10/' base/saker.conf.5;                    finds settings 'does not: tree.depth 0 to 10'
printf '.It Ic tree.width Pq number, default 1\n' >>base/saker.conf.5
finds settings 'does not: tree.width'
printf 'EVENT(2, close, FILE)\n' >>shm/events.def;               finds events 'no SYSCALL_CASES(close)'
printf 'saker walk\n' >>README.md;                               finds commands 'no verb "walk"'
printf '`make wonders`\n' >>README.md;                           finds commands 'no target "wonders"'

if command -v mandoc >/dev/null 2>&1; then
	printf '.Nonsense\n' >>cli/saker.8
	finds mandoc 'cli/saker.8'
fi
if command -v shellcheck >/dev/null 2>&1; then
	printf '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\nrm $1\n' >run.sh
	finds shellcheck 'run.sh:3'
fi
if command -v cppcheck >/dev/null 2>&1; then
	printf '%s\nint\nf(void)\n{\n\tint a[2] = { 0 };\n\n\treturn a[2];\n}\n' "$C" >base/bounds.c
	finds cppcheck 'base/bounds.c:7'
fi
cases=$((cases + 1))
"$LINT" nonsense >/dev/null 2>&1
[ $? -eq 100 ] || fails 'a rule that is not there is not refused with 100'

echo "$cases cases, $failed failed"
[ "$failed" -eq 0 ]
