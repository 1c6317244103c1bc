# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016
# Rules about C.

FUNCTION_LINES_MAX=70

# Functions have a bound.  In our form a body is what stands between "{" and "}" in the first column.
rule_long_functions() {
	sources | xargs -r awk -v max="$FUNCTION_LINES_MAX" '
	FNR == 1 { start = body = 0 }
	/^[A-Za-z_].*\(/ { start = FNR; name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
	/^\}/ && start && body { if (FNR - start + 1 > max)
		print FILENAME ":" start ": " name " has " FNR - start + 1 " lines, at most " max
		start = body = 0 }
	/^\{/ { body = 1 }'
}

# A prototype in a header has a comment: above it, or above the group of lines it stands in.
rule_contracts() {
	files '^(base|shm|keeper|collector|enricher|evaluator|outputs|cli)/.*\.h$' | xargs -r awk '
	/^$/ || FNR == 1 { told = 0 }
	/^\/\*/ || /^ \*/ { told = 1 }
	/^[a-z].*\(/ && !/^(typedef|return|static inline|_Static)/ && !/=/ && !told && !body {
		print FILENAME ":" FNR ": a prototype without a word about it" }
	{ body = /^static inline/ }'
}

# Calls that have a better form: bounded text, no shell, no hidden state, no growing stack.
rule_calls() {
	banned='strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|system|popen|strtok'
	banned="$banned|atoi|atol|alloca|tmpnam|mktemp|signal"
	bare_code | grep -vE '^tests/' | grep -E "(^|[^A-Za-z0-9_.>])($banned)[[:blank:]]*\(" |
	    sed -E "s/^([^:]*:[0-9]*):.*[^A-Za-z0-9_.>]($banned)[[:blank:]]*\(.*/\1: \2() is not used here/"
}

# Quoted headers that a folder's files include, as FILE LINE NAME.
headers_of() {
	grep -HnE '^#include "' "$@" /dev/null | sed -E 's/^([^:]*):([0-9]+):#include "([^"]*)".*/\1 \2 \3/'
}

# The include path is the wall: a folder sees itself, base/ and shm/; shm/ sees base/; the kernel's side the schema.
rule_wall() {
	# shellcheck disable=SC2046
	headers_of $(sources | grep -vE '^tests/') | while read -r file line header; do
		folder=${file%%/*}
		case $folder in
		base) seen=base ;;
		bpf | kmod) seen="$folder shm" ;;
		*) seen="$folder shm base" ;;
		esac
		case $header in
		*/*) echo "$file:$line: \"$header\" names a folder: the include path decides"; continue ;;
		vmlinux.h | syscalls.h) continue ;; # made by the build
		esac
		for place in $seen; do
			[ -f "$place/$header" ] && { wall_schema "$file:$line" "$place/$header"; continue 2; }
		done
		echo "$file:$line: \"$header\" is not in $seen"
	done
}

# Of shm/, what runs in the kernel includes only headers that say they compile there.
wall_schema() {
	case $1:$2 in bpf/*:shm/* | kmod/*:shm/*) ;; *) return 0 ;; esac
	head -n 1 "$2" | grep -q 'GPL-2.0-only' || echo "$1: \"${2##*/}\" is not for the kernel's side"
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
		re2/ evaluator
		seccomp base
	EOF
}
