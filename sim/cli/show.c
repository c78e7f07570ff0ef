/* SPDX-License-Identifier: ISC
 *
 * Opening a run for the screen, and a screen beside a run.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/channel/request.h"
#include "sim/cli/look.h"
#include "sim/cli/show.h"
#include "sim/fault/hand.h"
#include "sim/util/fail.h"
#include "sim/virtual/branch.h"
#include "tui/screen/guard.h"
#include "tui/screen/terminal.h"
#include "tui/screen/terminfo.h"
#include "tui/view/branches.h"

#define MOMENT_MS 500 /* what is over by then needs no screen */
#define READY_MS 50
#define LEAVE_MS 2000 /* for a screen that is told to end */
#define READ_MS 65000 /* for one that somebody may still be reading */

/* Waits up to so long for the word that the screen is to end. */
static bool
is_told(const struct show *show, int wait_ms)
{
	struct pollfd told = {.fd = show->link.told_fd, .events = POLLIN};

	return poll(&told, 1, wait_ms) > 0;
}

static bool
is_held(void *context)
{
	struct show *show = context;
	char holder[128];

	/* Its director may not have come to take the lock yet. */
	if (show->of_own_run)
		return !is_told(show, 0);
	return look_is_live(&show->run, holder, sizeof(holder));
}

/* The process that does the run has nothing more for the screen. */
static bool
is_done(void *context)
{
	struct show *show = context;

	return show->of_own_run && is_told(show, 0);
}

/* Message lines of a screen are one line, and come from whoever would print to standard error. */
static void
first_line(int fd, char *why, size_t size)
{
	static const char *const leads[] = {"graveshift: ", "fault: error: ", "fault: "};
	ssize_t length = pread(fd, why, size - 1, 0);

	why[length > 0 ? length : 0] = '\0';
	why[strcspn(why, "\n")] = '\0';
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++)
		if (strncmp(why, leads[i], strlen(leads[i])) == 0)
			memmove(why, why + strlen(leads[i]), strlen(why + strlen(leads[i])) + 1);
}

static int
branch_off(struct show *show, struct forked *forked, int64_t at_ns, const char *fault)
{
	struct run *parent =
	    show->forks == 0 ? &show->run : &show->fork[show->forks - 1]->branch.run;
	int error = branch_make(&forked->branch, parent, at_ns, fault, NULL);

	if (error == 0)
		error = playing_history(&forked->branch.playing, &forked->history);
	return error;
}

static struct history *
fork_run(void *context, int64_t at_ns, const char *fault, char *why, size_t size)
{
	struct show *show = context;
	struct forked *forked = calloc(1, sizeof(*forked));
	int said = memfd_create("said", MFD_CLOEXEC),
	    terminal = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);

	if (forked == NULL || said < 0 || terminal < 0 || dup2(said, STDERR_FILENO) < 0) {
		strlcpy(why, "no memory for a branch", size);
	} else if (branch_off(show, forked, at_ns, fault) == 0) {
		show->fork[show->forks++] = forked;
		why[0] = '\0';
	} else {
		first_line(said, why, size);
		branch_fini(&forked->branch);
	}
	if (terminal >= 0) {
		dup2(terminal, STDERR_FILENO);
		close(terminal);
	}
	if (said >= 0)
		close(said);
	if (forked != NULL && forked->history != NULL)
		return forked->history;
	free(forked);
	return NULL;
}

static void
leave_fork(void *context)
{
	struct show *show = context;
	struct forked *forked = show->fork[--show->forks];

	history_close(forked->history);
	branch_fini(&forked->branch);
	free(forked);
}

static void
learn_faults(void *context)
{
	struct show *show = context;

	/* What cannot be read stays unknown: the viewer says that it is not in the scenario. */
	(void)hand_recall(&show->run.scenario, show->run.plan_path, NULL);
}

/* Its name is in the store; the screen has opened nothing else of the run but its log. */
static int
ask_director(void *context, const char *request)
{
	struct show *show = context;
	char name[CHANNEL_NAME_MAX];
	struct store_run info;
	struct store *store;
	int error = store_open_reader(&store, show->run.db);

	if (error != 0)
		return error;
	error = store_run_read(store, &info);
	store_close(store);
	if (error != 0)
		return error;
	run_name_desk(info.id, name);
	show->answer_fd = request_send(name, request);
	return show->answer_fd < 0 ? show->answer_fd : 0;
}

