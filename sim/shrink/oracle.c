/* SPDX-License-Identifier: ISC
 *
 * Asking either world.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "sim/shrink/oracle.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"
#include "sim/util/tree.h"
#include "sim/virtual/virtual_verdict.h"

#define REAL_TRIES 3

int
oracle_init(struct oracle *oracle, enum world world)
{
	memset(oracle, 0, sizeof(*oracle));
	oracle->tries = 1;
	if (world == WORLD_VIRTUAL)
		return 0;
	oracle->tries = REAL_TRIES;
	oracle->result = mmap(NULL, sizeof(*oracle->result), PROT_READ | PROT_WRITE,
	                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (oracle->result == MAP_FAILED) {
		oracle->result = NULL;
		return -errno;
	}
	return scratch_init(&oracle->scratch, "shrink");
}

void
oracle_fini(struct oracle *oracle)
{
	if (oracle->result != NULL)
		munmap(oracle->result, sizeof(*oracle->result));
	scratch_fini(&oracle->scratch);
}

/* The invariants have names of their own in that world; beside them there is what the scenario
 * expects. */
static void
name_failure(const struct verdict *verdict, const struct virtual_report *report,
             char signature[SIGNATURE_MAX], char finding[FINDING_MAX])
{
	signature[0] = finding[0] = '\0';
	if (report->invariant[0] != '\0') {
		strlcpy(signature, report->invariant, SIGNATURE_MAX);
		strlcpy(finding, report->finding, FINDING_MAX);
		return;
	}
	for (size_t i = 0; i < verdict->lines; i++) {
		if (verdict->line[i].result != LINE_FAILED)
			continue;
		strlcpy(signature, verdict->line[i].name, SIGNATURE_MAX);
		strlcpy(finding, verdict->line[i].detail, FINDING_MAX);
		return;
	}
}

static int
ask_virtual(const struct scenario *scenario, char signature[SIGNATURE_MAX],
            char finding[FINDING_MAX])
{
	struct asked {
		struct run run; /* of it only the scenario */
		struct verdict verdict;
		struct virtual_report report;
	} *asked = calloc(1, sizeof(*asked));
	struct virtual_options options = {.audit = true};
	struct virtual_plan plan;
	int error;

	if (asked == NULL)
		return -ENOMEM;
	asked->run.scenario = *scenario;
	error = virtual_plan_init(&plan, scenario);
	if (error == 0) {
		error = virtual_run(scenario, &plan, &options, &asked->report);
		if (error == 0) {
			virtual_judge(&asked->verdict, &asked->run, &plan, &asked->report, true);
			name_failure(&asked->verdict, &asked->report, signature, finding);
		}
		virtual_plan_fini(&plan);
	}
	free(asked);
	return error;
}

/* --- the real world */

struct asking {
	struct oracle *oracle;
	const struct scenario *scenario;
};

static int
play(void *context, size_t index, unsigned lane)
{
	const struct asking *asking = context;
	char folder[300];
	struct trial trial = {.base = asking->scenario,
	                      .plain = true,
	                      .folder = folder,
	                      .result = asking->oracle->result};
	int code;

	snprintf(folder, sizeof(folder), "%s/%u", asking->oracle->scratch.path,
	         asking->oracle->runs);
	code = trial_play(&trial);
	tree_remove(folder);
	return code;
}

static bool
played(void *context, size_t index, unsigned lane, int code)
{
	return false;
}

static int
ask_real(struct oracle *oracle, const struct scenario *scenario, char signature[SIGNATURE_MAX],
         char finding[FINDING_MAX])
{
	struct asking asking = {.oracle = oracle, .scenario = scenario};
	struct pool pool = {.count = 1,
	                    .jobs = 1,
	                    .until_ns = INT64_MAX,
	                    .work = play,
	                    .done = played,
	                    .context = &asking};
	int64_t ran;

	oracle->runs++;
	memset(oracle->result, 0, sizeof(*oracle->result));
	ran = pool_run(&pool, &oracle->stopped);
	if (ran < 0)
		return (int)ran;
	if (!oracle->result->judged)
		return -EIO;
	strlcpy(signature, oracle->result->failed, SIGNATURE_MAX);
	strlcpy(finding, oracle->result->finding, FINDING_MAX);
	return 0;
}

static int
ask(struct oracle *oracle, const struct scenario *scenario, char signature[SIGNATURE_MAX],
    char finding[FINDING_MAX])
{
	return scenario->world == WORLD_VIRTUAL ? ask_virtual(scenario, signature, finding)
	                                        : ask_real(oracle, scenario, signature, finding);
}

/* What is played is what the file will say: printed and read again.  -EINVAL when it would be
 * refused. */
static int
reread(const struct scenario *scenario, struct scenario *copy)
{
	char *text = NULL;
	size_t length = 0;
	FILE *nowhere = fopen("/dev/null", "we"), *out = open_memstream(&text, &length);
	int error = nowhere == NULL || out == NULL ? -ENOMEM : 0;

	if (error == 0)
		error = scenario_print(scenario, out);
	if (out != NULL && fclose(out) != 0 && error == 0)
		error = -ENOMEM;
	if (error == 0)
		error = scenario_load_text(copy, "shrunk", text, length, NULL, 0, nowhere);
	if (nowhere != NULL)
		fclose(nowhere);
	free(text);
	return error;
}

static int
ask_as_file(struct oracle *oracle, const struct scenario *scenario, char signature[SIGNATURE_MAX],
            char finding[FINDING_MAX])
{
	struct scenario *copy = calloc(1, sizeof(*copy));
	int error = copy == NULL ? -ENOMEM : reread(scenario, copy);
	bool read = error == 0;

	/* Without a verdict, too, it is tried again. */
	for (unsigned i = 0; (error == 0 || error == -EIO) && i < oracle->tries; i++) {
		error = ask(oracle, copy, signature, finding);
		if (signature[0] != '\0' &&
		    (oracle->signature[0] == '\0' || strcmp(signature, oracle->signature) == 0))
			break;
	}
	if (read)
		scenario_fini(copy);
	free(copy);
	return error;
}

int
oracle_learn(struct oracle *oracle, const struct scenario *scenario)
{
	char signature[SIGNATURE_MAX] = "";
	int error = ask_as_file(oracle, scenario, signature, oracle->finding);

	if (error == -EIO && oracle->result != NULL)
		complain("%s", oracle->result->finding);
	strlcpy(oracle->signature, signature, sizeof(oracle->signature));
	return error;
}

bool
oracle_fails(void *context, const struct scenario *scenario)
{
	struct oracle *oracle = context;
	char signature[SIGNATURE_MAX] = "", finding[FINDING_MAX] = "";

	if (oracle->stopped != 0 || ask_as_file(oracle, scenario, signature, finding) != 0 ||
	    signature[0] == '\0' || strcmp(signature, oracle->signature) != 0)
		return false;
	strlcpy(oracle->finding, finding, sizeof(oracle->finding));
	return true;
}
