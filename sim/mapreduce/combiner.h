/* SPDX-License-Identifier: ISC
 *
 * A combiner: the user's command between what a map has printed and what is handed on of it, by the
 * convention of Hadoop Streaming.  It is run once, over all that the map has printed.
 */
#ifndef SIM_MAPREDUCE_COMBINER_H
#define SIM_MAPREDUCE_COMBINER_H

#include "sim/mapreduce/map.h"
#include "sim/mapreduce/printout.h"

/* From map->raw, which is empty then, into printout.  0 or -errno as from command_execute(). */
int combiner_run(struct map *map, struct printout *printout);

#endif
