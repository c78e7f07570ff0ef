/* SPDX-License-Identifier: ISC
 *
 * What a record of the event log says, for people: one or two plain sentences, what happened and
 * why.
 */
#ifndef SIM_HISTORY_WHY_H
#define SIM_HISTORY_WHY_H

#include <stddef.h>

#include "sim/history/moment.h"

/* A word for the margin: FAULT, LOST, HEAL, WORK, ... */
enum why_class {
	WHY_ROUTINE, /* leases, beats, completions as they should be */
	WHY_NOTE,    /* worth a line: starts, ends, scaling */
	WHY_DOUBT,   /* something may be wrong */
	WHY_TROUBLE, /* something is wrong or lost */
	WHY_FAULT,   /* it was scripted */
	WHY_HEAL     /* something lost is on its way again */
};

/* How much a record matters to somebody who watches; cheap, needs no moment. */
enum why_class why_class_of(const struct logged *record);

/* Writes the sentences into text[size], cut to size, without a line end, safe for a screen.  before
 * is the state before the record. */
void why_text(const struct moment *before, const struct logged *record, char *text, size_t size);

#endif
