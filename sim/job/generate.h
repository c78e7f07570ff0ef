/* SPDX-License-Identifier: ISC
 *
 * Made-up input that is the same for the same seed on every machine: sales records and web log
 * lines.
 */
#ifndef SIM_JOB_GENERATE_H
#define SIM_JOB_GENERATE_H

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

#endif
