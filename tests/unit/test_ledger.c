/* SPDX-License-Identifier: ISC
 *
 * The ledger: what it reads and refuses, and that it finds and names each way in which a sink can
 * be wrong.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/verdict/ledger.h"

struct text {
	const char *bytes;
	size_t length;
};
#define TEXT(literal)                        \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* A file for as long as a check takes. */
struct file {
	char path[64];
};

static struct file
file_of(struct text text)
{
	struct file file = {.path = "/tmp/test_ledger.XXXXXX"};
	int fd = mkstemp(file.path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.bytes, text.length), text.length);
	close(fd);
	return file;
}

/* The job of these tests: key column k, sums of columns a and b. */
static int
check(struct text input, struct text sink, char separator, const struct ledger_gap *gaps,
      size_t gap_count, struct ledger_finding *finding, char error[256])
{
	static char key[] = "k", a[] = "a", b[] = "b";
	static struct scenario scenario;
	struct file input_file = file_of(input), sink_file = file_of(sink);
	int result;

	scenario.job =
	    (struct scenario_job){.key = key, .sum = {a, b}, .sums = 2, .separator = separator};
	error[0] = '\0';
	result = ledger_check_aggregate(&scenario, input_file.path, sink_file.path, gaps, gap_count,
	                                finding, error, 256);
	unlink(input_file.path);
	unlink(sink_file.path);
	return result;
}

static void
assert_clean(const char *name, const struct ledger_finding *finding)
{
	if (finding->lost || finding->doubled || finding->wrong_lines || finding->unfounded ||
	    finding->unreadable || finding->example[0])
		fail_msg("%s: %s", name, finding->example);
}

#define HEAD "k,records,sum(a),sum(b)\n"

/* Inputs that can be read, and the sink they must lead to. */
static const struct {
	const char *name;
	struct text input, sink;
	uint64_t records;
	char separator;
} readable[] = {
    {"LF", TEXT("k,a,b\nx,1,2\ny,3,4\nx,5,6\n"), TEXT(HEAD "x,2,6,8\ny,1,3,4\n"), 3, ','},
    {"CRLF", TEXT("k,a,b\r\nx,1,2\r\ny,3,4\r\nx,5,6\r\n"), TEXT(HEAD "x,2,6,8\ny,1,3,4\n"), 3, ','},
    {"both, and empty lines", TEXT("\r\nk,a,b\n\nx,1,2\r\n\r\n\n\ny,3,4\n\n"),
     TEXT(HEAD "x,1,1,2\ny,1,3,4\n"), 2, ','},
    {"byte order mark", TEXT("\xef\xbb\xbfk,a,b\nx,1,2\n"), TEXT(HEAD "x,1,1,2\n"), 1, ','},
    {"quoted header after it", TEXT("\xef\xbb\xbf\"k\",\"a\",\"b\"\nx,1,2\n"),
     TEXT(HEAD "x,1,1,2\n"), 1, ','},
    {"no final newline", TEXT("k,a,b\nx,1,2"), TEXT(HEAD "x,1,1,2\n"), 1, ','},
    {"no final newline, quoted", TEXT("b,a,k\n2,1,\"x\""), TEXT(HEAD "x,1,1,2\n"), 1, ','},
    {"header only", TEXT("k,a,b\n"), TEXT(HEAD), 0, ','},
    {"header without newline", TEXT("k,a,b"), TEXT(HEAD), 0, ','},
    {"semicolons", TEXT("k;a;b\nx,y;1;2\n"), TEXT(HEAD "\"x,y\",1,1,2\n"), 1, ';'},
    {"tabs", TEXT("k\ta\tb\nx\t1\t2\n"), TEXT(HEAD "x,1,1,2\n"), 1, '\t'},
    {"columns in any order, others between", TEXT("z,b,k,y,a\n,2,x,\",\",1\n"),
     TEXT(HEAD "x,1,1,2\n"), 1, ','},
    {"quotes, separators and newlines in quotes",
     TEXT("k,a,b\n\"x\"\"y\",1,2\n\"x,y\",1,2\n\"x\ny\",1,2\n\"x\r\ny\",1,2\n\"x\",1,\"2\"\n"),
     TEXT(HEAD "x,1,1,2\n\"x\ny\",1,1,2\n\"x\r\ny\",1,1,2\n\"x\"\"y\",1,1,2\n\"x,y\",1,1,2\n"), 5,
     ','},
    {"a bare CR is data", TEXT("k,a,b\nx\ry,1,2\n\"x\ry\",3,4\n"), TEXT(HEAD "\"x\ry\",2,4,6\n"), 2,
     ','},
    {"an empty key", TEXT("k,a,b\n,1,2\n\"\",1,2\n"), TEXT(HEAD ",2,2,4\n"), 2, ','},
    {"only quotes", TEXT("k,a,b\n\"\"\"\",1,2\n\"\"\"\"\"\",1,2\n"),
     TEXT(HEAD "\"\"\"\",1,1,2\n\"\"\"\"\"\",1,1,2\n"), 2, ','},
    {"order by bytes, shorter first",
     TEXT("k,a,b\nb,1,1\n\xc3\xa4,1,1\na,1,1\nB,1,1\nab,1,1\n1,1,1\n"),
     TEXT(HEAD "1,1,1,1\nB,1,1,1\na,1,1,1\nab,1,1,1\nb,1,1,1\n\xc3\xa4,1,1,1\n"), 6, ','},
    {"signs and zeros", TEXT("k,a,b\nx,+1,-0\nx,-.5,-00.00\ny,-1,.25\ny,0,-.5\n"),
     TEXT(HEAD "x,2,0.5,0\ny,2,-1,-0.25\n"), 4, ','},
    {"carries of both signs", TEXT("k,a,b\nx,0.7,-0.7\nx,0.7,-0.7\nx,-0.4,2\ny,1.5,-1.5\ny,-2,2\n"),
     TEXT(HEAD "x,3,1,0.6\ny,2,-0.5,0.5\n"), 5, ','},
    {"eighteen digits a side, zeros beyond do not count",
     TEXT("k,a,b\nx,999999999999999999.999999999999999999,0000000000000000000001."
          "00000000000000000000000\n"
          "x,999999999999999999.999999999999999999,.000000000000000001\n"),
     TEXT(HEAD "x,2,1999999999999999999.999999999999999998,1.000000000000000001\n"), 2, ','},
    {"negative as well",
     TEXT("k,a,b\nx,-999999999999999999.999999999999999999,-100\n"
          "x,-999999999999999999.999999999999999999,-0.0100\n"),
     TEXT(HEAD "x,2,-1999999999999999999.999999999999999998,-100.01\n"), 2, ','},
};

