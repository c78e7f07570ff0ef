/* SPDX-License-Identifier: ISC
 *
 * The ledger of stream jobs finds what is lost, doubled or other than the input.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "sim/verdict/ledger_flow.h"

#define EVENTS 6

static const char *const lines[EVENTS] = {"1,0,Sold,a,10", "2,5,Sold,b,20", "3,9,Sold,a,30",
                                          "4,9,Sold,c,40", "5,9,Sold,d,50", "6,12,Sold,e,60"};

struct book {
	struct scenario scenario;
	char path[32];
	const char *line[EVENTS]; /* by the number of their record */
};

/* Records are numbered by partition. */
static void
number_records(struct book *book)
{
	size_t next = 0;

	for (uint64_t partition = 0; partition < book->scenario.job.partitions; partition++)
		for (size_t i = 0; i < EVENTS; i++) {
			const char *key = strstr(lines[i], "Sold,") + 5;

			if (XXH3_64bits(key, 1) % book->scenario.job.partitions == partition)
				book->line[next++] = lines[i];
		}
	assert_int_equal(next, EVENTS);
}

static int
set_up(void **state)
{
	struct book *book = calloc(1, sizeof(*book));
	FILE *file;
	int fd;

	assert_non_null(book);
	book->scenario.job = (struct scenario_job){.kind = JOB_STREAM, .partitions = 2};
	strlcpy(book->path, "/tmp/test_flow.XXXXXX", sizeof(book->path));
	fd = mkstemp(book->path);
	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	assert_non_null(file);
	fputs("id,time_ms,kind,key,value\n", file);
	for (size_t i = 0; i < EVENTS; i++)
		fprintf(file, "%s\n", lines[i]);
	assert_int_equal(fclose(file), 0);
	number_records(book);
	*state = book;
	return 0;
}

static int
tear_down(void **state)
{
	struct book *book = *state;

	unlink(book->path);
	free(book);
	return 0;
}

static struct ledger_flow *
open_ledger(struct book *book)
{
	char error[256] = "";
	struct ledger_flow *ledger =
	    ledger_flow_new(&book->scenario, book->path, error, sizeof(error));

	assert_string_equal(error, "");
	assert_non_null(ledger);
	return ledger;
}

static void
give_up(struct ledger_flow *ledger, uint64_t record, enum record_reason reason, const char *text)
{
	const struct store_dead_row row = {
	    .records = 1,
	    .dead = {.record = record, .bytes = text, .reason = reason},
	    .bytes_length = strlen(text)};

	assert_int_equal(ledger_flow_dead(ledger, &row), 0);
}

static void
put_row(struct ledger_flow *ledger, uint64_t record, const char *payload)
{
	const struct sink_row row = {
	    .record = record, .payload = payload, .length = strlen(payload)};

	ledger_flow_row(ledger, &row);
}

static void
put_rows(struct ledger_flow *ledger, const struct book *book, uint64_t first, uint64_t end)
{
	for (uint64_t i = first; i < end; i++)
		put_row(ledger, i, book->line[i]);
}

static struct ledger_finding
end(struct ledger_flow *ledger)
{
	struct ledger_finding finding;

	assert_int_equal(ledger_flow_end(ledger, &finding), 0);
	ledger_flow_free(ledger);
	assert_int_equal(finding.records, EVENTS);
	return finding;
}

static void
test_all_rows_once_is_what_it_should_be(void **state)
{
	struct ledger_flow *ledger = open_ledger(*state);
	struct ledger_finding finding;

	put_rows(ledger, *state, 0, EVENTS);
	finding = end(ledger);
	assert_int_equal(finding.counted, EVENTS);
	assert_int_equal(finding.lost + finding.doubled + finding.wrong_lines, 0);
	assert_string_equal(finding.example, "");
}

