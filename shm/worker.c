/* SPDX-License-Identifier: Apache-2.0 */
/* What workers do alike.  See worker.h. */
#include "worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

int
worker_region(struct keeper *keeper, enum region_kind kind, size_t bytes, struct region *region)
{
	int fd = keeper_take_end(keeper, kind), err;

	*region = REGION_NONE;
	if (fd < 0) {
		log_warnx("region %s: the keeper gave none", region_name(kind));
		return fd;
	}
	if ((err = region_attach_take(region, fd, kind, false)) < 0)
		return err;
	if (region_content_bytes(region) >= bytes)
		return 0;
	log_warnx("region %s: %zu bytes, expected %zu", region_name(kind),
	    region_content_bytes(region), bytes);
	return -EBADMSG;
}

const struct config *
worker_config(struct keeper *keeper, struct region *region)
{
	const struct config *config;

	if (worker_region(keeper, REGION_CONFIG, sizeof(*config), region) < 0)
		exit(EXIT_SYSTEM);
	config = region_content(region);
	log_limit(config->log_level);
	return config;
}

uint32_t
worker_jail(const struct config *config, const struct jail *jail)
{
	char root[CONFIG_TEXT_MAX + sizeof("/empty")];
	struct jail here = *jail;
	struct jail_report report;
	int err;

	(void)snprintf(root, sizeof(root), "%s/empty", config->run_dir);
	here.root = root;
	if ((err = jail_enter(&here, &report)) < 0)
		fatalx("jail: %s", strerror(-err));
	return report.missing;
}

bool
worker_finished(struct worker_stream *stream, const struct keeper *keeper, bool drained,
    bool ended, uint64_t position)
{
	if (!keeper_orphaned(keeper))
		return drained;
	if (drained && ended)
		return true;
	stream->quiet = position == stream->position ? stream->quiet + 1 : 0;
	stream->position = position;
	return stream->quiet >= WORKER_ORPHAN_TURNS;
}
