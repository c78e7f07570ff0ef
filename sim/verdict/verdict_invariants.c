/* SPDX-License-Identifier: ISC
 *
 * The invariants of DESIGN section 8 that one run can show, in words.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "sim/job/part.h"
#include "sim/util/calendar.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/verdict/verdict.h"

typedef unsigned long long ull;

static enum line_result
held(bool condition)
{
	return condition ? LINE_OK : LINE_FAILED;
}

/* What the store itself proves: every task over, every one done with its effects. */
static void
check_records(struct verdict *verdict, const struct run *run)
{
	static const char name[] = "I1 every record is in the sink or in dead letters, once";
	const struct store_counts *counts = &verdict->facts.counts;
	const struct ledger_finding *ledger = &verdict->ledger;
	char dropped[64] = "";

	if (verdict->facts.run.state != RUN_DONE || run->scenario.job.kind == JOB_GRAPH)
		return; /* a job that is not done promises nothing about its sink */
	if (!verdict->ledger_read) {
		verdict_add(
		    verdict, held(facts_books_balance(&verdict->facts, run->scenario.job.kind)),
		    name,
		    "by the store's own books: %llu in = %llu in effects of %llu tasks + %llu "
		    "dead letters; the input was not read again",
		    (ull)verdict->facts.run.plan.records, (ull)counts->effect_records,
		    (ull)counts->tasks[TASK_DONE], (ull)counts->dead_records);
		return;
	}
	if (ledger->account[0] != '\0') {
		verdict_add(verdict,
		            held(ledger->lost == 0 && ledger->doubled == 0 &&
		                 ledger->records == verdict->facts.run.plan.records),
		            name, "%s; %llu lost, %llu doubled%s%s", ledger->account,
		            (ull)ledger->lost, (ull)ledger->doubled,
		            ledger->example[0] != '\0' ? ": " : "", ledger->example);
		return;
	}
	if (ledger->dropped > 0)
		snprintf(dropped, sizeof(dropped), " + %llu dropped as late", (ull)ledger->dropped);
	verdict_add(verdict,
	            held(ledger->lost == 0 && ledger->doubled == 0 && ledger->unreadable == 0 &&
	                 ledger->records == verdict->facts.run.plan.records),
	            name,
	            "%llu in = %llu in the sink + %llu dead letters%s; %llu lost, %llu doubled%s%s",
	            (ull)ledger->records, (ull)ledger->counted, (ull)counts->dead_records, dropped,
	            (ull)ledger->lost, (ull)ledger->doubled, ledger->example[0] != '\0' ? ": " : "",
	            ledger->example);
}

/* Beyond the maximum the job has failed, and may not say that it is done. */
static void
check_dead_letters(struct verdict *verdict, const struct run *run)
{
	uint64_t dead = verdict->facts.counts.dead_records;
	uint64_t max = run->scenario.core.dead_letters_max;

	if (verdict->facts.run.state != RUN_DONE || dead == 0)
		return;
	verdict_add(verdict, held(dead <= max), "I1 dead letters stay within their maximum",
	            "%llu, at most %s%.0llu", (ull)dead, max == UINT64_MAX ? "any" : "",
	            max == UINT64_MAX ? 0ULL : (ull)max);
}

static void
check_effects(struct verdict *verdict, const struct run *run)
{
	if (run->scenario.job.kind != JOB_AGGREGATE &&
	    !job_kind_find(run->scenario.job.kind)->parts)
		return;
	verdict_add(verdict, held(verdict->facts.counts.effects_missing == 0),
	            "I2 one effect for each task that is done, none for others", "%llu differ",
	            (ull)verdict->facts.counts.effects_missing);
}

static void
check_tokens(struct verdict *verdict)
{
	const struct facts *facts = &verdict->facts;

	verdict_add(verdict, held(facts->epochs_back == 0 && facts->stale_taken == 0),
	            "I3 no commit with a stale token",
	            "%llu stale commits were refused, %llu taken; %llu epochs out of order",
	            (ull)facts->fenced, (ull)facts->stale_taken, (ull)facts->epochs_back);
	verdict_add(verdict, held(facts->early == 0), "I4 no task before what it depends on",
	            "%llu leased too early", (ull)facts->early);
}

