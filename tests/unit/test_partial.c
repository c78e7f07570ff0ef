/* SPDX-License-Identifier: ISC
 *
 * Partial results: the table finds what was put in, its encoding gives it back, and garbage is
 * refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/job/partial.h"

#define KEYS 20000

/* The key with that number: all lengths up to 40, beginnings in common, zeros and high bytes in it.
 */
static size_t
make_key(char key[64], unsigned number)
{
	size_t length = number % 41;
	char digits[16];

	memset(key, number % 3 ? 'k' : '\0', 64);
	snprintf(digits, sizeof(digits), "%x", number);
	for (size_t i = 0; i < strlen(digits) && i < length; i++)
		key[length - 1 - i] = (char)(digits[i] | (number % 7 == 0 ? 0x80 : 0));
	return length;
}

static void
add(struct partial *partial, const char *key, size_t length, const char *value)
{
	struct partial_entry *entry = partial_find(partial, key, length, length);
	struct decimal one;

	assert_int_equal(decimal_text_parse(&one, value, strlen(value)), DECIMAL_OK);
	assert_non_null(entry);
	entry->records++;
	for (size_t i = 0; i < partial->sums; i++)
		decimal_sum_add(&entry->sum[i], &one);
}

static void
fill(struct partial *partial)
{
	char key[64], value[32];

	for (unsigned i = 0; i < KEYS; i++) {
		snprintf(value, sizeof(value), "%d.%u", (int)i - KEYS / 2, i);
		add(partial, key, make_key(key, i), value);
	}
}

static int
compare_keys(const struct partial *partial, uint32_t a, uint32_t b)
{
	const struct partial_entry *left = partial_entry(partial, a),
				   *right = partial_entry(partial, b);
	size_t length = left->length < right->length ? left->length : right->length;
	int order = memcmp(partial->keys + left->key, partial->keys + right->key, length);

	return order ? order : (int)left->length - (int)right->length;
}

static void
test_find(void **state)
{
	struct partial partial;
	uint64_t records = 0;
	char key[64];

	assert_int_equal(partial_init(&partial, 1), 0);
	fill(&partial);
	for (unsigned i = 0; i < KEYS; i++) {
		size_t length = make_key(key, i), entries = partial.entries;
		/* The same with and without bytes behind the key. */
		struct partial_entry *entry = partial_find(&partial, key, length, 64);

		assert_ptr_equal(entry, partial_find(&partial, key, length, length));
		assert_int_equal(partial.entries, entries);
		assert_int_equal(entry->length, length);
		assert_memory_equal(partial.keys + entry->key, key, length);
	}
	for (size_t i = 0; i < partial.entries; i++)
		records += partial_entry(&partial, i)->records;
	assert_int_equal(records, KEYS);
	partial_clear(&partial);
	assert_int_equal(partial.entries, 0);
	assert_int_equal(partial_find(&partial, "k", 1, 1)->records, 0);
	partial_fini(&partial);
}

/* Keys that differ only in the zeros at their ends; among so many, some share their places in the
 * table. */
static void
test_zeros_at_the_end(void **state)
{
	struct partial partial;
	char key[12] = "";

	assert_int_equal(partial_init(&partial, 0), 0);
	for (uint64_t number = 1; number < 50000; number++) {
		uint64_t spread = number * UINT64_C(0x9e3779b97f4a7c15);

		memcpy(key, &spread, sizeof(spread));
		for (size_t length = 8; length <= sizeof(key); length++)
			assert_int_equal(partial_find(&partial, key, length, length)->records++, 0);
	}
	assert_int_equal(partial.entries, 49999 * 5);
	partial_fini(&partial);
}

