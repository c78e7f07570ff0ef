/* SPDX-License-Identifier: ISC
 *
 * The grid: what is put where, what is cut, what is shown for what cannot be, and how it is
 * printed.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/screen/grid.h"
#include "tui/screen/rune.h"

static char printed[65536];

static const char *
print(const struct grid *grid, bool svg)
{
	FILE *out = fmemopen(printed, sizeof(printed), "w");

	assert_non_null(out);
	if (svg)
		grid_print_svg(grid, "a <b> & \"c\"\033", out);
	else
		grid_print_text(grid, out);
	assert_int_equal(fclose(out), 0);
	return printed;
}

static void
make(struct grid *grid, int rows, int columns, bool ascii)
{
	assert_int_equal(grid_init(grid, rows, columns, ascii), 0);
}

static void
test_text_is_clipped_to_its_width_and_to_the_grid(void **state)
{
	static const struct {
		int row, column, width, used;
		const char *text, *shown;
	} cases[] = {
	    {0, 0, 8, 3, "abc", "abc\n\n"},
	    {0, 6, 8, 2, "abc", "      ab\n\n"},
	    {1, 2, 2, 2, "abc", "\n  ab\n"},
	    {0, 0, 0, 0, "abc", "\n\n"},
	    {0, 0, -3, 0, "abc", "\n\n"},
	    {0, 8, 9, 0, "abc", "\n\n"},
	    {0, -1, 8, 3, "abc", "bc\n\n"},
	    {-1, 0, 8, 3, "abc", "\n\n"},
	    {2, 0, 8, 3, "abc", "\n\n"},
	    {0, 0, 8, 4, "日本", "日本\n\n"},
	    {0, 0, 3, 2, "日本", "日\n\n"}, /* half of one is not shown */
	    {0, 7, 8, 0, "日", "\n\n"},
	    {0, 0, 8, 2, "e\xcc\x81x", "ex\n\n"}, /* a combining accent */
	    {0, 0, 8, 2,
	     "a\xe2\x80\xae"
	     "b",
	     "ab\n\n"}, /* turns the direction of writing */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct grid grid;
		make(&grid, 2, 8, false);
		assert_int_equal(grid_put(&grid, cases[i].row, cases[i].column, cases[i].width, 0,
		                          cases[i].text),
		                 cases[i].used);
		assert_string_equal(print(&grid, false), cases[i].shown);
		grid_fini(&grid);
	}
}

static void
test_nothing_that_could_steer_a_terminal_gets_into_a_cell(void **state)
{
	static const char *const texts[] = {"\033[2J",          "\r\n\t\b",         "\x7f",
	                                    "\xc2\x9b[1m",      "\xff\xfe\xc0\x80", "\xed\xa0\x80",
	                                    "\xf4\x90\x80\x80", "\xe2\x82"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct grid grid;
		make(&grid, 1, 20, false);
		grid_put(&grid, 0, 0, 20, 0, texts[i]);
		for (int column = 0; column < 20; column++) {
			uint32_t rune = grid_cell(&grid, 0, column).rune;
			assert_true(rune >= 0x20 && rune < 0x7f);
		}
		assert_int_equal(grid_cell(&grid, 0, 0).rune, '?');
		grid_fini(&grid);
	}
}

static void
test_a_wide_character_loses_both_halves(void **state)
{
	struct grid grid;

	make(&grid, 1, 4, false);
	grid_put(&grid, 0, 0, 4, 0, "日本");
	grid_put(&grid, 0, 1, 1, 0, "x");
	assert_string_equal(print(&grid, false), " x本\n");
	grid_put(&grid, 0, 2, 1, 0, "y");
	assert_string_equal(print(&grid, false), " xy\n");
	grid_fini(&grid);
}

static void
test_ascii_has_a_stand_in_for_everything(void **state)
{
	struct grid grid;

	make(&grid, 1, 12, true);
	assert_int_equal(grid_put(&grid, 0, 0, 12, 0, "─█░·…é日x"), 9);
	assert_string_equal(print(&grid, false), "-#..~?? x\n");
	grid_fill(&grid, 0, 0, 3, 0, 0x2588);
	assert_string_equal(print(&grid, false), "###.~?? x\n");
	grid_fini(&grid);
}

static void
test_looks_are_kept(void **state)
{
	struct grid grid;

	make(&grid, 1, 4, false);
	grid_put(&grid, 0, 0, 4, ROLE_BAD | GRID_BOLD, "ab");
	grid_mark(&grid, 0, 1, 9, ROLE_GOOD);
	assert_int_equal(grid_cell(&grid, 0, 0).look, ROLE_BAD | GRID_BOLD);
	assert_int_equal(grid_cell(&grid, 0, 1).look, ROLE_GOOD);
	assert_int_equal(grid_cell(&grid, 0, 1).rune, 'b');
	assert_int_equal(grid_cell(&grid, 5, 5).rune, ' ');
	grid_fini(&grid);
}

static void
test_a_grid_has_a_least_and_a_greatest_size(void **state)
{
	struct grid grid;

	make(&grid, 0, -7, false);
	assert_int_equal(grid.rows * grid.columns, 1);
	grid_fini(&grid);
	make(&grid, 1000000, 1000000, false);
	assert_int_equal(grid.rows, GRID_ROWS_MAX);
	assert_int_equal(grid.columns, GRID_COLUMNS_MAX);
	grid_fini(&grid);
}

static void
test_svg_is_escaped_and_has_a_text_for_each_look(void **state)
{
	struct grid grid;
	const char *svg;

	make(&grid, 2, 20, false);
	grid_put(&grid, 0, 0, 20, ROLE_GOOD, "a<b>&\"");
	grid_put(&grid, 0, 6, 20, ROLE_BAD | GRID_REVERSE, "bad");
	svg = print(&grid, true);
	assert_non_null(strstr(svg, "<title>a &lt;b&gt; &amp; &quot;c&quot;?</title>"));
	assert_non_null(strstr(svg, "r1\" x=\"12\" y=\"25\" textLength=\"48\""));
	assert_non_null(strstr(svg, ">a&lt;b&gt;&amp;&quot;</text>"));
	assert_non_null(strstr(svg, "<rect class=\"r4\""));
	assert_non_null(strstr(svg, ">bad</text>"));
	assert_non_null(strstr(svg, "prefers-color-scheme: dark"));
	assert_null(strstr(svg, "<script"));
	grid_fini(&grid);
}

static void
test_utf8_there_and_back(void **state)
{
	for (uint32_t rune = 1; rune <= 0x10ffff; rune += rune < 0x3000 ? 1 : 257) {
		char bytes[5];
		const char *text = bytes;
		if (rune >= 0xd800 && rune < 0xe000)
			continue;
		rune_encode(rune, bytes);
		assert_int_equal(rune_next(&text), rune);
		assert_int_equal(*text, '\0');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text_is_clipped_to_its_width_and_to_the_grid),
	    cmocka_unit_test(test_nothing_that_could_steer_a_terminal_gets_into_a_cell),
	    cmocka_unit_test(test_a_wide_character_loses_both_halves),
	    cmocka_unit_test(test_ascii_has_a_stand_in_for_everything),
	    cmocka_unit_test(test_looks_are_kept),
	    cmocka_unit_test(test_a_grid_has_a_least_and_a_greatest_size),
	    cmocka_unit_test(test_svg_is_escaped_and_has_a_text_for_each_look),
	    cmocka_unit_test(test_utf8_there_and_back),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
