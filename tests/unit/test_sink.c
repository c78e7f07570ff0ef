/* SPDX-License-Identifier: ISC
 *
 * The sink in run.db: rows by key, marks that move under the fence and only from where they were;
 * and the key itself, against a plain account of its definition.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include <cmocka.h>

#include "sim/job/etl_key.h"
#include "sim/sink/sink_store.h"
#include "sim/store/store_sink.h"

#define TASK 0

static char folder[64], path[80];
static struct store *store;
static struct sink *sink;
static uint32_t generation;

static int
begin(void *context)
{
	return store_begin(context);
}

static int
set_up(void **state)
{
	static const struct store_run run = {
	    .id = "test", .name = "test", .logical_date = "2026-11-21"};
	static const struct task_plan task = {.task = TASK, .first = 0, .records = 100};
	static const struct plan_summary summary = {.tasks = 1, .records = 100};

	strlcpy(folder, "/tmp/graveshift-test-sink-XXXXXX", sizeof(folder));
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/run.db", folder);
	assert_int_equal(store_create(path, DURABILITY_PROCESS, &run), 0);
	assert_int_equal(store_open(&store, path, DURABILITY_PROCESS, 0), 0);
	assert_int_equal(store_generation_raise(store, &generation), 0);
	assert_int_equal(store_plan_put(store, &task), 0);
	assert_int_equal(store_plan_seal(store, &summary), 0);
	assert_int_equal(sink_store_open(&sink, store, generation, begin, store), 0);
	sink_lease(sink, TASK, 1);
	return 0;
}

static int
tear_down(void **state)
{
	sink_close(sink);
	store_close(store);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	return 0;
}

static struct sink_row
row_of(uint64_t record, unsigned char key, const char *payload)
{
	struct sink_row row = {.record = record, .payload = payload, .length = strlen(payload)};

	memset(row.key, key, sizeof(row.key));
	return row;
}

static struct sink_counts
counts(void)
{
	struct sink_counts read;

	assert_int_equal(store_sink_counts_read(store, &read), 0);
	return read;
}

static void
test_a_stale_lease_writes_nothing(void **state)
{
	struct sink_row row = row_of(1, 1, "a");
	uint32_t epoch = 1;
	uint64_t dead;

	assert_int_equal(store_task_fence(store, TASK, CAUSE_INFRA, false, &epoch, &dead), 1);
	assert_int_equal(sink_begin(sink, true), -ESTALE);
	/* The transaction is over: another one can begin. */
	sink_lease(sink, TASK, epoch);
	assert_int_equal(sink_begin(sink, true), 0);
	assert_int_equal(sink_append(sink, &row, 1), 0);
	assert_int_equal(sink_commit(sink), 0);
	assert_int_equal(counts().records, 1);
	assert_int_equal(store_generation_raise(store, &generation), 0);
	assert_int_equal(sink_begin(sink, true), -ESTALE);
	assert_int_equal(sink_begin(sink, false), 0);
	sink_rollback(sink);
}

static void
test_a_key_has_one_row_and_the_first_one_stays(void **state)
{
	struct sink_row rows[] = {row_of(1, 1, "a"), row_of(2, 2, "b"), row_of(1, 1, "a"),
	                          row_of(3, 2, "c"), row_of(3, 2, "c")};

	assert_int_equal(sink_begin(sink, true), 0);
	assert_int_equal(sink_insert(sink, rows, 5), 0);
	assert_int_equal(sink_commit(sink), 0);
	assert_true(rows[0].fresh && rows[1].fresh);
	assert_false(rows[2].fresh || rows[3].fresh || rows[4].fresh);
	assert_int_equal(counts().records, 2);
	assert_int_equal(counts().conflicts, 1);
	assert_int_equal(counts().first_conflict, 3);
}

static void
test_a_chunk_by_its_key(void **state)
{
	struct sink_chunk chunk = {.first = 0, .end = 10, .records = 10, .digest = 7};
	bool fresh;

	assert_int_equal(sink_begin(sink, true), 0);
	assert_int_equal(sink_insert_chunk(sink, &chunk, &fresh), 0);
	assert_true(fresh);
	assert_int_equal(sink_insert_chunk(sink, &chunk, &fresh), 0);
	assert_false(fresh);
	chunk.digest = 8;
	assert_int_equal(sink_insert_chunk(sink, &chunk, &fresh), 0);
	assert_false(fresh);
	assert_int_equal(sink_commit(sink), 0);
	assert_int_equal(counts().records, 10);
	assert_int_equal(counts().conflicts, 1);
}

static void
test_marks_move_only_from_where_they_were(void **state)
{
	const struct sink_mark at_10 = {.a = 10}, at_20 = {.a = 20}, at_5 = {.a = 5};
	struct sink_mark found;

	assert_int_equal(sink_begin(sink, true), 0);
	assert_int_equal(sink_mark_find(sink, TASK, 0, &found), 0);
	assert_int_equal(sink_mark_add(sink, TASK, 0, &at_10), 0);
	assert_int_equal(sink_mark_add(sink, TASK, 0, &at_10), -EEXIST);
	assert_int_equal(sink_mark_move(sink, TASK, 0, 11, &at_20), 0);
	assert_int_equal(sink_mark_move(sink, TASK, 0, 10, &at_20), 1);
	assert_int_equal(sink_mark_find(sink, TASK, 0, &found), 1);
	assert_int_equal(found.a, 20);
	assert_int_equal(counts().marks_back, 0);
	/* Whoever moves one back is seen. */
	assert_int_equal(sink_mark_put(sink, TASK, 0, &at_5), 0);
	assert_int_equal(sink_commit(sink), 0);
	assert_int_equal(counts().marks_back, 1);
	assert_int_equal(counts().back_from, 20);
	assert_int_equal(counts().back_to, 5);
}

