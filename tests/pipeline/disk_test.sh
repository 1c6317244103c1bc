#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A disk that takes nothing, not even the reserve: alerts are dropped, counted, at the pace at which they come; when
# there is room again, what comes is kept, and an alert says how many were not.
set -u
. tests/pipeline/lib.sh
needs_bpf

mkdir "$T/disk"
mount -t tmpfs -o size=64k,mode=0755 none "$T/disk" 2>"$T/err" || { echo "mounting is refused"; exit 77; }
trap 'umount "$T/disk"; rm -rf "$T"' EXIT
touch "$T/mark"
cat >"$T/my.yaml" <<RULES
- rule: Mark read
  desc: whoever opens the mark
  condition: evt.type in (open, openat) and fd.name = $T/mark
  output: mark read by %proc.name
  priority: WARNING
RULES

"$SAKER" run -r "$T/my.yaml" -o run_dir="$T/run" -o spool.dir="$T/disk/spool" -o rings.alert_bytes=131072 \
	>"$T/out" 2>"$T/err" &
pid=$!
wait_ready "$T/run"
i=0
while [ $i -lt 5000 ]; do : <"$T/mark"; i=$((i + 1)); done
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
	"$SAKER" status --run-dir "$T/run" --json >"$T/json" 2>&1
	grep -q '"dropped_alerts":5000' "$T/json" && break
	sleep 0.2
done
expect "$T/json" '"dropped_alerts":5000,'
expect "$T/json" '"lost_gap":0,'
expect "$T/err" 'the disk takes nothing'
[ ! -s "$T/out" ] || fail "an alert from nowhere" "$T/out"

mount -o remount,size=8m "$T/disk"
: <"$T/mark"
sleep 1.2
: <"$T/mark"
sleep 1
kill -TERM "$pid"
wait "$pid"
expect_code $? 0 "$T/err"
expect "$T/err" 'the disk takes alerts again'
expect "$T/out" 'mark read by'
expect "$T/out" 'alerts lost: .*refused=5000: Mark read=5000'

# What is kept can be read there, as text and as JSON.
"$SAKER" spool cat "$T/disk/spool" >"$T/text" 2>&1
expect "$T/text" 'mark read by'
"$SAKER" spool cat --json "$T/disk/spool" >"$T/json" 2>&1
expect "$T/json" '^\{"hostname":.*"rule":"Mark read"'
"$SAKER" spool verify "$T/disk/spool" >"$T/text" 2>&1
expect "$T/text" 'whole$'
"$SAKER" spool cat >"$T/text" 2>&1
expect_code $? 100 "$T/text"
