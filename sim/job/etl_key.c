/* SPDX-License-Identifier: ISC
 *
 * Making the key.
 */
#include <stdbool.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY /* for the size of a state */
#include <xxhash.h>

#include "sim/job/etl_key.h"

#define ENCODED_BYTES 512 /* most keys are shorter, and hashed at once */

struct encoding {
	unsigned char bytes[ENCODED_BYTES];
	size_t used;
	bool spilled; /* then what came before is in state */
	XXH3_state_t state;
};

static void
spill(struct encoding *encoding)
{
	if (!encoding->spilled)
		XXH3_128bits_reset(&encoding->state);
	encoding->spilled = true;
	XXH3_128bits_update(&encoding->state, encoding->bytes, encoding->used);
	encoding->used = 0;
}

static void
put(struct encoding *encoding, const void *bytes, size_t length)
{
	/* cppcheck-suppress ctuuninitvar; `used` is set before the first call */
	if (length > ENCODED_BYTES - encoding->used)
		spill(encoding);
	if (length > ENCODED_BYTES) {
		XXH3_128bits_update(&encoding->state, bytes, length);
		return;
	}
	memcpy(encoding->bytes + encoding->used, bytes, length);
	encoding->used += length;
}

static void
put_field(struct encoding *encoding, const char *text, size_t length)
{
	unsigned char number[8];

	for (size_t i = 0; i < sizeof(number); i++)
		number[i] = (unsigned char)((uint64_t)length >> 8 * i);
	put(encoding, number, sizeof(number));
	put(encoding, text, length);
}

void
etl_key(const struct etl_key_parts *parts, unsigned char key[ETL_KEY_BYTES])
{
	struct encoding encoding; /* bytes[] is written before it is read, state after a spill */
	XXH128_canonical_t canonical;
	XXH128_hash_t hash;

	encoding.bytes[0] = ETL_KEY_VERSION;
	encoding.used = 1;
	encoding.spilled = false;
	put_field(&encoding, parts->date, strlen(parts->date));
	put_field(&encoding, parts->source, strlen(parts->source));
	for (size_t i = 0; i < parts->fields; i++)
		put_field(&encoding, parts->field[i].text, parts->field[i].length);
	put_field(&encoding, parts->kind, strlen(parts->kind));
	if (encoding.spilled)
		spill(&encoding);
	hash = encoding.spilled ? XXH3_128bits_digest(&encoding.state)
	                        : XXH3_128bits(encoding.bytes, encoding.used);
	XXH128_canonicalFromHash(&canonical, hash);
	memcpy(key, canonical.digest, ETL_KEY_BYTES);
}
