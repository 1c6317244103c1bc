/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that rules and events share, so that many comparisons hold: few, alike, and at the
 * edges of what operators tell apart.
 */
#ifndef TESTS_POOL_H
#define TESTS_POOL_H

#include "choice.h"

/* A text or a path, perhaps with bytes that are no text.  Static. */
struct span pool_text(struct choice *choice);

/* A number as a 64-bit slot holds it. */
uint64_t pool_number(struct choice *choice);

/* An address in its 16 bytes (IPv4: the first 4), of FAMILY (AF_INET or AF_INET6).  Static. */
const uint8_t *pool_address(struct choice *choice, int family);

/* A port. */
uint16_t pool_port(struct choice *choice);

/* Constants as conditions write them.  Static. */
const char *pool_text_constant(struct choice *choice);
const char *pool_number_constant(struct choice *choice);
const char *pool_address_constant(struct choice *choice);
const char *pool_network_constant(struct choice *choice);
const char *pool_pattern_constant(struct choice *choice);
const char *pool_regex_constant(struct choice *choice);
const char *pool_hex_constant(struct choice *choice);

#endif
