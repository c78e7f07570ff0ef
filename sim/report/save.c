/* SPDX-License-Identifier: ISC
 *
 * A report's way into its file.
 */
#include "sim/util/save.h"
#include "sim/report/report.h"

struct writing {
	const struct report *report;
	int (*write)(const struct report *report, FILE *out);
};

static int
write_report(const void *document, FILE *out)
{
	const struct writing *writing = document;

	return writing->write(writing->report, out);
}

int
report_save(const char *path, const struct report *report,
            int (*write)(const struct report *report, FILE *out))
{
	const struct writing writing = {report, write};

	return save_file(path, write_report, &writing);
}
