/* SPDX-License-Identifier: ISC
 *
 * graveshift check and plan: what a scenario says, and what would happen, without starting
 * anything.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/scenario/scenario.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

int
command_check(int argc, char **argv)
{
	struct options options;
	int code = EXIT_MET;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	for (size_t i = 0; i < options.words; i++) {
		struct scenario scenario;
		if (scenario_load(&scenario, options.word[i], options.set, options.sets, stderr) !=
		    0) {
			code = EXIT_USAGE;
			continue;
		}
		printf("%s: ok, %zu faults, %zu expectations\n", options.word[i], scenario.faults,
		       scenario.expectations);
		scenario_fini(&scenario);
	}
	return code;
}

static void
print_etl(const struct scenario *scenario)
{
	const struct scenario_job *job = &scenario->job;

	if (scenario_generated(job) > 0)
		printf("job: %" PRIu64 " generated %s records", scenario_generated(job),
		       job->generate_sales > 0 ? "sales" : "event");
	else
		printf("job: the records of %s", job->input);
	printf(" into a sink, a row for each %s, in chunks of %" PRIu64 " records%s\n",
	       job->rows == JOB_ROWS_CHUNK ? "batch" : "record", job->chunk,
	       job->effects ? "; each row has an effect that cannot be taken back" : "");
	printf("strategy: %s%s keeps %s; batches of up to %" PRIu64 " records and %.3f s\n",
	       strategy_name(scenario->strategy),
	       (strategy_flags(scenario->strategy) & STRATEGY_NAIVE) != 0 ? " (naive)" : "",
	       strategy_meaning(scenario->strategy), scenario->batch_records,
	       (double)scenario->batch_ns / (double)NS_PER_S);
}

static void
print_names(const char *lead, char *const *id, size_t ids)
{
	for (size_t i = 0; i < ids; i++)
		printf("%s%s", i == 0 ? lead : ", ", id[i]);
}

static void
print_graph(const struct scenario_job *job)
{
	printf("job: %" PRIu64 " orders, %zu steps each\n", job->orders, job->steps);
	for (size_t i = 0; i < job->steps; i++) {
		const struct job_step *step = &job->step[i];

		printf("step: %s", step->id);
		print_names(", after ", step->after, step->afters);
		print_names(", once these have ended: ", step->weakly_after, step->weakly_afters);
		print_names(", only to make up for ", step->compensates, step->compensated);
		putchar('\n');
	}
}

static void
print_command(const struct scenario_job *job)
{
	printf("job: the command");
	for (size_t i = 0; i < job->commands; i++)
		printf(" %s", job->command[i]);
	if (job->tasks > 0)
		printf(" for each of %" PRIu64 " tasks", job->tasks);
	else
		printf(" for each %" PRIu64 " lines of %s", job->chunk,
		       job->input != NULL ? job->input : "generated input");
	printf(", for up to %.3f s\n", (double)job->limit_ns / (double)NS_PER_S);
}

static void
print_stream(const struct scenario_job *job)
{
	if (scenario_generated(job) > 0)
		printf("job: %" PRIu64 " generated events", scenario_generated(job));
	else
		printf("job: the events of %s", job->input);
	printf(", pattern %s, over %" PRIu32 " logs", job_pattern_name(job->pattern),
	       job->partitions);
	if (job->rate > 0)
		printf(", %" PRIu64 " events a second into each\n", job->rate);
	else
		printf(", appended as fast as it goes\n");
}

static void
print_mapreduce(const struct scenario_job *job)
{
	static const char *const functions[] = {[FUNCTION_PAGES] = "hits per page",
	                                        [FUNCTION_WORDS] = "how often each word comes",
	                                        [FUNCTION_SALES] = "sums per key",
	                                        [FUNCTION_COMMAND] = "commands"};

	printf("job: map and reduce: %s, over %s, in chunks of %" PRIu64 " lines and %" PRIu32
	       " partitions\n",
	       functions[job->function], job->input != NULL ? job->input : "generated input",
	       job->chunk, job->partitions);
}

static void
print_torture(const struct scenario_job *job)
{
	printf("job: torture of");
	for (size_t i = 0; i < job->commands; i++)
		printf(" %s", job->command[i]);
	printf(", in %s; %s is played%s%s%s\n", job->folder != NULL ? job->folder : "its folder",
	       job->all ? "every state" : "some states of each class",
	       job->again ? ", recoveries are killed, too" : "",
	       job->one_process ? ", single processes are killed" : "",
	       job->real_kill ? ", and so is the running command" : "");
	printf("right is what %s says\n", job->check != NULL ? job->check
	                                  : job->sames > 0
	                                      ? "a comparison of the files named in job.same"
	                                      : "a comparison of all files");
}

static void
print_job(const struct scenario *scenario)
{
	const struct scenario_job *job = &scenario->job;

	if (job->kind == JOB_NOOP) {
		printf("job: %" PRIu64 " tasks that do nothing, %s\n", job->tasks,
		       job->durable ? "each one's done durable" : "done stored at the end");
		return;
	}
	if (job->kind == JOB_GRAPH) {
		print_graph(job);
		return;
	}
	if (job->kind == JOB_ETL) {
		print_etl(scenario);
		return;
	}
	if (job->kind == JOB_MAPREDUCE) {
		print_mapreduce(job);
		return;
	}
	if (job->kind == JOB_COMMAND) {
		print_command(job);
		return;
	}
	if (job->kind == JOB_TORTURE) {
		print_torture(job);
		return;
	}
	if (job->kind == JOB_STREAM) {
		print_stream(job);
		return;
	}
	if (job->generate_sales > 0)
		printf("job: sums per %s over %" PRIu64 " generated sales records", job->key,
		       job->generate_sales);
	else
		printf("job: sums per %s over %s", job->key, job->input);
	if (job->ranges > 0)
		printf(", split by key into %zu ranges and the rest\n", job->ranges);
	else
		printf(", in chunks of %" PRIu64 " records\n", job->chunk);
}

static void
print_recovery(const struct scenario *scenario)
{
	const struct core_config *core = &scenario->core;

	printf("workers: %u, each with up to %u leases; restarted up to %u times in %.1f s\n",
	       core->workers, core->credit, core->restart_max,
	       (double)core->restart_within_ns / (double)NS_PER_S);
	printf("recovery: %u attempts; lease %.3f s; beat every %.3f s, suspected after %.3f s, "
	       "given up after %.3f s; "
	       "takeover by %s\n",
	       core->attempts, (double)core->lease_ttl_ns / (double)NS_PER_S,
	       (double)scenario->beat_ns / (double)NS_PER_S,
	       (double)core->suspect_ns / (double)NS_PER_S,
	       (double)core->dead_ns / (double)NS_PER_S,
	       core->takeover == TAKEOVER_KILL ? "kill" : "fence alone");
}

int
command_plan(int argc, char **argv)
{
	struct options options;
	struct scenario scenario;
	char text[256];

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	if (scenario_load(&scenario, options.word[0], options.set, options.sets, stderr) != 0)
		return EXIT_USAGE;
	printf("%s (seed %" PRIu64 ")\n%s\n", scenario.name, scenario.seed, scenario.about);
	print_job(&scenario);
	if (scenario.job.kind != JOB_TORTURE)
		print_recovery(&scenario);
	for (size_t i = 0; i < scenario.faults; i++) {
		fault_describe(&scenario, i, text, sizeof(text));
		printf("fault %s\n", text);
	}
	for (size_t i = 0; i < scenario.expectations; i++)
		printf("expect %s\n", scenario.expect[i].text);
	printf("nothing was started\n");
	scenario_fini(&scenario);
	return EXIT_MET;
}
