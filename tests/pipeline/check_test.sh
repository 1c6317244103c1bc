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
expect "$T/out" '"schema_valid":false,"schema_warnings":\["[0-9:]+ .*LOUD'
expect "$T/out" '"item_name":"one","item_type":"rule","position":\{"column":2,"line":2,"name":"[^"]*bad.yaml"'
expect "$T/out" '"item_type":"rule condition"'
expect "$T/out" '"item_type":"rule priority"'
expect "$T/out" '"name":"..evt.type = execve.*"snippet":"evt.type = execve and .proc.name = sh'

# A field that nothing delivers is told, not refused; and so is all that is suspicious.
cat >"$T/warned.yaml" <<'RULES'
- rule: warned
  desc: a function, a pattern, a field on the right side, and a field that nothing delivers
  condition: >
    evt.type = execve and toupper(proc.name) = SH and proc.exepath regex '/usr/(s?bin|lib)/.*' and
    proc.name != val(proc.pname) and not evt.buffer contains x
  output: warned %toupper(proc.name) %len(proc.cmdline)
  priority: WARNING
- rule: needless
  desc: a pattern without need
  condition: evt.type = execve and proc.name regex '^sh$'
  output: needless
  priority: WARNING
RULES
"$SAKER" check "$T/warned.yaml" >"$T/out" 2>&1
expect_code $? 0 "$T/out"
expect "$T/out" 'warned.yaml: Ok, with warnings'
expect "$T/out" 'warned.yaml:5:.*nothing delivers the field .evt.buffer'
expect "$T/out" 'warned.yaml:10:.*needs no regular expression'

cat >"$T/pattern.yaml" <<'RULES'
- rule: pattern
  desc: not a pattern
  condition: evt.type = execve and proc.name regex '(sh'
  output: pattern
  priority: WARNING
RULES
"$SAKER" check "$T/pattern.yaml" >"$T/out" 2>&1
expect_code $? 1 "$T/out"
expect "$T/out" 'pattern.yaml:3:52: .*not a regular expression: missing )'

"$SAKER" check "$T/missing.yaml" >"$T/out" 2>&1
expect_code $? 1 "$T/out"
expect "$T/out" 'missing.yaml'
"$SAKER" check >"$T/out" 2>&1
expect_code $? 100 "$T/out"
