/* SPDX-License-Identifier: Apache-2.0 */
/* The container of a task, told from the paths of its cgroups. */
#ifndef ENRICHER_CONTAINER_H
#define ENRICHER_CONTAINER_H

#include "text.h"

/*
 * The id in CGROUPS (NUL-separated SUBSYSTEM=PATH): the first 12 characters of it, or "host".  The
 * result is borrowed from CGROUPS or static.
 */
struct span container_id(struct span cgroups);

#endif
