#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `saker run -- COMMAND`: the command's exit status, alerts alone on standard output, nothing left behind.
set -u
. tests/pipeline/lib.sh
needs_bpf

{
	shadow_rule 'shadow read by %proc.name (command=%proc.cmdline parent=%proc.pname uid=%user.uid)'
	echo '  tags: [b, a]'
} >"$T/my.yaml"

# One alert as text, on standard output; the command's own output goes there too, and only that.
mkdir -m 0755 "$T/tmp"
TMPDIR=$T/tmp
export TMPDIR
"$SAKER" run -r "$T/my.yaml" -- sh -c 'cat /etc/shadow >/dev/null; exit 7' >"$T/out" 2>"$T/err"
expect_code $? 7 "$T/err"
text='Warning shadow read by cat \(command=cat /etc/shadow parent=sh uid=0\)'
expect "$T/out" '^[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}: '"$text\$"
[ "$(wc -l <"$T/out")" = 1 ] || fail "more than one line" "$T/out"
[ -z "$(ls "$T/tmp")" ] || fail "a folder was left"

# As JSON, keys in byte order.
"$SAKER" run -r "$T/my.yaml" -o json_output=true -- sh -c 'cat /etc/shadow >/dev/null' >"$T/out" 2>"$T/err"
expect_code $? 0 "$T/err"
head='\{"hostname":"[^"]+","output":"[0-9:.]+: Warning shadow read by cat .*"'
fields='"evt.time":[0-9]+,"proc.cmdline":"cat /etc/shadow","proc.name":"cat","proc.pname":.*,"user.uid":0'
tail='"priority":"Warning","rule":"Shadow read","source":"syscall","tags":\["a","b"\],"time":"[-0-9]+T[0-9:.]+Z"\}'
expect "$T/out" "^$head,\"output_fields\":\\{$fields\\},$tail\$"

# The command's own execution is seen, and its parent is known by then.
one_rule 'evt.type = execve' 'ran %proc.name parent=%proc.pname' >"$T/exec.yaml"
for _ in 1 2 3; do
	"$SAKER" run -r "$T/exec.yaml" -- "$(command -v true)" >"$T/out" 2>"$T/err"
	expect_code $? 0 "$T/err"
	expect "$T/out" 'ran true parent=saker$'
done

# Only the command is watched: what we do beside it gives nothing.
(sleep 0.3; cat /etc/shadow >/dev/null) &
"$SAKER" run -r "$T/my.yaml" -- sleep 1 >"$T/out" 2>"$T/err"
expect_code $? 0 "$T/err"
[ ! -s "$T/out" ] || fail "an alert from outside the scope" "$T/out"
wait

# A command that can not be started; one that ends by a signal.
"$SAKER" run -r "$T/my.yaml" -- "$T/no-such-program" >"$T/out" 2>"$T/err"
expect_code $? 127 "$T/err"
# shellcheck disable=SC2016
"$SAKER" run -r "$T/my.yaml" -- sh -c 'kill -TERM $$' >"$T/out" 2>"$T/err"
expect_code $? 143 "$T/err"

# Bad rules, bad settings, bad options: an error that points, exit 1 or 100, and the command never ran.
one_rule 'evt.type = open and proc.nmae = a' x >"$T/bad.yaml"
"$SAKER" run -r "$T/bad.yaml" -- touch "$T/ran" >"$T/out" 2>"$T/err"
expect_code $? 1 "$T/err"
expect "$T/err" 'bad.yaml:3:[0-9]+: .*proc.nmae'
expect "$T/err" '^ *\^'
[ ! -e "$T/ran" ] || fail "the command ran though the rules are bad"
"$SAKER" run -r "$T/my.yaml" -o collector.hold_us=never -- true >"$T/out" 2>"$T/err"
expect_code $? 1 "$T/err"
expect "$T/err" 'never'
"$SAKER" run --nonsense >"$T/out" 2>"$T/err"
expect_code $? 100 "$T/err"
"$SAKER" run true >"$T/out" 2>"$T/err"
expect_code $? 100 "$T/err"

