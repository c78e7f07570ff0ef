/* SPDX-License-Identifier: ISC
 *
 * The loops.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sim/util/clock.h"
#include "tui/screen/terminal.h"
#include "tui/view/branches.h"
#include "tui/view/viewer.h"

#define FRAME_NS (100 * NS_PER_MS)
#define FRAME_MAX_NS NS_PER_S
#define COST_SHARE 100 /* drawing by itself takes at most one part in so many of a processor */
#define LINE_COLUMNS 79
#define TIME_COLUMNS 11
#define BEHIND 10 /* niceness: where processors are short, the job goes first */
#define HELD_NS NS_PER_S
#define LINGER_NS (60 * NS_PER_S)
#define PATIENCE_NS (5 * NS_PER_S)
#define PROGRESS_NS (10 * NS_PER_S)

static volatile sig_atomic_t stopped_by;

static void
on_signal(int number)
{
	stopped_by = number;
}

/* They end a wait, so they are not to restart it. */
static void
heed_signals(const struct viewer *viewer)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	stopped_by = 0;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, viewer->keep_interrupts ? &ignore : &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static int
end_code(int error)
{
	return error != 0 ? error : stopped_by != 0 ? 128 + stopped_by : 0;
}

/* Asks who runs the run, now and then. */
struct source {
	const struct viewer *viewer;
	int64_t asked_ns;
	enum view_source source;
};

static enum view_source
source_now(struct source *source, const struct history *history, int64_t now_ns)
{
	bool ended = history_newest(history)->phase >= RUN_PHASE_STOPPED;

	if (!source->viewer->watch)
		return SOURCE_OVER;
	if (source->asked_ns == 0 || now_ns - source->asked_ns >= HELD_NS) {
		bool held = source->viewer->is_held(source->viewer->context);
		source->source = held ? SOURCE_LIVE : ended ? SOURCE_OVER : SOURCE_DESERTED;
		source->asked_ns = now_ns;
	}
	return source->source;
}

static int
show(struct view *view, struct grid *grid, bool ascii)
{
	int rows, columns;

	terminal_size(&rows, &columns);
	if (rows != grid->rows || columns != grid->columns) {
		grid_fini(grid);
		if (grid_init(grid, rows, columns, ascii) != 0)
			return -ENOMEM;
		view_resize(view, grid->rows, grid->columns);
	}
	if (view->redraw)
		terminal_redraw();
	view->redraw = false;
	view_draw(view, grid);
	terminal_show(grid);
	return 0;
}

/* Goes neither away, nor into a branch, nor out of one. */
static bool
stays(const struct view *view)
{
	return !view->quit && !view->leave && view->fork[0] == '\0';
}

/* The screen is to end; since *over_ns, 0: only now.  What somebody broke off need not be read. */
static void
linger(const struct viewer *viewer, struct view *view, int64_t now_ns, int64_t *over_ns)
{
	bool ended = history_newest(viewer->history)->phase == RUN_PHASE_ENDED;

	if (!viewer->linger || !ended || (*over_ns != 0 && now_ns - *over_ns >= LINGER_NS)) {
		view->quit = true;
		return;
	}
	if (*over_ns == 0) {
		*over_ns = now_ns;
		sigaction(SIGINT, &(struct sigaction){.sa_handler = on_signal}, NULL);
	}
	strlcpy(view->message, "Enter goes on to the verdict.", sizeof(view->message));
}

/* Takes the keys that come until the next frame is due; true if there was one. */
static bool
take_keys(struct view *view, int64_t until_ns, bool over)
{
	int64_t left_ns = until_ns - clock_now_ns();
	uint32_t key = terminal_key(left_ns > 0 ? (int)(left_ns / NS_PER_MS) + 1 : 0);
	bool color = view->color, any = key != TERMINAL_NOTHING;

	while (key != TERMINAL_NOTHING) {
		if (key == TERMINAL_GONE || (over && key == TERMINAL_ENTER))
			view->quit = true;
		else
			view_key(view, key);
		key = stays(view) ? terminal_key(0) : TERMINAL_NOTHING;
	}
	if (view->color != color)
		terminal_color(view->color);
	return any;
}

/* Takes in what is new.  While others write the run it may not be readable for a moment. */
static int
take_in(struct view *view, int64_t now_ns, int64_t *read_ns)
{
	int error = view_refresh(view);

	if (error == 0 || *read_ns == 0)
		*read_ns = now_ns;
	return now_ns - *read_ns < PATIENCE_NS ? 0 : error;
}

