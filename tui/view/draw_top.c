/* SPDX-License-Identifier: ISC
 *
 * The lines at the top: whose run and when, how far it is, the books; and the stages.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/util/clock.h"
#include "tui/view/axis.h"
#include "tui/view/draw.h"

#define NARROW 60 /* too narrow for what a number means */
#define TEXTS 4
#define TEXT_MAX 256
#define FULL_RUNE 0x2588
#define EMPTY_RUNE 0x2591
#define ETA_FROM_PERCENT 5

typedef unsigned long long ull;

/* What a person would call the run's state. */
static const char *
state_text(const struct moment *moment)
{
	if (moment->phase != RUN_PHASE_ENDED)
		return run_phase_name(moment->phase);
	switch (moment->outcome) {
	case OUTCOME_DONE:
		return "job done";
	case OUTCOME_DEAD_LETTERS:
		return "job failed: too many dead letters";
	case OUTCOME_QUARANTINED:
		return "job failed: no worker is left";
	default:
		return "stopped";
	}
}

static void
mode_text(const struct view *view, char *text, size_t size)
{
	char speed[16];

	if (view->watch) {
		strlcpy(text,
		        !view->playing                    ? "HELD"
		        : view->source == SOURCE_LIVE     ? "LIVE"
		        : view->source == SOURCE_DESERTED ? "NO DIRECTOR"
		                                          : "OVER",
		        size);
		return;
	}
	snprintf(speed, sizeof(speed), view->speed < 0 ? "x1/%d" : "x%d",
	         1 << (view->speed < 0 ? -view->speed : view->speed));
	snprintf(text, size, "%s %s%s", view->depth > 0 ? "BRANCH" : "REPLAY", speed,
	         view->playing ? "" : " PAUSED");
}

/* What the script has to say: "   SCRIPT HELD: k1 due", or nothing. */
static void
script_text(const struct view *view, char *text, size_t size)
{
	char due[64];

	text[0] = '\0';
	if (!view->moment->script_held)
		return;
	fault_ids(history_scenario(view->history), view->moment->due, due, sizeof(due));
	snprintf(text, size, "   SCRIPT HELD%s%s%s", due[0] != '\0' ? ": " : "", due,
	         due[0] != '\0' ? " due" : "");
}

void
draw_header(const struct view *view, struct grid *grid, const struct box *box)
{
	const struct scenario *scenario = history_scenario(view->history);
	char texts[TEXTS][TEXT_MAX], mode[32], script[96];
	const char *const right[] = {texts[0], texts[1], texts[2], texts[3]};
	double now = (double)view->now_ns / (double)NS_PER_S,
	       end = (double)history_end(view->history) / (double)NS_PER_S;
	int width = box->columns / 2 + 6, used;
	uint32_t look = GRID_BOLD;

	mode_text(view, mode, sizeof(mode));
	snprintf(texts[0], TEXT_MAX, "%s  event %llu/%llu  t %.3f s / %.3f s", mode, (ull)view->at,
	         (ull)history_count(view->history), now, end < now ? now : end);
	snprintf(texts[1], TEXT_MAX, "%s  t %.3f s / %.3f s", mode, now, end < now ? now : end);
	snprintf(texts[2], TEXT_MAX, "%s  t %.3f s", mode, now);
	snprintf(texts[3], TEXT_MAX, "%.3f s", now);
	/* Who follows a run is at its end. */
	if (view->watch && view->playing)
		snprintf(texts[0], TEXT_MAX, "%s  t %.1f s", mode, now);
	if (view->source == SOURCE_DESERTED)
		look |= ROLE_BAD | GRID_REVERSE;
	for (used = 0; used < 3 && grid_width(right[used]) > width;)
		used++;
	width = grid_width(right[used]);
	grid_put(grid, box->row, box->columns - width, width, look, right[used]);
	width = box->columns - width - 2;
	used = grid_put(grid, box->row, 0, width, GRID_BOLD, scenario->name);
	script_text(view, script, sizeof(script));
	snprintf(texts[0], TEXT_MAX, "   seed %llu   supervisor generation %u   %s%s",
	         (ull)scenario->seed, view->moment->generation, state_text(view->moment), script);
	snprintf(texts[1], TEXT_MAX, "  seed %llu  generation %u  %s%s", (ull)scenario->seed,
	         view->moment->generation, state_text(view->moment), script);
	snprintf(texts[2], TEXT_MAX, "  %s",
	         script[0] != '\0' ? script + 1 : state_text(view->moment));
	draw_first_fit(grid, box->row, used, width - used, 0, right, 3);
}

