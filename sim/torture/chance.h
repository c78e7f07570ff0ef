/* SPDX-License-Identifier: ISC
 *
 * Chance that comes out the same whenever a command is run again: else each state would be a new
 * one, by the random numbers that are in its files.  A run must not have the numbers of the one
 * whose files it goes on with: what is only safe because a name comes again is not safe.  So there
 * are streams: of the recorded run, and by turns of the recoveries one behind the other.
 */
#ifndef SIM_TORTURE_CHANCE_H
#define SIM_TORTURE_CHANCE_H

#include <stddef.h>
#include <stdint.h>

enum chance { CHANCE_REAL, CHANCE_RECORDED, CHANCE_ODD, CHANCE_EVEN };

/* The stream of a recovery after so many kills. */
enum chance chance_of_recovery(uint32_t kills);

/* Fills bytes with what this process gets the nth time that it asks. */
void chance_fill(enum chance chance, uint64_t process, uint64_t nth, void *bytes, size_t size);
/* Writes bytes of a device's stream to where somebody reads them, for as long as this process
 * lives.
 */
_Noreturn void chance_feed(enum chance chance, int fd);

#endif