/* When the next frame is due, after one that took so long. */
static int64_t
next_frame_ns(int64_t began_ns, int64_t took_ns)
{
	int64_t wait_ns = took_ns * COST_SHARE;

	return began_ns + (wait_ns < FRAME_NS       ? FRAME_NS
	                   : wait_ns > FRAME_MAX_NS ? FRAME_MAX_NS
	                                            : wait_ns);
}

/* Sends what a person wants of the run.  One after the other: the next waits for the answer. */
static void
send_request(const struct viewer *viewer, struct view *view, bool *asked)
{
	int error;

	if (viewer->ask == NULL || view->request[0] == '\0' || *asked)
		return;
	error = viewer->ask(viewer->context, view->request);
	view->request[0] = '\0';
	*asked = error == 0;
	if (error != 0)
		snprintf(view->message, sizeof(view->message), "the director cannot be asked: %s",
		         strerror(-error));
	else
		strlcpy(view->message, "asked ...", sizeof(view->message));
}

/* True if there is news from the director. */
static bool
hear_answer(const struct viewer *viewer, struct view *view, bool *asked)
{
	char text[sizeof(view->message)];
	int error = *asked ? viewer->hear(viewer->context, text, sizeof(text)) : -EAGAIN;

	if (error == -EAGAIN)
		return false;
	*asked = false;
	if (error != 0)
		strlcpy(text, "the director gave no answer", sizeof(text));
	text[strcspn(text, "\n")] = '\0'; /* there is one line for it */
	strlcpy(view->message, text, sizeof(view->message));
	return true;
}

static int
loop(const struct viewer *viewer, struct view *view, struct grid *grid)
{
	struct source source = {.viewer = viewer};
	int64_t last_ns = clock_now_ns(), frame_ns = last_ns, read_ns = 0, over_ns = 0;
	bool changed = true, asked = false;
	int error = 0;

	while (stays(view) && stopped_by == 0 && error == 0) {
		int64_t now_ns = clock_now_ns();
		bool due = now_ns >= frame_ns;
		if (due) {
			error = viewer->watch ? take_in(view, now_ns, &read_ns) : 0;
			view->source = source_now(&source, viewer->history, now_ns);
			changed |= view->playing;
			view_tick(view, now_ns - last_ns, now_ns);
			last_ns = now_ns;
			if (viewer->is_done(viewer->context))
				linger(viewer, view, now_ns, &over_ns);
		}
		send_request(viewer, view, &asked);
		changed |= hear_answer(viewer, view, &asked);
		if (error == 0 && changed)
			error = show(view, grid, viewer->ascii);
		if (due)
			frame_ns = next_frame_ns(now_ns, clock_now_ns() - now_ns);
		changed = take_keys(view, frame_ns, over_ns != 0);
	}
	return error;
}

int
viewer_run(const struct viewer *viewer)
{
	struct branches branches;
	struct grid grid = {0};
	struct view view;
	int error = view_init(&view, viewer->history, viewer->watch);

	if (error != 0)
		return error;
	view.may_ask = viewer->watch && viewer->ask != NULL;
	heed_signals(viewer);
	if (viewer->watch)
		setpriority(PRIO_PROCESS, 0, BEHIND);
	error = viewer->tell ? view_tell(&view) : 0;
	if (error == 0)
		error = terminal_open(true);
	if (error == 0) {
		branches_init(&branches, viewer, &view);
		do
			error = loop(viewer, branches_top(&branches), &grid);
		while (error == 0 && stopped_by == 0 && branches_move(&branches));
		branches_fini(&branches);
		terminal_close();
	}
	grid_fini(&grid);
	view_fini(&view);
	return end_code(error);
}

static void
print_progress(const struct moment *moment, bool plain, FILE *out)
{
	struct books books = moment_books(moment);

	fprintf(out,
	        "%s%" PRIu64 " of %u tasks are done; %" PRIu64 " of %" PRIu64
	        " records are committed%s\n",
	        plain ? "" : "... ", moment->counts.tasks[TASK_DONE], moment->tasks,
	        books.committed, books.in, books.balanced ? "" : "; THE BOOKS DO NOT BALANCE");
}

static void
print_event(struct index *index, uint64_t number, bool plain, FILE *out)
{
	const struct history *history = index->history;
	const struct logged *record = history_record(history, number);
	double time = (double)history_time(history, number) / (double)NS_PER_S;
	const char *word = why_class_of(record) == WHY_FAULT ? "fault: " : "";

	if (plain)
		fprintf(out, "After %.3f seconds, %s%s\n", time, word, index_text(index, number));
	else
		fprintf(out, "[%9.3f s] %s%s\n", time, word, index_text(index, number));
}

