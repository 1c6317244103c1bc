#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `saker status --rules`: a command fires a rule, and what the rules took is told, the dearest first.
set -u
. tests/pipeline/lib.sh
needs_bpf

shadow_rule read >"$T/my.yaml"
cat >>"$T/my.yaml" <<'RULES'
- rule: 'Never, "ever"'
  desc: tried on the same events
  condition: evt.type in (open, openat) and fd.name = /no/such/file
  output: never
  priority: WARNING
- rule: Idle
  desc: of an event that does not come
  condition: evt.type = reboot
  output: idle
  priority: WARNING
RULES
# The command asks the pipeline that watches it, whose folder is the only one in TMPDIR.
mkdir -m 0755 "$T/tmp"
cat >"$T/work" <<WORK
for i in 1 2 3 4 5; do cat /etc/shadow >/dev/null; done
i=0
while [ \$i -lt 9000 ]; do read -r x </etc/passwd; read -r x </etc/passwd; i=\$((i + 1)); done
sleep 2.5
"$SAKER" status --rules --run-dir "$T"/tmp/*/run >"$T/table" 2>&1
"$SAKER" status --rules --json --run-dir "$T"/tmp/*/run >"$T/json" 2>&1
WORK
TMPDIR=$T/tmp "$SAKER" run -r "$T/my.yaml" -- sh "$T/work" >"$T/out" 2>"$T/err"
expect_code $? 0 "$T/err"
[ "$(grep -c ': Warning read$' "$T/out")" = 5 ] || fail "five alerts" "$T/out"

expect "$T/table" '^ +evaluations +hits +mean ns +estimated ms  rule$'
expect "$T/table" '^ +[0-9]+ +5 +[0-9]+ +[0-9.]+  Shadow read$'
expect "$T/table" '^ +[0-9]+ +0 +[0-9]+ +[0-9.]+  Never, "ever"$'
expect "$T/table" '^1 rules were never tried\.$'
expect "$T/json" '^\{"version":"[0-9.]+","rules_hashes":\["[0-9a-f]{16}"\],"without_row":0,"rules":\[.*\]\}$'
expect "$T/json" '"rule":"Shadow read","evaluations":[0-9]+,"hits":5,"samples":[1-9][0-9]*,"sampled_ns":[1-9]'
expect "$T/json" '"rule":"Never, \\"ever\\"","evaluations":[0-9]+,"hits":0,'
expect "$T/json" '"rule":"Idle","evaluations":0,"hits":0,"samples":0,"sampled_ns":0,"mean_ns":null,"estimated_ns":null'

# Sorted: what all evaluations took never grows.
awk 'NF > 4 && $4 ~ /^[0-9.]+$/ { if (seen && $4 > last) exit 1; last = $4; seen++ } END { exit seen < 2 }' \
    "$T/table" || fail "the dearest first" "$T/table"

"$SAKER" status --rules --run-dir "$T/nowhere" >"$T/none" 2>&1
expect_code $? 1 "$T/none"
