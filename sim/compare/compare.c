/* SPDX-License-Identifier: ISC
 *
 * Playing it all, and saying it.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/compare/comparison.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/save.h"

static int
play(struct comparison *comparison)
{
	int64_t began_ns = clock_now_ns();
	int code = comparison_rounds(comparison);

	if (code == 0 && comparison->options->grid)
		code = comparison_grid(comparison);
	comparison->took_ns = clock_now_ns() - began_ns;
	return code;
}

static int
save(const struct comparison *comparison, const char *option, const char *path, save_write *write)
{
	int error = path == NULL ? 0 : save_file(path, write, comparison);

	if (error != 0)
		complain("%s: cannot write %s: %s", option, path, strerror(-error));
	return error == 0 ? 0 : EXIT_INTERNAL;
}

static int
say(const struct comparison *comparison)
{
	const struct compare_options *options = comparison->options;
	bool is_taken = (options->csv != NULL && strcmp(options->csv, "-") == 0) ||
	                (options->html != NULL && strcmp(options->html, "-") == 0);
	int code = save(comparison, "--csv", options->csv, comparison_csv);

	if (code == 0)
		code = save(comparison, "--html", options->html, comparison_html);
	if (code == 0 && !is_taken)
		code = save(comparison, "the table", "-", comparison_print);
	return code == 0 ? comparison_exit_code(comparison) : code;
}

int
compare_run(const struct compare_options *options)
{
	struct comparison *comparison = calloc(1, sizeof(*comparison));
	int code;

	if (comparison == NULL)
		return EXIT_INTERNAL;
	code = comparison_init(comparison, options);
	if (code == 0)
		code = play(comparison);
	if (code == 0)
		code = say(comparison);
	if (comparison->scratch.stays)
		complain("what a correct strategy did wrong is kept in %s",
		         comparison->scratch.path);
	comparison_fini(comparison);
	free(comparison);
	return code;
}
