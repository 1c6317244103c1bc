/* SPDX-License-Identifier: Apache-2.0 */
/* What is wanted downstream, and when a change of it comes into force. */
#ifndef ENRICHER_WANTED_H
#define ENRICHER_WANTED_H

struct enricher;

/* At start: what was in force, or, when that is not known, what the rules want now. */
void wanted_open(struct enricher *enricher);

/*
 * An interest record has been read: what the rules want now is in force from here on.  When that
 * can not be read yet everything is, and its generation 0: call again.
 */
void wanted_follow(struct enricher *enricher);

/* Time has passed: follow the tap, whose wish can only add records. */
void wanted_tap(struct enricher *enricher);

#endif