static void
check_attempts(struct verdict *verdict, const struct run *run)
{
	const struct facts *facts = &verdict->facts;

	verdict_add(verdict,
	            held(facts->counts.charged_max <= run->scenario.core.attempts &&
	                 facts->charged_wrongly == 0),
	            "I5 charged attempts stay within the budget, others are not charged",
	            "at most %u of %u charged; %llu charged wrongly", facts->counts.charged_max,
	            run->scenario.core.attempts, (ull)facts->charged_wrongly);
}

static void
check_sink(struct verdict *verdict, const struct run *run)
{
	const struct ledger_finding *ledger = &verdict->ledger;
	/* What a command prints cannot be known but from the command. */
	bool printed = scenario_has_commands(&run->scenario.job);
	const char *name = printed ? "I7 the sink equals what its commands printed, byte for byte"
	                           : "I7 the sink equals a sequential run's, byte for byte";

	if (verdict->facts.run.state != RUN_DONE || !verdict->ledger_read ||
	    run->scenario.job.kind == JOB_GRAPH)
		return;
	verdict_add(verdict, held(ledger->wrong_lines == 0), name, "%llu %s differ%s%s",
	            (ull)ledger->wrong_lines,
	            run->scenario.job.kind == JOB_COMMAND ? "outputs" : "lines",
	            ledger->example[0] != '\0' ? ": " : "", ledger->example);
}

/* Parts that were lost cost their maps again, but nothing of the result. */
static void
check_parts(struct verdict *verdict, const struct run *run)
{
	if (verdict->facts.remade > 0)
		verdict_add(verdict, LINE_OK,
		            "maps whose parts are lost are done again, and no others",
		            "%llu made again", (ull)verdict->facts.remade);
}

/* What commands do by themselves is out of our hands, and the verdict says so. */
static void
check_commands(struct verdict *verdict, const struct run *run)
{
	const struct store_counts *counts = &verdict->facts.counts;
	uint64_t again = counts->attempts[CAUSE_DATA] + counts->attempts[CAUSE_CRASH] +
	                 counts->attempts[CAUSE_HANG] + counts->attempts[CAUSE_INFRA];

	if (!scenario_has_commands(&run->scenario.job))
		return;
	verdict_add(verdict, LINE_OK, "what commands do elsewhere is done at least once",
	            "not promised: that it is done once; %llu attempts came to nothing",
	            (ull)again);
}

/* Judged by what the coordinator was told before the power was lost, and what the store had after.
 */
static void
check_acknowledged(struct verdict *verdict, const struct run *run)
{
	static const char name[] = "acknowledged work survives a loss of power";
	const struct facts *facts = &verdict->facts;

	if (facts->power_losses == 0 || !run->scenario.job.durable)
		return;
	if (run->scenario.durability == DURABILITY_POWER)
		verdict_add(verdict, held(facts->taken_back == 0), name,
		            "%llu tasks were acknowledged when it was lost; %llu of them are gone",
		            (ull)facts->acknowledged, (ull)facts->taken_back);
	else
		verdict_add(verdict, LINE_OK, name,
		            "not promised: %llu of %llu acknowledged tasks were lost with the "
		            "power and %s; durability: process does not promise them",
		            (ull)facts->taken_back, (ull)facts->acknowledged,
		            facts->run.state == RUN_DONE ? "done again" : "are to be done again");
}

/* Names in out/ that are no result.  Of a job that is not done, parts are still needed. */
static int
count_leftovers(const struct run *run, bool done, char *example, size_t size)
{
	char path[PATH_MAX];
	DIR *folder = opendir(rundir_file(&run->dir, RUN_OUT, path));
	struct dirent *entry;
	int count = 0;

	if (folder == NULL)
		return -errno;
	while ((entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    strcmp(entry->d_name, "result.csv") == 0 ||
		    (!done && job_kind_find(run->scenario.job.kind)->parts &&
		     part_is(entry->d_name)))
			continue;
		strlcpy(example, entry->d_name, size);
		count++;
	}
	closedir(folder);
	return count;
}

/* Is the run's socket still bound by anybody?  /proc/net/unix lists abstract names behind an @. */
static bool
socket_left(const struct run *run)
{
	char line[512];
	FILE *sockets = fopen("/proc/net/unix", "re");
	bool found = false;

	while (sockets != NULL && fgets(line, sizeof(line), sockets) != NULL)
		found |= run->socket_name[0] != '\0' && strstr(line, run->socket_name) != NULL;
	if (sockets != NULL)
		fclose(sockets);
	return found;
}

