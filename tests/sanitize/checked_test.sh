#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# In a build that judges each event twice, by the engine and by its oracle, nothing differs: not in the cases of the
# rule language, in the evaluator's unit tests, in a mix of events from memory, in rule tests, nor in live events.
set -u
B=build/checked
export B
make -s CHECKED=1 WERROR=1 all "$B/tests/conformance/conformance" "$B/tests/bench/eval_bench" \
    "$B/tests/unit/evaluator/checked_test" "$B/tests/unit/evaluator/eval_test" \
    "$B/tests/unit/evaluator/evaluator_test" "$B/tests/unit/evaluator/oracle_test" || exit 1
T=$(mktemp -d)
LOG=$T/log ALERTS=$T/alerts RULE=$T/rule.yaml
chmod 0755 "$T" # workers have users of their own
trap 'rm -rf "$T"' EXIT
skipped=

# Run a test; what it needs and is not there is said at the end.
passes() {
	"$@" >"$LOG" 2>&1
	case $? in
	0) ;;
	77) skipped="$skipped $(tail -n 1 "$LOG");" ;;
	*) echo "$*:"; tail -n 40 "$LOG"; exit 1 ;;
	esac
	! grep -q 'the engine and the oracle differ' "$LOG" || { echo "$*:"; cat "$LOG"; exit 1; }
}

# Judge what a command does, by rules for users and by one that every event has to be asked for.  A worker that ends
# is started again: only what it said tells.
live() {
	if [ "$(id -u)" != 0 ] || [ ! -r /sys/kernel/btf/vmlinux ]; then
		echo "live events need root and the kernel's types"
		return 77
	fi
	printf -- '- rule: x\n  desc: x\n  condition: %s\n  output: x\n  priority: INFO\n' \
	    'not proc.aname = init and (fd.name startswith /etc or proc.cmdline contains find)' >"$RULE"
	"$B/bin/saker" run -r rules/saker_rules.yaml -r "$RULE" -- sh -c 'find /etc /usr/share -type f | head -n 2000 |
	    xargs -n 100 cat | wc -c' >"$ALERTS" || { cat "$ALERTS"; return 1; }
	[ "$(grep -c ': Informational x$' "$ALERTS")" -gt 20 ] || { echo "hardly an alert"; head "$ALERTS"; return 1; }
}

for test in checked eval evaluator oracle; do
	passes "$B/tests/unit/evaluator/${test}_test"
done
passes tests/conformance/own_test.sh
passes tests/conformance/conformance_test.sh
passes "$B/tests/bench/eval_bench" -c -n 50000 rules/saker_rules.yaml
passes "$B/bin/saker" test tests/rules/saker_rules.yaml
passes tests/pipeline/run_test.sh
passes tests/pipeline/tap_test.sh
passes live
[ -z "$skipped" ] || { echo "all but:$skipped"; exit 77; }