static void
test_readable_inputs_and_right_sinks(void **state)
{
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++) {
		struct ledger_finding finding;
		char error[256];
		int result = check(readable[i].input, readable[i].sink, readable[i].separator, NULL,
		                   0, &finding, error);

		if (result)
			fail_msg("%s: %d %s", readable[i].name, result, error);
		assert_clean(readable[i].name, &finding);
		assert_int_equal(finding.records, readable[i].records);
		assert_int_equal(finding.counted, readable[i].records);
	}
}

/* Records that cannot be used, each between two good ones that must not suffer. */
static const struct {
	const char *name;
	struct text record;
	const char *says;
} unreadable[] = {
    {"stray quote", TEXT("x\"y,1,2\n"), "quote inside"},
    {"stray quote that looks like quoting", TEXT("x\"y,z\",1,2\n"), ""},
    {"stray quote does not span lines", TEXT("x,1,2\"\n"), "quote inside"},
    {"quote after a blank", TEXT(" \"x\",1,2\n"), "quote inside"},
    {"text behind a quote", TEXT("\"x\"y,1,2\n"), "after a closing quote"},
    {"blank behind a quote", TEXT("\"x\" ,1,2\n"), "after a closing quote"},
    {"a CR alone behind a quote", TEXT("x,1,\"2\"\r\r\n"), "after a closing quote"},
    {"NUL", TEXT("x\0y,1,2\n"), "NUL"},
    {"NUL in quotes", TEXT("\"x\0y\",1,2\n"), "NUL"},
    {"NUL in a column nobody needs", TEXT("x,1,2,\0\n"), ""},
    {"too few fields", TEXT("x,1\n"), "number of fields"},
    {"too many fields", TEXT("x,1,2,\n"), "number of fields"},
    {"one field", TEXT("x\r\n"), "number of fields"},
    {"no digits", TEXT("x,,2\n"), "no decimal"},
    {"a sign alone", TEXT("x,1,-\n"), "no decimal"},
    {"a point alone", TEXT("x,1,.\n"), "no decimal"},
    {"a point at the end", TEXT("x,1.,2\n"), "no decimal"},
    {"two points", TEXT("x,1.2.3,2\n"), "no decimal"},
    {"two signs", TEXT("x,+-1,2\n"), "no decimal"},
    {"exponent", TEXT("x,1e3,2\n"), "no decimal"},
    {"blank before", TEXT("x, 1,2\n"), "no decimal"},
    {"blank behind", TEXT("x,1 ,2\n"), "no decimal"},
    {"a CR behind", TEXT("x,1,2\r\r\n"), "no decimal"},
    {"a word", TEXT("x,n/a,2\n"), "no decimal"},
    {"a quote in quotes", TEXT("x,\"1\"\"\",2\n"), "no decimal"},
    {"hexadecimal", TEXT("x,0x10,2\n"), "no decimal"},
    {"nineteen digits before", TEXT("x,1000000000000000000,2\n"), "18 digits"},
    {"nineteen digits behind", TEXT("x,1,.0000000000000000001\n"), "18 digits"},
};

