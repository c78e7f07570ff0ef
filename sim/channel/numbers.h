/* SPDX-License-Identifier: ISC
 *
 * Which of a sender's numbered frames have come.  A frame may come twice, late or out of order;
 * each number is taken once.
 */
#ifndef SIM_CHANNEL_NUMBERS_H
#define SIM_CHANNEL_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

struct numbers {
	uint64_t newest; /* the highest that has come; numbers begin with 1 */
	uint64_t seen;   /* bit n: newest - n has */
};

/* True the first time.  One that is 64 or more behind the newest counts as taken: its frame is as
 * good as lost. */
bool numbers_take(struct numbers *numbers, uint64_t number);

#endif
