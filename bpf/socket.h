/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Sockets behind descriptors. */
#ifndef BPF_SOCKET_H
#define BPF_SOCKET_H

#include "file.h"

enum { FILE_TYPE = 0170000, FILE_SOCKET = 0140000 };

/* The struct sock behind FILE, or NULL when it is no socket. */
static __always_inline struct sock *
file_sock(struct file *file)
{
	struct inode *inode;
	struct socket *socket;

	if (!file)
		return NULL;
	inode = READ(file, f_inode);
	if ((READ(inode, i_mode) & FILE_TYPE) != FILE_SOCKET || inode_magic(inode) != MAGIC_SOCKET)
		return NULL;
	socket = READ(file, private_data);
	return READ(socket, sk);
}

/* Put SOCKET_TRUTH of SOCK (may be NULL) into the slots FIRST and behind it. */
static __always_inline void
put_socket_truth(__u32 key, struct scratch *s, __u32 first, struct sock *sock, __u32 role)
{
	__u64 kind;

	if (!sock)
		return;
	kind = READ(sock, __sk_common.skc_family);
	kind |= (__u64)READ(sock, sk_type) << 16;
	kind |= (__u64)READ(sock, sk_protocol) << 32;
	slot_put(s, first, kind, PARAM_EXACT);
	put_tuple(key, first + 1, (__u64)sock, role);
}

#endif