static void
test_unreadable_records_are_dead_letters(void **state)
{
	const struct ledger_gap gap = {.first = 1, .count = 1};
	const struct text sink = TEXT(HEAD "g,2,4,6\n");

	for (size_t i = 0; i < sizeof(unreadable) / sizeof(unreadable[0]); i++) {
		const struct text *record = &unreadable[i].record;
		struct ledger_finding finding;
		char input[256] = "k,a,b\ng,1,2\n", error[256];
		size_t length = strlen(input);
		struct text text = {input, 0};

		memcpy(input + length, record->bytes, record->length);
		length += record->length;
		memcpy(input + length, "g,3,4\n", 6);
		text.length = length + 6;

		assert_int_equal(check(text, sink, ',', &gap, 1, &finding, error), 0);
		assert_clean(unreadable[i].name, &finding);
		assert_int_equal(finding.records, 3);
		assert_int_equal(finding.counted, 2);

		assert_int_equal(check(text, sink, ',', NULL, 0, &finding, error), 0);
		if (finding.unreadable != 1 || finding.lost || finding.wrong_lines ||
		    finding.counted != 3 || !strstr(finding.example, "record 1 ") ||
		    !strstr(finding.example, unreadable[i].says))
			fail_msg("%s: %lu unreadable, '%s'", unreadable[i].name,
			         (unsigned long)finding.unreadable, finding.example);
	}
}

static void
test_a_quote_never_closed_takes_the_rest(void **state)
{
	const struct text input = TEXT("k,a,b\ng,1,2\n\"x,1,2\ng,3,4\n"),
			  sink = TEXT(HEAD "g,1,1,2\n");
	struct ledger_finding finding;
	char error[256];

	assert_int_equal(check(input, sink, ',', NULL, 0, &finding, error), 0);
	assert_int_equal(finding.records, 2);
	assert_int_equal(finding.unreadable, 1);
	assert_int_equal(finding.wrong_lines, 0);
	assert_string_equal(finding.example,
	                    "record 1 should be a dead letter: its quoted field never ends");
}

static void
test_gaps(void **state)
{
	const struct text input =
	    TEXT("k,a,b\nx,1,1\nx,bad,1\nx,1,1\nx,1,1\ny,?,1\nx,1,1\ny,1,1\n");
	const struct ledger_gap right[] = {{1, 1}, {4, 1}}, wide[] = {{1, 2}, {4, 3}},
				beyond[] = {{1, 1}, {4, 900}};
	const struct text all = TEXT(HEAD "x,4,4,4\ny,1,1,1\n"), fewer = TEXT(HEAD "x,2,2,2\n");
	const struct text nothing = TEXT(HEAD "x,3,3,3\n");
	struct ledger_finding finding;
	char error[256];

	assert_int_equal(check(input, all, ',', right, 2, &finding, error), 0);
	assert_clean("right gaps", &finding);
	assert_int_equal(finding.counted, 5);

	assert_int_equal(check(input, fewer, ',', wide, 2, &finding, error), 0);
	assert_int_equal(finding.unfounded, 3);
	assert_int_equal(finding.wrong_lines, 0);
	assert_int_equal(finding.counted, 2);
	assert_string_equal(finding.example,
	                    "record 2 is a dead letter, but nothing is wrong with it");

	assert_int_equal(check(input, nothing, ',', beyond, 2, &finding, error), 0);
	assert_int_equal(finding.unfounded, 2);
	assert_int_equal(finding.unreadable + finding.wrong_lines, 0);

	assert_int_equal(check(input, all, ',', right, 1, &finding, error), 0);
	assert_int_equal(finding.unreadable, 1);
	assert_int_equal(finding.counted, 6);
}

