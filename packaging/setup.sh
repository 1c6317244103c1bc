# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Sourced by ./run and ./check: sets SUDO (empty as root) and defines setup_packages.

PACKAGES="make gcc g++ libc6-dev clang libclang-rt-dev bpftool libbpf-dev libelf-dev zlib1g-dev libyaml-dev libzstd-dev
liburing-dev libseccomp-dev libre2-dev libxxhash-dev libcmocka-dev libjansson-dev linux-libc-dev netbase mandoc"

SUDO=
if [ "$(id -u)" != 0 ]; then
	if command -v sudo >/dev/null 2>&1; then
		SUDO=sudo
	else
		echo "saker needs root for the kernel probe, and sudo is not installed: run this as root" >&2
		exit 111
	fi
fi

# Install the packages that dpkg does not know as installed; silent when there is nothing to do.
setup_packages() {
	missing=
	for package in $PACKAGES; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
		    missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "installing:$missing" >&2
	$SUDO env DEBIAN_FRONTEND=noninteractive apt-get -qq update
	# shellcheck disable=SC2086
	$SUDO env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing >/dev/null
}
