/* SPDX-License-Identifier: ISC
 *
 * draw_worlds FOLDER COUNT [FIRST SEED]: writes scenarios that the real and the virtual world must
 * play alike.  They are the fuzzer's, as its seeds draw them, with all left out that time or chance
 * decides: one worker, faults at the nth hit of a point, at a record or on the nth frame of a kind,
 * no chance.
 */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/channel/message.h"
#include "sim/fuzz/draw.h"
#include "sim/util/clock.h"

#define RECORDS_MAX 600
#define LOST_MAX 1 /* each one lost is a wait for the lease's end */

/* Frames that are sent once for each thing that happens, however long it takes. */
static bool
is_counted(const struct fault *fault)
{
	switch (fault->frame - 1) {
	case MESSAGE_DONE:
	case MESSAGE_FAILED:
	case MESSAGE_ASSIGN:
	case MESSAGE_RETURNED:
	case MESSAGE_SURVIVED:
		return true;
	default:
		return false;
	}
}

static bool
is_decided(const struct fault *fault)
{
	if (fault->when == WHEN_POINT ? fault->who != WHO_SELF || fault->chance_ppm < 1000000
	                              : fault->when != WHEN_RECORD)
		return false;
	switch (fault->what) {
	case FAULT_KILL:
		return fault->signal == SIGKILL;
	case FAULT_CRASH:
	case FAULT_BAD_CHUNK:
	case FAULT_POISON:
	case FAULT_FLAKY:
		return true;
	case FAULT_DROP:
	case FAULT_DUPLICATE:
		return is_counted(fault);
	default:
		return false;
	}
}

static bool
has(const struct scenario *scenario, enum fault_when when, enum fault_what what)
{
	for (size_t i = 0; i < scenario->faults; i++)
		if (scenario->fault[i].when == when && scenario->fault[i].what == what)
			return true;
	return false;
}

/* Two who are at work at once come to their points in any order: a probe and the worker, which
 * meanwhile does whatever is there to do, and the supervisor that fences a failed attempt while its
 * worker is at the next. */
static bool
is_raced(const struct scenario *scenario, const struct fault *fault)
{
	bool probes = has(scenario, WHEN_RECORD, FAULT_POISON);
	bool fails = scenario->job.generate_bad > 0 ||
	             has(scenario, WHEN_RECORD, FAULT_BAD_CHUNK) ||
	             has(scenario, WHEN_RECORD, FAULT_FLAKY);

	return fault->when == WHEN_POINT &&
	       (probes || (fails && strcmp(point_process(fault->point), "supervisor") == 0));
}

static void
keep(struct scenario *scenario, bool (*wanted)(struct scenario *scenario, struct fault *fault))
{
	size_t kept = 0;

	for (size_t i = 0; i < scenario->faults; i++)
		if (wanted(scenario, &scenario->fault[i]))
			scenario->fault[kept++] = scenario->fault[i];
	scenario->faults = kept;
}

static bool
decided(struct scenario *scenario, struct fault *fault)
{
	if (fault->what == FAULT_DROP && fault->times > LOST_MAX)
		fault->times = LOST_MAX;
	/* A second death at a record would be a suspicion. */
	if (fault->when == WHEN_POINT && fault->point == POINT_WORKER_RECORD)
		fault->times = 1;
	return is_decided(fault);
}

static bool
not_raced(struct scenario *scenario, struct fault *fault)
{
	return !is_raced(scenario, fault);
}

/* Slow enough for a busy machine, on which nobody must look dead; quick enough for a test. */
static void
calm(struct scenario *scenario)
{
	struct core_config *core = &scenario->core;
	struct model *model = &scenario->model;

	core->workers = core->slots = scenario->slots = core->credit = 1;
	scenario->durability = DURABILITY_PROCESS; /* nobody waits for the disk */
	scenario->beat_ns = 10 * NS_PER_MS;
	core->suspect_ns = 500 * NS_PER_MS;
	core->dead_ns = 5 * NS_PER_S;
	core->lease_ttl_ns = NS_PER_S; /* of silence: a worker that gets no processor is silent */
	core->kill_confirm_ns = 10 * NS_PER_S;
	/* A lost task is ready again before the worker that is to do it. */
	core->backoff_base_ns = 1000;
	core->backoff_cap_ns = 2000;
	core->restart_base_ns = 2 * NS_PER_MS;
	core->restart_cap_ns = 4 * NS_PER_MS;
	scenario->wall_ns = 60 * NS_PER_S;
	*model = (struct model){.record_ns = 10000,
	                        .commit_ns = 50000,
	                        .message_ns = {10000, 100000},
	                        .spawn_ns = NS_PER_MS,
	                        .supervisor_ns = 5 * NS_PER_MS,
	                        .resume_ns = 10 * NS_PER_MS};
}

static void
write_scenario(const struct scenario *scenario, const char *folder)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.yaml", folder, scenario->name);
	file = fopen(path, "we");
	if (file == NULL || scenario_print(scenario, file) != 0 || fclose(file) != 0)
		err(1, "%s", path);
}

int
main(int argc, char **argv)
{
	struct drawn *drawn = malloc(sizeof(*drawn));
	unsigned written = 0, wanted;
	uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;

	if (argc < 3 || drawn == NULL)
		errx(2, "usage: draw_worlds FOLDER COUNT [FIRST SEED]");
	wanted = (unsigned)strtoul(argv[2], NULL, 10);
	for (; written < wanted; seed++) {
		struct scenario *scenario = &drawn->scenario;
		drawn_init(drawn, seed, NULL);
		if (!drawn->survivable || scenario->job.generate_sales > RECORDS_MAX)
			continue;
		keep(scenario, decided);
		keep(scenario, not_raced);
		if (scenario->faults == 0)
			continue;
		calm(scenario);
		write_scenario(scenario, argv[1]);
		written++;
	}
	free(drawn);
	return 0;
}
