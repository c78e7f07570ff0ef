/* SPDX-License-Identifier: ISC
 *
 * Which ready task goes to which slot.  The ring is a hint that keeps placement stable; an idle
 * worker is never left without work while any queue has some.
 */
#ifndef CORE_PLACE_H
#define CORE_PLACE_H

#include "state.h"

/* Size of the tournament that finds the fullest of the slots' queues: a power of two. */
uint32_t place_leaves(uint32_t slots);
/* fullest has room for place_leaves(), room for credit sets and words for as many times what one
 * needs. */
void place_init(struct core *core, uint16_t *fullest, struct slotset *room, uint64_t *words);
/* The number of the queue that a task waits in when it was never leased: that of a slot, or the one
 * on top, which is for all. */
uint32_t place_home(const struct core *core, uint32_t task);
/* The number of the queue with the most tasks. */
uint16_t place_fullest(const struct core *core);
/* Queues a ready task with the slot it belongs to. */
void place_push(struct core *core, uint32_t task);
/* The same, before what is queued there already: what was begun is finished before more is. */
void place_push_first(struct core *core, uint32_t task);
/* Queues a task that was leased before: it is served first, if possible by another slot. */
void place_push_urgent(struct core *core, uint32_t task);
/* The slot's need for leases may have changed. */
void place_note_room(struct core *core, uint16_t slot);
/* A slot joins or leaves the ring: its share of the queued tasks moves, nothing else. */
void place_join(struct core *core, uint16_t slot);
void place_leave(struct core *core, uint16_t slot);
/* Several have joined or left the ring, which had so many members before: moves their shares, in
 * one pass over all that is queued. */
void place_rebalance(struct core *core, uint32_t members);
/* Leases ready tasks to workers with room until one of both runs out. */
void place_dispatch(struct core *core);

#endif
