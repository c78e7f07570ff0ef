/* SPDX-License-Identifier: ISC
 *
 * What a topic is linked to.
 */
#ifndef SIM_EXPLAIN_LINKS_H
#define SIM_EXPLAIN_LINKS_H

#include "sim/explain/explain.h"

#define LINKS_MAX 24

struct links {
	const struct topic *topic[LINKS_MAX];
	size_t count;
};

void links_of(const struct topics *topics, const struct topic *topic, struct links *links);

/* A name that leads to this topic alone: its own, with its group in front where others have it. */
const char *link_text(const struct topics *topics, const struct topic *topic, char *text,
                      size_t size);

#endif