static int
add_item(void *context, int64_t item, const struct sink_mark *mark)
{
	*(int64_t *)context = *(int64_t *)context * 10 + item;
	return 0;
}

static void
test_marks_of_a_task_come_in_order_and_whole(void **state)
{
	const struct sink_mark one = {.a = 1, .b = 2, .blob = "blob", .length = 4};
	struct sink_mark found;
	int64_t order = 0;

	assert_int_equal(sink_begin(sink, true), 0);
	for (int64_t item = 3; item >= -1; item--)
		assert_int_equal(sink_mark_add(sink, TASK, item, &one), 0);
	assert_int_equal(sink_mark_add(sink, TASK + 1, 4, &one), 0);
	assert_int_equal(sink_mark_each(sink, TASK, 1, add_item, &order), 0);
	assert_int_equal(order, 123);
	assert_int_equal(sink_mark_find(sink, TASK, -1, &found), 1);
	assert_int_equal(found.length, 4);
	assert_memory_equal(found.blob, "blob", 4);
	assert_int_equal(sink_commit(sink), 0);
}

/* What a task has got behind it is no dead letter when it is given up. */
static void
test_a_task_is_buried_from_its_frontier_on(void **state)
{
	const struct sink_mark at_40 = {.a = 40};
	const struct dead_record early = {.record = 7, .column = UINT32_MAX};
	const struct dead_record late = {.record = 50, .column = UINT32_MAX};
	uint64_t records, given_up;
	struct store_counts read;

	assert_int_equal(sink_begin(sink, true), 0);
	assert_int_equal(sink_dead(sink, &early), 0);
	assert_int_equal(sink_dead(sink, &early), 0);
	assert_int_equal(sink_dead(sink, &late), 0);
	assert_int_equal(sink_mark_add(sink, TASK, 0, &at_40), 0);
	assert_int_equal(sink_commit(sink), 0);
	assert_int_equal(store_task_given_up(store, TASK, &given_up), 0);
	assert_int_equal(given_up, 2);
	/* The coordinator of the next generation is told of them when it restores the task. */
	assert_int_equal(store_generation_raise(store, &generation), 0);
	assert_int_equal(store_task_given_up(store, TASK, &given_up), 0);
	assert_int_equal(given_up, 0);
	assert_int_equal(store_task_bury(store, TASK, REASON_ATTEMPTS, &records), 0);
	assert_int_equal(records, 60 + 1 - 2); /* 40 to 99, and 7; two of them were counted */
	assert_int_equal(store_counts_read(store, &read), 0);
	assert_int_equal(read.dead_records, 61);
}

/* --- keys */

static size_t
encode(const struct etl_key_parts *parts, unsigned char *to)
{
	const char *text[] = {parts->date, parts->source, NULL, parts->kind};
	size_t used = 0;

	to[used++] = 1;
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < (text[i] == NULL ? parts->fields : 1); j++) {
			const char *bytes = text[i] == NULL ? parts->field[j].text : text[i];
			uint64_t length =
			    text[i] == NULL ? parts->field[j].length : strlen(text[i]);
			for (int k = 0; k < 8; k++)
				to[used++] = (unsigned char)(length >> 8 * k);
			memcpy(to + used, bytes, length);
			used += length;
		}
	return used;
}

static void
expect_key(const struct etl_field *field, size_t fields, unsigned char key[ETL_KEY_BYTES])
{
	static unsigned char encoded[8192];
	const struct etl_key_parts parts = {.date = "2026-11-21",
	                                    .source = "sales.csv",
	                                    .field = field,
	                                    .fields = fields,
	                                    .kind = "row"};
	XXH128_canonical_t wanted;

	XXH128_canonicalFromHash(&wanted, XXH3_128bits(encoded, encode(&parts, encoded)));
	etl_key(&parts, key);
	assert_memory_equal(key, wanted.digest, ETL_KEY_BYTES);
}

static void
test_keys_are_what_their_definition_says(void **state)
{
	static char many[3000];
	unsigned char key[ETL_KEY_BYTES];

	memset(many, 'x', sizeof(many));
	for (size_t length = 0; length <= sizeof(many); length += 7) {
		const struct etl_field field[] = {{many, length}, {"b", 1}, {many, length}};
		expect_key(field, 3, key);
	}
}

static void
test_fields_do_not_run_into_each_other(void **state)
{
	const struct etl_field left[] = {{"a:b", 3}, {"c", 1}}, right[] = {{"a", 1}, {"b:c", 3}};
	const struct etl_field short_one[] = {{"ab", 2}, {"", 0}};
	const struct etl_field other[] = {{"a", 1}, {"b", 1}};
	unsigned char a[ETL_KEY_BYTES], b[ETL_KEY_BYTES];

	expect_key(left, 2, a);
	expect_key(right, 2, b);
	assert_memory_not_equal(a, b, ETL_KEY_BYTES);
	expect_key(short_one, 2, a);
	expect_key(other, 2, b);
	assert_memory_not_equal(a, b, ETL_KEY_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	    IN_STORE(test_a_stale_lease_writes_nothing),
	    IN_STORE(test_a_key_has_one_row_and_the_first_one_stays),
	    IN_STORE(test_a_chunk_by_its_key),
	    IN_STORE(test_marks_move_only_from_where_they_were),
	    IN_STORE(test_marks_of_a_task_come_in_order_and_whole),
	    IN_STORE(test_a_task_is_buried_from_its_frontier_on),
	    cmocka_unit_test(test_keys_are_what_their_definition_says),
	    cmocka_unit_test(test_fields_do_not_run_into_each_other),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sink", tests, NULL, NULL);
}
