/* SPDX-License-Identifier: ISC
 *
 * graveshift report: an ended run's verdict once more, and reports in the formats of browsers, CI
 * servers, monitoring and trace viewers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/cli/dead.h"
#include "sim/cli/look.h"
#include "sim/cli/virtual.h"
#include "sim/report/report.h"
#include "sim/util/fail.h"

struct gathered {
	struct run run;
	struct store_run info;
	struct playing playing; /* a virtual run's */
	struct report report;
	struct verdict *verdict;
	struct history *history;
	char *text, *next, *dead;
	char host[128];
	bool live;
};

/* Which reports there are. */
static const struct {
	const char *option;
	size_t field; /* of struct options */
	int (*write)(const struct report *report, FILE *out);
} formats[] = {
    {"--html", offsetof(struct options, html), report_html},
    {"--trace", offsetof(struct options, trace), report_trace},
    {"--junit", offsetof(struct options, junit), report_junit},
    {"--prom", offsetof(struct options, prom), report_prom},
    {"--svg", offsetof(struct options, svg), report_svg},
    {"--save-faults", offsetof(struct options, save_faults), report_faults},
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static const char *
path_of(const struct options *options, size_t format)
{
	return *(const char *const *)((const char *)options + formats[format].field);
}

static bool
is_virtual(const struct gathered *gathered)
{
	return gathered->run.scenario.world == WORLD_VIRTUAL;
}

static bool
has_ended(const struct gathered *gathered)
{
	return gathered->info.state == RUN_DONE || gathered->info.state == RUN_FAILED;
}

static const char *
state_text(const struct gathered *gathered)
{
	if (gathered->info.state == RUN_DONE)
		return "done";
	if (gathered->info.state == RUN_FAILED)
		return "failed";
	if (is_virtual(gathered))
		return "without end";
	return gathered->live ? "running" : "interrupted";
}

static void
print_next(const struct gathered *gathered, FILE *out)
{
	const char *path = gathered->run.dir.path;

	if (is_virtual(gathered))
		fprintf(out,
		        "Nothing: it was played in the virtual world, which has no result.\n"
		        "another fault at some moment: graveshift fork %s --at 1s 'kill: w0'\n",
		        path);
	else if (gathered->info.state == RUN_FAILED && gathered->verdict != NULL)
		dead_print_next_step(path, &gathered->run.scenario.job,
		                     gathered->verdict->facts.counts.dead_records, out);
	else if (gathered->info.state == RUN_DONE &&
	         job_kind_has_result(gathered->run.scenario.job.kind))
		fprintf(out, "Nothing: the job is done.\nresult: %s/%s\n", path, RUN_RESULT);
	else if (gathered->info.state == RUN_DONE)
		fputs("Nothing: the job is done.\n", out);
	else if (gathered->live)
		fprintf(out, "The run goes on. To look at it: graveshift status %s\n", path);
	else
		fprintf(out, "to go on: graveshift resume %s\n", path);
}

static int
print_dead(const struct gathered *gathered, FILE *out)
{
	struct dead_list *dead = calloc(1, sizeof(*dead));
	struct store *store;
	int error = dead == NULL ? -ENOMEM : store_open_reader(&store, gathered->run.db);

	if (error == 0) {
		error = store_dead_read(store, dead_add, dead);
		store_close(store);
	}
	if (error == 0) {
		dead_print(dead, &gathered->run.scenario.job, out);
		dead_print_errors(dead, &gathered->run.dir, out);
	}
	free(dead);
	return error;
}

/* The texts that reports quote. */
static int
write_texts(struct gathered *gathered)
{
	size_t size;
	FILE *out = open_memstream(&gathered->text, &size);
	int error = 0;

	if (out == NULL)
		return -ENOMEM;
	if (gathered->verdict != NULL && is_virtual(gathered))
		virtual_print(&gathered->playing, gathered->verdict, out);
	else if (gathered->verdict != NULL)
		verdict_print(gathered->verdict, &gathered->run, out);
	if (fclose(out) != 0 || (out = open_memstream(&gathered->next, &size)) == NULL)
		return -ENOMEM;
	print_next(gathered, out);
	if (fclose(out) != 0 || (out = open_memstream(&gathered->dead, &size)) == NULL)
		return -ENOMEM;
	if (!is_virtual(gathered))
		error = print_dead(gathered, out);
	return fclose(out) != 0 ? -ENOMEM : error;
}

static int
judge(struct gathered *gathered)
{
	if (!has_ended(gathered))
		return 0;
	gathered->verdict = calloc(1, sizeof(*gathered->verdict));
	if (gathered->verdict == NULL)
		return -ENOMEM;
	return verdict_give(gathered->verdict, &gathered->run, DIRECTOR_JOB_ENDED);
}

/* One seed has one history: to judge a virtual run it is played again. */
static int
gather_virtual(struct gathered *gathered)
{
	int code = playing_init(&gathered->playing, &gathered->run);

	if (code == 0)
		code = playing_again(&gathered->playing);
	if (code != 0)
		return code;
	gathered->verdict = calloc(1, sizeof(*gathered->verdict));
	if (gathered->verdict == NULL)
		return EXIT_INTERNAL;
	playing_judge(&gathered->playing, gathered->verdict);
	gathered->info.state = gathered->verdict->facts.run.state;
	return 0;
}

static int
gather(struct gathered *gathered, bool judged)
{
	struct run *run = &gathered->run;
	char holder[128];
	int error;

	gathered->live = look_is_live(run, holder, sizeof(holder));
	if (gethostname(gathered->host, sizeof(gathered->host) - 1) != 0)
		strlcpy(gathered->host, "unknown", sizeof(gathered->host));
	error = look_history(run, &gathered->history);
	if (error == 0 && judged && !is_virtual(gathered))
		error = judge(gathered);
	if (error == 0)
		error = write_texts(gathered);
	gathered->report = (struct report){.run = run,
	                                   .history = gathered->history,
	                                   .verdict = gathered->verdict,
	                                   .state = state_text(gathered),
	                                   .text = gathered->text,
	                                   .next = gathered->next,
	                                   .dead = gathered->dead,
	                                   .logical_date = gathered->info.logical_date,
	                                   .host = gathered->host};
	if (error != 0)
		complain("cannot read the run in %s: %s", run->dir.path, strerror(-error));
	return error;
}

static void
release(struct gathered *gathered)
{
	if (gathered->history != NULL)
		history_close(gathered->history);
	if (is_virtual(gathered))
		playing_fini(&gathered->playing);
	free(gathered->verdict);
	free(gathered->text);
	free(gathered->next);
	free(gathered->dead);
	run_fini(&gathered->run);
}

/* --svg goes with --task, which must be a task of the run. */
static bool
read_task(const struct options *options, struct gathered *gathered)
{
	uint32_t tasks = history_newest(gathered->history)->tasks;
	const char *problem = NULL;

	if (options->svg == NULL)
		return true;
	if (tasks == 0)
		problem = "the run has no plan yet";
	else
		gathered->report.task =
		    (uint32_t)strtonum(options->task, 0, (long long)tasks - 1, &problem);
	if (problem != NULL)
		complain("--task %s: %s; the run has tasks 0..%u", options->task, problem,
		         tasks == 0 ? 0 : tasks - 1);
	return problem == NULL;
}

static int
save_all(const struct options *options, const struct gathered *gathered)
{
	for (size_t i = 0; i < FORMATS; i++) {
		const char *path = path_of(options, i);
		int error =
		    path == NULL ? 0 : report_save(path, &gathered->report, formats[i].write);
		if (error != 0) {
			complain("%s: cannot write %s: %s", formats[i].option, path,
			         strerror(-error));
			return EXIT_INTERNAL;
		}
	}
	return EXIT_MET;
}

static int
print_text(const struct gathered *gathered)
{
	if (gathered->verdict == NULL) {
		printf("no verdict yet: the run is %s\n%s", gathered->report.state,
		       gathered->report.next);
		return EXIT_INCONCLUSIVE;
	}
	printf("%s%s", gathered->text, gathered->dead);
	if (gathered->info.state == RUN_FAILED && !is_virtual(gathered))
		fputs(gathered->next, stdout);
	return gathered->verdict->exit_code;
}

static bool
are_sound(const struct options *options, bool *any)
{
	unsigned to_stdout = 0;

	*any = false;
	for (size_t i = 0; i < FORMATS; i++) {
		const char *path = path_of(options, i);
		*any |= path != NULL;
		to_stdout += path != NULL && strcmp(path, "-") == 0;
	}
	if (to_stdout > 1)
		complain("only one report can go to standard output");
	else if ((options->svg != NULL) != (options->task != NULL))
		complain("--svg shows one task: --svg FILE --task N");
	else
		return true;
	return false;
}

int
command_report(int argc, char **argv)
{
	struct gathered gathered = {0};
	struct options options;
	bool any, judged;
	int code;

	if (!options_read(&options, argc, argv) || !are_sound(&options, &any))
		return EXIT_USAGE;
	judged = !any || options.html != NULL || options.junit != NULL || options.prom != NULL;
	code = look_open(&gathered.run, options.word[0], &gathered.info);
	if (code == 0 && is_virtual(&gathered))
		code = gather_virtual(&gathered);
	if (code == 0 && gather(&gathered, judged) != 0)
		code = EXIT_INTERNAL;
	if (code == 0 && !read_task(&options, &gathered))
		code = EXIT_USAGE;
	if (code == 0)
		code = any ? save_all(&options, &gathered) : print_text(&gathered);
	release(&gathered);
	return code;
}