static void
test_sort(void **state)
{
	struct partial partial;
	uint32_t *order;

	assert_int_equal(partial_init(&partial, 0), 0);
	assert_int_equal(partial_sort(&partial, &order), 0);
	free(order);
	fill(&partial);
	assert_int_equal(partial_sort(&partial, &order), 0);
	for (size_t i = 1; i < partial.entries; i++)
		assert_true(compare_keys(&partial, order[i - 1], order[i]) < 0);
	free(order);
	partial_fini(&partial);
}

static void
assert_same(const struct partial *partial, struct partial *other, unsigned times)
{
	assert_int_equal(partial->entries, other->entries);
	for (size_t i = 0; i < partial->entries; i++) {
		const struct partial_entry *entry = partial_entry(partial, i);
		const char *key = partial->keys + entry->key;
		const struct partial_entry *found =
		    partial_find(other, key, entry->length, entry->length);

		assert_int_equal(found->records, times * entry->records);
		for (size_t k = 0; k < partial->sums; k++) {
			struct decimal_sum expected = {entry->sum[k].whole * times,
			                               entry->sum[k].fraction * times};
			struct decimal_sum got = found->sum[k];

			decimal_normalize(&expected);
			decimal_normalize(&got);
			assert_true(expected.whole == got.whole &&
			            expected.fraction == got.fraction);
		}
	}
}

static void
test_round_trip(void **state)
{
	for (size_t sums = 0; sums <= 3; sums++) {
		struct partial partial, other;
		const void *blob;
		size_t length;

		assert_int_equal(partial_init(&partial, sums), 0);
		assert_int_equal(partial_init(&other, sums), 0);
		assert_int_equal(partial_encode(&partial, &blob, &length), 0);
		assert_int_equal(partial_merge(&other, blob, length), 0);
		assert_int_equal(other.entries, 0);
		fill(&partial);
		assert_int_equal(partial_encode(&partial, &blob, &length), 0);
		for (unsigned times = 1; times <= 3; times++) {
			assert_int_equal(partial_merge(&other, blob, length), 0);
			assert_same(&partial, &other, times);
		}
		partial_fini(&partial);
		partial_fini(&other);
	}
}

/* Values of every size and number of places, both signs. */
static void
test_round_trip_of_sums(void **state)
{
	static const char digits[] = "987654321987654321";

	for (int whole = 0; whole <= 18; whole++)
		for (int places = 0; places <= 18; places++)
			for (int sign = 0; sign < 2; sign++) {
				struct partial partial, other;
				char value[48], text[DECIMAL_TEXT_MAX];
				const void *blob;
				size_t length;

				snprintf(value, sizeof(value), "%s%.*s%s%.*s", sign ? "-" : "",
				         whole ? whole : 1, whole ? digits : "0", places ? "." : "",
				         places, digits);
				assert_int_equal(partial_init(&partial, 1), 0);
				assert_int_equal(partial_init(&other, 1), 0);
				add(&partial, "key", 3, value);
				assert_int_equal(partial_encode(&partial, &blob, &length), 0);
				assert_int_equal(partial_merge(&other, blob, length), 0);
				decimal_format(&partial_find(&other, "key", 3, 3)->sum[0], text);
				assert_string_equal(text, strcmp(value, "-0") == 0 ? "0" : value);
				partial_fini(&partial);
				partial_fini(&other);
			}
}

static int
merge(const void *blob, size_t length)
{
	unsigned char *alone = malloc(length + !length);
	struct partial partial;
	int result;

	assert_non_null(alone);
	memcpy(alone, blob, length);
	assert_int_equal(partial_init(&partial, 2), 0);
	result = partial_merge(&partial, alone, length);
	partial_fini(&partial);
	free(alone);
	return result;
}

