/* SPDX-License-Identifier: ISC
 *
 * Running a command: three pipes, the shepherd's word, the time.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/command/command.h"
#include "sim/util/clock.h"

#define TURN_MS 20 /* at most so long without a look at the time and a beat */
#define BLOCK_BYTES (64u << 10)

enum { IN, OUT, ERR, PIPES };

struct running {
	struct shepherd *shepherd;
	const struct command *command;
	struct work *work;
	struct command_end *end;
	int *ours;         /* our ends; -1: closed */
	int theirs[PIPES]; /* until it is started */
	const char *bytes; /* of its input, not yet written */
	size_t length;
	uint64_t printed;
	int64_t began_ns;
	int error;   /* the first: the command is being ended for it */
	bool killed; /* its end was asked for */
	bool ended;
	/* Of one that stays: */
	bool fed, answered;
	bool tidying, tidied; /* what it has left behind */
};

static void
close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
open_pipes(struct running *running)
{
	for (int i = 0; i < PIPES; i++) {
		int ends[2];

		if (i == IN && running->command->give == NULL) {
			running->theirs[IN] = open("/dev/null", O_RDONLY | O_CLOEXEC);
			if (running->theirs[IN] < 0)
				return -errno;
			continue;
		}
		if (pipe2(ends, O_CLOEXEC) != 0)
			return -errno;
		running->ours[i] = ends[i == IN];
		running->theirs[i] = ends[i != IN];
		if (fcntl(running->ours[i], F_SETFL, O_NONBLOCK) != 0)
			return -errno;
	}
	return 0;
}

static void
close_pipes(struct running *running)
{
	for (int i = 0; i < PIPES; i++) {
		close_one(&running->ours[i]);
		close_one(&running->theirs[i]);
	}
}

/* The first reason counts; the shepherd's word about the end is still to come. */
static void
stop(struct running *running, int error)
{
	if (running->error == 0)
		running->error = error;
	if (!running->killed && !running->ended)
		error = shepherd_kill(running->shepherd);
	running->killed = true;
	close_one(&running->ours[IN]);
}

/* There is nothing more to read for it. */
static void
end_feed(struct running *running)
{
	running->fed = true;
	if (running->command->stay == NULL)
		close_one(&running->ours[IN]);
}

static void
feed(struct running *running)
{
	ssize_t written;
	int error = 0;

	if (running->length == 0)
		error = running->command->give(running->command->context, &running->bytes,
		                               &running->length);
	if (error != 0) {
		stop(running, error);
		return;
	}
	if (running->length == 0) {
		end_feed(running);
		return;
	}
	written = write(running->ours[IN], running->bytes, running->length);
	if (written >= 0) {
		running->bytes += written;
		running->length -= (size_t)written;
	} else if (errno != EAGAIN && errno != EINTR) {
		running->fed = true; /* it wants no more */
		close_one(&running->ours[IN]);
	}
}

/* Of what is said on stderr the end is kept: there stands what went wrong. */
static void
keep_errors(struct command_end *end, const char *bytes, size_t length)
{
	size_t half = COMMAND_ERRORS_MAX / 2, keep;

	if (length > half) {
		bytes += length - half;
		length = half;
	}
	if (end->errors_length + length > COMMAND_ERRORS_MAX) {
		keep = end->errors_length < half ? end->errors_length : half;
		memmove(end->errors, end->errors + end->errors_length - keep, keep);
		end->errors_length = keep;
	}
	memcpy(end->errors + end->errors_length, bytes, length);
	end->errors_length += length;
}

static void
take(struct running *running, const char *bytes, size_t length)
{
	int result;

	running->printed += length;
	if (running->killed)
		return;
	if (running->printed > running->command->output_max) {
		running->end->fate = COMMAND_TOO_MUCH;
		stop(running, 0);
		return;
	}
	result = running->command->take(running->command->context, bytes, length);
	if (result < 0)
		stop(running, result);
	else
		running->answered |= result == 1;
}

static void
drain(struct running *running, int which)
{
	char block[BLOCK_BYTES];
	ssize_t got = read(running->ours[which], block, sizeof(block));

	if (got > 0 && which == OUT && running->command->take != NULL)
		take(running, block, (size_t)got);
	else if (got > 0)
		keep_errors(running->end, block, (size_t)got);
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		close_one(&running->ours[which]);
}

