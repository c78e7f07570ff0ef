/* SPDX-License-Identifier: ISC
 *
 * Recovery and check in a state's world, and what they say about it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/torture/closure.h"
#include "sim/torture/tracer.h"
#include "sim/util/clock.h"
#include "sim/util/plant.h"

#define LISTING_MEMORY (UINT64_C(1) << 32)
#define STDOUT_COPY "/dev/shm/graveshift-stdout"
#define CHECK_SKIPS 77
#define TIMES_CLEAN 10
#define LEAST_LIMIT_NS (5 * NS_PER_S)
#define FIRST_RECOVERY_PID 5000

static const char shell[] = "/bin/sh";

/* A recovery may take longer than a clean run, but not for ever. */
static int64_t
limit_of(const struct session *session)
{
	int64_t usual_ns = TIMES_CLEAN * session->clean.took_ns + LEAST_LIMIT_NS;

	return usual_ns < session->options->limit_ns ? usual_ns : session->options->limit_ns;
}

/* Appends the beginning of what was printed. */
static void
keep_said(struct outcome *outcome, int fd)
{
	size_t used = strlen(outcome->said);
	ssize_t got = pread(fd, outcome->said + used, SAID_SIZE - 1 - used, 0);

	outcome->said[used + (got > 0 ? (size_t)got : 0)] = '\0';
}

static void
last_line(const char *text, char *out, size_t size)
{
	size_t length = strlen(text), start;

	while (length > 0 && text[length - 1] == '\n')
		length--;
	start = length;
	while (start > 0 && text[start - 1] != '\n')
		start--;
	snprintf(out, size, "%.*s", (int)(length - start), text + start);
}

/* What the traced run has waited for, others wait for, too. */
static int64_t
linger_of(const struct session *session)
{
	return session->record->lingered ? LINGER_NS : limit_of(session);
}

