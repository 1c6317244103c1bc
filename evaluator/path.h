/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths as callers spell them: put together with the directory they start from, without
 * `.`, `..` and repeated `/`.
 */
#ifndef EVALUATOR_PATH_H
#define EVALUATOR_PATH_H

#include "view.h"

/*
 * PATH as it is seen from BASE, in VIEW's scratch memory.  An absolute path ignores BASE,
 * an empty one stays empty. Only PATH is normalised; `..` never climbs above the root.
 */
struct span path_join(struct event_view *view, struct span base, struct span path);

/* PATH with every run of slashes made one. */
struct span path_collapse(struct event_view *view, struct span path);

/*
 * The path in SLOT of VIEW's event, made absolute by the directory that its row names: a
 * descriptor's, or the working directory.  One whose directory is not known begins with
 * <UNKNOWN>.  False when the slot has none.
 */
bool path_param(struct event_view *view, int slot, struct span *path);

/*
 * Slot of the kernel's path of the directory that a parameter with HOW (DIRFD_n) starts
 * from, or -1.
 */
int path_base_slot(const struct event_view *view, uint16_t how);

/* Everything before the last slash; `/` when nothing is. */
struct span path_directory(struct span path);

/* Everything after the last slash; `/` when there is none. */
struct span path_filename(struct span path);

#endif
