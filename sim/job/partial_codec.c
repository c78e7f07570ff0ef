/* SPDX-License-Identifier: ISC
 *
 * Partial results as bytes:
 *     version (1 byte)  sums  keys
 *     for each key: length  bytes  records, and for each sum: whole  places (1 byte)  fraction
 * Numbers are little-endian base 128, seven bits a byte, the highest bit set in all but the last;
 * signed ones are zigzag.  A fraction has `places` digits behind the point, none with 0.  What is
 * read back may be anything: every byte is checked, and no sum is larger than its number of records
 * allows, so that merging cannot overflow.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/job/partial.h"

#define VERSION 1
#define PLACES_MAX 18
#define NUMBER_BYTES_MAX 19 /* 128 bits, seven a byte */

static const int64_t power[PLACES_MAX + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

struct input {
	const unsigned char *at, *end;
};

static unsigned char *
put_number(unsigned char *to, unsigned __int128 number)
{
	uint64_t low;

	for (; number >> 64; number >>= 7)
		*to++ = (unsigned char)(number | 0x80);
	for (low = (uint64_t)number; low >= 0x80; low >>= 7)
		*to++ = (unsigned char)(low | 0x80);
	*to++ = (unsigned char)low;
	return to;
}

static unsigned char *
put_signed(unsigned char *to, __int128 number)
{
	return put_number(to, (unsigned __int128)number << 1 ^ (unsigned __int128)(number >> 127));
}

static unsigned char *
put_fraction(unsigned char *to, int64_t fraction)
{
	unsigned char places = PLACES_MAX;

	if (fraction == 0) {
		*to++ = 0;
		return to;
	}
	for (; fraction % 100000000 == 0; places -= 8)
		fraction /= 100000000;
	for (; fraction % 100 == 0; places -= 2)
		fraction /= 100;
	if (fraction % 10 == 0) {
		fraction /= 10;
		places--;
	}
	*to++ = places;
	return put_signed(to, fraction);
}

static size_t
encoded_max(const struct partial *partial)
{
	return 1 + 2 * NUMBER_BYTES_MAX + partial->keys_length +
	       partial->entries *
	           (2 * NUMBER_BYTES_MAX + partial->sums * (2 * NUMBER_BYTES_MAX + 1));
}

int
partial_encode(struct partial *partial, const void **blob, size_t *length)
{
	size_t room = encoded_max(partial);
	unsigned char *to;

	if (room > partial->blob_room) {
		free(partial->blob);
		partial->blob_room = 0;
		partial->blob = malloc(room);
		if (!partial->blob)
			return -ENOMEM;
		partial->blob_room = room;
	}
	to = partial->blob;
	*to++ = VERSION;
	to = put_number(to, partial->sums);
	to = put_number(to, partial->entries);
	for (size_t i = 0; i < partial->entries; i++) {
		const struct partial_entry *entry = partial_entry(partial, i);

		to = put_number(to, entry->length);
		memcpy(to, partial->keys + entry->key, entry->length);
		to = put_number(to + entry->length, entry->records);
		for (size_t sum = 0; sum < partial->sums; sum++) {
			struct decimal_sum normal = entry->sum[sum];

			decimal_normalize(&normal);
			to = put_signed(to, normal.whole);
			to = put_fraction(to, (int64_t)normal.fraction);
		}
	}
	*blob = partial->blob;
	*length = (size_t)(to - partial->blob);
	return 0;
}

/* A number of up to nine bytes, as nearly all are: false with nothing read if it is longer. */
static inline bool
get_short(struct input *input, uint64_t *number)
{
	uint64_t result = 0;
	const unsigned char *at = input->at;

	for (unsigned shift = 0; at < input->end && shift < 63; shift += 7) {
		unsigned char byte = *at++;

		result |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*number = result;
			input->at = at;
			return byte != 0 || shift == 0;
		}
	}
	return false;
}

/* Only the shortest form of a number is taken. */
static bool
get_long(struct input *input, unsigned __int128 *number)
{
	unsigned __int128 result = 0;

	for (unsigned shift = 0; input->at < input->end && shift < 128; shift += 7) {
		unsigned char byte = *input->at++;

		if (shift == 126 && byte > 3)
			return false;
		result |= (unsigned __int128)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*number = result;
			return byte != 0 || shift == 0;
		}
	}
	return false;
}

static inline bool
get_number64(struct input *input, uint64_t *number)
{
	unsigned __int128 wide;

	if (get_short(input, number))
		return true;
	if (!get_long(input, &wide) || wide > UINT64_MAX)
		return false;
	*number = (uint64_t)wide;
	return true;
}

static inline bool
get_signed(struct input *input, __int128 *number)
{
	unsigned __int128 wide;
	uint64_t low;

	if (get_short(input, &low)) {
		*number = (int64_t)(low >> 1 ^ -(low & 1));
		return true;
	}
	if (!get_long(input, &wide))
		return false;
	*number = (__int128)(wide >> 1 ^ -(wide & 1));
	return true;
}

/* A sum of `records` values, each below 10^18. */
static bool
get_sum(struct input *input, uint64_t records, struct decimal_sum *sum)
{
	__int128 limit = (__int128)records * DECIMAL_ONE, fraction;
	unsigned places;

	if (!get_signed(input, &sum->whole) || input->at == input->end)
		return false;
	places = *input->at++;
	sum->fraction = 0;
	if (places > 0) {
		if (places > PLACES_MAX || !get_signed(input, &fraction) ||
		    fraction >= power[places] || fraction <= -power[places])
			return false;
		sum->fraction = fraction * power[PLACES_MAX - places];
	}
	/* So strict that it is true of the sum of two such sums as well. */
	return (sum->whole < limit && sum->whole > -limit) ||
	       (sum->whole == 0 && sum->fraction == 0);
}

static int
merge_key(struct partial *partial, struct input *input)
{
	struct partial_entry *entry;
	struct decimal_sum sum;
	uint64_t length, records, total;
	const char *key;
	size_t readable;

	if (!get_number64(input, &length) || length > (size_t)(input->end - input->at))
		return -EBADMSG;
	key = (const char *)input->at;
	readable = (size_t)(input->end - input->at);
	input->at += length;
	if (!get_number64(input, &records) || records > INT64_MAX)
		return -EBADMSG;
	entry = partial_find(partial, key, length, readable);
	if (!entry)
		return -ENOMEM;
	if (__builtin_add_overflow(entry->records, records, &total) || total > INT64_MAX)
		return -EBADMSG;
	entry->records = total;
	for (size_t i = 0; i < partial->sums; i++) {
		if (!get_sum(input, records, &sum))
			return -EBADMSG;
		decimal_merge(&entry->sum[i], &sum);
	}
	return 0;
}

int
partial_merge(struct partial *partial, const void *blob, size_t length)
{
	struct input input = {.at = blob, .end = (const unsigned char *)blob + length};
	uint64_t sums, keys;

	if (length == 0 || *input.at++ != VERSION || !get_number64(&input, &sums) ||
	    sums != partial->sums || !get_number64(&input, &keys))
		return -EBADMSG;
	for (; keys > 0; keys--) {
		int error = merge_key(partial, &input);

		if (error)
			return error;
	}
	return input.at == input.end ? 0 : -EBADMSG;
}