static void
note_left(struct running *running, unsigned left)
{
	if (left == 0)
		return;
	running->end->fate = COMMAND_LEFT_BEHIND;
	running->end->detail = (int)left;
}

/* How it ended, if nothing worse is known by then.  What it had printed may still be in its pipe.
 */
static void
note_end(struct running *running, const struct shepherd_word *word)
{
	struct command_end *end = running->end;
	int status = word->value;

	running->ended = true;
	close_one(&running->ours[IN]);
	if (running->killed)
		return;
	if (WIFSIGNALED(status)) {
		end->fate = WTERMSIG(status) == SIGXFSZ ? COMMAND_TOO_MUCH : COMMAND_SIGNALLED;
		end->detail = WTERMSIG(status);
	} else if (WEXITSTATUS(status) == 0) {
		end->fate = running->command->stay == NULL ? COMMAND_EXITED : COMMAND_UNANSWERED;
		note_left(running, word->left);
	} else {
		end->fate = COMMAND_EXITED;
		end->detail = WEXITSTATUS(status);
	}
}

static int
hear(struct running *running)
{
	struct shepherd_word word;
	int error = shepherd_listen(running->shepherd, &word);

	if (error != 0)
		return error == -EAGAIN ? 0 : error;
	if (word.kind == SHEPHERD_NOT_STARTED) {
		running->end->fate = COMMAND_NOT_STARTED;
		running->end->detail = word.value;
		running->ended = true;
		close_one(&running->ours[IN]);
	} else if (word.kind == SHEPHERD_ENDED) {
		note_end(running, &word);
	} else if (word.kind == SHEPHERD_TIDIED) {
		running->tidied = true;
		if (!running->killed)
			note_left(running, word.left);
	}
	return 0;
}

/* Waiting for a command is progress of a kind: how long it may take is for its own limit to say. */
static void
look_at_time(struct running *running)
{
	if (!running->work->busy(running->work))
		stop(running, -EINTR);
	if (!running->killed && !running->ended &&
	    clock_now_ns() - running->began_ns > running->command->limit_ns) {
		running->end->fate = running->command->stay != NULL && running->printed == 0
		                         ? COMMAND_SILENT
		                         : COMMAND_TIMED_OUT;
		stop(running, 0);
	}
}

/* One that stays has answered, and read all that is its own: what else there is of it is not to
 * go on. */
static int
look_at_answer(struct running *running)
{
	if (!running->answered || !running->fed || running->tidying || running->killed)
		return 0;
	running->tidying = true;
	return shepherd_tidy(running->shepherd);
}

static bool
is_over(const struct running *running)
{
	if (running->tidying && !running->tidied)
		return false;
	if (running->tidied && !running->killed)
		return true;
	return running->ended && running->ours[OUT] < 0 && running->ours[ERR] < 0;
}

static int
follow(struct running *running)
{
	int error = 0;

	while (error == 0 && !is_over(running)) {
		struct pollfd sources[PIPES + 1] = {
		    {.fd = running->fed ? -1 : running->ours[IN], .events = POLLOUT},
		    {.fd = running->ours[OUT], .events = POLLIN},
		    {.fd = running->ours[ERR], .events = POLLIN},
		    {.fd = shepherd_fd(running->shepherd), .events = POLLIN}};

		if (poll(sources, PIPES + 1, TURN_MS) < 0 && errno != EINTR)
			return -errno;
		if (sources[IN].revents != 0)
			feed(running);
		if (sources[OUT].revents != 0)
			drain(running, OUT);
		if (sources[ERR].revents != 0)
			drain(running, ERR);
		if (sources[PIPES].revents != 0)
			error = hear(running);
		if (error == 0)
			error = look_at_answer(running);
		look_at_time(running);
	}
	return error;
}

static int
start(struct running *running)
{
	const struct command *command = running->command;
	char task[40], attempt[40];
	const char *environment[] = {task, attempt};
	struct shepherd_command asked = {
	    .words = command->words,
	    .count = command->count,
	    .folder = command->folder,
	    .environment = environment,
	    .variables = command->stay == NULL ? 2 : 0,
	    .fd = {running->theirs[IN], running->theirs[OUT], running->theirs[ERR]},
	    .file_max = command->output_max,
	};
	int error;

	snprintf(task, sizeof(task), "GRAVESHIFT_TASK=%u", command->task);
	snprintf(attempt, sizeof(attempt), "GRAVESHIFT_ATTEMPT=%u", command->epoch);
	error = shepherd_start(running->shepherd, &asked);
	for (int i = 0; i < PIPES; i++)
		close_one(&running->theirs[i]);
	return error;
}