/* What is printed line by line, and how far that is. */
struct printing {
	const struct viewer *viewer;
	bool plain;
	FILE *out;
	struct index *index;
	struct tale *tale; /* NULL: events are printed */
	uint64_t next;     /* event, or item of the tale */
};

static int
printing_init(struct printing *printing)
{
	const struct viewer *viewer = printing->viewer;

	printing->index = index_new(viewer->history);
	if (viewer->tell)
		printing->tale = tale_new(viewer->history);
	return printing->index == NULL || (viewer->tell && printing->tale == NULL) ? -ENOMEM : 0;
}

/* On a terminal that breaks lines in the middle of words. */
static void
print_words(const char *text, int indent, FILE *out)
{
	int width = LINE_COLUMNS - indent;

	while (isatty(fileno(out)) && (int)strlen(text) > width) {
		int cut = width;
		while (cut > 0 && text[cut] != ' ')
			cut--;
		if (cut == 0)
			break;
		fprintf(out, "%.*s\n%*s", cut, text, indent, "");
		text += cut + 1;
	}
	fprintf(out, "%s\n", text);
}

static void
print_item(const struct tale_item *item, bool plain, FILE *out)
{
	double time = (double)item->at_ns / (double)NS_PER_S;

	if (plain && item->record == TALE_BEFORE) {
		fprintf(out, "%s\n", item->text);
	} else if (plain) {
		fprintf(out, "After %.1f seconds: %s\n", time, item->text);
	} else if (item->record == TALE_BEFORE) {
		print_words(item->text, 0, out);
	} else {
		fprintf(out, "[%6.1f s] ", time);
		print_words(item->text, TIME_COLUMNS, out);
	}
}

/* Prints what is new. */
static int
print_new(struct printing *printing)
{
	const struct history *history = printing->viewer->history;
	int error = index_refresh(printing->index);
	uint64_t number;

	if (printing->tale != NULL) {
		error = tale_refresh(printing->tale);
		for (; error == 0 && printing->next < printing->tale->count; printing->next++)
			print_item(&printing->tale->item[printing->next], printing->plain,
			           printing->out);
		return error;
	}
	for (; error == 0 &&
	       (number = index_notable_from(printing->index, printing->next)) != UINT64_MAX;
	     printing->next = number + 1)
		print_event(printing->index, number, printing->plain, printing->out);
	printing->next = history_count(history);
	return error;
}

int
viewer_print_lines(const struct viewer *viewer, bool plain, FILE *out)
{
	struct printing printing = {.viewer = viewer, .plain = plain, .out = out};
	struct source source = {.viewer = viewer};
	int64_t said_ns = clock_now_ns(), read_ns = said_ns, now_ns;
	enum view_source state = SOURCE_LIVE;
	int error = printing_init(&printing);
	bool over = false;

	heed_signals(viewer);
	while (error == 0 && stopped_by == 0 && !over) {
		int64_t count;
		now_ns = clock_now_ns();
		/* Who held it before the last look may have written until then. */
		state = source_now(&source, viewer->history, now_ns);
		over = state != SOURCE_LIVE || viewer->is_done(viewer->context);
		count = history_refresh(viewer->history);
		if (count >= 0) {
			read_ns = now_ns;
			error = print_new(&printing);
		} else if (over || now_ns - read_ns >= PATIENCE_NS) {
			error = (int)count;
		}
		if (now_ns - said_ns >= PROGRESS_NS || over) {
			print_progress(history_newest(viewer->history), plain, out);
			said_ns = now_ns;
		}
		if (fflush(out) != 0)
			error = -errno;
		if (!over)
			clock_wait_until(now_ns + FRAME_NS);
	}
	if (error == 0 && stopped_by == 0 && state == SOURCE_DESERTED)
		fprintf(out, "nobody runs this run: `graveshift resume` goes on with it\n");
	tale_free(printing.tale);
	index_free(printing.index);
	return end_code(error);
}

int
viewer_print_screen(const struct viewer *viewer, int rows, int columns, int64_t at_ns, bool svg,
                    FILE *out)
{
	struct grid grid;
	struct view view;
	int error = view_init(&view, viewer->history, false);

	if (error != 0)
		return error;
	error = grid_init(&grid, rows, columns, viewer->ascii);
	if (error == 0) {
		view_resize(&view, grid.rows, grid.columns);
		view_go_time(&view, at_ns);
		view_draw(&view, &grid);
		if (svg)
			grid_print_svg(&grid, history_scenario(viewer->history)->name, out);
		else
			grid_print_text(&grid, out);
		grid_fini(&grid);
	}
	view_fini(&view);
	return error;
}