/* Runs it to its end and keeps what it prints.  False when it could not be run. */
static bool
run(struct session *session, struct job *job, struct closure_part *part, struct running *running,
    struct outcome *outcome)
{
	int fd = memfd_create("graveshift-said", MFD_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	job->output = job->errors = fd;
	running->job = job;
	running->limit_ns = limit_of(session);
	running->linger_ns = linger_of(session);
	done = part != NULL ? closure_recover(session, part, job, running)
	                    : world_init(job_run, running) == 0;
	keep_said(outcome, fd);
	close(fd);
	return done;
}

static void
tell_status(char *out, size_t size, const char *who, int status, const char *said)
{
	char line[WHY_SIZE / 2];

	last_line(said, line, sizeof(line));
	if (WIFEXITED(status))
		snprintf(out, size, "%s exits with %d%s%s", who, WEXITSTATUS(status),
		         line[0] != '\0' ? ": " : "", line);
	else
		snprintf(out, size, "%s ends by signal %d%s%s", who, WTERMSIG(status),
		         line[0] != '\0' ? ": " : "", line);
}

/* --- the check */

static void
compare_files(struct session *session, struct outcome *outcome, bool only_litter)
{
	struct arena *arena = arena_new(LISTING_MEMORY);
	struct listing *now = arena == NULL ? NULL : listing_read(&session->world, arena);
	struct difference difference;

	if (now == NULL) {
		outcome->is_broken = true;
		return;
	}
	listing_compare(&session->world, session->golden, now, session->options->same, &difference);
	arena_free(arena);
	strlcpy(outcome->litter, difference.litter, sizeof(outcome->litter));
	outcome->judged = difference.extra > 0 ? JUDGED_LITTER : JUDGED_PASS;
	if (only_litter || difference.wrong == 0)
		return;
	outcome->judged = JUDGED_FAIL;
	strlcpy(outcome->why, difference.what, sizeof(outcome->why));
	if (difference.wrong > 1)
		snprintf(outcome->why + strlen(outcome->why), WHY_SIZE - strlen(outcome->why),
		         " (and %u more)", difference.wrong - 1);
}

/* What the command had told the world by then. */
static bool
write_output(const struct session *session, int64_t length)
{
	int from = session->record->output_fd;
	int fd = open(STDOUT_COPY, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	char part[65536];
	int64_t at = 0;
	bool good = fd >= 0;

	while (good && at < length) {
		size_t want =
		    length - at < (int64_t)sizeof(part) ? (size_t)(length - at) : sizeof(part);
		ssize_t got = pread(from, part, want, at);
		good = got > 0 && write(fd, part, (size_t)got) == got;
		at += got;
	}
	if (fd >= 0)
		close(fd);
	return good;
}

static void
run_check(struct session *session, const char *point, uint64_t sum, int64_t output,
          struct outcome *outcome)
{
	char *words[] = {(char *)shell, (char *)"-c", (char *)session->options->check, NULL};
	char state[32];
	struct job job = {
	    .words = words,
	    .names = {"TORTURE_POINT", "TORTURE_STATE", "TORTURE_STDOUT", "TORTURE_RECOVERED"},
	    .values = {point, state, STDOUT_COPY, outcome->is_recovered ? "yes" : "no"},
	    .variables = 4};
	char before[SAID_SIZE];

	snprintf(state, sizeof(state), "%016llx", (unsigned long long)sum);
	strlcpy(before, outcome->said, sizeof(before));
	outcome->said[0] = '\0';
	if (!write_output(session, output) || !run(session, &job, NULL, &outcome->check, outcome)) {
		outcome->is_broken = true;
		return;
	}
	unlink(STDOUT_COPY);
	if (outcome->check.is_late) {
		outcome->judged = JUDGED_UNKNOWN;
		strlcpy(outcome->why, "the check does not end", sizeof(outcome->why));
	} else if (WIFEXITED(outcome->check.status) &&
	           WEXITSTATUS(outcome->check.status) == CHECK_SKIPS) {
		outcome->judged = JUDGED_UNKNOWN;
		strlcpy(outcome->why, "the check skips (77)", sizeof(outcome->why));
	} else if (outcome->check.status != 0) {
		outcome->judged = JUDGED_FAIL;
		tell_status(outcome->why, WHY_SIZE, "the check", outcome->check.status,
		            outcome->said);
	} else {
		strlcpy(outcome->said, before, sizeof(outcome->said));
		compare_files(session, outcome, true);
	}
}

void
outcome_check(struct session *session, const struct candidate *candidate, struct outcome *outcome)
{
	const struct record *record = session->record;
	bool is_end = candidate->point == record->ops;
	char point[OP_NAME_SIZE + 16] = "end";

	if (session->options->check == NULL) {
		compare_files(session, outcome, false);
		return;
	}
	if (!is_end)
		op_text(record, &record->op[candidate->point], point, sizeof(point));
	run_check(session, point, candidate->sum,
	          is_end ? record->end_output : record->op[candidate->point].output, outcome);
}

void
outcome_of_end(struct session *session, struct outcome *outcome)
{
	const struct candidate end = {.point = session->record->ops,
	                              .sum = session->record->end_sum};

	outcome_check(session, &end, outcome);
}

void
outcome_of_state(struct session *session, const struct candidate *candidate,
                 struct closure_part *part, struct outcome *outcome)
{
	const struct torture_options *options = session->options;
	char *words[] = {(char *)shell, (char *)"-c", (char *)options->recover, NULL};
	struct job job = {.words = options->recover != NULL ? words : options->command};

	if (candidate->is_acknowledged) {
		outcome_check(session, candidate, outcome);
		return;
	}
	/* With the numbers that the command's own processes had, a file with a number in it would
	 * be taken for one that is alive. */
	if (!options->pid_reuse && !planted("torture-same-pids"))
		job.first_pid = FIRST_RECOVERY_PID;
	outcome->is_recovered = true;
	if (!run(session, &job, part, &outcome->recovery, outcome)) {
		outcome->is_broken = true;
	} else if (outcome->recovery.is_late) {
		outcome->judged = JUDGED_STUCK;
		strlcpy(outcome->why, "the recovery does not end", sizeof(outcome->why));
	} else if (outcome->recovery.status != 0) {
		outcome->judged = JUDGED_FAIL;
		tell_status(outcome->why, WHY_SIZE, "the recovery", outcome->recovery.status,
		            outcome->said);
	} else {
		outcome_check(session, candidate, outcome);
	}
}

/* --- damage */

enum damage { DAMAGE_HALF, DAMAGE_EMPTY, DAMAGE_GONE, DAMAGES };

static void
damage_file(const struct listed *item, enum damage damage)
{
	char byte = 0;
	int fd;

	if (damage == DAMAGE_GONE) {
		unlink(item->path);
		return;
	}
	fd = open(item->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	if (damage == DAMAGE_EMPTY || item->size < 2) {
		/* What was empty is so no more. */
		if (ftruncate(fd, item->size == 0) != 0)
			byte = 1;
	} else if (ftruncate(fd, item->size / 2) == 0 && pread(fd, &byte, 1, 0) == 1) {
		byte = (char)~byte;
		if (pwrite(fd, &byte, 1, 0) != 1)
			byte = 0;
	}
	close(fd);
}

/* Everything that the command had made or changed. */
static uint32_t
damage_all(const struct session *session, enum damage damage)
{
	const struct listing *golden = session->golden;
	uint32_t damaged = 0;

	for (uint32_t i = 0; i < golden->count; i++) {
		const struct listed *item = &golden->item[i],
				    *before = listing_find(session->before, item->path);
		if (!S_ISREG(item->mode) || (before != NULL && listed_equal(item, before)))
			continue;
		damage_file(item, damage);
		damaged++;
	}
	return damaged;
}

/* One kind of damage after the other, each worse than the one before, until the check sees it. */
void
outcome_of_damage(struct session *session, struct outcome *outcome)
{
	session->damage_seen = planted("torture-no-damage-gate");
	for (int damage = DAMAGE_HALF; damage < DAMAGES && !session->damage_seen; damage++) {
		if (damage_all(session, (enum damage)damage) == 0) {
			strlcpy(outcome->why, "the command makes and changes no file",
			        sizeof(outcome->why));
			return;
		}
		outcome->said[0] = '\0';
		outcome_of_end(session, outcome);
		if (outcome->is_broken)
			return;
		session->damage_seen = outcome->judged == JUDGED_FAIL;
	}
}