# From a tree that is not installed, ./run finds the rules of the tree.  It builds in the default folder only.
if [ "$B" = build ]; then
	./run -- true >"$T/out" 2>"$T/err"
	expect_code $? 0 "$T/err"
fi

# With the few descriptors that some shells allow; and where process ids are not the kernel's, it says so.
# shellcheck disable=SC3045
(ulimit -S -n 64; "$SAKER" run -r "$T/my.yaml" -- true) >"$T/out" 2>"$T/err"
expect_code $? 0 "$T/err"
unshare --pid --fork "$SAKER" run -r "$T/my.yaml" -- touch "$T/ran" >"$T/out" 2>"$T/err"
expect_code $? 111 "$T/err"
expect "$T/err" 'first pid namespace'
[ ! -e "$T/ran" ] || fail "the command ran unwatched"

# A signal ends it while it is still starting, here by a configuration that never comes.
mkfifo "$T/never.yaml"
timeout 2 "$SAKER" run -c "$T/never.yaml" -r "$T/my.yaml" -- touch "$T/ran" >"$T/out" 2>"$T/err"
expect_code $? 124 "$T/err"
[ ! -e "$T/ran" ] || fail "the command ran unwatched"

# Without a command: until a signal, then in order.
"$SAKER" run -r "$T/my.yaml" -o run_dir="$T/run" -o spool.dir="$T/spool" >"$T/out" 2>"$T/err" &
pid=$!
PIPELINE=$pid
wait_ready "$T/run"
"$SAKER" status --run-dir "$T/run" >"$T/status" 2>&1
expect_code $? 0 "$T/status"
for process in keeper collector enricher evaluator spooler sink; do
	expect "$T/status" "^$process +[0-9]+ +[0-9]+ +ready"
done
"$SAKER" status --run-dir "$T/run" --json >"$T/json" 2>&1
expect "$T/json" '"collector":\{"pid":[0-9]+'
cat /etc/shadow >/dev/null
sleep 0.5
kill -TERM "$pid"
wait "$pid"
code=$?
PIPELINE=
expect_code $code 0 "$T/err"
expect "$T/out" 'shadow read by cat'
"$SAKER" status --run-dir "$T/run" >"$T/status" 2>&1
expect_code $? 1 "$T/status"

# Not root: what is missing and what would help.
if command -v setpriv >/dev/null 2>&1; then
	setpriv --reuid 65534 --clear-groups "$SAKER" run -- true >"$T/out" 2>"$T/err"
	expect_code $? 111 "$T/err"
	expect "$T/err" 'root.*sudo'
fi

# Killed outright, it leaves no pipeline behind; and it ends when nobody reads what it writes.
"$SAKER" run -r "$T/my.yaml" -o run_dir="$T/run" -o spool.dir="$T/spool" >"$T/out" 2>"$T/err" &
pid=$!
PIPELINE=$pid
wait_ready "$T/run"
kill -KILL "$pid"
wait "$pid"
PIPELINE=
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	"$SAKER" status --run-dir "$T/run" >"$T/status" 2>&1 || break
	sleep 0.2
done
expect_not "$T/status" '^keeper'
timeout 20 "$SAKER" run -r "$T/my.yaml" -o run_dir="$T/run" -o spool.dir="$T/spool" 2>"$T/err" | head -c 0
expect "$T/err" 'nobody reads standard output any more'

# A command's alerts wait for a reader who takes his time.
one_rule "evt.type = openat and fd.name = $T/mark" 'mark %proc.name' >"$T/mark.yaml"
touch "$T/mark"
# shellcheck disable=SC2016
"$SAKER" run -r "$T/mark.yaml" -- \
	sh -c 'i=0; while [ $i -lt 2000 ]; do : <"$0"; i=$((i + 1)); done' "$T/mark" 2>"$T/err" |
	(sleep 5; grep -c 'Warning mark' >"$T/count")
[ "$(cat "$T/count")" = 2000 ] || fail "alerts that nobody saw" "$T/count"
