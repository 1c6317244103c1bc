/* SPDX-License-Identifier: Apache-2.0 */
/* A program whose name is a web server's: it starts a shell and waits for it. */
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)execl("/bin/sh", "sh", "-c", "exit 0", (char *)0);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
	return 0;
}