static void
check_leftovers(struct verdict *verdict, const struct run *run)
{
	char example[256] = "";
	bool done = verdict->facts.run.state == RUN_DONE;
	int files = count_leftovers(run, done, example, sizeof(example));
	bool children = waitpid(-1, NULL, WNOHANG) == 0;
	bool bound = socket_left(run);

	verdict_add(verdict, files < 0 ? LINE_OPEN : held(files == 0 && !children && !bound),
	            "I8 no process, socket or temporary file is left", "%s%s%s%s",
	            children ? "a process is left; " : "", bound ? "the socket is left; " : "",
	            files > 0 ? "left in out/: " : (files < 0 ? "out/ cannot be read" : ""),
	            files > 0 ? example : "");
}

static void
check_end(struct verdict *verdict, const struct run *run, enum director_end end)
{
	double wall_s = (double)run->scenario.wall_ns / (double)NS_PER_S;

	if (end == DIRECTOR_WALL)
		verdict_add(verdict, LINE_OPEN, "I9 the job ends within its bound",
		            "it was stopped after %.1f s (limits.wall)", wall_s);
	else
		verdict_add(verdict, LINE_OK, "I9 the job ends within its bound",
		            "limits.wall: %.1f s", wall_s);
}

static void
check_log(struct verdict *verdict)
{
	const struct facts *facts = &verdict->facts;

	/* Of a run that was stopped, the log's last lines wait for the next supervisor. */
	if (facts->run.state != RUN_DONE && facts->run.state != RUN_FAILED)
		return;
	verdict_add(verdict, held(facts->state_differs == 0),
	            "I10 replaying the event log gives the final state",
	            facts->state_differs == 0 ? "%llu events%.0llu"
	                                      : "%llu events; %llu tasks differ",
	            (ull)facts->log_records, (ull)facts->state_differs);
}

static void
check_placement(struct verdict *verdict)
{
	const struct facts *facts = &verdict->facts;
	const struct placing *placing = &facts->placing;

	if (placing->changes == 0)
		return;
	verdict_add(
	    verdict, held(placing->beyond == 0 && facts->leased_twice == 0),
	    "I11 a rebalance moves no leased task and no more than its share",
	    "%llu changes, %llu beyond their share; most moved at once: %llu of %llu queued "
	    "tasks, %llu may; %llu leased elsewhere while they were held",
	    (ull)placing->changes, (ull)placing->beyond, (ull)placing->moved, (ull)placing->queued,
	    (ull)placing->allowed, (ull)facts->leased_twice);
}

/* Whatever the clock does meanwhile, a run belongs to the day on which it was submitted. */
static void
check_date(struct verdict *verdict, const struct run *run)
{
	const struct facts *facts = &verdict->facts;
	char submitted[CALENDAR_DATE_SIZE], read[CALENDAR_DATE_SIZE];
	bool stepped = false;

	if (run->scenario.job.logical_date[0] != '\0')
		return;
	for (size_t i = 0; i < run->scenario.faults; i++)
		stepped |= run->scenario.fault[i].what == FAULT_CLOCK;
	if (!stepped)
		return;
	calendar_date(facts->submitted_s * NS_PER_S, submitted);
	calendar_date(facts->read_s * NS_PER_S, read);
	verdict_add(verdict, held(strcmp(facts->run.logical_date, submitted) == 0),
	            "the run's logical date is that of its submission",
	            "%s; submitted on %s; when the clock was last read it was %s",
	            facts->run.logical_date, submitted, read);
}

void
verdict_invariants(struct verdict *verdict, struct run *run, enum director_end end)
{
	check_records(verdict, run);
	check_dead_letters(verdict, run);
	check_effects(verdict, run);
	verdict_etl(verdict, run);
	verdict_graph(verdict, run);
	check_tokens(verdict);
	check_attempts(verdict, run);
	check_sink(verdict, run);
	check_commands(verdict, run);
	check_parts(verdict, run);
	check_acknowledged(verdict, run);
	check_leftovers(verdict, run);
	check_end(verdict, run, end);
	check_log(verdict);
	check_placement(verdict);
	check_date(verdict, run);
}