static void
test_garbage(void **state)
{
	unsigned short seed[3] = {4, 5, 6};
	struct partial partial;
	const void *encoded;
	unsigned char *blob;
	size_t length;

	assert_int_equal(partial_init(&partial, 2), 0);
	add(&partial, "alpha", 5, "123456789012.5");
	add(&partial, "", 0, "-0.000000000000000001");
	add(&partial, "a key of more than sixteen bytes", 32, "999999999999999999");
	assert_int_equal(partial_encode(&partial, &encoded, &length), 0);
	blob = malloc(length + 1);
	assert_non_null(blob);
	memcpy(blob, encoded, length);
	blob[length] = 0;
	assert_int_equal(merge(blob, length), 0);
	for (size_t shorter = 0; shorter < length; shorter++)
		assert_int_equal(merge(blob, shorter), -EBADMSG);
	assert_int_equal(merge(blob, length + 1), -EBADMSG);
	for (int round = 0; round < 200000; round++) {
		int result;

		memcpy(blob, encoded, length);
		for (int flips = 1 + round % 4; flips > 0; flips--)
			blob[(size_t)nrand48(seed) % length] = (unsigned char)nrand48(seed);
		result = merge(blob, length);
		assert_true(result == 0 || result == -EBADMSG);
	}
	free(blob);
	partial_fini(&partial);
}

#define MERGE(literal) merge(literal, sizeof(literal) - 1)
#define BIG "\xff\xff\xff\xff\xff\xff\xff\xff\xff"

static void
test_refuses(void **state)
{
	assert_int_equal(MERGE("\1\2\1\1k\1\2\0\2\0"), 0);
	assert_int_equal(MERGE("\2\2\1\1k\1\2\0\2\0"), -EBADMSG); /* another version */
	assert_int_equal(MERGE("\1\1\1\1k\1\2\0\2\0"), -EBADMSG); /* another number of sums */
	assert_int_equal(MERGE("\1\2\2\1k\1\2\0\2\0"), -EBADMSG); /* a key too few */
	assert_int_equal(MERGE("\1\2" BIG "\1"
	                       "\1k\1\2\0\2\0"),
	                 -EBADMSG); /* many keys too few */
	assert_int_equal(MERGE("\1\2\1" BIG "\1"
	                       "k\1\2\0\2\0"),
	                 -EBADMSG); /* a key longer than all */
	assert_int_equal(MERGE("\1\2\1\1k" BIG "\1\2\0\2\0"),
	                 -EBADMSG);                                   /* more than 2^63 records */
	assert_int_equal(MERGE("\1\2\1\1k\1\2\0\2\1"), -EBADMSG);     /* places, but no fraction */
	assert_int_equal(MERGE("\1\2\1\1k\1\2\0\2\x13\2"), -EBADMSG); /* 19 places */
	assert_int_equal(MERGE("\1\2\1\1k\1\2\0\2\1\x12"), 0);        /* nine tenths */
	assert_int_equal(MERGE("\1\2\1\1k\1\2\0\2\1\x14"), -EBADMSG); /* ten tenths */
	assert_int_equal(MERGE("\1\2\1\1k\0\2\0\0\0"), -EBADMSG);     /* a sum of no records */
	assert_int_equal(MERGE("\1\2\1\1k\1" BIG BIG "\1\0\2\0"),
	                 -EBADMSG); /* more than a record can give */
	assert_int_equal(MERGE("\1\2\1\1k\1\x82\0\0\2\0"),
	                 -EBADMSG); /* a number longer than it need be */
}

/* Counts that fit one by one must not wrap together. */
static void
test_too_many_records(void **state)
{
	static const char half[] = "\1\0\1\1k\xff\xff\xff\xff\xff\xff\xff\xff\x7f";
	struct partial partial;

	assert_int_equal(partial_init(&partial, 0), 0);
	assert_int_equal(partial_merge(&partial, half, sizeof(half) - 1), 0);
	assert_int_equal(partial_merge(&partial, half, sizeof(half) - 1), -EBADMSG);
	partial_fini(&partial);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_zeros_at_the_end),
	    cmocka_unit_test(test_sort),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_round_trip_of_sums),
	    cmocka_unit_test(test_garbage),
	    cmocka_unit_test(test_refuses),
	    cmocka_unit_test(test_too_many_records),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