static void
test_lost_doubled_and_wrong_rows_are_found(void **state)
{
	struct book *book = *state;
	struct ledger_flow *ledger = open_ledger(book);
	struct ledger_finding finding;

	put_rows(ledger, book, 0, EVENTS - 1);
	put_row(ledger, 2, book->line[2]);
	put_row(ledger, EVENTS + 3, "x");
	finding = end(ledger);
	assert_int_equal(finding.lost, 1);
	assert_int_equal(finding.doubled, 1);
	assert_int_equal(finding.wrong_lines, 3);
	ledger = open_ledger(book);
	put_rows(ledger, book, 0, EVENTS - 1);
	put_row(ledger, EVENTS - 1, book->line[0]);
	finding = end(ledger);
	assert_int_equal(finding.lost + finding.doubled, 0);
	assert_int_equal(finding.wrong_lines, 1);
}

static void
test_a_dead_letter_has_no_row(void **state)
{
	struct book *book = *state;
	struct ledger_flow *ledger = open_ledger(book);
	struct ledger_finding finding;

	give_up(ledger, 1, REASON_FLAKY, "");
	give_up(ledger, 2, REASON_CRASHED, "");
	put_rows(ledger, book, 0, 1);
	put_rows(ledger, book, 3, EVENTS);
	finding = end(ledger);
	assert_int_equal(finding.counted, EVENTS - 2);
	assert_int_equal(finding.lost + finding.doubled, 0);
	ledger = open_ledger(book);
	give_up(ledger, 1, REASON_FLAKY, "");
	give_up(ledger, 2, REASON_CRASHED, "");
	put_rows(ledger, book, 0, EVENTS);
	finding = end(ledger);
	assert_int_equal(finding.doubled, 2);
}

static struct sink_chunk
chunk_of(const struct book *book, uint64_t first, uint64_t last)
{
	struct sink_chunk chunk = {.first = first, .end = last, .records = last - first};

	for (uint64_t i = first; i < last; i++)
		chunk.digest += XXH3_64bits(book->line[i], strlen(book->line[i]));
	return chunk;
}

static void
test_batches_must_hold_each_event_once(void **state)
{
	struct book *book = *state;
	const struct sink_chunk chunks[] = {chunk_of(book, 0, 2), chunk_of(book, 2, 5),
	                                    chunk_of(book, 5, 6), chunk_of(book, 4, 6)};
	struct ledger_flow *ledger = open_ledger(book);
	struct sink_chunk wrong = chunks[1];
	struct ledger_finding finding;

	for (size_t i = 0; i < 3; i++)
		ledger_flow_chunk(ledger, &chunks[i]);
	finding = end(ledger);
	assert_int_equal(finding.lost + finding.doubled + finding.wrong_lines, 0);
	ledger = open_ledger(book);
	ledger_flow_chunk(ledger, &chunks[1]);
	ledger_flow_chunk(ledger, &chunks[3]);
	finding = end(ledger);
	assert_int_equal(finding.lost, 2);
	assert_int_equal(finding.doubled, 1);
	ledger = open_ledger(book);
	wrong.digest++;
	ledger_flow_chunk(ledger, &chunks[0]);
	ledger_flow_chunk(ledger, &wrong);
	ledger_flow_chunk(ledger, &chunks[2]);
	finding = end(ledger);
	assert_int_equal(finding.wrong_lines, 1);
}

static const char *const join_lines[] = {"1,0,ProductUploaded,a,x", "2,5,VideoEncoded,a,x",
                                         "3,9,VideoEncoded,b,x",    "4,9,VideoEncoded,a,x",
                                         "5,9,ImageEncoded,a,x",    "6,90,ImageEncoded,b,x"};