/* Done and all there is: in records that are committed, or in tasks if it has no records. */
static void
progress_of(const struct moment *moment, uint64_t *done, uint64_t *all)
{
	struct books books = moment_books(moment);

	*done = books.in > 0 ? books.committed : moment->counts.tasks[TASK_DONE];
	*all = books.in > 0 ? books.in : moment->tasks;
}

static void
eta_text(const struct view *view, unsigned percent, char *text, size_t size)
{
	uint64_t done, all;
	double left;

	progress_of(view->moment, &done, &all);
	text[0] = '\0';
	if (!view->watch || view->moment->phase != RUN_PHASE_WORKING || done == 0 ||
	    percent < ETA_FROM_PERCENT)
		return;
	left = (double)view->now_ns / (double)NS_PER_S * (double)(all - done) / (double)done;
	snprintf(text, size, "  ETA %.0f s", left);
}

/* On average, over the time in which there was a plan. */
static void
rate_text(const struct view *view, char *text, size_t size)
{
	uint64_t done = view->moment->counts.tasks[TASK_DONE];

	text[0] = '\0';
	if (done > 0 && view->now_ns > 0)
		snprintf(text, size, ", %.*f/s",
		         (double)done * (double)NS_PER_S < 10.0 * (double)view->now_ns,
		         (double)done * (double)NS_PER_S / (double)view->now_ns);
}

void
draw_progress(const struct view *view, struct grid *grid, const struct box *box)
{
	const struct moment *moment = view->moment;
	char texts[TEXTS][TEXT_MAX], eta[32], rate[32];
	const char *const right[] = {texts[0], texts[1], texts[2], texts[3]};
	uint64_t done, all;
	unsigned percent;
	int bar, full, width = 0, which = 0;

	progress_of(moment, &done, &all);
	if (all == 0) {
		grid_put(grid, box->row, 0, box->columns, GRID_DIM, "no plan yet");
		return;
	}
	percent = (unsigned)(100.0 * (double)done / (double)all);
	eta_text(view, percent, eta, sizeof(eta));
	rate_text(view, rate, sizeof(rate));
	snprintf(texts[0], TEXT_MAX, " %u%%  %llu of %llu %s committed, %llu of %u tasks done%s%s",
	         percent, (ull)done, (ull)all, moment->records > 0 ? "records" : "tasks",
	         (ull)moment->counts.tasks[TASK_DONE], moment->tasks, rate, eta);
	snprintf(texts[1], TEXT_MAX, " %u%%  %llu of %u tasks%s%s", percent,
	         (ull)moment->counts.tasks[TASK_DONE], moment->tasks, rate, eta);
	snprintf(texts[2], TEXT_MAX, " %u%%  %llu of %u tasks%s", percent,
	         (ull)moment->counts.tasks[TASK_DONE], moment->tasks, eta);
	snprintf(texts[3], TEXT_MAX, " %u%%", percent);
	while (which < 3 && grid_width(right[which]) > box->columns / 2 + 4)
		which++;
	width = grid_width(right[which]);
	bar = box->columns - width - 2;
	full = (int)((double)bar * (double)done / (double)all);
	grid_put(grid, box->row, 0, 1, 0, "[");
	grid_fill(grid, box->row, 1, full, ROLE_GOOD, FULL_RUNE);
	grid_fill(grid, box->row, 1 + full, bar - full, GRID_DIM, EMPTY_RUNE);
	grid_put(grid, box->row, 1 + bar, 1, 0, "]");
	grid_put(grid, box->row, 2 + bar, width, 0, right[which]);
}

