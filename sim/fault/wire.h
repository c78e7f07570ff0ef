/* SPDX-License-Identifier: ISC
 *
 * Faults on frames, between gathering and sending: a network that loses, delays, doubles, swaps and
 * damages what passes, frame by frame, or cuts a worker off.  Each end does it to what it sends.
 */
#ifndef SIM_FAULT_WIRE_H
#define SIM_FAULT_WIRE_H

#include "sim/channel/channel.h"
#include "sim/fault/fault.h"

/* Frames of one connection that are on their way: delayed, or about to change places. */
struct wire;

/* Bit per fault of this scenario that acts on frames, for fault_self.wires. */
uint64_t wire_faults(const struct scenario *scenario);

/* wire_put where there are such faults. */
int wire_hurt(struct wire **wire, struct channel *channel, const struct message *frame,
              uint16_t slot, uint32_t incarnation);

/* Adds a frame from or to the worker `slot` to the channel, as the faults at this process's send
 * point leave it.  *wire is NULL at first and made when a frame has to wait; without `wire` the
 * frame is the connection's last: none waits and none overtakes it.  0 or -errno of channel_put. */
static inline int
wire_put(struct wire **wire, struct channel *channel, const struct message *frame, uint16_t slot,
         uint32_t incarnation)
{
	if (__builtin_expect(fault_self.wires == 0, 1))
		return channel_put(channel, frame);
	return wire_hurt(wire, channel, frame, slot, incarnation);
}

/* Adds the frames that have waited long enough to the channel; one that the channel does not take
 * is lost.  Returns when the next one is due, CORE_NEVER if none waits.  wire may be NULL. */
int64_t wire_release(struct wire *wire, struct channel *channel, int64_t now_ns);
/* Adds the frame that was to change places with one that will not come any more. */
void wire_give_up(struct wire *wire, struct channel *channel);
/* Frames that still wait are lost.  wire may be NULL. */
void wire_free(struct wire *wire);

/* What a landing on a frame has as evidence, in words: "done of task 7, epoch 1: lost". */
void wire_describe(enum fault_what what, int64_t evidence, char *text, size_t size);

#endif
