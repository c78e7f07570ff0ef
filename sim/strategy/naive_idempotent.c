/* SPDX-License-Identifier: ISC
 *
 * naive-idempotent, and what is wrong with it:
 * - the key holds today's date, read when the record is processed: done again after midnight, the
 *   same record is another one;
 * - its fields are joined by colons, so "a:b","c" and "a","b:c" are one key;
 * - what has the key is overwritten: of two records with one key the first is lost without a word;
 * - no fence, and the effect happens with every write.
 */
#include <string.h>
#include <xxhash.h>

#include "sim/strategy/strategy.h"
#include "sim/util/calendar.h"

#define JOINED_BYTES 1024 /* a longer key is cut: one mistake more */

static void
naive_key(const struct etl_key_parts *parts, unsigned char key[SINK_KEY_BYTES])
{
	char date[CALENDAR_DATE_SIZE], joined[JOINED_BYTES];
	XXH128_canonical_t canonical;
	size_t used;

	used = strlcpy(joined, calendar_date(calendar_now_ns(), date), sizeof(joined));
	for (size_t i = 0; i < parts->fields; i++) {
		size_t length = parts->field[i].length, room = sizeof(joined) - used;

		if (room < 2)
			break;
		joined[used++] = ':';
		if (length > room - 1)
			length = room - 1;
		memcpy(joined + used, parts->field[i].text, length);
		used += length;
	}
	XXH128_canonicalFromHash(&canonical, XXH3_128bits(joined, used));
	memcpy(key, canonical.digest, SINK_KEY_BYTES);
}

static int
naive_commit(struct attempt *attempt, struct batch *batch)
{
	int error = strategy_write_alone(attempt, batch, strategy_replace);

	if (error == 0)
		strategy_advance(attempt, batch);
	return error;
}

const struct strategy strategy_naive_idempotent = {
    .claim = strategy_claim_next,
    .commit = naive_commit,
    .key = naive_key,
};