static const struct text three_keys = TEXT("k,a,b\nA,1,2\nC,1,2\nA,1,2\nB,1.5,2\nB,1,2\n");

/* The right sink of three_keys is HEAD "A,2,2,4\nB,2,2.5,4\nC,1,1,2\n". */
static const struct {
	const char *name;
	struct text sink;
	uint64_t lost, doubled, wrong_lines;
	const char *example;
} broken[] = {
    {"one byte of a sum", TEXT(HEAD "A,2,2,4\nB,2,2.6,4\nC,1,1,2\n"), 0, 0, 1,
     "key 'B': sink has the wrong line 'B,2,2.6,4\\n'"},
    {"a trailing zero", TEXT(HEAD "A,2,2,4\nB,2,2.50,4\nC,1,1,2\n"), 0, 0, 1,
     "key 'B': sink has the wrong"},
    {"needless quotes", TEXT(HEAD "\"A\",2,2,4\nB,2,2.5,4\nC,1,1,2\n"), 0, 0, 1,
     "key 'A': sink has the wrong"},
    {"CRLF", TEXT(HEAD "A,2,2,4\r\nB,2,2.5,4\nC,1,1,2\n"), 0, 0, 1, "key 'A': sink has the wrong"},
    {"a line too long", TEXT(HEAD "A,2,2,4,\nB,2,2.5,4\nC,1,1,2\n"), 0, 0, 1,
     "key 'A': sink has the wrong"},
    {"one byte of a key", TEXT(HEAD "A,2,2,4\nb,2,2.5,4\nC,1,1,2\n"), 2, 2, 2,
     "key 'b': sink has 2 records, input none"},
    {"a count too small", TEXT(HEAD "A,2,2,4\nB,1,2.5,4\nC,1,1,2\n"), 1, 0, 1,
     "key 'B': sink has 1 records, input 2"},
    {"a count too large", TEXT(HEAD "A,5,2,4\nB,2,2.5,4\nC,1,1,2\n"), 0, 3, 1,
     "key 'A': sink has 5 records, input 2"},
    {"one lost, one doubled", TEXT(HEAD "A,2,2,4\nB,1,2.5,4\nC,2,1,2\n"), 1, 1, 2,
     "key 'B': sink has 1 records"},
    {"first line missing", TEXT(HEAD "B,2,2.5,4\nC,1,1,2\n"), 2, 0, 1,
     "key 'A': sink has no line where it belongs"},
    {"middle line missing", TEXT(HEAD "A,2,2,4\nC,1,1,2\n"), 2, 0, 1,
     "key 'B': sink has no line where it belongs"},
    {"last line missing", TEXT(HEAD "A,2,2,4\nB,2,2.5,4\n"), 1, 0, 1,
     "key 'C': sink has no line where it belongs"},
    {"a line twice", TEXT(HEAD "A,2,2,4\nB,2,2.5,4\nB,2,2.5,4\nC,1,1,2\n"), 0, 2, 1,
     "key 'B': sink has 4 records, input 2"},
    {"last line twice", TEXT(HEAD "A,2,2,4\nB,2,2.5,4\nC,1,1,2\nC,1,1,2\n"), 0, 1, 1,
     "key 'C': sink has 2 records, input 1"},
    {"a key from nowhere", TEXT(HEAD "A,2,2,4\nAA,7,2,4\nB,2,2.5,4\nC,1,1,2\n"), 0, 7, 1,
     "key 'AA': sink has 7 records, input none"},
    {"and at the end", TEXT(HEAD "A,2,2,4\nB,2,2.5,4\nC,1,1,2\n\"D\n\x1b\",1,1,1\n"), 0, 1, 1,
     "key 'D\\n\\^[': sink has 1 records, input none"},
    {"an empty line", TEXT(HEAD "A,2,2,4\n\nB,2,2.5,4\nC,1,1,2\n"), 0, 0, 1,
     "key 'B': sink has the wrong line"},
    {"an empty line at the end", TEXT(HEAD "A,2,2,4\nB,2,2.5,4\nC,1,1,2\n\n"), 0, 0, 1,
     "none of a result: '\\n'"},
    {"a line of nonsense", TEXT(HEAD "A,2,2,4\n\x1b[2J\nB,2,2.5,4\nC,1,1,2\n"), 0, 0, 1,
     "none of a result: '\\^[[2J\\n'"},
    {"a count of nonsense", TEXT(HEAD "A,2,2,4\nB,two,2.5,4\nC,1,1,2\n"), 2, 0, 2,
     "none of a result: 'B,two,2.5,4\\n'"},
    {"last newline missing", TEXT(HEAD "A,2,2,4\nB,2,2.5,4\nC,1,1,2"), 0, 0, 1,
     "key 'C': sink has the wrong line 'C,1,1,2'"},
    {"torn", TEXT(HEAD "A,2,2,4\nB,2,2."), 1, 0, 2, "key 'B': sink has the wrong line 'B,2,2.'"},
    {"out of order", TEXT(HEAD "B,2,2.5,4\nA,2,2,4\nC,1,1,2\n"), 0, 0, 2,
     "key 'A': sink has no line where it belongs"},
    {"another header", TEXT("k,records,sum(a)\nA,2,2,4\nB,2,2.5,4\nC,1,1,2\n"), 0, 0, 1,
     "the sink begins with 'k,records,sum(a)\\n'"},
    {"no header", TEXT("A,2,2,4\nB,2,2.5,4\nC,1,1,2\n"), 0, 0, 1,
     "the sink begins with 'A,2,2,4\\n'"},
    {"header only", TEXT(HEAD), 5, 0, 3,
     "key 'A': sink has no line where it belongs, input 2 records"},
    {"empty", TEXT(""), 5, 0, 4, "the sink begins with ''"},
};

