#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `saker tap`: live events, of a command and of a pipeline that runs, without disturbing it.
set -u
. tests/pipeline/lib.sh
needs_bpf

# A small program that starts `sleep 5`: command line, parent and working directory.
cd "$T" || exit 111
SAKER=$OLDPWD/$B/bin/saker
"$SAKER" tap 'evt.type=execve' -- sh -c 'sleep 0.2 & wait' >"$T/out" 2>"$T/err"
expect_code $? 0 "$T/err"
expect "$T/out" 'execve.*sleep 0.2'
expect "$T/out" "sleep 0.2.*sh.*$T"
[ "$(grep -c 'sleep 0.2' "$T/out")" -ge 1 ] || fail "no sleep" "$T/out"

# A command is watched from its exec on: what the starting process did before is not its doing.
"$SAKER" tap -- true >"$T/out" 2>"$T/err"
expect_code $? 0 "$T/err"
expect "$T/out" '^[0-9:.]+ true\([0-9]+\) execve res=SUCCESS'
expect_not "$T/out" ' saker\('

# A condition filters.
"$SAKER" tap 'evt.type in (mkdir, mkdirat) and evt.arg.path contains wanted' -- \
    sh -c 'mkdir wanted other' >"$T/out" 2>"$T/err"
expect_code $? 0 "$T/err"
expect "$T/out" 'mkdir.*wanted'
expect_not "$T/out" 'other'

# A system call without a layout of its own can be named.
"$SAKER" tap 'evt.type=uname' -- uname >"$T/out" 2>"$T/err"
expect_code $? 0 "$T/err"
expect "$T/out" 'uname'

# A bad condition: column and caret, exit 1.
"$SAKER" tap 'evt.type = execve and proc.nmae = x' -- true >"$T/out" 2>"$T/err"
expect_code $? 1 "$T/err"
expect "$T/err" 'proc.nmae'
expect "$T/err" '^ *\^'

# With a pipeline of its own that nobody else started, it ends by its own: after so many, or when nobody reads.
timeout 20 "$SAKER" tap --run-dir "$T/none" --count 1 >"$T/out" 2>"$T/err"
expect_code $? 0 "$T/err"
[ "$(wc -l <"$T/out")" = 1 ] || fail "not one line" "$T/out"
timeout 20 "$SAKER" tap --run-dir "$T/none" 2>"$T/err" | head -n 1 >"$T/out"
expect "$T/err" 'nobody reads standard output any more'

# It does not see itself, each line of which would make another: only its own command line has this text.
timeout 3 "$SAKER" tap --run-dir "$T/none" "evt.type = write and proc.cmdline contains $T/self" >"$T/out" 2>"$T/err"
[ ! -s "$T/out" ] || fail "it sees itself" "$T/out"

# A condition is one argument; a command comes after "--".
"$SAKER" tap evt.type = execve >"$T/out" 2>"$T/err"
expect_code $? 100 "$T/err"
expect "$T/err" '"=" is one argument too many'

# Beside a running pipeline: its alerts go on, the tap sees what no rule wants.
shadow_rule 'shadow read by %proc.name' >"$T/my.yaml"
# Three evaluators, whose rings the tap puts in order.
"$SAKER" run -r "$T/my.yaml" -o run_dir="$T/run" -o spool.dir="$T/spool" -o evaluators=3 >"$T/alerts" 2>"$T/err" &
pid=$!
PIPELINE=$pid
wait_ready "$T/run"
timeout 20 "$SAKER" tap --run-dir "$T/run" --count 1 "evt.type in (mkdir, mkdirat) and evt.arg.path endswith tapped" \
    >"$T/out" 2>"$T/err2" &
tap=$!
sleep 1.5
mkdir "$T/tapped"
cat /etc/shadow >/dev/null
wait "$tap"
expect_code $? 0 "$T/err2"
expect "$T/out" 'mkdir.*tapped'
sleep 0.3
kill -TERM "$pid"
wait "$pid"
PIPELINE=
expect "$T/alerts" 'shadow read by cat'
