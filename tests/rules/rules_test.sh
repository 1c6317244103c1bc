#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every rule that ships fires on the act it is about, and lets one like it pass.
set -u
exec "${B:-build}/bin/saker" test --every-rule tests/rules/saker_rules.yaml
