#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `saker fields`: each field of the table stands there once with what delivers it, and a rule that reads one gets a
# warning exactly where that is nothing.
set -u
. tests/pipeline/lib.sh

"$SAKER" fields >"$T/fields" || fail "saker fields" "$T/fields"
grep -v '^#' "$T/fields" >"$T/rows"

# The table's rows: name, type, who delivers.
sed -E ':more; /,$/ { N; b more }; s/\n */ /g' shm/fields.def | sed -E \
    's/^FIELD\([a-z0-9_]+, "([^"]+)", ([A-Z0-9]+), [A-Z0-9]+, ([A-Z_]+), ([^,]+), [A-Z_]+, ([A-Z_]+),.*/\1 \2 \5 \3 \4/
    t; d' >"$T/table"
[ "$(wc -l <"$T/table")" = "$(wc -l <"$T/rows")" ] || fail "not a line for each field"
[ "$(grep -c . "$T/table")" -gt 250 ] || fail "the table was not read"

# What may follow the name where something must; and what the list shows.
argument() {
	case $1 in
	EVENT_NAME) echo .open ;;
	PARAM) echo .name ;;
	PARAM_NAME) echo .flags ;;
	TIME) echo '[1]' ;;
	DOTTED) echo .cpu ;;
	KEY | KEY_DOTTED) echo '[a]' ;;
	esac
}

shown() {
	case $1 in
	INDEX) echo '[N] or nothing' ;;
	VARIABLE) echo '[NAME], [N] or nothing' ;;
	PARAM) echo '.NAME or [N]' ;;
	PARAM_NAME | EVENT_NAME | DOTTED) echo .NAME ;;
	TIME) echo '[NANOSECONDS]' ;;
	SIDE) echo '.src, .dst or nothing' ;;
	KEY) echo '[KEY]' ;;
	KEY_DOTTED) echo '[KEY] or .KEY' ;;
	esac
}

word() {
	case $1 in
	LIVE) echo live ;;
	REPLAY) echo replay ;;
	NOT_YET) echo nothing ;;
	esac
}

while read -r name type delivered argument flags; do
	printf '%-36s %-8s %s\n' "$name$(shown "$argument")" "$type" "$(word "$delivered")" >>"$T/expected"
	printf -- '- rule: "%s"\n  desc: x\n  condition: evt.type = open\n  output: "%%%s%s"\n  priority: INFO\n' \
	    "$delivered $name" "$name" "$(argument "$argument")" >>"$T/outputs.yaml"
	case $flags in
	*PRINT_ONLY* | *DEPRECATED*) continue ;;
	esac
	[ "$name" = evt.around ] && continue # compared with = only
	printf -- '- rule: "%s in a condition"\n  desc: x\n  condition: evt.type = open and %s%s exists\n' \
	    "$delivered $name" "$name" "$(argument "$argument")" >>"$T/conditions.yaml"
	printf '  output: x\n  priority: INFO\n' >>"$T/conditions.yaml"
done <"$T/table"

sed -E "s/ ([A-Z0-9]+ +(live|replay|nothing)) .*/ \\1/" "$T/rows" | sort >"$T/seen"
sort "$T/expected" | diff - "$T/seen" >"$T/diff" || fail "saker fields and its table differ" "$T/diff"

# One warning for each that nothing delivers, and none for the others.
for kind in outputs conditions; do
	"$SAKER" check "$T/$kind.yaml" >"$T/$kind" 2>&1 || fail "saker check $kind" "$T/$kind"
	grep '^- rule: "NOT_YET' "$T/$kind.yaml" | sed 's/^- rule: "//; s/"$//' | sort >"$T/due"
	sed -nE 's/.*warning: rule .([^`]+).: nothing delivers.*/\1/p' "$T/$kind" | sort >"$T/warned"
	[ -s "$T/due" ] || fail "no field is without a source: this test has nothing to see"
	diff "$T/due" "$T/warned" >"$T/diff" || fail "warnings about $kind" "$T/diff"
done
