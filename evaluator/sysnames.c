/* SPDX-License-Identifier: Apache-2.0 */
/* Names of error and signal numbers. */
#include <errno.h>
#include <signal.h>

#include "sources.h"

enum { ERRNO_END = 4096 }; /* the kernel has no higher one */

/* Errors that the kernel keeps to itself, but for tracers. */
static const struct {
	int number;
	const char *name;
} kernel_errors[] = {
	{ 512, "ERESTARTSYS" },
	{ 513, "ERESTARTNOINTR" },
	{ 514, "ERESTARTNOHAND" },
	{ 515, "ENOIOCTLCMD" },
	{ 516, "ERESTART_RESTARTBLOCK" },
	{ 521, "EBADHANDLE" },
	{ 522, "ENOTSYNC" },
	{ 523, "EBADCOOKIE" },
	{ 524, "ENOTSUPP" },
	{ 525, "ETOOSMALL" },
	{ 526, "ESERVERFAULT" },
	{ 527, "EBADTYPE" },
	{ 528, "EJUKEBOX" },
	{ 529, "EIOCBQUEUED" },
	{ 530, "EIOCBRETRY" },
};

const char *
errno_name(int64_t result)
{
	const int64_t err = result < 0 && result > -ERRNO_END ? -result : 0;

	for (size_t i = 0; i < sizeof(kernel_errors) / sizeof(kernel_errors[0]); i++)
		if (kernel_errors[i].number == err)
			return kernel_errors[i].name;
	if (err == EOPNOTSUPP)
		return "EOPNOTSUPP"; /* which has two names */
	return err > 0 ? strerrorname_np((int)err) : NULL;
}

const char *
signal_name(uint64_t number, char buf[16])
{
	const char *name = number >= 1 && number <= 31 ? sigabbrev_np((int)number) : NULL;
	struct text text;

	if (name == NULL)
		return NULL;
	text_init(&text, buf, 16);
	text_string(&text, "SIG");
	text_string(&text, name);
	return buf;
}
