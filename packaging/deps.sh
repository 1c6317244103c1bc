#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install the packages that building and testing need.
set -eu
. "$(dirname "$0")/setup.sh"
setup_packages