static int
hear_director(void *context, char *text, size_t size)
{
	struct show *show = context;
	char answer[ANSWER_MAX];
	int got = request_answer(show->answer_fd, 0, answer);

	if (got == -EAGAIN)
		return got;
	close(show->answer_fd);
	show->answer_fd = -1;
	if (got < 0)
		return got;
	strlcpy(text, answer, size);
	return 0;
}

static int
show_history(struct show *show, struct history *history)
{
	struct viewer viewer = {.history = history,
	                        .watch = show->watch,
	                        .ascii = show->ascii,
	                        .keep_interrupts = show->of_own_run,
	                        .tell = show->told,
	                        .linger = show->told,
	                        .is_held = is_held,
	                        .is_done = is_done,
	                        .fork = show->watch ? NULL : fork_run,
	                        .leave = leave_fork,
	                        .ask = show->readonly ? NULL : ask_director,
	                        .hear = hear_director,
	                        .context = show};

	history_learn_faults(history, learn_faults, show);
	switch (show->how) {
	case SHOW_SCREEN:
		setproctitle("graveshift %s screen", show->run.scenario.name);
		return viewer_run(&viewer);
	case SHOW_LINES:
	case SHOW_SENTENCES:
		return viewer_print_lines(&viewer, show->how == SHOW_SENTENCES, stdout);
	default:
		return viewer_print_screen(&viewer, show->rows, show->columns, show->at_ns,
		                           show->how == SHOW_SVG, stdout);
	}
}

int
show_run(struct show *show)
{
	struct history *history = NULL;
	char error[PATH_MAX + 256];
	int code = EXIT_USAGE;

	show->answer_fd = -1;
	run_init(&show->run);
	if (rundir_open(&show->run.dir, show->name, error, sizeof(error)) != 0) {
		complain("%s", error);
	} else if (run_load(&show->run, NULL, 0) == 0) {
		code = look_history(&show->run, &history);
		if (code == 0)
			code = show_history(show, history);
		if (code < 0) {
			complain("cannot read the history in %s: %s", show->run.dir.path,
			         strerror(-code));
			code = EXIT_INTERNAL;
		}
		history_close(history);
	}
	if (show->answer_fd >= 0)
		close(show->answer_fd);
	run_fini(&show->run);
	return code;
}

/* The run's directory is made, and its scenario is in it. */
static bool
is_there(const char *name)
{
	struct rundir dir;
	char error[PATH_MAX + 256];

	if (rundir_open(&dir, name, error, sizeof(error)) != 0)
		return false;
	rundir_close(&dir);
	return true;
}

static int
show_own_run(void *context)
{
	struct show *show = context;

	close(show->link.tell_fd);
	if (is_told(show, MOMENT_MS))
		return 0;
	while (!is_there(show->name))
		if (is_told(show, READY_MS))
			return 0;
	return show_run(show);
}

struct beside {
	struct show *show;
	int (*work)(void *context);
	void *context;
};

static int
work_beside(void *context, int screen_fd)
{
	struct beside *beside = context;

	close(beside->show->link.told_fd);
	beside->show->link.alive_fd = screen_fd;
	return beside->work(beside->context);
}

int
show_beside(const char *name, enum show_how how, bool told, struct life *life,
            int (*work)(void *context), void *context)
{
	struct show show = {.name = name,
	                    .watch = true,
	                    .of_own_run = true,
	                    .how = how,
	                    .told = told,
	                    .readonly = life->readonly};
	struct beside beside = {.show = &show, .work = work, .context = context};
	int pipe_fd[2], code;

	show.ascii = !terminal_locale_is_utf8();
	if (pipe2(pipe_fd, O_CLOEXEC) != 0) {
		complain("cannot make a pipe for the screen: %s", strerror(errno));
		return EXIT_INTERNAL;
	}
	show.link = (struct progress_link){.told_fd = pipe_fd[0],
	                                   .tell_fd = pipe_fd[1],
	                                   .alive_fd = -1,
	                                   .patience_ms = told ? READ_MS : LEAVE_MS};
	life->screen = &show.link;
	code = guard_run_beside(show_own_run, &show, work_beside, &beside);
	life->screen = NULL;
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	if (code >= 0)
		return code;
	complain("cannot start a process for the screen: %s", strerror(-code));
	return EXIT_INTERNAL;
}

bool
show_is_possible(void)
{
	return terminfo_is_able() && isatty(STDERR_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}
