/* SPDX-License-Identifier: ISC
 *
 * The operator: some scenarios kill the director, or everything at once.  Then somebody has to type
 * `graveshift resume`; within one command that somebody is this process, which does nothing else.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/cli/life.h"
#include "sim/util/fail.h"

#define LIVES_MAX 100

bool
life_needs_operator(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->faults; i++)
		if (fault_ends_director(&scenario->fault[i]) ||
		    fault_breaks_off(&scenario->fault[i]))
			return true;
	return false;
}

/* Everybody of the last life is gone before the next begins: their deaths follow from the
 * director's. */
static void
reap_the_rest(void)
{
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		continue;
}

static volatile int child_fd = -1; /* pidfd of the director, for the handler */
static volatile sig_atomic_t stop_number;
static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };
static struct sigaction handled_before[SIGNALS];

/* The terminal tells the director itself. */
static void
pass_on(int number, siginfo_t *info, void *context)
{
	int saved = errno;

	stop_number = number;
	if (info->si_code != SI_KERNEL && child_fd >= 0)
		pidfd_send_signal(child_fd, number, NULL, 0);
	errno = saved;
}

/* What nohup has us ignore stays ignored. */
static void
listen_for_signals(void)
{
	struct sigaction pass = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO};

	stop_number = 0;
	for (size_t i = 0; i < SIGNALS; i++)
		if (sigaction(signals[i], NULL, &handled_before[i]) == 0 &&
		    handled_before[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &pass, NULL);
}

static void
stop_listening(void)
{
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &handled_before[i], NULL);
}

static int
enter(int (*live)(void *context), void *context, int parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(EXIT_INTERNAL);
	stop_listening();
	return live(context);
}

static int
wait_for(int pid)
{
	int status = 0;

	child_fd = pidfd_open(pid, 0);
	if (stop_number != 0 && child_fd >= 0) /* it came before there was a pidfd */
		pidfd_send_signal(child_fd, stop_number, NULL, 0);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (child_fd >= 0)
		close(child_fd);
	child_fd = -1;
	return status;
}

bool
life_was_broken_off(const struct scenario *scenario, const char *path, int code, off_t *planned)
{
	char plan[PATH_MAX];
	struct stat status;
	off_t before = *planned;

	snprintf(plan, sizeof(plan), "%.*s/%s", PATH_MAX - 16, path, RUN_PLAN);
	*planned = stat(plan, &status) == 0 ? status.st_size : 0;
	if (code != EXIT_INTERNAL || *planned == before)
		return false;
	for (size_t i = 0; i < scenario->faults; i++)
		if (fault_breaks_off(&scenario->fault[i]))
			return true;
	return false;
}

static int
play_lives(int (*live)(void *context), bool (*again)(void *context, int code), void *context,
           const char *path, bool quiet, unsigned *lives)
{
	int parent = (int)getpid(), status, pid;

	for (*lives = 1; *lives <= LIVES_MAX; ++*lives) {
		fflush(NULL);
		pid = (int)fork();
		if (pid == 0)
			_exit(enter(live, context, parent));
		if (pid < 0) {
			complain("cannot fork: %s", strerror(errno));
			return EXIT_INTERNAL;
		}
		status = wait_for(pid);
		reap_the_rest();
		/* Who was told to stop before he could listen is not started again. */
		if (stop_number != 0)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + stop_number;
		if (WIFEXITED(status) && (again == NULL || !again(context, WEXITSTATUS(status))))
			return WEXITSTATUS(status);
		if (!quiet && WIFSIGNALED(status))
			complain(
			    "the director was killed (%s); going on with: graveshift resume %s",
			    strsignal(WTERMSIG(status)), path);
	}
	complain("killed %d times and still not done: %s", LIVES_MAX, path);
	return EXIT_INTERNAL;
}

int
life_play(int (*live)(void *context), bool (*again)(void *context, int code), void *context,
          const char *path, bool quiet, unsigned *lives)
{
	int code;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return EXIT_INTERNAL;
	listen_for_signals();
	code = play_lives(live, again, context, path, quiet, lives);
	stop_listening();
	return code;
}

struct prepared {
	struct run *run;
	const struct life *life;
	off_t planned;
};

/* What a life has said that was killed in the end is not the last word. */
static void
take_back(const struct life *life)
{
	rewind(life->out);
	if (ftruncate(fileno(life->out), 0) != 0)
		complain("cannot empty a temporary file: %s", strerror(errno));
}

static int
live_prepared(void *context)
{
	const struct prepared *prepared = context;
	struct run *run = prepared->run;

	if (prepared->life->output == OUTPUT_TAP)
		take_back(prepared->life);
	return rundir_has(&run->dir, RUN_SCENARIO) ? life_next(run->dir.path, prepared->life)
	                                           : life_first(run, prepared->life);
}

static bool
go_on_prepared(void *context, int code)
{
	struct prepared *prepared = context;
	const struct run *run = prepared->run;

	if (!life_was_broken_off(&run->scenario, run->dir.path, code, &prepared->planned))
		return false;
	if (!prepared->life->quiet)
		complain("stopped by a fault of the disk; going on with: graveshift resume %s",
		         run->dir.path);
	return true;
}

int
life_with_operator(struct run *run, const struct life *life)
{
	struct life watched = *life;
	struct prepared prepared = {.run = run, .life = &watched};
	unsigned lives;

	watched.watched = true;
	return life_play(live_prepared, go_on_prepared, &prepared, run->dir.path,
	                 life->quiet || life->screen != NULL, &lives);
}