/* a is complete with its fifth event; b, whose last one comes too late, is not. */
static int
set_up_join(void **state)
{
	struct book *book;
	FILE *file;

	set_up(state);
	book = *state;
	book->scenario.job.pattern = PATTERN_JOIN;
	book->scenario.job.partitions = 1;
	book->scenario.job.join_within_ns = 50 * INT64_C(1000000);
	file = fopen(book->path, "w");
	assert_non_null(file);
	fputs("id,time_ms,kind,key,value\n", file);
	for (size_t i = 0; i < EVENTS; i++)
		fprintf(file, "%s\n", join_lines[i]);
	assert_int_equal(fclose(file), 0);
	return 0;
}

static void
test_products_are_created_once_or_missed_by_name(void **state)
{
	static const struct {
		const char *row, *letter;
		uint64_t lost, doubled, wrong;
	} cases[] = {
	    {"a,0,1,4", "b: missing ProductUploaded, ImageEncoded", 0, 0, 0},
	    {"a,0,3,4", "b: missing ProductUploaded, ImageEncoded", 0, 0, 1},
	    {"a,0,1,4", "b: missing ProductUploaded", 0, 0, 1},
	    {NULL, "b: missing ProductUploaded, ImageEncoded", 1, 0, 0},
	    {"a,0,1,4", NULL, 1, 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ledger_flow *ledger = open_ledger(*state);
		struct ledger_finding finding;

		if (cases[i].letter != NULL)
			give_up(ledger, 2, REASON_INCOMPLETE, cases[i].letter);
		if (cases[i].row != NULL)
			put_row(ledger, 4, cases[i].row);
		finding = end(ledger);
		assert_int_equal(finding.lost, cases[i].lost);
		assert_int_equal(finding.doubled, cases[i].doubled);
		assert_int_equal(finding.wrong_lines,
		                 cases[i].wrong + cases[i].lost + cases[i].doubled);
	}
}

static void
test_products_from_nothing_and_twice_are_found(void **state)
{
	struct ledger_flow *ledger = open_ledger(*state);
	struct ledger_finding finding;

	give_up(ledger, 2, REASON_INCOMPLETE, "b: missing ProductUploaded, ImageEncoded");
	put_row(ledger, 4, "a,0,1,4");
	put_row(ledger, 4, "a,0,1,4");
	put_row(ledger, 5, "b,9,9,9");
	finding = end(ledger);
	assert_int_equal(finding.doubled, 2);
	assert_int_equal(finding.lost, 0);
}

static const char *const mail_lines[] = {"1,0,UserInformationUpdated,u,old@x",
                                         "2,5,MailRequested,u,a",
                                         "3,9,UserInformationUpdated,u,new@x",
                                         "4,9,MailRequested,u,b",
                                         "5,9,MailRequested,u,c",
                                         "6,90,UserInformationUpdated,v,v@x"};

static int
set_up_mails(void **state)
{
	struct book *book;
	FILE *file;

	set_up(state);
	book = *state;
	book->scenario.job.pattern = PATTERN_STATEFUL;
	book->scenario.job.partitions = 1;
	file = fopen(book->path, "w");
	assert_non_null(file);
	fputs("id,time_ms,kind,key,value\n", file);
	for (size_t i = 0; i < EVENTS; i++)
		fprintf(file, "%s\n", mail_lines[i]);
	assert_int_equal(fclose(file), 0);
	return 0;
}

static void
put_mail(struct ledger_flow *ledger, uint64_t record, const char *payload)
{
	put_row(ledger, record, payload);
	ledger_flow_effect(ledger, record);
}

static void
leave_store(struct ledger_flow *ledger, const char *u, const char *v)
{
	char bytes[128];
	size_t at = 0;
	const char *const pairs[] = {"u", u, "v", v};

	for (size_t i = 0; i < 4; i += 2) {
		uint32_t lengths[4] = {1, (uint32_t)strlen(pairs[i + 1])};

		memcpy(bytes + at, lengths, sizeof(lengths));
		bytes[at + 16] = pairs[i][0];
		memcpy(bytes + at + 17, pairs[i + 1], lengths[1]);
		at += 17 + lengths[1];
	}
	assert_int_equal(ledger_flow_store(ledger, 0, bytes, at), 0);
}

static void
test_mails_go_to_an_address_and_stores_are_folds(void **state)
{
	static const struct {
		const char *second, *store;
		uint64_t stale, wrong;
	} cases[] = {
	    {"new@x,4,9,MailRequested,u,b", "new@x", 0, 0},
	    {"old@x,4,9,MailRequested,u,b", "new@x", 1, 0},
	    {"v@x,4,9,MailRequested,u,b", "new@x", 0, 1},
	    {"new@x,4,9,MailRequested,u,c", "new@x", 0, 1},
	    {"new@x,4,9,MailRequested,u,b", "old@x", 0, 1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ledger_flow *ledger = open_ledger(*state);
		struct ledger_finding finding;

		/* A mail may be later than an address that is newer than itself. */
		put_mail(ledger, 1, "new@x,2,5,MailRequested,u,a");
		put_mail(ledger, 3, cases[i].second);
		put_mail(ledger, 4, "new@x,5,9,MailRequested,u,c");
		leave_store(ledger, cases[i].store, "v@x");
		finding = end(ledger);
		assert_int_equal(finding.lost + finding.doubled + finding.effects_lost, 0);
		assert_int_equal(finding.stale, cases[i].stale);
		assert_int_equal(finding.wrong_lines, cases[i].wrong);
	}
}

static void
test_mails_lost_and_doubled_are_found(void **state)
{
	struct ledger_flow *ledger = open_ledger(*state);
	struct ledger_finding finding;

	put_mail(ledger, 1, "old@x,2,5,MailRequested,u,a");
	put_mail(ledger, 3, "new@x,4,9,MailRequested,u,b");
	put_mail(ledger, 3, "new@x,4,9,MailRequested,u,b");
	leave_store(ledger, "new@x", "v@x");
	finding = end(ledger);
	assert_int_equal(finding.lost, 1);
	assert_int_equal(finding.doubled, 1);
	assert_int_equal(finding.effects_lost, 1);
	assert_int_equal(finding.effects_doubled, 1);
}

static const uint64_t sums[] = {40, 20, 40, 50, 60}; /* of a to e */

static void
test_views_must_agree_with_the_input_and_each_other(void **state)
{
	struct book *book = *state;

	book->scenario.job.pattern = PATTERN_KAPPA;
	for (int wrong = 0; wrong < 4; wrong++) {
		struct ledger_flow *ledger = open_ledger(book);
		struct ledger_finding finding;

		for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
			const char key = (char)('a' + i);
			uint64_t events = 1 + (i == 0);

			ledger_flow_total(ledger, false, &key, 1, events,
			                  sums[i] + (i == 2 && (wrong & 1) != 0));
			ledger_flow_total(ledger, true, &key, 1, events,
			                  sums[i] + (i == 2 && (wrong & 2) != 0));
		}
		finding = end(ledger);
		assert_int_equal(finding.wrong_lines, (wrong & 1) + (wrong >> 1));
		assert_int_equal(finding.views_differ, wrong == 1 || wrong == 2);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(test_all_rows_once_is_what_it_should_be),
	    TEST(test_lost_doubled_and_wrong_rows_are_found),
	    TEST(test_a_dead_letter_has_no_row),
	    TEST(test_batches_must_hold_each_event_once),
	    TEST(test_views_must_agree_with_the_input_and_each_other),
	    cmocka_unit_test_setup_teardown(test_mails_go_to_an_address_and_stores_are_folds,
	                                    set_up_mails, tear_down),
	    cmocka_unit_test_setup_teardown(test_mails_lost_and_doubled_are_found, set_up_mails,
	                                    tear_down),
	    cmocka_unit_test_setup_teardown(test_products_are_created_once_or_missed_by_name,
	                                    set_up_join, tear_down),
	    cmocka_unit_test_setup_teardown(test_products_from_nothing_and_twice_are_found,
	                                    set_up_join, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
