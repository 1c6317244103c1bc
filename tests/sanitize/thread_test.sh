#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The ring between two threads under ThreadSanitizer.
set -eu
make -s SAN=thread WERROR=1 build/thread/tests/model/ring_threads_test
TSAN_OPTIONS=halt_on_error=1:exitcode=1 build/thread/tests/model/ring_threads_test
