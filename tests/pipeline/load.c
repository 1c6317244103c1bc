/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A known load: `load FOLDER ACTS RATE SECONDS` opens and closes FOLDER/plain at RATE opens a
 * second for SECONDS, and ACTS times, evenly spread, FOLDER/act-NNNNNN, each followed by making
 * and removing the folder mark-NNNNNN.  Prints the number of acts, opens and seconds.  Paced in
 * slices of 1 ms by the clock, so a slow machine shows in the figures instead of in the rate that
 * was asked for.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seconds.h"

static void
touch(const char *path)
{
	int fd = open(path, O_RDONLY | O_CREAT, 0600);

	if (fd < 0) {
		perror(path);
		exit(1);
	}
	(void)close(fd);
}

/* Act NUMBER: an open, and then a folder that comes and goes. */
static void
act(const char *folder, long number)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/act-%06ld", folder, number);
	touch(path);
	(void)snprintf(path, sizeof(path), "%s/mark-%06ld", folder, number);
	if (mkdir(path, 0700) < 0 || rmdir(path) < 0) {
		perror(path);
		exit(1);
	}
}

int
main(int argc, char *argv[])
{
	char plain[512];
	double begin, length, rate;
	long acts, done = 0, opens = 0;

	if (argc != 5) {
		(void)fprintf(stderr, "usage: load FOLDER ACTS RATE SECONDS\n");
		return 100;
	}
	acts = atol(argv[2]);
	rate = atof(argv[3]);
	length = atof(argv[4]);
	(void)snprintf(plain, sizeof(plain), "%s/plain", argv[1]);
	touch(plain);
	begin = seconds_of(CLOCK_MONOTONIC);
	for (;;) {
		double passed = seconds_of(CLOCK_MONOTONIC) - begin;
		long due = (long)(passed * rate), acts_due = (long)(passed / length * (double)acts);

		while (done < acts_due && done < acts)
			act(argv[1], done++);
		if (passed >= length)
			break;
		while (opens < due) {
			touch(plain);
			opens++;
		}
		clock_pause_ms(1);
	}
	(void)printf("%ld acts %ld opens %.2f seconds\n", done, opens,
	    seconds_of(CLOCK_MONOTONIC) - begin);
	return done == acts ? 0 : 1;
}
