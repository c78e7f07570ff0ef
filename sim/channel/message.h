/* SPDX-License-Identifier: ISC
 *
 * What supervisor and workers say to each other: frames of one fixed size, one to MESSAGES_MAX of
 * them in a datagram of the run's SOCK_SEQPACKET socket.  A frame is a token (claim-check): task
 * and epoch.  What there is to read stays in the input and in run.db, and what there is to keep
 * goes into run.db.
 *
 * No frame is reliable: each may be lost, doubled, late, overtaken or damaged.  A damaged one is
 * told by its sum and counts as lost; README.md beside it says who mends what.
 */
#ifndef SIM_CHANNEL_MESSAGE_H
#define SIM_CHANNEL_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/core.h"

#define MESSAGE_VERSION 3 /* raise with any change of the layout or of a kind's meaning */
#define MESSAGES_MAX 64

enum message_kind {
	/* worker to supervisor */
	MESSAGE_HELLO,  /* slot (CORE_NO_SLOT: any), incarnation; value = pid, record = hash of the
	                   run's id; said again until welcomed */
	MESSAGE_BEAT,   /* task, epoch; record = progress.  CORE_NO_TASK: idle, holds nothing */
	MESSAGE_DONE,   /* task, epoch; value = records dead-lettered */
	MESSAGE_FAILED, /* task, epoch, cause; record, value = enum record_reason */
	MESSAGE_FENCED, /* task, epoch: the store refused our commit; all we still held is dropped
	                 */
	MESSAGE_RETURNED, /* task, epoch: not finished, nothing came of it; value = its number, as
	                     ASSIGN's: the epoch stays the same, and it may be given again */
	MESSAGE_SURVIVED, /* task, record: the probe */
	/* supervisor to worker */
	MESSAGE_WELCOME, /* slot, incarnation, generation; the answer to every hello */
	MESSAGE_REFUSED, /* no place, another run or another version: leave */
	MESSAGE_ASSIGN,  /* task, epoch; cause = CORE_ASSIGN_*, record (probe), value = its number
	                    among this worker's leases, from 1: tells a doubled one from a new one
	                    with the same token */
	MESSAGE_DISMISS, /* finish what was started, hand back the rest, leave */
	MESSAGE_KINDS
};

struct message {
	uint8_t version;
	uint8_t kind;
	uint8_t cause;
	uint8_t sum[3]; /* of the other bytes; in this place in every version */
	uint16_t slot;
	uint32_t incarnation;
	uint32_t generation;
	uint32_t task;
	uint32_t epoch;
	uint64_t record;
	uint64_t value;
};

/* "done"; "?" for a number out of range. */
const char *message_kind_name(unsigned kind);

_Static_assert(sizeof(struct message) == 40, "the frame's layout is part of the protocol");

/* What a frame of that slot's worker tells the coordinator, whatever slot and incarnation the frame
 * itself names; without its time.  False: it is nothing that a worker in its place may say. */
bool message_event(const struct message *message, uint16_t slot, uint32_t incarnation,
                   struct core_step *event);

#endif
