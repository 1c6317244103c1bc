#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016
# `saker test`: what fires and what does not is told, and every fault of a file of tests has its place.
set -u
. tests/pipeline/lib.sh

cat >"$T/rules.yaml" <<'RULES'
- rule: one
  desc: a list, an address, a number, ancestors
  condition: >
    evt.type = connect and fd.types intersects (ipv4) and fd.ip = 10.0.0.2 and fd.port = 53 and proc.aname = init
  output: one
  priority: INFO
- rule: two
  desc: any connection
  condition: evt.type in (connect, accept4)
  output: two
  priority: INFO
  enabled: false
- rule: three
  desc: absence
  condition: evt.type = kill and not proc.name exists
  output: three
  priority: DEBUG
RULES

cat >"$T/good.yaml" <<'TESTS'
- rules: rules.yaml
- event: connection
  fields:
    evt.type: connect
    fd.types: [ipv4, file]
    fd.cip: 10.0.0.1
    fd.sip: 10.0.0.2
    fd.sport: 53
    proc.pname: sh
    proc.aname[2]: init
- test: all of it
  event: {like: connection}
  fires: [one, two]
- event: other connection
  fields: {like: connection, fd.sip: 10.0.0.3}
- test: another address
  event: {like: other connection}
  fires: two
- test: an ancestor less
  event:
    like: connection
    proc.aname[2]:
  fires: two
- test: only what is named counts
  event: {like: connection}
  silent: three
- test: everything else is silent
  event: {like: connection}
  fires: [one, two]
  silent: "*"
- test: no name
  event: {evt.type: kill}
  fires: three
- test: a name
  event: {evt.type: kill, proc.name: x}
  fires: []
TESTS
"$SAKER" test "$T/good.yaml" >"$T/out" 2>&1
expect_code $? 0 "$T/out"
expect "$T/out" '^7 tests, 0 failed$'
"$SAKER" test --every-rule "$T/good.yaml" >"$T/out" 2>&1
expect_code $? 0 "$T/out"

cat >"$T/bad.yaml" <<'TESTS'
- rules: [rules.yaml]
- test: not fired
  event: {evt.type: accept4}
  fires: [two, one]
- test: fired
  event: {evt.type: accept4}
  fires: []
- test: no such rule
  event: {evt.type: accept4}
  fires: four
- test: no such field
  event: {evt.type: accept4, fd.nmae: x}
  fires: two
- test: no such value
  event: {evt.type: accept4, fd.sip: 10.0}
  fires: two
- test: no such event
  event: {evt.type: accept5}
  fires: two
- test: no event at all
  event: {proc.name: x}
  fires: two
- test: no list
  event: {evt.type: accept4, proc.name: [a, b]}
  fires: two
- test: no template
  event: {like: nothing}
  fires: two
- test: nothing to find out
  event: {evt.type: accept4}
- tset: x
- test: a key too much
  events: {evt.type: accept4}
  fires: two
TESTS
"$SAKER" test --every-rule "$T/bad.yaml" >"$T/out" 2>&1
expect_code $? 1 "$T/out"
expect "$T/out" 'bad.yaml:4:16: error: `not fired`: this rule did not fire'
expect "$T/out" 'bad.yaml:5:9: error: the rule `two` fired'
expect "$T/out" 'bad.yaml:10:10: error: no rule is called `four`'
expect "$T/out" 'bad.yaml:12:30: error: `fd.nmae`: nonexistent field `fd.nmae`: did you mean `fd.name`'
expect "$T/out" 'bad.yaml:15:38: error: `fd.sip`: '
expect "$T/out" 'bad.yaml:18:21: error: no event is called `accept5`'
expect "$T/out" 'bad.yaml:20:9: error: the event has no evt.type'
expect "$T/out" 'bad.yaml:24:41: error: `proc.name`: expected one value'
expect "$T/out" 'bad.yaml:27:17: error: like: expected the name of an event above, got nothing'
expect "$T/out" 'bad.yaml:29:3: error: a test needs an event, and fires or silent'
expect "$T/out" 'bad.yaml:31:3: error: expected an item with rules, event or test'
expect "$T/out" 'bad.yaml:33:3: error: `events` is no key of this item'
expect "$T/out" 'rules.yaml:1:9: error: no test fires the rule `one`'
expect "$T/out" '^8 tests, 8 failed$'

printf -- '- test: too early\n  event: {evt.type: kill}\n  fires: []\n' >"$T/early.yaml"
"$SAKER" test "$T/early.yaml" >"$T/out" 2>&1
expect_code $? 1 "$T/out"
expect "$T/out" 'there are no rules to test'
"$SAKER" test "$T/missing.yaml" >"$T/out" 2>&1
expect_code $? 1 "$T/out"
expect "$T/out" 'missing.yaml: .*can not be read'
"$SAKER" test "$T" >"$T/out" 2>&1
expect_code $? 1 "$T/out"
"$SAKER" test >"$T/out" 2>&1
expect_code $? 100 "$T/out"
