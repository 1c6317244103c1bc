#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `saker rules`: rules are listed, described and explained; the configuration's selections count.
set -u
. tests/pipeline/lib.sh

cat >"$T/rules.yaml" <<'RULES'
- list: shells
  items: [bash, zsh]
- list: progs
  items: [shells, cat]
- macro: spawned
  condition: evt.type = execve
- rule: Shell run
  desc: a shell
  condition: spawned and proc.name in (progs)
  output: shell %proc.name %toupper(proc.exe)
  priority: NOTICE
  exceptions:
    - {name: e, fields: [proc.pname, tolower(fd.name)], comps: [=, startswith], values: [[x, /y]]}
- rule: Quiet
  desc: seldom
  condition: evt.type = execve
  output: quiet
  priority: DEBUG
  tags: [b, a]
  enabled: false
RULES

"$SAKER" rules list "$T/rules.yaml" >"$T/out" 2>&1
expect_code $? 0 "$T/out"
expect "$T/out" '^Notice +active +Shell run$'
expect "$T/out" '^Debug +disabled Quiet  \(a, b\)$'

printf 'rules:\n- enable: {tag: b}\n- disable: {rule: "S*"}\nrules_files: %s\n' "$T/rules.yaml" >"$T/saker.yaml"
"$SAKER" rules list -c "$T/saker.yaml" >"$T/out" 2>&1
expect_code $? 0 "$T/out"
expect "$T/out" '^Notice +- +Shell run$'
expect "$T/out" '^Debug +active +Quiet'

"$SAKER" rules describe "$T/rules.yaml" >"$T/out" 2>&1
expect_code $? 0 "$T/out"
expect "$T/out" '"info":\{"items":\["cat"\],"name":"progs"\}'
expect "$T/out" '"details":\{"items_compiled":\["bash","zsh","cat"\],"lists":\["shells"\],"plugins":\[\],"used":true\}'
expect "$T/out" '"condition_compiled":"\(\(evt.type = execve and proc.name in \(bash, zsh, cat\)\) and not \('
expect "$T/out" 'and not \(proc.pname = x and tolower\(fd.name\) startswith /y\)\)"'
expect "$T/out" '"condition_fields":\["evt.type","proc.name","proc.pname","fd.name"\]'
expect "$T/out" '"condition_operators":\["=","in","startswith"\]'
expect "$T/out" '"events":\["asyncevent","execve"\],"exception_fields":\["proc.pname","tolower\(fd.name\)"\]'
expect "$T/out" '"lists":\["progs"\],"macros":\["spawned"\]'
expect "$T/out" '"output_fields":\["proc.name","proc.exe","toupper\(proc.exe\)"\],"plugins":\[\]'

"$SAKER" rules describe --rule Quiet "$T/rules.yaml" >"$T/out" 2>&1
expect_code $? 0 "$T/out"
expect "$T/out" '^\{"rules":\[\{"details":.*"enabled":false,"name":"Quiet"'

"$SAKER" rules explain --rule 'Shell run' "$T/rules.yaml" >"$T/out" 2>&1
expect_code $? 0 "$T/out"
expect "$T/out" '^      proc.name in \(bash, zsh, cat\)$'
expect "$T/out" '^    not all of$'
expect "$T/out" '^  proc.pname  .*of the parent'
expect "$T/out" '^  tried on 1 kinds of event$'
expect "$T/out" '^  1 check answered by the kind of event, before any comes$'
expect "$T/out" '^  2 checks of the task, asked once while it stays what it is$'
expect "$T/out" '^  1 check of the event, asked at most once an event$'

"$SAKER" rules explain --rule None "$T/rules.yaml" >"$T/out" 2>&1
expect_code $? 1 "$T/out"
expect "$T/out" 'no rule is called "None"'
"$SAKER" rules explain rules >"$T/out" 2>&1
expect_code $? 0 "$T/out"
"$SAKER" rules >"$T/out" 2>&1
expect_code $? 100 "$T/out"