void
draw_counts(const struct view *view, struct grid *grid, const struct box *box)
{
	const struct moment_counts *counts = &view->moment->counts;
	char texts[TEXTS][TEXT_MAX];
	const char *const fits[] = {texts[0], texts[1], texts[2]};

	snprintf(texts[2], TEXT_MAX, "done %llu  leased %llu  ready %llu  dead %llu",
	         (ull)counts->tasks[TASK_DONE], (ull)counts->tasks[TASK_LEASED],
	         (ull)counts->tasks[TASK_READY], (ull)counts->tasks[TASK_DEAD]);
	snprintf(texts[1], TEXT_MAX,
	         "done %llu, on retry %llu | leased %llu | ready %llu | dead letters %llu | "
	         "workers died %llu",
	         (ull)counts->tasks[TASK_DONE], (ull)counts->on_retry,
	         (ull)counts->tasks[TASK_LEASED], (ull)counts->tasks[TASK_READY],
	         (ull)counts->tasks[TASK_DEAD], (ull)counts->deaths);
	snprintf(
	    texts[0], TEXT_MAX,
	    "tasks: done %llu, on retry %llu | leased %llu | ready %llu | blocked %llu | "
	    "dead letters %llu   workers died %llu, takeovers %llu, stale commits refused %llu",
	    (ull)counts->tasks[TASK_DONE], (ull)counts->on_retry, (ull)counts->tasks[TASK_LEASED],
	    (ull)counts->tasks[TASK_READY], (ull)counts->tasks[TASK_BLOCKED],
	    (ull)counts->tasks[TASK_DEAD], (ull)counts->deaths, (ull)counts->takeovers,
	    (ull)counts->fenced);
	draw_first_fit(grid, box->row, 0, box->columns, 0, fits, 3);
}

/* For narrow screens: rounded down to thousands or millions. */
static const char *
short_number(uint64_t value, char text[16])
{
	if (value < 10000)
		snprintf(text, 16, "%u", (unsigned)value);
	else if (value < 10000000)
		snprintf(text, 16, "%uk", (unsigned)(value / 1000));
	else
		snprintf(text, 16, "%uM", (unsigned)(value / 1000000));
	return text;
}

static void
shortest_books(const struct books *books, char *text, size_t size)
{
	char number[5][16];

	snprintf(text, size, "BOOKS %s=%s+%s+%s+%s", short_number(books->in, number[0]),
	         short_number(books->committed, number[1]), short_number(books->leased, number[2]),
	         short_number(books->waiting, number[3]), short_number(books->dead, number[4]));
}

void
draw_books(const struct view *view, struct grid *grid, const struct box *box)
{
	struct books books = moment_books(view->moment);
	char texts[TEXTS][TEXT_MAX];
	const char *const fits[] = {texts[0], texts[1], texts[2]};
	const char *verdict = books.balanced ? "BALANCED" : "DO NOT BALANCE";
	uint32_t look = books.balanced ? ROLE_GOOD : ROLE_BAD | GRID_REVERSE | GRID_BOLD;
	char skipped[64] = "", skipped_short[32] = "", number[16];
	int width = grid_width(verdict), used;

	if (view->moment->tasks == 0) {
		grid_put(grid, box->row, 0, box->columns, GRID_DIM, "BOOKS open with the plan");
		return;
	}
	if (books.skipped > 0) {
		snprintf(skipped, sizeof(skipped), " + %llu skipped", (ull)books.skipped);
		snprintf(skipped_short, sizeof(skipped_short), "+%s",
		         short_number(books.skipped, number));
	}
	snprintf(texts[0], TEXT_MAX,
	         "BOOKS %llu records in = %llu committed + %llu leased + %llu waiting + %llu dead "
	         "letters%s",
	         (ull)books.in, (ull)books.committed, (ull)books.leased, (ull)books.waiting,
	         (ull)books.dead, skipped);
	snprintf(texts[1], TEXT_MAX,
	         "BOOKS %llu = %llu committed+%llu leased+%llu waiting+%llu dead%s", (ull)books.in,
	         (ull)books.committed, (ull)books.leased, (ull)books.waiting, (ull)books.dead,
	         skipped);
	shortest_books(&books, texts[2], TEXT_MAX);
	strlcat(texts[2], skipped_short, TEXT_MAX);
	used = draw_first_fit(grid, box->row, 0, box->columns - width - 1, 0, fits, 3);
	grid_mark(grid, box->row, 0, 5, GRID_BOLD);
	grid_put(grid, box->row, used + 1 + (used + 2 + width <= box->columns), width, look,
	         verdict);
}

