/* SPDX-License-Identifier: ISC
 *
 * A program that was to be mended: right without a kill, on inputs of hidden seeds; and then killed
 * at each point at which it changes files, by sim/torture.  Each time in a folder of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/job/generate.h"
#include "sim/learn/judge.h"
#include "sim/learn/permit.h"
#include "sim/torture/torture.h"
#include "sim/util/clock.h"
#include "sim/util/errand.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"
#include "sim/util/scratch.h"

#define REHEARSAL_LIMIT_MS 10000
#define REHEARSAL_JOBS 2
#define SAID_MAX 4096

struct rehearsal {
	const struct judging *judging;
	const struct source *program;
	struct scratch scratch;
	char folder[SCRATCH_PATH_MAX + 32];
};

/* Playing it whole, on one input after the other. */
struct inputs {
	const struct rehearsal *rehearsal;
	int output_fd;
	size_t from;  /* number of the pool's first */
	int code;     /* enum whole */
	size_t index; /* of the first that was not right */
};

static int
make_input(const struct rehearsal *rehearsal, uint64_t seed)
{
	char path[SCRATCH_PATH_MAX + 64];
	int fd, error;

	snprintf(path, sizeof(path), "%s/input.csv", rehearsal->folder);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	error = generate_sales(fd, rehearsal->judging->lesson->records, seed, 0);
	if (close(fd) != 0 && error == 0)
		error = -errno;
	return error;
}

/* Program and input, in a new folder. */
static int
set_up(struct rehearsal *rehearsal, uint64_t seed)
{
	const struct lesson *lesson = rehearsal->judging->lesson;
	char path[SCRATCH_PATH_MAX + 128];
	int error;

	snprintf(rehearsal->folder, sizeof(rehearsal->folder), "%s/%" PRIu64,
	         rehearsal->scratch.path, seed);
	error = mkdir(rehearsal->folder, 0700) == 0 ? make_input(rehearsal, seed) : -errno;
	if (error == 0)
		error = exercise_write(rehearsal->folder, lesson->edit, rehearsal->program->text,
		                       rehearsal->program->length);
	snprintf(path, sizeof(path), "%s/%s", rehearsal->folder, lesson->edit);
	if (error == 0 && chmod(path, 0700) != 0)
		error = -errno;
	if (error != 0)
		complain("cannot set up %s: %s", rehearsal->folder, strerror(-error));
	return error == 0 ? 0 : EXIT_INTERNAL;
}

/* In the folder, by a shell, with the words as its arguments.  The wait status, or -errno. */
static int
run_in_folder(const struct rehearsal *rehearsal, const char *script,
              const struct lesson_texts *arguments, int output_fd)
{
	const char *words[LESSON_TEXTS_MAX + 8] = {"/bin/sh", "-c", NULL, rehearsal->folder};
	struct errand errand = {.words = (char *const *)words,
	                        .limit_ms = REHEARSAL_LIMIT_MS,
	                        .output_fd = output_fd,
	                        .output_max = SAID_MAX};
	char *line;
	size_t count = 4;
	int status, error;

	if (asprintf(&line, "cd \"$0\" && %s", script) < 0)
		return -ENOMEM;
	words[2] = line;
	for (size_t i = 0; arguments != NULL && i < arguments->count; i++)
		words[count++] = arguments->text[i];
	error = errand_run(&errand, &status);
	free(line);
	return error != 0 ? error : status;
}

enum whole { WHOLE_RIGHT, WHOLE_FAILED, WHOLE_WRONG, WHOLE_NOT_SET_UP };

/* One input, and nobody disturbs it. */
static int
play_input(void *context, size_t index, unsigned lane)
{
	const struct inputs *inputs = context;
	const struct lesson *lesson = inputs->rehearsal->judging->lesson;
	struct rehearsal rehearsal = *inputs->rehearsal;

	if (set_up(&rehearsal, rehearsal.judging->seed + inputs->from + index) != 0)
		return WHOLE_NOT_SET_UP;
	if (run_in_folder(&rehearsal, "exec \"$@\"", &lesson->command, inputs->output_fd) != 0)
		return WHOLE_FAILED;
	return run_in_folder(&rehearsal, lesson->prove, NULL, inputs->output_fd) == 0 ? WHOLE_RIGHT
	                                                                              : WHOLE_WRONG;
}

/* The first of them is told. */
static bool
note_input(void *context, size_t index, unsigned lane, int code)
{
	struct inputs *inputs = context;
	size_t input = inputs->from + index;

	if (code != WHOLE_RIGHT && (inputs->code == WHOLE_RIGHT || input < inputs->index)) {
		inputs->code = code;
		inputs->index = input;
	}
	return false;
}

static int
tell_inputs(const struct inputs *inputs)
{
	const struct judging *judging = inputs->rehearsal->judging;

	if (inputs->code == WHOLE_RIGHT)
		judge_say(judging, true, "not killed: right on %" PRIu64 " inputs",
		          judging->lesson->seeds);
	else if (inputs->code == WHOLE_FAILED || inputs->code == WHOLE_WRONG)
		judge_say(judging, false, "not killed, on input %zu of %" PRIu64 ": %s",
		          inputs->index + 1, judging->lesson->seeds,
		          inputs->code == WHOLE_FAILED
		              ? "the program does not end with exit code 0, or not in time"
		              : "what it makes is wrong");
	else
		return EXIT_INTERNAL;
	return inputs->code == WHOLE_RIGHT ? 0 : EXIT_UNMET;
}

