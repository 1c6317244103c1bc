#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Make the manuals that are tables, saker-events(7) and saker-fields(7), from the rows of shm/events.def and
# shm/fields.def as the C preprocessor expands them.
#
#   packaging/manuals.sh DIR      into DIR, which is made; needs nothing built
set -eu
[ $# -eq 1 ] || { echo "usage: packaging/manuals.sh DIR" >&2; exit 100; }
mkdir -p "$1"
OUT=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."

# Rows as the macros on standard input make them, one a line, with neighbouring texts joined.
rows() {
	${CC:-cc} -E -P -Ishm - | sed 's/ROW /\n/g' | sed -E 's/" *"//g; s/[[:space:]]+/ /g; s/ ([,|])/\1/g; s/ *$//' |
	    grep -E '^[^ ]'
}

# Beginning and end of a page: name and one-line description; what else to read.
page_begin() {
	printf '.\\" SPDX-License-Identifier: Apache-2.0\n.\\" Made by packaging/manuals.sh.\n'
	LC_ALL=C date -u -d "@$DATE" '+.Dd %B %-d, %Y'
	printf '.Dt %s 7\n.Os\n.Sh NAME\n' "$(echo "$1" | tr '[:lower:]' '[:upper:]')"
	printf '.Nm %s\n.Nd %s\n.Sh DESCRIPTION\n' "$1" "$2"
}

page_end() {
	printf '.El\n.Sh SEE ALSO\n.Xr saker-rules 5 ,\n.Xr %s 7 ,\n.Xr saker 8\n' "$1"
}

event_rows() {
	rows <<'EOF'
#define EVENT(id, name, category, flags, fd, params) ROW category|name|params
#define RESULT(event, name, type) name type
#define PARAM(event, name, type, how) , name type
#define KERNEL(event, name, type, how) , +name type
#include "events.def"
EOF
}

events() {
	page_begin saker-events 'events that saker captures'
	cat <<'EOF'
Each event has a name, which rules know as
.Cm evt.type ,
a category, and parameters, which rules know as
.Cm evt.arg.NAME .
The first parameter is the result.
Those after a
.Cm +
are what the kernel knew at that moment, beside what the caller said; they have
a part in fields such as
.Cm fd.name
and are no part of
.Cm evt.args .
.Pp
A system call that is not listed is captured where a rule names it, under its
own name, with result and raw arguments.
.Bl -tag -width Ds
EOF
	event_rows | awk -F'|' '$1 != "META" && $2 != "syscall" {
		sub(/_/, " ", $1)
		print ".It Cm " $2 " Pq " tolower($1) "\n" $3
	}' | fold -s -w 78 | sed 's/ *$//'
	page_end saker-fields
}

field_rows() {
	rows <<'EOF'
#define FIELD(id, name, type, print, argument, flags, class, delivered, text) ROW name|type|argument|delivered|text
#include "fields.def"
EOF
}

fields() {
	page_begin saker-fields 'fields of conditions and outputs'
	cat <<'EOF'
After a name stands what may follow it, then the type.
Values come from the running kernel, but for fields marked
.Em of a replay only ,
which only a capture has that is played again, and those marked
.Em not delivered yet ,
which never have a value: a rule that reads one gets a warning.
.Bl -tag -width Ds
EOF
	field_rows | tr -d '"' | awk -F'|' '
	BEGIN {
		may["INDEX"] = "[N]"
		may["VARIABLE"] = "[N] or [NAME]"
		may["PARAM"] = ".NAME or [N], needed"
		may["PARAM_NAME"] = may["EVENT_NAME"] = may["DOTTED"] = ".NAME, needed"
		may["TIME"] = "[TIME], needed"
		may["SIDE"] = ".src or .dst"
		may["KEY"] = "[TEXT], needed"
		may["KEY_DOTTED"] = "[TEXT] or .TEXT, needed"
	}
	{
		print ".It Cm " $1 ($3 == "NONE" ? "" : " No " may[$3]) " Pq " tolower($2)
		if ($4 == "REPLAY")
			print ".Em Of a replay only :"
		if ($4 == "NOT_YET")
			print ".Em Not delivered yet :"
		print toupper(substr($5, 1, 1)) substr($5, 2) "."
	}' | fold -s -w 78 | sed 's/ *$//'
	page_end saker-events
}

DATE=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
events >"$OUT/saker-events.7"
fields >"$OUT/saker-fields.7"
