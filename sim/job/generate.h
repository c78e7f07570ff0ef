/* SPDX-License-Identifier: ISC
 *
 * Made-up input that is the same for the same seed on every machine: sales records, web log lines
 * and events.
 */
#ifndef SIM_JOB_GENERATE_H
#define SIM_JOB_GENERATE_H

#include <stdbool.h>
#include <stdint.h>

/* Writes `records` sales records as CSV to fd:
 *     order_id,date,store,product,qty,price
 * with about 40 bytes a record, 500 products of uneven popularity, qty a small whole number and
 * price a decimal with two digits (some returns are negative).  `bad` of the records, spread by the
 * seed, cannot be used (a qty that is no number, a missing field, a stray quote, in turn).  Writes
 * in large blocks; 10 million records take a second or two.  Returns 0 or -errno. */
int generate_sales(int fd, uint64_t records, uint64_t seed, uint64_t bad);

/* Writes `records` lines of a web server's log in combined format; `bad` of them malformed. */
int generate_weblog(int fd, uint64_t records, uint64_t seed, uint64_t bad);

struct generate_events {
	uint64_t sources; /* at least one */
	uint64_t late;    /* how many come one to five minutes late, others within seconds */
	uint64_t bad;     /* how many have no time that can be read, or no value */
};

/* Writes `records` events as CSV, in the order in which they come, ten a second:
 *     event_id,event_time,source,value
 * Returns 0 or -errno. */
int generate_events(int fd, uint64_t records, uint64_t seed, const struct generate_events *shape);

#endif
