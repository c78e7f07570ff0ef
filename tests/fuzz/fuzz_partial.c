/* SPDX-License-Identifier: ISC
 *
 * Encoded partial results, as they come back from run.db.  Any bytes are refused or are a table; a
 * table that was read is written and read again as the same.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/job/partial.h"
#include "tests/fuzz/fuzz.h"

static void
check_same(struct partial *a, struct partial *b)
{
	uint32_t *order_a, *order_b;

	CHECK(a->entries == b->entries);
	CHECK(partial_sort(a, &order_a) == 0 && partial_sort(b, &order_b) == 0);
	for (size_t i = 0; i < a->entries; i++) {
		struct partial_entry *left = partial_entry(a, order_a[i]);
		struct partial_entry *right = partial_entry(b, order_b[i]);
		struct partial_entry *before = i > 0 ? partial_entry(a, order_a[i - 1]) : NULL;

		CHECK(left->records == right->records && left->length == right->length);
		CHECK(memcmp(a->keys + left->key, b->keys + right->key, left->length) == 0);
		for (size_t sum = 0; sum < a->sums; sum++) {
			char text[2][DECIMAL_TEXT_MAX];

			decimal_format(&left->sum[sum], text[0]);
			decimal_format(&right->sum[sum], text[1]);
			CHECK(strcmp(text[0], text[1]) == 0);
		}
		if (before == NULL)
			continue;
		size_t common = before->length < left->length ? before->length : left->length;
		int compared = memcmp(a->keys + before->key, a->keys + left->key, common);
		CHECK(compared < 0 || (compared == 0 && before->length < left->length));
	}
	free(order_a);
	free(order_b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, data + size};
	size_t sums = fuzz_take(&input, 1) % 4, length;
	struct partial first, second;
	const void *blob;
	int error;

	CHECK(partial_init(&first, sums) == 0 && partial_init(&second, sums) == 0);
	error = partial_merge(&first, input.at, fuzz_left(&input));
	CHECK(error == 0 || error == -EBADMSG);
	if (error == 0) {
		CHECK(partial_encode(&first, &blob, &length) == 0);
		CHECK(partial_merge(&second, blob, length) == 0);
		check_same(&first, &second);
		/* Cut short it is nothing. */
		partial_clear(&second);
		CHECK(partial_merge(&second, blob, length - 1) == -EBADMSG);
	}
	partial_fini(&first);
	partial_fini(&second);
	return 0;
}
