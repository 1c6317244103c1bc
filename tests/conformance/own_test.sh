#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Cases of the rule language that are kept here all pass: what files put together, and how it is described.
set -u
B=${B:-build}
exec "$B/tests/conformance/conformance" tests/conformance/cases.jsonl