static int
play_inputs(struct inputs *inputs, size_t from, size_t count)
{
	struct pool pool = {.count = count,
	                    .jobs = pool_jobs_default(),
	                    .until_ns = INT64_MAX,
	                    .work = play_input,
	                    .done = note_input,
	                    .context = inputs};
	int number = 0;

	inputs->from = from;
	fflush(NULL);
	if (pool_run(&pool, &number) < 0)
		return number != 0 ? 128 + number : EXIT_INTERNAL;
	return 0;
}

/* The first alone: a program that never ends is waited for once. */
static int
play_whole(struct rehearsal *rehearsal, int output_fd)
{
	struct inputs inputs = {.rehearsal = rehearsal, .output_fd = output_fd};
	int code = play_inputs(&inputs, 0, 1);

	if (code == 0 && inputs.code == WHOLE_RIGHT)
		code = play_inputs(&inputs, 1, rehearsal->judging->lesson->seeds - 1);
	return code == 0 ? tell_inputs(&inputs) : code;
}

/* What failed, where a kill does it, and what can be done: the first such lines of the TAP. */
static void
tell_failure(const struct rehearsal *rehearsal)
{
	char path[SCRATCH_PATH_MAX + 32], line[512];
	bool shown = false;
	FILE *tap;

	snprintf(path, sizeof(path), "%s/tap", rehearsal->scratch.path);
	tap = fopen(path, "re");
	while (tap != NULL && fgets(line, sizeof(line), tap) != NULL) {
		if (shown && strncmp(line, "#   ", 4) != 0)
			break;
		shown |= strncmp(line, "not ok", 6) == 0;
		if (shown)
			fprintf(rehearsal->judging->out, "      %s", line);
	}
	if (tap != NULL)
		fclose(tap);
}

struct torturing {
	struct rehearsal *rehearsal;
	int code;
};

/* In a process of its own, which may stand where it likes. */
static int
torture_one(void *context, size_t index, unsigned lane)
{
	const struct torturing *torturing = context;
	const struct rehearsal *rehearsal = torturing->rehearsal;
	const struct lesson *lesson = rehearsal->judging->lesson;
	char tap[SCRATCH_PATH_MAX + 32];
	struct torture_options torture = {.command = (char *const *)lesson->command.text,
	                                  .check = lesson->prove,
	                                  .jobs = REHEARSAL_JOBS,
	                                  .budget_ns = INT64_MAX,
	                                  .seed = rehearsal->judging->seed,
	                                  .limit_ns = REHEARSAL_LIMIT_MS * NS_PER_MS,
	                                  .tap = tap};

	snprintf(tap, sizeof(tap), "%s/tap", rehearsal->scratch.path);
	if (chdir(rehearsal->folder) != 0)
		return EXIT_INTERNAL;
	return torture_run(&torture);
}

static bool
torture_done(void *context, size_t index, unsigned lane, int code)
{
	struct torturing *torturing = context;

	torturing->code = code;
	return false;
}

static int
play_killed(struct rehearsal *rehearsal)
{
	const struct judging *judging = rehearsal->judging;
	struct torturing torturing = {.rehearsal = rehearsal};
	struct pool pool = {.count = 1,
	                    .jobs = 1,
	                    .until_ns = INT64_MAX,
	                    .work = torture_one,
	                    .done = torture_done,
	                    .context = &torturing};
	int number = 0, code = set_up(rehearsal, judging->seed + judging->lesson->seeds);

	if (code != 0)
		return code;
	fflush(NULL);
	if (pool_run(&pool, &number) < 0)
		return number != 0 ? 128 + number : EXIT_INTERNAL;
	judge_say(judging, torturing.code == EXIT_MET,
	          "killed at each point at which it changes files, and run again");
	if (torturing.code == EXIT_UNMET)
		tell_failure(rehearsal);
	return torturing.code;
}

static int
rehearse(const struct judging *judging, const struct source *program)
{
	struct rehearsal rehearsal = {.judging = judging, .program = program};
	bool overlay;
	const char *missing = torture_probe(&overlay);
	int code, output_fd;

	if (missing != NULL) {
		complain("this host cannot judge programs: %s", missing);
		return EXIT_INCONCLUSIVE;
	}
	if (scratch_init(&rehearsal.scratch, "learn") != 0)
		return EXIT_INTERNAL;
	output_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	code = output_fd < 0 ? EXIT_INTERNAL : play_whole(&rehearsal, output_fd);
	if (code == 0)
		code = play_killed(&rehearsal);
	if (output_fd >= 0)
		close(output_fd);
	scratch_fini(&rehearsal.scratch);
	return code;
}

int
judge_script(const struct judging *judging, const struct source *shipped,
             const struct source *mended)
{
	if (permit_program(shipped, mended, judging->out) != 0)
		return EXIT_UNMET;
	return rehearse(judging, mended);
}
