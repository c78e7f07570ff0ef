/* SPDX-License-Identifier: ISC
 *
 * The numbers of a run in Prometheus' text format, for the textfile collector of node_exporter.
 */
#include <string.h>

#include "sim/report/report.h"
#include "sim/util/calendar.h"
#include "sim/util/clock.h"

struct sink {
	FILE *out;
	char labels[SCENARIO_NAME_MAX + 16];
};

/* The scenario's name is made of letters, digits and hyphens: it needs no escape.  The label is not
 * `job`: that one is Prometheus' own for what it scrapes. */
static void
make_labels(struct sink *sink, const struct report *report)
{
	snprintf(sink->labels, sizeof(sink->labels), "scenario=\"%s\"", report->run->scenario.name);
}

static void
put_head(struct sink *sink, const char *name, const char *type, const char *help)
{
	fprintf(sink->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
put(struct sink *sink, const char *name, const char *type, const char *help, double value)
{
	put_head(sink, name, type, help);
	fprintf(sink->out, "%s{%s} %.17g\n", name, sink->labels, value);
}

/* One of them is 1: a state cannot be told from a number that is 0 on success and failure alike. */
static void
put_status(struct sink *sink, const struct report *report)
{
	static const char *const states[] = {"running", "interrupted", "failed", "done"};

	put_head(sink, "batch_job_status", "gauge", "1 for the state that the job is in.");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		fprintf(sink->out, "batch_job_status{%s,state=\"%s\"} %d\n", sink->labels,
		        states[i], strcmp(report->state, states[i]) == 0);
	put_head(sink, "batch_job_info", "gauge", "1, with the run and the day that it is for.");
	fprintf(sink->out, "batch_job_info{%s,run=\"%s\",logical_date=\"%s\"} 1\n", sink->labels,
	        report->run->id, report->logical_date);
}

/* What a dead-man's alarm needs: who was killed leaves "running" behind, but not a time that goes
 * on. */
static void
put_times(struct sink *sink, const struct report *report, const struct moment *moment)
{
	bool done = strcmp(report->state, "done") == 0 && moment->phase == RUN_PHASE_ENDED;
	int64_t now_s = calendar_now_ns() / NS_PER_S;
	int64_t success_s = done ? (int64_t)moment->wall_s : report->last_success_s;

	put(sink, "batch_job_last_update_timestamp_seconds", "gauge",
	    "When this was written; a job that is running writes every few seconds.",
	    (double)now_s);
	if (success_s > 0)
		put(sink, "batch_job_last_success_timestamp_seconds", "gauge",
		    "When the job was last done.", (double)success_s);
}

static void
put_records(struct sink *sink, const struct moment *moment)
{
	struct books books = moment_books(moment);
	const struct {
		const char *account;
		uint64_t records;
	} rows[] = {{"committed", books.committed},
	            {"leased", books.leased},
	            {"waiting", books.waiting},
	            {"dead", books.dead},
	            {"skipped", books.skipped}};

	put(sink, "batch_job_records", "gauge", "Records of the input.", (double)books.in);
	put(sink, "batch_records_processed_total", "counter",
	    "Records whose effects are committed.", (double)books.committed);
	put(sink, "batch_records_failed_total", "counter", "Records that were given up.",
	    (double)books.dead);
	put_head(sink, "graveshift_records", "gauge", "Records of the input, by where they are.");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fprintf(sink->out, "graveshift_records{%s,account=\"%s\"} %llu\n", sink->labels,
		        rows[i].account, (unsigned long long)rows[i].records);
	put(sink, "graveshift_books_balanced", "gauge",
	    "1 if every record is in exactly one account.", books.balanced);
}

static void
put_recovery(struct sink *sink, const struct moment_counts *counts)
{
	static const char name[] = "graveshift_recovery_seconds";
	unsigned long long sum = 0;

	put_head(sink, name, "histogram",
	         "Time from a holder's loss to the next lease of its task.");
	for (unsigned i = 0; i < MOMENT_RECOVERY_BOUNDS; i++) {
		sum += counts->recoveries_within[i];
		sum += counts->recoveries_within[MOMENT_RECOVERY_BOUNDS];
		fprintf(sink->out, "%s_bucket{%s,le=\"%.9g\"} %llu\n", name, sink->labels,
		        (double)moment_recovery_bound_ns[i] / (double)NS_PER_S, sum);
	}
	fprintf(sink->out, "%s_bucket{%s,le=\"+Inf\"} %llu\n%s_sum{%s} %.9f\n%s_count{%s} %llu\n",
	        name, sink->labels, sum, name, sink->labels,
	        (double)counts->recovery_sum_ns / (double)NS_PER_S, name, sink->labels,
	        (unsigned long long)counts->recoveries);
}

static void
put_tasks(struct sink *sink, const struct moment *moment)
{
	put_head(sink, "graveshift_tasks", "gauge", "Tasks by state.");
	for (unsigned i = 0; i < TASK_STATES; i++)
		fprintf(sink->out, "graveshift_tasks{%s,state=\"%s\"} %llu\n", sink->labels,
		        task_state_name(i), (unsigned long long)moment->counts.tasks[i]);
}

static void
put_attempts(struct sink *sink, const struct moment *moment)
{
	put_head(sink, "graveshift_attempts_lost_total", "counter",
	         "Attempts that came to nothing, by cause.");
	for (unsigned i = CAUSE_DATA; i < CAUSES; i++)
		fprintf(sink->out, "graveshift_attempts_lost_total{%s,cause=\"%s\"} %llu\n",
		        sink->labels, cause_name(i), (unsigned long long)moment->counts.failed[i]);
}

static void
put_counts(struct sink *sink, const struct moment_counts *counts)
{
	const struct {
		const char *name, *help;
		uint64_t value;
	} rows[] = {
	    {"graveshift_leases_total", "Leases granted.", counts->leases},
	    {"graveshift_retries_total", "Attempts that were made again.", counts->retries},
	    {"graveshift_takeovers_total", "Leases taken from a lost or failing holder.",
	     counts->takeovers},
	    {"graveshift_fenced_total", "Stale commits that the store refused.", counts->fenced},
	    {"graveshift_worker_deaths_total", "Workers that died.", counts->deaths},
	    {"graveshift_worker_hangs_total", "Workers given up because they made no progress.",
	     counts->hangs},
	    {"graveshift_quarantined_total", "Slots that crashed too often.", counts->quarantined},
	    {"graveshift_generations_total", "Supervisors.", counts->generations},
	    {"graveshift_power_losses_total", "Times the power went.", counts->power_losses},
	    {"graveshift_faults_landed_total", "Faults with evidence that they happened.",
	     counts->faults},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put(sink, rows[i].name, "counter", rows[i].help, (double)rows[i].value);
}

int
report_prom(const struct report *report, FILE *out)
{
	const struct moment *moment = history_newest(report->history);
	struct sink sink = {.out = out};

	make_labels(&sink, report);
	put_status(&sink, report);
	put_times(&sink, report, moment);
	if (report->verdict != NULL) {
		put(&sink, "graveshift_verdict_exit_code", "gauge",
		    "0 all promises kept, 1 one broken, 3 inconclusive.",
		    report->verdict->exit_code);
		put(&sink, "graveshift_job_seconds", "gauge",
		    "Time in the job while a director lived.",
		    (double)report->verdict->facts.job_ns / (double)NS_PER_S);
	}
	put_records(&sink, moment);
	put_tasks(&sink, moment);
	put_attempts(&sink, moment);
	put_counts(&sink, &moment->counts);
	put_recovery(&sink, &moment->counts);
	put(&sink, "graveshift_recovery_longest_seconds", "gauge",
	    "Longest time from a holder's loss to the next lease of its task.",
	    (double)moment->counts.recovery_longest_ns / (double)NS_PER_S);
	return 0;
}