/* Ends one that has stayed, or takes note that it has ended, unless it can be asked again. */
static int
retire(struct running *running)
{
	struct command_stay *stay = running->command->stay;
	struct pollfd printed = {.fd = running->ours[OUT], .events = POLLIN};
	int error = hear(running);

	if (error != 0)
		return error;
	if (!running->ended && !stay->spoiled && running->ours[IN] >= 0 &&
	    poll(&printed, 1, 0) == 0)
		return 0;
	stay->spoiled = false;
	stop(running, 0);
	error = follow(running);
	close_pipes(running);
	running->killed = running->ended = false;
	return error != 0 ? error : running->error;
}

void
command_stay_init(struct command_stay *stay)
{
	*stay = (struct command_stay){.fd = {-1, -1, -1}};
}

void
command_stay_fini(struct command_stay *stay)
{
	for (int i = 0; i < PIPES; i++)
		close_one(&stay->fd[i]);
}

static bool
is_open(const struct running *running)
{
	for (int i = 0; i < PIPES; i++)
		if (running->ours[i] >= 0)
			return true;
	return false;
}

/* Sees to it that it runs. */
static int
begin(struct running *running)
{
	int error = 0;

	running->began_ns = clock_now_ns();
	if (is_open(running))
		error = retire(running);
	running->end->errors_length = 0;
	if (error != 0 || is_open(running))
		return error;
	if (running->command->stay != NULL)
		running->command->stay->answered = 0;
	error = open_pipes(running);
	if (error == 0)
		error = start(running);
	running->began_ns = clock_now_ns();
	return error;
}

int
command_execute(struct shepherd *shepherd, const struct command *command, struct work *work,
                struct command_end *end)
{
	int once[PIPES] = {-1, -1, -1};
	struct running running = {
	    .shepherd = shepherd,
	    .command = command,
	    .work = work,
	    .end = end,
	    .ours = command->stay != NULL ? command->stay->fd : once,
	    .theirs = {-1, -1, -1},
	};
	int error;

	error = begin(&running);
	end->fate = command->stay != NULL ? COMMAND_ANSWERED : COMMAND_EXITED;
	end->detail = 0;
	if (error == 0)
		error = follow(&running);
	/* Its end, if it had to end at once, came behind its answer. */
	if (running.answered && !running.killed && end->fate != COMMAND_LEFT_BEHIND)
		end->fate = COMMAND_ANSWERED;
	if (running.answered)
		command->stay->answered++;
	if (command->stay == NULL || error != 0 || running.ended || running.error != 0)
		close_pipes(&running);
	end->took_ns = clock_now_ns() - running.began_ns;
	return error != 0 ? error : running.error;
}

const char *
command_fate_text(const struct command_end *end, char *text, size_t size)
{
	switch (end->fate) {
	case COMMAND_EXITED:
		snprintf(text, size, "it exited with %d", end->detail);
		break;
	case COMMAND_SIGNALLED:
		snprintf(text, size, "it was ended by SIG%s", sigabbrev_np(end->detail));
		break;
	case COMMAND_NOT_STARTED:
		snprintf(text, size, "it could not be started: %s", strerror(end->detail));
		break;
	case COMMAND_TIMED_OUT:
		snprintf(text, size, "it took longer than job.limit, and was killed");
		break;
	case COMMAND_TOO_MUCH:
		snprintf(text, size, "it wrote more than job.output_max, and was ended");
		break;
	case COMMAND_LEFT_BEHIND:
		snprintf(text, size, "it left %d process%s behind; killed", end->detail,
		         end->detail == 1 ? "" : "es");
		break;
	case COMMAND_ANSWERED:
		snprintf(text, size, "it answered 'failed' with %d", end->detail);
		break;
	case COMMAND_UNANSWERED:
		snprintf(text, size, "it exited with 0 and without an answer");
		break;
	case COMMAND_SILENT:
		snprintf(text, size,
		         "it printed nothing within job.limit, and was killed (does it "
		         "flush what it prints?)");
		break;
	}
	return text;
}
