# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Rules about any text of the tree.

LINE_COLUMNS_MAX=100
SCRIPT_COLUMNS_MAX=120
FILE_LINES_MAX=500

# Every file of ours that has comments says its licence in the first line (the second, after #!).
rule_spdx() {
	{ files '\.([chs]|def|sh|mk|awk|ya?ml|[1578])$' '(^|/)Makefile$' '\.(service|conf)$'; scripts; } | sort -u |
	    while IFS= read -r file; do
		case $file in
		shm/stats.def | shm/fields.def | shm/ops.def) licence=Apache-2.0 ;;
		bpf/*.[ch] | shm/*.def | shm/event.h | shm/normal.h | shm/probe.h)
			licence='(GPL-2.0-only OR Apache-2.0)' ;;
		*) licence=Apache-2.0 ;;
		esac
		head -n 2 "$file" | sed '/^#!/d' | head -n 1 | grep -aqF "SPDX-License-Identifier: $licence" ||
		    echo "$file:1: the first line must say SPDX-License-Identifier: $licence"
	done
}

# No blanks at the end of a line, no carriage returns, a newline at the end; C is indented by tabs.
rule_white_space() {
	for file in $(files '.' | grep -vE '^LICENSE'); do
		grep -anE '[[:blank:]]+$' "$file" | sed "s|^\([0-9]*\):.*|$file:\1: blanks at the end of the line|"
		grep -ac "$(printf '\r')" "$file" | grep -qx 0 || echo "$file:1: carriage returns"
		[ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ] && echo "$file: no newline at the end"
	done
	for file in $(code); do
		grep -anE '^ {8,}' "$file" | sed "s|^\([0-9]*\):.*|$file:\1: indented by blanks, not tabs|"
	done
}

# Words of unfinished work.
rule_words() {
	for file in $(files '.' | grep -vE '^tests/lint|^LICENSE'); do
		grep -anowE 'TODO|FIXME|XXX|HACK|[Ss]tubs?|[Pp]laceholders?' "$file" |
		    sed "s|^\([0-9]*\):\(.*\)|$file:\1: \"\2\": finish it or leave it out|"
	done
}

# Nothing names a folder of the machine it was written on.
rule_paths() {
	for file in $(files '.' | grep -vE '^tests/lint'); do
		grep -anoE '(^|[^A-Za-z0-9_./])/(work|home/[a-z]{2,}|mnt|farm)/[a-z]*' "$file" |
		    grep -vE '/home/(user|alice|bob)' | sed "s|^\([0-9]*\):\(.*\)|$file:\1: a path of one machine: \2|"
	done
}

# Lines and files have a bound.
lines_over() {
	expand "$2" | awk -v file="$2" -v max="$1" \
	    'length > max { print file ":" FNR ": " length " columns, at most " max }'
}

rule_long_lines() {
	for file in $(code); do lines_over "$LINE_COLUMNS_MAX" "$file"; done
	for file in $(scripts); do lines_over "$SCRIPT_COLUMNS_MAX" "$file"; done
}

rule_long_files() {
	for file in $(sources) $(scripts); do
		lines=$(wc -l <"$file")
		[ "$lines" -le "$FILE_LINES_MAX" ] || echo "$file: $lines lines, at most $FILE_LINES_MAX"
	done
}