/* One stage: what of it is done, and what it waits for. */
static void
stage_text(const struct view *view, unsigned stage, char *text, size_t size)
{
	const struct moment *moment = view->moment;
	uint64_t tasks = view->stage_tasks[stage], left = moment->unfinished[stage];
	char name[STAGE_NAME_SIZE], below[STAGE_NAME_SIZE];
	bool waits = stage > 0 && moment->unfinished[stage - 1] > 0;

	snprintf(text, size, "%s %llu/%llu%s%s%s", stage_name(view, stage, name),
	         (ull)(left < tasks ? tasks - left : 0), (ull)tasks, waits ? " (waits for " : "",
	         waits ? stage_name(view, stage - 1, below) : "",
	         waits                            ? ")"
	         : left == 0 && moment->tasks > 0 ? " over"
	                                          : "");
}

static void
draw_number(struct grid *grid, const struct box *box, int *row, const char *name, uint64_t value,
            const char *meaning)
{
	if (*row >= box->row + box->rows)
		return;
	grid_print(grid, *row, 2, 0, "%-16s %10" PRIu64 "  %s", name, value,
	           box->columns < NARROW ? "" : meaning);
	++*row;
}

/* The first ones are left out when the page is scrolled down. */
static void
draw_numbers(const struct view *view, struct grid *grid, const struct box *box, int row)
{
	const struct moment_counts *counts = &view->moment->counts;
	const struct {
		const char *name;
		uint64_t value;
		const char *meaning;
	} rows[] = {
	    {"leases", counts->leases, "rights to do a task that were given out"},
	    {"done", counts->tasks[TASK_DONE], "tasks"},
	    {"  on retry", counts->on_retry, "of them not at the first attempt"},
	    {"  found done", counts->found_done,
	     "committed by a worker that was lost before it said so"},
	    {"retries", counts->retries,
	     "attempts that count against a task's budget, and another followed"},
	    {"takeovers", counts->takeovers, "leases taken from a worker that was lost"},
	    {"refused", counts->fenced, "commits with a stale token, refused by the store"},
	    {"handed back", counts->returned, "leases that were never begun"},
	    {"lost to data", counts->failed[CAUSE_DATA], "attempts, charged"},
	    {"lost to crashes", counts->failed[CAUSE_CRASH], "attempts, charged"},
	    {"lost to hangs", counts->failed[CAUSE_HANG], "attempts, charged"},
	    {"lost otherwise", counts->failed[CAUSE_INFRA],
	     "attempts, not charged: no fault of the task"},
	    {"restarts", counts->restarts, "workers started again after a death"},
	    {"workers died", counts->deaths, "processes that did not end by themselves"},
	    {"suspected", counts->suspected,
	     "times that a worker's progress stood still for too long"},
	    {"quarantined", counts->quarantined, "places whose workers died too often"},
	    {"generations", counts->generations, "supervisors, one after the other"},
	    {"copies", counts->copies, "leases of a slow attempt's task beside it"},
	    {"  were quicker", counts->copies_won, "and overtook it"},
	};

	for (size_t i = (size_t)view->scroll; i < sizeof(rows) / sizeof(rows[0]); i++)
		draw_number(grid, box, &row, rows[i].name, rows[i].value, rows[i].meaning);
}

void
draw_stages(const struct view *view, struct grid *grid, const struct box *box)
{
	char text[64];
	int column = 8, row = box->row + 1;

	if (box->rows == 1)
		grid_put(grid, box->row, 0, box->columns, GRID_BOLD, "STAGES");
	else
		draw_title(grid, box, false, "stages and numbers");
	if (view->moment->tasks == 0)
		grid_put(grid, row - (box->rows == 1), column, box->columns - column, GRID_DIM,
		         "no plan yet");
	for (unsigned stage = 0; stage < CORE_STAGES_MAX; stage++) {
		if (view->stage_tasks[stage] == 0 || view->moment->tasks == 0)
			continue;
		stage_text(view, stage, text, sizeof(text));
		if (box->rows > 1) {
			grid_put(grid, row++, 2, box->columns - 2, 0, text);
			continue;
		}
		if (column > 8)
			column += grid_put(grid, box->row, column, box->columns - column, GRID_DIM,
			                   "  then  ");
		column += grid_put(grid, box->row, column, box->columns - column, 0, text);
	}
	if (box->rows > 1)
		draw_numbers(view, grid, box, row + 1);
}
