/* SPDX-License-Identifier: ISC
 *
 * Parts of reports: text that must stay text, and the time axis that leaves out when nobody was
 * there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/report/axis.h"
#include "sim/util/clock.h"
#include "sim/util/markup.h"

static void
assert_markup(const char *text, const char *wanted)
{
	char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	assert_non_null(out);
	markup_text(out, text);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(got, wanted);
	free(got);
}

static void
test_markup(void **state)
{
	assert_markup("plain, 1 < 2 & \"3\" > '2'",
	              "plain, 1 &lt; 2 &amp; &quot;3&quot; &gt; &#39;2&#39;");
	assert_markup("\xc3\xbc \xe2\x82\xac \xf0\x9f\x9a\x80",
	              "\xc3\xbc \xe2\x82\xac \xf0\x9f\x9a\x80");
	assert_markup("a\tb\nc", "a\tb\nc");
	assert_markup("\x1b[2J\r\x7f", "\\x1b[2J\\x0d\\x7f");
	/* Broken, overlong, a surrogate, beyond Unicode, cut off. */
	assert_markup("\xff\xc3<", "\\xff\\xc3&lt;");
	assert_markup("\xc0\xbc", "\\xc0\\xbc");
	assert_markup("\xe0\x80\xbc", "\\xe0\\x80\\xbc");
	assert_markup("\xed\xa0\x80", "\\xed\\xa0\\x80");
	assert_markup("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	assert_markup("\xe2\x82", "\\xe2\\x82");
	/* It turns the direction of writing; no character at all in XML. */
	assert_markup("\xe2\x80\xae", "\\xe2\\x80\\xae");
	assert_markup("\xef\xbf\xbf", "\\xef\\xbf\\xbf");
}

static void
write_note(int fd, uint64_t number, int64_t at_s, enum core_kind kind)
{
	struct core_step step = {.at_ns = at_s * NS_PER_S,
	                         .kind = (uint8_t)kind,
	                         .slot = CORE_NO_SLOT,
	                         .task = CORE_NO_TASK};

	assert_int_equal(eventlog_append(fd, number, &step, 0), 0);
}

/* A run of ten seconds, an hour's rest, ten more. */
static void
test_axis(void **state)
{
	static const int64_t seconds[] = {100, 105, 110, 3710, 3715, 3720};
	struct scenario scenario = {.core = {.slots = 1, .credit = 1}};
	char path[] = "/tmp/test_report.XXXXXX";
	uint64_t count, repaired;
	struct history *history;
	struct axis axis;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	fd = eventlog_open(path, &count, &repaired);
	for (uint64_t i = 0; i < 6; i++)
		write_note(fd, i, seconds[i], i % 3 == 0 ? NOTE_RUN_STARTED : EV_TICK);
	assert_int_equal(history_open(&history, &scenario, path, "/nonexistent/run.db"), 0);
	axis_init(&axis, history);
	assert_int_equal(axis.cuts, 1);
	assert_int_equal(axis.shown_ns, 20 * NS_PER_S + axis.gap_ns);
	assert_true(axis_place(&axis, 0) == AXIS_LEFT);
	assert_true(axis_place(&axis, axis.end_ns) == AXIS_LEFT + AXIS_WIDTH);
	assert_true(axis_place(&axis, 1000 * NS_PER_S) == axis_place(&axis, 2000 * NS_PER_S));
	for (int64_t i = 0, last = -1; i <= 1000; i++) {
		int64_t ns = axis_time(&axis, i, 1000);
		assert_true(ns >= last);
		last = ns;
		/* What was cut comes back as its beginning. */
		if (ns != axis.cut[0].from_ns)
			assert_true(labs((long)(axis_place(&axis, ns) - AXIS_LEFT) -
			                 (long)(AXIS_WIDTH * i / 1000)) <= 1);
	}
	history_close(history);
	close(fd);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_markup),
	    cmocka_unit_test(test_axis),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
