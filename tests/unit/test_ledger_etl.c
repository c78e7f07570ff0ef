/* SPDX-License-Identifier: ISC
 *
 * The ledger of etl jobs: a right sink is right, and each way in which one can be wrong is found,
 * and the record is named.
 */
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
#include "sim/verdict/ledger_etl.h"

#define DATE "2026-11-21"
#define RECORDS 5

/* Record 3 has no decimal, record 4 is record 1 again. */
static const char input[] = "id,amount\r\n"
			    "a,1\r\n"
			    "b,2\n"
			    "\n"
			    "\"c\"\"c\",3\n"
			    "d,none\n"
			    "b,2";
static const char *const payload[RECORDS] = {"a,1", "b,2", "\"c\"\"c\",3", "d,none", "b,2"};
static const char *const id[RECORDS] = {"a", "b", "c\"c", "d", "b"};

static char path[64];
static struct scenario scenario;
static struct ledger_etl *ledger;
static struct ledger_finding finding;

static int
write_input(void **state)
{
	int fd;

	strlcpy(path, "/tmp/test_ledger_etl.XXXXXX", sizeof(path));
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, input, sizeof(input) - 1), sizeof(input) - 1);
	close(fd);
	return 0;
}

static int
remove_input(void **state)
{
	return unlink(path);
}

static void
begin(enum strategy_id strategy, enum job_rows rows, bool effects)
{
	static char id_column[] = "id", amount[] = "amount";
	static const struct ledger_gap gap = {.first = 3, .count = 1};
	char error[256] = "";

	scenario = (struct scenario){.strategy = strategy,
	                             .job = {.kind = JOB_ETL,
	                                     .id = {id_column},
	                                     .ids = 1,
	                                     .sum = {amount},
	                                     .sums = 1,
	                                     .rows = rows,
	                                     .effects = effects,
	                                     .separator = ','}};
	ledger = ledger_etl_new(&scenario, path, DATE, &gap, 1, error, sizeof(error));
	assert_string_equal(error, "");
	assert_non_null(ledger);
}

static struct sink_row
row_of(uint64_t record)
{
	const struct etl_field field = {.text = id[record], .length = strlen(id[record])};
	const struct etl_key_parts parts = {.date = DATE,
	                                    .source = strrchr(path, '/') + 1,
	                                    .field = &field,
	                                    .fields = 1,
	                                    .kind = "row"};
	struct sink_row row = {
	    .record = record, .payload = payload[record], .length = strlen(payload[record])};

	etl_key(&parts, row.key);
	return row;
}

static void
put(uint64_t record)
{
	struct sink_row row = row_of(record);

	ledger_etl_row(ledger, &row);
	ledger_etl_effect(ledger, record);
}

static void
end(void)
{
	assert_int_equal(ledger_etl_end(ledger, &finding), 0);
	ledger_etl_free(ledger);
}

static void
test_a_right_sink_is_right(void **state)
{
	begin(STRATEGY_ID_CHECKPOINT, JOB_ROWS_RECORD, true);
	for (uint64_t i = 0; i < RECORDS; i++)
		if (i != 3)
			put(i);
	end();
	assert_int_equal(finding.records, 5);
	assert_int_equal(finding.counted, 4);
	assert_int_equal(finding.lost + finding.doubled + finding.wrong_lines + finding.unreadable +
	                     finding.unfounded,
	                 0);
	assert_int_equal(finding.effects_doubled + finding.effects_lost, 0);
	assert_string_equal(finding.example, "");
}

static void
test_the_same_record_twice_is_one_row_by_key(void **state)
{
	begin(STRATEGY_ID_IDEMPOTENT, JOB_ROWS_RECORD, true);
	for (uint64_t i = 0; i < 3; i++)
		put(i);
	end();
	assert_int_equal(finding.repeated, 1);
	assert_int_equal(finding.lost + finding.effects_lost + finding.effects_doubled, 0);
}

static void
test_what_is_missing_doubled_or_given_up_is_named(void **state)
{
	begin(STRATEGY_ID_CHECKPOINT, JOB_ROWS_RECORD, true);
	put(0);
	put(0);
	put(1);
	put(4);
	put(3);
	end();
	assert_int_equal(finding.lost, 1);
	assert_int_equal(finding.doubled, 2); /* 0, and 3 which was given up */
	assert_int_equal(finding.effects_doubled, 1);
	assert_string_equal(finding.example, "record 0 has 2 rows in the sink");
	assert_int_equal(finding.wrong_lines, 3);
}

