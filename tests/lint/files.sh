# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Which files the rules look at: those of the tree, without what a build makes and what tests read as data.

# All files, one a line: what git knows or would know, or without git what lies there.
tree_files() {
	if git rev-parse --show-toplevel >/dev/null 2>&1 && [ "$(git rev-parse --show-toplevel)" = "$(pwd -P)" ]; then
		git ls-files -co --exclude-standard
	else
		find . \( -name build -o -name .git \) -prune -o -type f -print | sed 's|^\./||'
	fi | grep -vE '/corpus/|^tests/.*\.(jsonl|scap|golden|expected)$' | while IFS= read -r file; do
		[ -f "$file" ] && printf '%s\n' "$file"
	done | sort
}

TREE_FILES=$(tree_files)

# Those whose path fits one of the extended regular expressions.
files() {
	for pattern; do
		printf '%s\n' "$TREE_FILES" | grep -E "$pattern"
	done
}

# Those that begin as a script does.
bare_scripts() {
	files '.' | grep -v '\.sh$' | xargs awk 'FNR == 1 && /^#!\/bin\/(ba)?sh/ { print FILENAME } { nextfile }'
}

BARE_SCRIPTS=$(bare_scripts)

sources() { files '\.([ch]|cc)$'; }
code() { files '\.([ch]|cc)$' '\.def$'; }
scripts() {
	files '\.sh$'
	[ -z "$BARE_SCRIPTS" ] || printf '%s\n' "$BARE_SCRIPTS"
}
manuals() { files '^[a-z]+/[a-z.-]+\.[1578]$'; }

# The lines of C files with comments and the content of strings blanked, as FILE:LINE:TEXT.
bare_code() {
	code | xargs -r awk -f "$HERE/lint/bare.awk"
}
