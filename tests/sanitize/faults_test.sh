#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Unit tests that stop a process at its fault points: they need a build that has them.
set -eu
make -s FAULTS=1 WERROR=1 build/faults/tests/unit/enricher/crash_test
build/faults/tests/unit/enricher/crash_test
