/* SPDX-License-Identifier: Apache-2.0 */
/*
 * saker-keeper: owns the shared memory and the kernel descriptors, hands each end to the process
 * entitled to it, starts workers, and starts them again.
 */
#include "config.h"
#include "log.h"
#include "pipeline.h"
#include "serve.h"

int
main(int argc, char *argv[])
{
	static struct pipeline pipeline;
	int code;

	log_init("saker-keeper", 1);
	code = options_read(&pipeline.options, argc, argv);
	if (code != EXIT_DONE)
		return code;
	log_limit(pipeline.options.config.log_level);
	code = pipeline_open(&pipeline);
	if (code == EXIT_DONE)
		code = serve(&pipeline);
	pipeline_close(&pipeline);
	return code;
}
