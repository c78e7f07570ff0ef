/* SPDX-License-Identifier: ISC
 *
 * Streams of numbers by a small generator (splitmix64).
 */
#include <string.h>
#include <unistd.h>

#include "sim/torture/chance.h"
#include "sim/util/fail.h"
#include "sim/util/plant.h"

#define FED_AT_ONCE 4096

static uint64_t
draw(uint64_t *state)
{
	uint64_t value = *state += UINT64_C(0x9e3779b97f4a7c15);

	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

enum chance
chance_of_recovery(uint32_t kills)
{
	if (planted("torture-same-chance"))
		return CHANCE_RECORDED;
	return kills % 2 == 1 ? CHANCE_ODD : CHANCE_EVEN;
}

void
chance_fill(enum chance chance, uint64_t process, uint64_t nth, void *bytes, size_t size)
{
	uint64_t state = (uint64_t)chance << 56 ^ process << 28 ^ nth, value;
	unsigned char *out = bytes;

	/* Neighbours must not have each other's numbers. */
	state = draw(&state);
	for (size_t done = 0; done < size; done += sizeof(value)) {
		size_t left = size - done;
		value = draw(&state);
		memcpy(out + done, &value, left < sizeof(value) ? left : sizeof(value));
	}
}

_Noreturn void
chance_feed(enum chance chance, int fd)
{
	unsigned char bytes[FED_AT_ONCE];

	for (uint64_t nth = 0;; nth++) {
		chance_fill(chance, 0, nth, bytes, sizeof(bytes));
		if (write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes))
			_exit(EXIT_INTERNAL);
	}
}
