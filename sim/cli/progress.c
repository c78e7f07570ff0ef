/* SPDX-License-Identifier: ISC
 *
 * The live line and the lines of a pipe.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/progress.h"
#include "sim/util/clock.h"

#define LIVE_NS (100 * NS_PER_MS)
#define LINES_NS (10 * NS_PER_S)
#define ETA_FROM_PERMILLE 50 /* before that an estimate says nothing */

typedef unsigned long long ull;

static void
clear_line(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}

/* Does a screen show it all?  Waits so long for the screen's end. */
static bool
has_screen(struct progress *progress, int wait_ms)
{
	struct pollfd alive;

	if (progress->screen == NULL)
		return false;
	alive = (struct pollfd){.fd = progress->screen->alive_fd, .events = POLLIN};
	if (poll(&alive, 1, wait_ms) > 0)
		progress->screen = NULL;
	return progress->screen != NULL;
}

static void
on_event(void *context, const char *line)
{
	struct progress *progress = context;

	if (progress->quiet || has_screen(progress, 0))
		return;
	clear_line(progress);
	fprintf(stderr, "graveshift: %s\n", line);
}

static void
on_tick(void *context, const struct run *run, int64_t now_ns)
{
	struct progress *progress = context;
	struct core_stats stats;
	uint64_t tasks = board_tasks(run->board), done, permille;
	double rate;
	char eta[32] = "";

	if (progress->quiet || tasks == 0 || has_screen(progress, 0))
		return;
	board_read(&run->board->stats_seq, &stats, &run->board->stats, sizeof(stats));
	done = core_stats_over(&stats) <= tasks ? core_stats_over(&stats) : tasks;
	if (progress->first_ns == 0) {
		progress->first_ns = now_ns;
		progress->first_done = done;
	}
	permille = done * 1000 / tasks;
	rate = now_ns > progress->first_ns
	           ? (double)(done - progress->first_done) /
	                 ((double)(now_ns - progress->first_ns) / (double)NS_PER_S)
	           : 0;
	if (permille >= ETA_FROM_PERMILLE && rate > 0)
		snprintf(eta, sizeof(eta), ", ETA %.0f s", (double)(tasks - done) / rate);
	fprintf(stderr, "%s%llu of %llu tasks (%llu%%), %.0f/s, %llu retries, %llu reassigned%s%s",
	        progress->live ? "\r\033[K" : "graveshift: ", (ull)done, (ull)tasks,
	        (ull)(permille / 10), rate, (ull)stats.retries, (ull)stats.reassigned, eta,
	        progress->live ? "" : "\n");
	progress->shown = progress->live;
}

void
progress_init(struct progress *progress, struct director_watch *watch, bool quiet, bool lines,
              const struct progress_link *screen)
{
	const char *terminal = getenv("TERM");

	memset(progress, 0, sizeof(*progress));
	progress->quiet = quiet;
	progress->screen = screen;
	progress->live =
	    !lines && isatty(STDERR_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
	watch->event = on_event;
	watch->tick = on_tick;
	watch->tick_ns = progress->live ? LIVE_NS : LINES_NS;
	watch->context = progress;
}

void
progress_fini(struct progress *progress)
{
	clear_line(progress);
	progress_screen_end(progress->screen);
	progress->screen = NULL;
}

void
progress_screen_end(const struct progress_link *screen)
{
	struct pollfd alive;

	if (screen == NULL)
		return;
	alive = (struct pollfd){.fd = screen->alive_fd, .events = POLLIN};
	if (write(screen->tell_fd, "", 1) == 1)
		poll(&alive, 1, screen->patience_ms);
}
