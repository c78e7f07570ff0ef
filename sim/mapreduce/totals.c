/* SPDX-License-Identifier: ISC
 *
 * Totals as bytes, and together.
 */
#include "sim/mapreduce/totals.h"

uint32_t
totals_put(const struct totals *totals, size_t sums, char value[sizeof(struct totals)])
{
	memcpy(value, &totals->records, sizeof(totals->records));
	memcpy(value + sizeof(totals->records), totals->sum, sums * sizeof(totals->sum[0]));
	return totals_length(sums);
}

bool
totals_add(struct totals *totals, size_t sums, const struct entry *entry)
{
	uint64_t records;

	if (entry->value_length != totals_length(sums))
		return false;
	memcpy(&records, entry->value, sizeof(records));
	totals->records += records;
	for (size_t i = 0; i < sums; i++) {
		struct decimal_sum sum;

		memcpy(&sum, entry->value + sizeof(records) + i * sizeof(sum), sizeof(sum));
		decimal_merge(&totals->sum[i], &sum);
	}
	return true;
}
