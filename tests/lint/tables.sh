# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Rules that hold a table, the code and the manuals together.

# Print the Nth argument (from 1) of each row of MACRO in FILE.
rows_of() {
	sed -E ':more; /,$/ { N; b more }; s/\n */ /g' "$2" | sed -n "s/^$1(//p" |
	    awk -v n="$3" -F', *' '{ gsub(/^[ \t"]+|[ \t")]+$/, "", $n); print $n }'
}

# A name or number stands in one row of its table.
rule_rows() {
	while read -r file macro column; do
		[ -f "$file" ] || continue
		rows_of "$macro" "$file" "$column" | sort | uniq -d |
		    sed "s|.*|$file: \"&\" stands in more than one row|"
	done <<-'EOF'
		shm/events.def EVENT 1
		shm/events.def EVENT 2
		shm/types.def TYPE 1
		shm/derived.def DERIVED 1
		shm/context.def CONTEXT 1
		shm/flags.def FLAGS_TABLE 1
		shm/fields.def FIELD 1
		shm/fields.def FIELD 2
		shm/ops.def OP 1
		shm/ops.def OP 2
		base/config.def CONFIG 1
		base/config.def CONFIG 2
		base/config.def CONFIG_ALIAS 1
		base/config.def CONFIG_UNUSED 1
	EOF
	[ -f shm/stats.def ] && sed -nE 's/^STAT\(([A-Z]+), ([a-z_]+),.*/\1 \2/p' shm/stats.def | sort | uniq -d |
	    sed 's|.*|shm/stats.def: "&" stands in more than one row|'
}

# A verb of the command stands in its manual.
rule_verbs() {
	[ -f cli/main.c ] || return 0
	grep -oE '\{ "[a-z]+", verb_' cli/main.c | sed -E 's/.*"([a-z]+)".*/\1/' | while read -r verb; do
		grep -qE "^\.(It|Ss|Nm saker) (Cm|Nm saker Cm)? ?$verb( |\$)" cli/saker.8 2>/dev/null ||
		    echo "cli/main.c: saker.8 does not tell of the verb \"$verb\""
	done
}

# An option of getopt stands in a usage text and in a manual of its folder.
rule_options() {
	for file in $(files '^[a-z]+/[a-z_]+\.c$'); do
		folder=${file%%/*}
		grep -oE '\{ "[a-z0-9-]+", (no|required|optional)_argument' "$file" |
		    sed -E 's/.*"(.*)".*/\1/' | sort -u | while read -r option; do
			cat "$folder"/*.8 2>/dev/null | grep -qE -- "Fl -$option( |\$)" ||
			    echo "$file: no manual of $folder/ tells of --$option"
			[ "$option" = help ] && continue
			grep -qE -- "^[^{]*\"[^\"]*--${option}[] ,\"\\\\=|]" "$folder"/*.c ||
			    echo "$file: no usage text of $folder/ tells of --$option"
		done
	done
}

# A default or bound of config.def as the manual writes it.
setting_value() {
	case $1 in
	CONFIG_*) echo "$1" | sed -E 's/^CONFIG_[A-Z]+_//' | tr '[:upper:]' '[:lower:]' ;;
	*'<<'*) low=${1%%[L ]*}; echo $((low << ${1##*<< })) ;;
	*) echo "${1:-empty}" ;;
	esac
}

# Every setting with its default and, of a number, its bounds, as config.def has them.
settings_of_table() {
	printf '%s\n' '#define CONFIG(member, path, type, value, min, max, unit, text) ROW path|type|value|min|max' \
	    '#include "config.def"' | ${CC:-cc} -E -P -Ibase - 2>/dev/null | sed -n 's/^ROW //p' | tr -d '"' |
	    while IFS='|' read -r path type value min max; do
		case $type in
		INT | SIZE) bounds="$(setting_value "$min") to $(setting_value "$max") " ;;
		*) bounds= ;;
		esac
		echo "$path ${bounds}default $(setting_value "$value")"
	done
}

# The same, as the manual has them: other words of its brackets, and the bounds of texts, left out.
settings_of_manual() {
	sed -nE 's/^\.It Ic ([^ ]+) Pq (.*)$/\1 \2/p' base/saker.conf.5 2>/dev/null |
	    sed -E 's/^([^ ]+) path, [0-9].*, default/\1 default/
		s/^([^ ]+) .*[ ,]([0-9]+ to [0-9]+), default/\1 \2 default/; t
		s/^([^ ]+) .*default/\1 default/'
}

# A setting stands in its manual with bounds and default, and the manual tells of no other.
rule_settings() {
	[ -f base/config.def ] || return 0
	settings=$(mktemp) manual=$(mktemp)
	settings_of_table | sort >"$settings"
	[ -s "$settings" ] || echo "base/config.def: the compiler finds no row"
	settings_of_manual | sort >"$manual"
	comm -23 "$settings" "$manual" | sed 's/.*/base\/saker.conf.5: does not say: &/'
	comm -13 "$settings" "$manual" | sed 's/.*/base\/saker.conf.5: says what config.def does not: &/'
	rm -f "$settings" "$manual"
}

# An event of the kernel has cases that do the call and say what they expect.
rule_events() {
	[ -f shm/events.def ] || return 0
	sed -nE 's/^EVENT\(([0-9]+), ([a-z0-9_]+),.*/\1 \2/p' shm/events.def | while read -r id name; do
		[ "$id" -ge 200 ] || grep -sqE "^SYSCALL_CASES\($name\) = " tests/syscall/*.c ||
		    echo "shm/events.def: tests/syscall/ has no SYSCALL_CASES($name)"
	done
}

# Number and last word of the lines of FILE that have what PATTERN says.
told_in() {
	grep -noE "$2" "$1" | sed -E 's/^([0-9]+):.* ([a-z-]+)$/\1 \2/'
}

# A command that README or CONTRIBUTING shows is a verb of the command or a target of the Makefile.
rule_commands() {
	for file in README.md CONTRIBUTING.md; do
		[ -f "$file" ] || continue
		told_in "$file" '(^|[ `/])saker [a-z]+' | while read -r line verb; do
			grep -sqE "\{ \"$verb\", verb_" cli/main.c || echo "$file:$line: saker has no verb \"$verb\""
		done
		told_in "$file" '`make [a-z-]+' | while read -r line target; do
			grep -sqE "^$target:" Makefile tests/*.mk || echo "$file:$line: no target \"$target\""
		done
	done
}
