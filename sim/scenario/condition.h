/* SPDX-License-Identifier: ISC
 *
 * A condition over the run's state, such as "done >= 5 && w2 holds 17": compiled once when the
 * scenario is read, asked in both worlds.
 */
#ifndef SIM_SCENARIO_CONDITION_H
#define SIM_SCENARIO_CONDITION_H

#include <stdbool.h>
#include <stdint.h>

#define CONDITION_TERMS_MAX 24
enum condition_what {
	CONDITION_AND,
	CONDITION_OR,
	CONDITION_NOT,
	/* numbers, compared with value */
	CONDITION_PROGRESS, /* share of done tasks, ppm */
	CONDITION_DONE,     /* tasks */
	CONDITION_READY,
	CONDITION_LEASED,
	CONDITION_DEAD,
	CONDITION_RETRIES,
	CONDITION_GENERATION,
	CONDITION_WORKERS, /* alive */
	CONDITION_ELAPSED, /* ns since the start of the run */
	/* facts */
	CONDITION_RECOVERY, /* tasks whose holder was lost are not leased again yet */
	CONDITION_HOLDS,    /* slot holds a lease of task (value) */
	CONDITION_BUSY,     /* slot has a lease */
	CONDITION_UP        /* slot has a live worker */
};
enum compare { COMPARE_EQ, COMPARE_LE, COMPARE_GE, COMPARE_LT, COMPARE_GT };
struct condition_term {
	uint8_t what;
	uint8_t compare;
	uint16_t slot;
	uint64_t value;
};
/* Terms in postfix order. */
struct condition {
	struct condition_term term[CONDITION_TERMS_MAX];
	uint8_t terms; /* 0: always true */
};

/* Is it true?  ask() gives the value of a term that is a number, 0 or 1 of one that is a fact. */
bool condition_holds(const struct condition *condition,
                     uint64_t (*ask)(void *context, const struct condition_term *term),
                     void *context);

#endif