static void
test_effects_are_counted_apart_from_rows(void **state)
{
	begin(STRATEGY_ID_CHECKPOINT, JOB_ROWS_RECORD, true);
	for (uint64_t i = 0; i < RECORDS; i++) {
		struct sink_row row = row_of(i);
		if (i != 3)
			ledger_etl_row(ledger, &row);
		if (i != 3 && i != 1)
			ledger_etl_effect(ledger, i);
	}
	ledger_etl_effect(ledger, 2);
	ledger_etl_effect(ledger, 77);
	end();
	assert_int_equal(finding.lost + finding.doubled, 0);
	assert_int_equal(finding.effects_lost, 1);
	assert_int_equal(finding.effects_doubled, 1);
	assert_int_equal(finding.effects_unfounded, 1);
}

static void
test_payload_and_key_must_be_the_records(void **state)
{
	struct sink_row wrong_key = row_of(0), wrong_payload = row_of(1), beyond = row_of(2);

	begin(STRATEGY_ID_CHECKPOINT, JOB_ROWS_RECORD, false);
	wrong_key.key[0] ^= 1;
	wrong_payload.payload = "b,3";
	beyond.record = 99;
	ledger_etl_row(ledger, &wrong_key);
	ledger_etl_row(ledger, &wrong_payload);
	ledger_etl_row(ledger, &beyond);
	put(4);
	end();
	assert_int_equal(finding.lost, 1); /* 2; the row of 4 stands for 1, too */
	assert_int_equal(finding.wrong_lines, 3 + 1);
	assert_string_equal(finding.example,
	                    "the row of record 0 has not the key that is made of it");
}

static void
put_chunk(uint64_t first, uint64_t last)
{
	struct sink_chunk chunk = {.first = first, .end = last + 1};

	for (uint64_t i = first; i <= last; i++)
		if (i != 3) {
			chunk.records++;
			chunk.digest += XXH3_64bits(payload[i], strlen(payload[i]));
		}
	ledger_etl_chunk(ledger, &chunk);
	ledger_etl_effect(ledger, first);
}

static void
test_chunks_must_cover_each_record_once(void **state)
{
	static const struct {
		uint64_t first, last;
	} chunks[][3] = {{{0, 1}, {2, 4}}, {{0, 1}, {4, 4}}, {{0, 2}, {1, 4}}, {{0, 4}, {0, 4}}};
	static const uint64_t lost[] = {0, 1, 0, 0}, doubled[] = {0, 0, 2, 4};

	for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		begin(STRATEGY_ID_CHECKPOINT, JOB_ROWS_CHUNK, true);
		put_chunk(chunks[i][0].first, chunks[i][0].last);
		put_chunk(chunks[i][1].first, chunks[i][1].last);
		end();
		assert_int_equal(finding.lost, lost[i]);
		assert_int_equal(finding.doubled, doubled[i]);
		assert_int_equal(finding.effects_doubled, i == 3);
	}
}

static void
test_a_chunk_must_hold_its_records(void **state)
{
	struct sink_chunk chunk = {.first = 0, .end = 5, .records = 4, .digest = 1};

	begin(STRATEGY_ID_CHECKPOINT, JOB_ROWS_CHUNK, false);
	ledger_etl_chunk(ledger, &chunk);
	end();
	assert_int_equal(finding.wrong_lines, 1);
	assert_string_equal(finding.example, "the row of records 0 to 4 does not hold them");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_right_sink_is_right),
	    cmocka_unit_test(test_the_same_record_twice_is_one_row_by_key),
	    cmocka_unit_test(test_what_is_missing_doubled_or_given_up_is_named),
	    cmocka_unit_test(test_effects_are_counted_apart_from_rows),
	    cmocka_unit_test(test_payload_and_key_must_be_the_records),
	    cmocka_unit_test(test_chunks_must_cover_each_record_once),
	    cmocka_unit_test(test_a_chunk_must_hold_its_records),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ledger_etl", tests, write_input, remove_input);
}
