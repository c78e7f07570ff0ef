/* SPDX-License-Identifier: ISC
 *
 * The numbers of a run in Prometheus' text format, for the textfile collector of node_exporter.
 */
#include "sim/report/report.h"
#include "sim/util/clock.h"

struct sink {
	FILE *out;
	char labels[SCENARIO_NAME_MAX + 16];
};

/* The scenario's name is made of letters, digits and hyphens: it needs no escape. */
static void
make_labels(struct sink *sink, const struct report *report)
{
	snprintf(sink->labels, sizeof(sink->labels), "scenario=\"%s\"", report->run->scenario.name);
}

static void
put_head(struct sink *sink, const char *name, const char *type, const char *help)
{
	fprintf(sink->out, "# HELP graveshift_%s %s\n# TYPE graveshift_%s %s\n", name, help, name,
	        type);
}

static void
put(struct sink *sink, const char *name, const char *type, const char *help, double value)
{
	put_head(sink, name, type, help);
	fprintf(sink->out, "graveshift_%s{%s} %.17g\n", name, sink->labels, value);
}

static void
put_books(struct sink *sink, const struct moment *moment)
{
	struct books books = moment_books(moment);
	const struct {
		const char *account;
		uint64_t records;
	} rows[] = {{"committed", books.committed},
	            {"leased", books.leased},
	            {"waiting", books.waiting},
	            {"dead", books.dead}};

	put_head(sink, "records", "gauge", "Records of the input, by where they are.");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fprintf(sink->out, "graveshift_records{%s,account=\"%s\"} %llu\n", sink->labels,
		        rows[i].account, (unsigned long long)rows[i].records);
	put(sink, "books_balanced", "gauge", "1 if every record is in exactly one account.",
	    books.balanced);
}

static void
put_tasks(struct sink *sink, const struct moment *moment)
{
	put_head(sink, "tasks", "gauge", "Tasks by state.");
	for (unsigned i = 0; i < TASK_STATES; i++)
		fprintf(sink->out, "graveshift_tasks{%s,state=\"%s\"} %llu\n", sink->labels,
		        task_state_name(i), (unsigned long long)moment->counts.tasks[i]);
}

static void
put_attempts(struct sink *sink, const struct moment *moment)
{
	put_head(sink, "attempts_lost_total", "counter",
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
	    {"leases_total", "Leases granted.", counts->leases},
	    {"retries_total", "Attempts that were made again.", counts->retries},
	    {"takeovers_total", "Leases taken from a lost or failing holder.", counts->takeovers},
	    {"fenced_total", "Stale commits that the store refused.", counts->fenced},
	    {"worker_deaths_total", "Workers that died.", counts->deaths},
	    {"worker_hangs_total", "Workers given up because they made no progress.",
	     counts->hangs},
	    {"quarantined_total", "Slots that crashed too often.", counts->quarantined},
	    {"generations_total", "Supervisors.", counts->generations},
	    {"power_losses_total", "Times the power went.", counts->power_losses},
	    {"faults_landed_total", "Faults with evidence that they happened.", counts->faults},
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
	if (report->verdict != NULL) {
		put(&sink, "verdict_exit_code", "gauge",
		    "0 all promises kept, 1 one broken, 3 inconclusive.",
		    report->verdict->exit_code);
		put(&sink, "job_seconds", "gauge", "Time in the job while a director lived.",
		    (double)report->verdict->facts.job_ns / (double)NS_PER_S);
	}
	put_books(&sink, moment);
	put_tasks(&sink, moment);
	put_attempts(&sink, moment);
	put_counts(&sink, &moment->counts);
	put(&sink, "recovery_longest_seconds", "gauge",
	    "Longest time from a holder's loss to the next lease of its task.",
	    (double)moment->counts.recovery_longest_ns / (double)NS_PER_S);
	return 0;
}
