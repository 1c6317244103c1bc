/* SPDX-License-Identifier: Apache-2.0 */
/* Taking over.  See adopt.h. */
#include "adopt.h"

#include <errno.h>
#include <unistd.h>

#include "log.h"
#include "pipeline.h"

enum { ANSWER_MS_MAX = 10000 };

static int
adopt_ask(int fd, struct deposits *deposits)
{
	uint64_t deadline_ns = pipeline_now() + ANSWER_MS_MAX * UINT64_C(1000000);
	struct keeper_message message;
	int err;

	keeper_message_init(&message, KEEPER_HANDOVER, ROLE_KEEPER);
	if ((err = keeper_send(fd, &message, NULL, 0)) < 0)
		return err;
	err = keeper_receive_deposits(fd, deadline_ns, deposits->named, &deposits->count);
	if (err == 0 && deposits->count > DEPOSITS_MAX) {
		deposits_close(deposits);
		err = -E2BIG;
	}
	return err;
}

void
adopt(const struct config *config, struct deposits *deposits)
{
	int fd = places_connect(config, "collector.sock");
	int err;

	if (fd < 0)
		return; /* nobody there: the ordinary case */
	err = adopt_ask(fd, deposits);
	(void)close(fd);
	if (err == 0) {
		log_info("took %u descriptors over from a collector without keeper",
		    deposits->count);
		return;
	}
	errno = -err;
	log_warn("a collector without keeper does not hand over: the probe is loaded anew");
}
