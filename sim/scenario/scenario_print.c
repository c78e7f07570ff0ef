/* SPDX-License-Identifier: ISC
 *
 * Writes a scenario as a file, key by key in the table's order, and hashes what decides the job's
 * result.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/scenario/load.h"

static bool
is_given(const struct key *key, const struct scenario *scenario)
{
	const char *field = (const char *)scenario + key->offset;
	if (key->type == KEY_DATE)
		return field[0] != '\0';
	if (key->type == KEY_TEXTS)
		return *(char *const *)field != NULL;
	return key_load(key, scenario) != 0;
}

/* Whether the key says something about this scenario. */
static bool
is_shown(const struct key *key, const struct scenario *scenario)
{
	unsigned of = key->flags & KEY_KINDS;
	bool list = key->type == KEY_LIST && of == 0; /* printed where all keys are */
	if (strchr(key->path, '[') != NULL || list ||
	    (of != 0 && (of & key_kind_flag(scenario->job.kind)) == 0))
		return false;
	if (scenario->job.kind == JOB_TORTURE && torture_has_no(key->path))
		return false;
	if (strncmp(key->path, "job.split", 9) == 0)
		return scenario->job.ranges > 0;
	if (strncmp(key->path, "recovery.watermark", 18) == 0)
		return scenario->job.event_time != NULL;
	if (strcmp(key->path, "recovery.speculate") == 0)
		return scenario->core.copy_percent > 0;
	if (strcmp(key->path, "job.generate.sources") == 0)
		return scenario->job.generate_events > 0;
	if (strcmp(key->path, "job.generate") == 0)
		return scenario_generated(&scenario->job) > 0;
	if (strcmp(key->path, "job.exits") == 0)
		return scenario->job.fatals + scenario->job.infras > 0;
	return (key->flags & KEY_SPARE) == 0 || is_given(key, scenario);
}

static void
print_key(const struct key *key, const struct scenario *scenario, FILE *out)
{
	for (const char *dot = strchr(key->path, '.'); dot != NULL; dot = strchr(dot + 1, '.'))
		fputs("  ", out);
	bool below = key->type == KEY_MAP || key->type == KEY_LIST;
	fprintf(out, "%s:%s", key_name(key), below ? "" : " ");
	value_print(key, scenario, out);
	fputc('\n', out);
	if (key->type == KEY_LIST)
		steps_print(&scenario->job, out);
}

static void
print_expectation(const struct expectation *expectation, FILE *out)
{
	const char *value = strstr(expectation->text, ": ") + 2;
	fprintf(out, "  - %.*s", (int)(value - expectation->text), expectation->text);
	value_print_text(value, out);
	fputc('\n', out);
}

int
scenario_print(const struct scenario *scenario, FILE *out)
{
	for (size_t i = 0; i < keys_count; i++)
		if (is_shown(&keys[i], scenario))
			print_key(&keys[i], scenario, out);
	size_t scripted = scenario_scripted(scenario);
	fprintf(out, "faults:%s\n", scripted == 0 ? " []" : "");
	for (size_t i = 0; i < scripted; i++)
		fault_print(scenario, i, out);
	fputs("expect:\n", out);
	for (size_t i = 0; i < scenario->expectations; i++)
		print_expectation(&scenario->expect[i], out);
	return fflush(out) != 0 || ferror(out) ? -EIO : 0;
}

static bool
decides_result(const struct key *key, const struct scenario *scenario)
{
	/* What one strategy has kept is nothing that another could go on from. */
	if (strcmp(key->path, "recovery.strategy") == 0)
		return scenario->job.kind == JOB_ETL;
	if (strncmp(key->path, "recovery.watermark.", 19) == 0)
		return true;
	return strncmp(key->path, "job.", 4) == 0 && strcmp(key->path, "job.input") != 0 &&
	       strcmp(key->path, "job.dsn") != 0;
}

uint64_t
scenario_hash(const struct scenario *scenario)
{
	char *text = NULL;
	size_t length = 0;
	uint64_t hash = 0;
	FILE *out = open_memstream(&text, &length);
	if (out == NULL)
		return 0;
	for (size_t i = 0; i < keys_count; i++)
		if (decides_result(&keys[i], scenario) && is_shown(&keys[i], scenario))
			print_key(&keys[i], scenario, out);
	if (fclose(out) == 0)
		hash = XXH64(text, length, 0);
	free(text);
	return hash;
}
