/* SPDX-License-Identifier: ISC
 *
 * Keeping failing seeds.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/fuzz/keep.h"
#include "sim/rundir/rundir.h"

int
keep_seed(uint64_t seed, const struct scenario *base, char path[PATH_MAX])
{
	struct drawn *drawn = malloc(sizeof(*drawn));
	char folder[PATH_MAX];
	FILE *file;
	int error = drawn == NULL ? -ENOMEM : rundir_state_folder("fuzz", folder);

	path[0] = '\0';
	if (error != 0) {
		free(drawn);
		return error;
	}
	drawn_init(drawn, seed, base);
	snprintf(path, PATH_MAX, "%.*s/seed-%" PRIu64 ".yaml", PATH_MAX - 64, folder, seed);
	file = fopen(path, "we");
	if (file == NULL) {
		free(drawn);
		return -errno;
	}
	error = scenario_print(&drawn->scenario, file);
	if (fclose(file) != 0 && error == 0)
		error = -errno;
	free(drawn);
	return error;
}
