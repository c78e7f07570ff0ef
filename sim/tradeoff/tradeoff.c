/* SPDX-License-Identifier: ISC
 *
 * Playing it all, and saying it.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/tradeoff/tradeoff.h"
#include "sim/tradeoff/weighing.h"
#include "sim/util/fail.h"
#include "sim/util/save.h"

static int
save(const struct weighing *weighing, const char *option, const char *path, save_write *write)
{
	int error = path == NULL ? 0 : save_file(path, write, weighing);

	if (error != 0)
		complain("%s: cannot write %s: %s", option, path, strerror(-error));
	return error == 0 ? 0 : EXIT_INTERNAL;
}

static int
say(const struct weighing *weighing)
{
	const struct compare_options *options = weighing->options;
	bool is_taken = (options->csv != NULL && strcmp(options->csv, "-") == 0) ||
	                (options->html != NULL && strcmp(options->html, "-") == 0);
	int code = save(weighing, "--csv", options->csv, weighing_csv);

	if (code == 0)
		code = save(weighing, "--html", options->html, weighing_html);
	if (code == 0 && !is_taken)
		code = save(weighing, "the table", "-", weighing_print);
	return code == 0 ? weighing_exit_code(weighing) : code;
}

int
tradeoff_run(const struct compare_options *options)
{
	struct weighing *weighing = calloc(1, sizeof(*weighing));
	int code;

	if (weighing == NULL)
		return EXIT_INTERNAL;
	code = weighing_init(weighing, options);
	if (code == 0)
		code = weighing_play(weighing);
	if (code == 0)
		code = say(weighing);
	if (weighing->scratch.stays)
		complain("what went wrong is kept in %s", weighing->scratch.path);
	weighing_fini(weighing);
	free(weighing);
	return code;
}
