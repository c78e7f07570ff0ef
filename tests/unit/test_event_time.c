/* SPDX-License-Identifier: ISC
 *
 * Times of events: the strategy's reading of them, and the ledger's own, which must agree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/job/event_time.h"
#include "sim/verdict/ledger_late.h"

#define NONE INT64_MIN
#define S INT64_C(1000000000)

static void
test_times_are_read_and_agreed_on(void **state)
{
	static const struct {
		const char *text;
		int64_t time_ns;
	} cases[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"1970-01-01T00:00:00.000000001Z", 1},
	    {"2026-11-21T17:37:46Z", 1795282666 * S},
	    {"2026-11-21T17:37:46.5Z", 1795282666 * S + S / 2},
	    {"2024-02-29T23:59:59.999999999Z", 1709251199 * S + S - 1},
	    {"2000-02-29T00:00:00Z", 951782400 * S},
	    {"2100-03-01T00:00:00Z", 4107542400 * S},
	    {"2261-12-31T23:59:59Z", 9214646399 * S},
	    /* What is none. */
	    {"2023-02-29T00:00:00Z", NONE},
	    {"2100-02-29T00:00:00Z", NONE},
	    {"2026-04-31T00:00:00Z", NONE},
	    {"2026-00-10T00:00:00Z", NONE},
	    {"2026-13-10T00:00:00Z", NONE},
	    {"2026-01-00T00:00:00Z", NONE},
	    {"2026-01-01T24:00:00Z", NONE},
	    {"2026-01-01T00:60:00Z", NONE},
	    {"2026-01-01T00:00:60Z", NONE},
	    {"1969-12-31T23:59:59Z", NONE},
	    {"2262-01-01T00:00:00Z", NONE},
	    {"2026-01-01T00:00:00", NONE}, /* of which zone? */
	    {"2026-01-01T00:00:00+01:00", NONE},
	    {"2026-01-01T00:00:00.Z", NONE},
	    {"2026-01-01T00:00:00.1234567890Z", NONE},
	    {"2026-01-01T00:00:00ZZ", NONE},
	    {"2026-01-01 00:00:00Z", NONE},
	    {" 026-01-01T00:00:00Z", NONE},
	    {"2026-1-01T000:00:00Z", NONE},
	    {"2026-01-01", NONE},
	    {"", NONE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t length = strlen(cases[i].text);
		int64_t ours_ns = NONE, ledgers_ns = NONE;

		print_message("# '%s'\n", cases[i].text);
		assert_int_equal(event_time_read(cases[i].text, length, &ours_ns),
		                 cases[i].time_ns != NONE);
		assert_int_equal(ledger_late_time(cases[i].text, length, &ledgers_ns),
		                 cases[i].time_ns != NONE);
		assert_int_equal(ours_ns, cases[i].time_ns);
		assert_int_equal(ledgers_ns, cases[i].time_ns);
	}
}

/* The ends of all months there are, and the days that they have not. */
static void
test_all_days_agree(void **state)
{
	for (int year = 1970; year < 2262; year++)
		for (int month = 1; month <= 12; month++)
			for (int day = 27; day <= 31; day++) {
				char text[32];
				int64_t ours_ns = NONE, ledgers_ns = NONE;
				size_t length =
				    (size_t)snprintf(text, sizeof(text), "%04d-%02d-%02dT12:00:00Z",
				                     year, month, day);

				event_time_read(text, length, &ours_ns);
				ledger_late_time(text, length, &ledgers_ns);
				if (ours_ns != ledgers_ns)
					fail_msg("%s: %lld and %lld", text, (long long)ours_ns,
					         (long long)ledgers_ns);
			}
}

static int
arrive(struct ledger_late *late, int64_t time_s, const char *source)
{
	return ledger_late_event(late, time_s * S, source, strlen(source));
}

static void
test_a_window_waits_for_the_slowest_source_but_not_for_an_idle_one(void **state)
{
	struct ledger_late late = {.window_ns = 60 * S, .lateness_ns = 10 * S, .idle_ns = 600 * S};

	assert_int_equal(arrive(&late, 1000, "a"), 0);
	assert_int_equal(arrive(&late, 1000, "b"), 0);
	assert_int_equal(arrive(&late, 1300, "a"), 0);
	assert_int_equal(arrive(&late, 961, "a"), 0); /* b is at 1000: its window is open */
	assert_int_equal(arrive(&late, 1029, "b"), 0);
	assert_int_equal(arrive(&late, 960, "a"), 0); /* b at 1029, less 10 is still in it */
	assert_int_equal(arrive(&late, 1030, "b"), 0);
	assert_int_equal(arrive(&late, 1019, "a"), 1); /* now it is closed: half-open at 1020 */
	assert_int_equal(arrive(&late, 1020, "a"), 0);
	assert_int_equal(arrive(&late, 1631, "a"), 0); /* b is 601 behind, and not waited for */
	assert_int_equal(arrive(&late, 1619, "b"), 1);
	assert_int_equal(arrive(&late, 1620, "b"), 0);
	ledger_late_fini(&late);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_times_are_read_and_agreed_on),
	    cmocka_unit_test(test_all_days_agree),
	    cmocka_unit_test(test_a_window_waits_for_the_slowest_source_but_not_for_an_idle_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
