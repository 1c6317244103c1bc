#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `saker check`: the rules that ship are good; every error of a bad file is told with its place.
set -u
. tests/pipeline/lib.sh

"$SAKER" check rules/saker_rules.yaml >"$T/out" 2>&1
expect_code $? 0 "$T/out"
expect "$T/out" '^rules/saker_rules.yaml: Ok$'

cat >"$T/bad.yaml" <<'RULES'
- list: shells
  items: [sh, bash]
- rule: one
  desc: an unknown field
  condition: evt.type = execve and proc.nmae = sh
  output: one
  priority: WARNING
- rule: two
  desc: a broken condition
  condition: evt.type = execve and (proc.name = sh
  output: two
  priority: WARNING
- rule: three
  desc: no such priority
  condition: evt.type = execve and proc.name in (shells)
  output: three %nothing.there
  priority: LOUD
RULES
"$SAKER" check "$T/bad.yaml" >"$T/out" 2>&1
expect_code $? 1 "$T/out"
expect "$T/out" 'bad.yaml: Invalid'
expect "$T/out" 'bad.yaml:5:.*proc.nmae'
expect "$T/out" 'bad.yaml:10:'
expect "$T/out" 'bad.yaml:17:.*LOUD'

"$SAKER" check --json "$T/bad.yaml" >"$T/out" 2>&1
expect_code $? 1 "$T/out"
expect "$T/out" '"falco_load_results"'
expect "$T/out" '"successful": ?false'

# What the language has and this does not support yet is refused, not ignored.
cat >"$T/later.yaml" <<'RULES'
- rule: later
  desc: a transformer
  condition: evt.type = execve and toupper(proc.name) = SH
  output: later
  priority: WARNING
RULES
"$SAKER" check "$T/later.yaml" >"$T/out" 2>&1
case $? in
0) ;;
1) expect "$T/out" 'not supported yet' ;;
*) fail "neither accepted nor refused" "$T/out" ;;
esac

"$SAKER" check "$T/missing.yaml" >"$T/out" 2>&1
expect_code $? 1 "$T/out"
expect "$T/out" 'missing.yaml'
"$SAKER" check >"$T/out" 2>&1
expect_code $? 100 "$T/out"
