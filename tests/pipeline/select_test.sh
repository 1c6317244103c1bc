#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The setting `rules`, from a file and from the command line, decides which rules a running pipeline judges.
set -u
. tests/pipeline/lib.sh
needs_bpf

shadow_rule read >"$T/my.yaml"
cat >>"$T/my.yaml" <<'RULES'
- rule: Shadow read, too
  desc: the same, but not by itself
  condition: evt.type in (open, openat) and fd.name = /etc/shadow
  output: read too
  priority: WARNING
  enabled: false
  tags: [second]
RULES
printf 'rules_files: %s\nrules:\n- disable: {rule: "*"}\n- enable: {tag: second}\n' "$T/my.yaml" >"$T/saker.yaml"

"$SAKER" run -c "$T/saker.yaml" -- cat /etc/shadow >"$T/out" 2>"$T/err"
expect_code $? 0 "$T/err"
expect "$T/out" ': Warning read too$'
expect_not "$T/out" ': Warning read$'

"$SAKER" run -c "$T/saker.yaml" -o 'rules[].disable.tag=second' -o 'rules[]={enable: {rule: "*read"}}' -- \
    cat /etc/shadow >"$T/out" 2>"$T/err"
expect_code $? 0 "$T/err"
expect "$T/out" ': Warning read$'
expect_not "$T/out" ': Warning read too$'

"$SAKER" run -c "$T/saker.yaml" -o 'rules[].hide.tag=second' -- touch "$T/ran" >"$T/out" 2>"$T/err"
expect_code $? 1 "$T/err"
expect "$T/err" 'expected enable.rule, enable.tag, disable.rule or disable.tag'
[ ! -e "$T/ran" ] || fail "the command ran"
