/* SPDX-License-Identifier: ISC
 *
 * What the parts of the ledger of stream jobs share.
 */
#ifndef SIM_VERDICT_LEDGER_FLOW_OWN_H
#define SIM_VERDICT_LEDGER_FLOW_OWN_H

#include <stdbool.h>

#include "sim/verdict/ledger_flow.h"
#include "sim/verdict/ledger_input.h"

/* One event, by its record's number. */
struct ledger_event {
	const char *text; /* its line */
	size_t length;
	uint64_t effects;
	uint64_t found;  /* rows and batches that it is in */
	const char *row; /* join: of the row that says it completed a product; of mails; our copy */
	const char *missing; /* join: of the dead letter about the product it was the first of */
	bool given_up;
};

struct ledger_flow {
	const struct scenario *scenario;
	struct ledger_bytes bytes;
	struct ledger_event *event;
	uint64_t events;
	uint64_t base[SCENARIO_PARTITIONS_MAX + 1]; /* each partition's first record; all of them */
	struct ledger_flow_views *views;            /* kappa */
	struct {
		char *bytes; /* NULL: none was left */
		size_t length;
	} store[SCENARIO_PARTITIONS_MAX];
	struct ledger_finding finding;
};

/* join: holds products against rows and dead letters.  0 or -ENOMEM. */
int ledger_flow_join(struct ledger_flow *ledger);

/* stateless, stateful: holds mails against the addresses that there were.  0 or -ENOMEM. */
int ledger_flow_mails(struct ledger_flow *ledger);

/* kappa: holds both views against the input.  0 or -ENOMEM. */
int ledger_flow_views(struct ledger_flow *ledger);
void ledger_flow_views_free(struct ledger_flow_views *views);

/* The field of that number, from 0; the last one, 4, reaches to the line's end. */
const char *ledger_flow_field(const struct ledger_event *event, unsigned field, size_t *length);

/* Keeps the first difference as the example. */
void ledger_flow_note(struct ledger_flow *ledger, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
