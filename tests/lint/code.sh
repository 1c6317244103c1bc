# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Rules about C.

FUNCTION_LINES_MAX=70

# Functions have a bound.  In our form a body is what stands between "{" and "}" in the first column.
rule_long_functions() {
	for file in $(sources); do
		awk -v file="$file" -v max="$FUNCTION_LINES_MAX" '
		/^[A-Za-z_].*\(/ { start = FNR; name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
		/^\}/ && start && body { if (FNR - start + 1 > max)
			print file ":" start ": " name " has " FNR - start + 1 " lines, at most " max
			start = body = 0 }
		/^\{/ { body = 1 }' "$file"
	done
}

# A prototype in a header has a comment: above it, or above the group of lines it stands in.
rule_contracts() {
	for file in $(files '^(base|shm|keeper|collector|enricher|evaluator|outputs|cli)/.*\.h$'); do
		awk -v file="$file" '
		/^$/ { told = 0 }
		/^\/\*/ || /^ \*/ { told = 1 }
		/^[a-z].*\(/ && /\);/ && !/^(typedef|return|static inline|_Static)/ && !/=/ && !told {
			print file ":" FNR ": a prototype without a word about it" }' "$file"
	done
}

# Calls that have a better form: bounded text, no shell, no hidden state, no growing stack.
rule_calls() {
	banned='strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|system|popen|strtok'
	banned="$banned|atoi|atol|alloca|tmpnam|mktemp|signal"
	bare_code | grep -vE '^tests/' | grep -E "(^|[^A-Za-z0-9_.>])($banned)[[:blank:]]*\(" |
	    sed -E "s/^([^:]*:[0-9]*):.*[^A-Za-z0-9_.>]($banned)[[:blank:]]*\(.*/\1: \2() is not used here/"
}

# Quoted headers of a file, as LINE NAME.
headers_of() {
	sed -nE '/^#include "/ { =; p }' "$1" | sed -E 'N; s/\n#include "([^"]*)".*/ \1/'
}

# The include path is the wall: a folder sees itself, base/ and shm/; shm/ sees base/; the kernel's side the schema.
rule_wall() {
	for file in $(sources | grep -vE '^tests/'); do
		folder=${file%%/*}
		case $folder in
		base) seen=base ;;
		bpf | kmod) seen="$folder shm" ;;
		*) seen="$folder shm base" ;;
		esac
		headers_of "$file" | while read -r line header; do
			case $header in
			*/*) echo "$file:$line: \"$header\" names a folder: the include path decides"; continue ;;
			vmlinux.h | syscalls.h) continue ;; # made by the build
			esac
			for place in $seen; do
				[ -f "$place/$header" ] && continue 2
			done
			echo "$file:$line: \"$header\" is not in $seen"
		done
		case $folder in bpf | kmod) wall_schema "$file" ;; esac
	done
}

# Of shm/, what runs in the kernel includes only headers that say they compile there.
wall_schema() {
	headers_of "$1" | while read -r line header; do
		[ -f "shm/$header" ] || continue
		[ -f "${1%/*}/$header" ] && continue
		head -n 1 "shm/$header" | grep -q 'GPL-2.0-only' ||
		    echo "$1:$line: \"$header\" is not for the kernel's side"
	done
}

# Each library has one owner.
rule_libraries() {
	while read -r header owners; do
		# shellcheck disable=SC2046
		grep -snE "^#include <$header" $(sources | grep -vE '^tests/') /dev/null |
		    sed -E 's/^([^:]*):([0-9]+):.*/\1 \2/' | while read -r file line; do
			echo "${file%%/*}" | grep -qxE "$owners" ||
			    echo "$file:$line: <$header> belongs to $owners alone"
		done
	done <<-'EOF'
		bpf/(libbpf|bpf|btf)\.h collector
		libelf|gelf collector
		liburing collector|outputs
		yaml base|evaluator
		zstd outputs
		seccomp base
		cap-ng base|collector
	EOF
}
