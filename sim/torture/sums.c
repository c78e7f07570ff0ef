/* SPDX-License-Identifier: ISC
 *
 * A table with open places.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/torture/sums.h"

int
sums_init(struct sums *sums, size_t count)
{
	sums->places = 2 * count + 16;
	sums->sum = calloc(sums->places, sizeof(*sums->sum));
	sums->holder = calloc(sums->places, sizeof(*sums->holder));
	return sums->sum != NULL && sums->holder != NULL ? 0 : -ENOMEM;
}

void
sums_fini(struct sums *sums)
{
	free(sums->sum);
	free(sums->holder);
}

static size_t
place_of(const struct sums *sums, uint64_t sum)
{
	size_t at = sum % sums->places;

	while (sums->sum[at] != 0 && sums->sum[at] != sum)
		at = (at + 1) % sums->places;
	return at;
}

bool
sums_add(struct sums *sums, uint64_t sum, uint32_t holder)
{
	size_t at;

	sum += sum == 0;
	at = place_of(sums, sum);
	if (sums->sum[at] != 0)
		return false;
	sums->sum[at] = sum;
	sums->holder[at] = holder;
	return true;
}

uint32_t
sums_find(const struct sums *sums, uint64_t sum)
{
	size_t at;

	sum += sum == 0;
	at = place_of(sums, sum);
	return sums->sum[at] == 0 ? SUM_UNKNOWN : sums->holder[at];
}
