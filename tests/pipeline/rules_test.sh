#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What takes a password file out of sight, judged by the rules that ship: a hard link, another name, its removal.  In a
# mount namespace with an /etc of its own.
set -u
. tests/pipeline/lib.sh
needs_bpf

cat >"$T/acts" <<'ACTS'
mount -t tmpfs none /etc || exit 77
touch /etc/shadow /etc/passwd /etc/sudoers
ln /etc/shadow /etc/other
mv /etc/passwd /etc/gone
rm -f /etc/sudoers
ln -s /etc/shadow /etc/soft
ACTS
unshare --mount "$SAKER" run -r rules -- sh "$T/acts" >"$T/out" 2>"$T/err"
code=$?
[ "$code" != 77 ] || { echo "mounting is refused"; exit 77; }
expect_code "$code" 0 "$T/err"
expect "$T/out" 'Second name given to a password file \(name=/etc/other file=/etc/shadow program=ln '
expect "$T/out" 'Account or loader file changed \(.*source=/etc/passwd target=/etc/gone program=mv '
expect "$T/out" 'Account or loader file changed \(.*path=/etc/sudoers .*program=rm '
expect_not "$T/out" '/etc/soft'
