/* SPDX-License-Identifier: ISC
 *
 * Numbers of frames that have come.
 */
#include "sim/channel/numbers.h"

#define REMEMBERED 64

bool
numbers_take(struct numbers *numbers, uint64_t number)
{
	uint64_t age;

	if (number > numbers->newest) {
		uint64_t step = number - numbers->newest;

		numbers->seen = step < REMEMBERED ? numbers->seen << step | 1 : 1;
		numbers->newest = number;
		return true;
	}
	age = numbers->newest - number;
	if (age >= REMEMBERED || (numbers->seen >> age & 1) != 0)
		return false;
	numbers->seen |= UINT64_C(1) << age;
	return true;
}
