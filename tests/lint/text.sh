# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016
# Rules about any text of the tree.

LINE_COLUMNS_MAX=100
SCRIPT_COLUMNS_MAX=120
FILE_LINES_MAX=500

# Every file of ours that has comments says its licence in the first line (the second, after #!).
rule_spdx() {
	{ files '\.([chs]|def|sh|mk|awk|ya?ml|[1578])$' '(^|/)Makefile$' '\.(service|conf)$'; scripts; } | sort -u |
	    xargs -r awk '
	function licence(file) {
		if (file ~ /^shm\/(stats|fields|ops)\.def$/)
			return "Apache-2.0"
		if (file ~ /^bpf\/.*\.[ch]$/ || file ~ /^shm\/(.*\.def|event\.h|normal\.h|probe\.h)$/)
			return "(GPL-2.0-only OR Apache-2.0)"
		return "Apache-2.0"
	}
	FNR == 1 && /^#!/ { next }
	{
		if (!index($0, "SPDX-License-Identifier: " licence(FILENAME)))
			print FILENAME ":1: the first line must say SPDX-License-Identifier: " licence(FILENAME)
		nextfile
	}'
}

# No blanks at the end of a line, no carriage returns, a newline at the end; C is indented by tabs.
rule_white_space() {
	files '.' | grep -vE '^LICENSE' | xargs grep -HanE '[[:blank:]]+$' |
	    sed -E 's/^([^:]*:[0-9]+):.*/\1: blanks at the end of the line/'
	files '.' | grep -vE '^LICENSE' | xargs grep -al "$(printf '\r')" | sed 's/$/:1: carriage returns/'
	for file in $(files '.' | grep -vE '^LICENSE'); do
		[ -n "$(tail -c 1 "$file")" ] && echo "$file: no newline at the end"
	done
	code | xargs grep -HanE '^ {8,}' | sed -E 's/^([^:]*:[0-9]+):.*/\1: indented by blanks, not tabs/'
}

# Words of unfinished work.
rule_words() {
	files '.' | grep -vE '^tests/lint|^LICENSE' |
	    xargs grep -HanowE 'TODO|FIXME|XXX|HACK|[Ss]tubs?|[Pp]laceholders?' |
	    sed -E 's/^([^:]*:[0-9]+):(.*)/\1: "\2": finish it or leave it out/'
}

# Nothing names a folder of the machine it was written on.
rule_paths() {
	files '.' | grep -vE '^tests/lint' |
	    xargs grep -HanoE '(^|[^A-Za-z0-9_./])/(work|home/[a-z]{2,}|mnt|farm)/[a-z]*' |
	    grep -vE '/home/(user|alice|bob)' | sed -E 's/^([^:]*:[0-9]+):(.*)/\1: a path of one machine: \2/'
}

# Lines and files have a bound.  A tab goes to the next multiple of 8, a character is what UTF-8 calls one.
lines_over() {
	xargs -r awk -v max="$1" '
	{
		gsub(/[\200-\277]/, "")
		columns = 0
		for (parts = split($0, part, "\t"); parts > 0; parts--) {
			columns += length(part[++done])
			if (parts > 1)
				columns += 8 - columns % 8
		}
		done = 0
		if (columns > max)
			print FILENAME ":" FNR ": " columns " columns, at most " max
	}'
}

rule_long_lines() {
	code | lines_over "$LINE_COLUMNS_MAX"
	scripts | lines_over "$SCRIPT_COLUMNS_MAX"
}

rule_long_files() {
	{ sources; scripts; } | xargs -r wc -l | awk -v max="$FILE_LINES_MAX" \
	    '$2 != "total" && $1 > max { print $2 ": " $1 " lines, at most " max }'
}