static void
test_each_way_to_break_a_sink_is_found_and_named(void **state)
{
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct ledger_finding finding;
		char error[256];

		assert_int_equal(check(three_keys, broken[i].sink, ',', NULL, 0, &finding, error),
		                 0);
		if (finding.lost != broken[i].lost || finding.doubled != broken[i].doubled ||
		    finding.wrong_lines != broken[i].wrong_lines ||
		    !strstr(finding.example, broken[i].example))
			fail_msg("%s: lost %lu, doubled %lu, wrong lines %lu, '%s'", broken[i].name,
			         (unsigned long)finding.lost, (unsigned long)finding.doubled,
			         (unsigned long)finding.wrong_lines, finding.example);
		assert_int_equal(finding.unreadable + finding.unfounded, 0);
	}
}

/* No byte of the sink can change unseen. */
static void
test_every_single_byte_counts(void **state)
{
	char sink[] = HEAD "A,2,2,4\nB,2,2.5,4\nC,1,1,2\n";
	struct text text = {sink, sizeof(sink) - 1};
	struct ledger_finding finding;
	char error[256];

	assert_int_equal(check(three_keys, text, ',', NULL, 0, &finding, error), 0);
	assert_clean("the right sink", &finding);
	for (size_t i = 0; i < text.length; i++) {
		sink[i] ^= 1;
		assert_int_equal(check(three_keys, text, ',', NULL, 0, &finding, error), 0);
		assert_true(finding.wrong_lines > 0);
		assert_true(finding.example[0]);
		sink[i] ^= 1;
	}
}

static void
test_many_keys(void **state)
{
	enum { KEYS = 20000 };
	size_t room = KEYS * 64, input_length, sink_length;
	char *input = malloc(room), *sink = malloc(room), error[256];
	struct ledger_finding finding;

	assert_non_null(input);
	assert_non_null(sink);
	input_length = (size_t)snprintf(input, room, "k,a,b\n");
	sink_length = (size_t)snprintf(sink, room, HEAD);
	for (int i = 0; i < KEYS; i++) {
		int scattered = (int)(i * 7919LL % KEYS);

		input_length += (size_t)snprintf(input + input_length, room - input_length,
		                                 "key%06d,%d,0.01\n", scattered, scattered);
		sink_length += (size_t)snprintf(sink + sink_length, room - sink_length,
		                                "key%06d,1,%d,0.01\n", i, i);
	}
	assert_int_equal(check((struct text){input, input_length}, (struct text){sink, sink_length},
	                       ',', NULL, 0, &finding, error),
	                 0);
	assert_clean("many keys", &finding);
	assert_int_equal(finding.counted, KEYS);
	free(input);
	free(sink);
}

static void
test_names_that_need_quotes(void **state)
{
	static char key[] = "the, key", sum[] = "say \"sum\"";
	static struct scenario scenario = {
	    .job = {.key = key, .sum = {sum}, .sums = 1, .separator = ','}};
	struct file input = file_of((struct text)TEXT("\"the, key\",\"say \"\"sum\"\"\"\nx,1\n"));
	struct file sink =
	    file_of((struct text)TEXT("\"the, key\",records,\"sum(say \"\"sum\"\")\"\nx,1,1\n"));
	struct ledger_finding finding;
	char error[256] = "";

	assert_int_equal(ledger_check_aggregate(&scenario, input.path, sink.path, NULL, 0, &finding,
	                                        error, sizeof(error)),
	                 0);
	assert_clean("quoted names", &finding);
	unlink(input.path);
	unlink(sink.path);
}

static void
test_what_cannot_be_checked_is_an_error(void **state)
{
	static char key[] = "k";
	static struct scenario scenario = {.job = {.key = key, .separator = ','}};
	const struct text sink = TEXT(HEAD);
	struct file file = file_of(sink);
	struct ledger_finding finding;
	char error[256];

	assert_int_equal(check((struct text)TEXT(""), sink, ',', NULL, 0, &finding, error),
	                 -ENODATA);
	assert_non_null(strstr(error, "is empty"));
	assert_int_equal(check((struct text)TEXT("k,a,c\n"), sink, ',', NULL, 0, &finding, error),
	                 -EINVAL);
	assert_non_null(strstr(error, "no column 'b'"));
	assert_int_equal(check((struct text)TEXT("k,a,b\"\n"), sink, ',', NULL, 0, &finding, error),
	                 -EBADMSG);
	assert_non_null(strstr(error, "header"));
	assert_int_equal(ledger_check_aggregate(&scenario, "/nonexistent/input", file.path, NULL, 0,
	                                        &finding, error, sizeof(error)),
	                 -ENOENT);
	assert_non_null(strstr(error, "/nonexistent/input"));
	assert_int_equal(ledger_check_aggregate(&scenario, "/dev/null", file.path, NULL, 0,
	                                        &finding, error, sizeof(error)),
	                 -EINVAL);
	unlink(file.path);
}

/* The power took it: that is no error of the ledger's, but a result that is wrong. */
static void
test_a_sink_that_is_not_there_is_a_wrong_one(void **state)
{
	static char key[] = "k";
	static struct scenario scenario = {.job = {.key = key, .separator = ','}};
	const struct text input = TEXT("k\na\nb\n");
	struct file file = file_of(input);
	struct ledger_finding finding;
	char error[256];

	assert_int_equal(ledger_check_aggregate(&scenario, file.path, "/nonexistent/sink", NULL, 0,
	                                        &finding, error, sizeof(error)),
	                 0);
	assert_int_equal(finding.records, 2);
	assert_int_equal(finding.lost, 2);
	assert_int_equal(finding.wrong_lines, 3);
	unlink(file.path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_readable_inputs_and_right_sinks),
	    cmocka_unit_test(test_unreadable_records_are_dead_letters),
	    cmocka_unit_test(test_a_quote_never_closed_takes_the_rest),
	    cmocka_unit_test(test_gaps),
	    cmocka_unit_test(test_each_way_to_break_a_sink_is_found_and_named),
	    cmocka_unit_test(test_every_single_byte_counts),
	    cmocka_unit_test(test_many_keys),
	    cmocka_unit_test(test_names_that_need_quotes),
	    cmocka_unit_test(test_what_cannot_be_checked_is_an_error),
	    cmocka_unit_test(test_a_sink_that_is_not_there_is_a_wrong_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
