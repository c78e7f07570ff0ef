/* SPDX-License-Identifier: ISC
 *
 * Recordings in which the faults are not named: played afresh in the virtual world, from the
 * variant's seed.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "sim/learn/question.h"
#include "sim/learn/shipped.h"
#include "sim/learn/variant.h"
#include "sim/process/run_setup.h"
#include "sim/rundir/eventlog.h"
#include "sim/scenario/keys.h"
#include "sim/util/fail.h"
#include "sim/util/tree.h"
#include "sim/virtual/playing.h"
#include "sim/virtual/virtual.h"

/* Who hears the run: the log without its faults, and the first fault that landed. */
struct witness {
	struct virtual_recorder recorder;
	struct eventlog_writer *log; /* NULL: none is kept */
	bool seen;
	size_t fault;
	uint16_t slot;
};

static bool
is_about_faults(const struct core_step *step)
{
	return step->kind == NOTE_FAULT || step->kind == NOTE_FAULT_LANDED;
}

static void
hear(void *context, const struct core_step *step, uint32_t generation)
{
	struct witness *witness = context;
	struct core_step silent = *step;

	if (step->kind == NOTE_FAULT_LANDED && !witness->seen) {
		witness->seen = true;
		witness->fault = step->record;
		witness->slot = step->slot;
	}
	if (witness->log == NULL || is_about_faults(step))
		return;
	/* A reason would say that it was scripted. */
	if (step->kind == EV_TASK_FAILED)
		silent.value = 0;
	eventlog_write(witness->log, &silent, generation);
}

static void
pass_injection(void *context, size_t fault, uint32_t number, int64_t now_ns)
{
}

/* The variant's case, and the numbers in it. */
static int
draw_case(struct variant *variant, const struct lesson *lesson, const struct exercise *exercise)
{
	const struct lesson_case *drawn_case =
	    &lesson->hidden[rng_mix(exercise->seed) % lesson->hiddens];

	if (variant_init(variant, lesson, &drawn_case->set, exercise->seed) == 0)
		return 0;
	complain("no memory for the recording");
	return EXIT_INTERNAL;
}

static int
load(struct run *run, const struct lesson *lesson, const struct exercise *exercise)
{
	const struct shipped *file = shipped_find(lesson->name, LESSON_TASK_NAME);
	struct variant drawn;
	int code = draw_case(&drawn, lesson, exercise);

	run_init(run);
	if (code == 0 &&
	    scenario_load_text(&run->scenario, lesson->name, file->text, shipped_length(file),
	                       (const char *const *)drawn.set, drawn.sets, stderr) != 0)
		code = EXIT_INTERNAL;
	variant_fini(&drawn);
	return code;
}

static int
play(struct run *run, struct witness *witness)
{
	struct virtual_options options = {.recorder = &witness->recorder};
	struct playing playing;
	int error, code = playing_init(&playing, run);

	witness->recorder =
	    (struct virtual_recorder){.record = hear, .inject = pass_injection, .context = witness};
	if (code != 0)
		return code;
	error = virtual_run(&run->scenario, &playing.plan, &options, &playing.report);
	playing_fini(&playing);
	if (error == 0 && witness->seen)
		return 0;
	complain("%s: nothing happened in the recording", run->scenario.name);
	return EXIT_INTERNAL;
}

const char *
forensic_folder(const struct exercise *exercise, char *name, size_t size)
{
	snprintf(name, size, "recording-%" PRIu64, exercise->seed);
	return name;
}

/* A run directory whose scenario knows of no fault. */
static int
make_folder(struct run *run, const struct lesson *lesson, const struct exercise *exercise)
{
	const struct shipped *file = shipped_find(lesson->name, LESSON_TASK_NAME);
	const char *set[] = {"faults=[]"};
	char path[PATH_MAX], name[32];

	run_init(run);
	if (scenario_load_text(&run->scenario, lesson->name, file->text, shipped_length(file), set,
	                       1, stderr) != 0)
		return EXIT_INTERNAL;
	run->scenario.seed = exercise->seed;
	snprintf(path, sizeof(path), "%.3000s/%s", exercise->folder,
	         forensic_folder(exercise, name, sizeof(name)));
	tree_remove(path);
	return playing_keep(run, path, name);
}

int
forensic_lay(const struct lesson *lesson, const struct exercise *exercise)
{
	struct eventlog_writer *log = malloc(sizeof(*log));
	struct witness witness = {.log = log};
	struct run kept, played;
	int error = 0, code = log == NULL ? EXIT_INTERNAL : load(&played, lesson, exercise);

	if (log == NULL)
		return code;
	if (code == 0)
		code = make_folder(&kept, lesson, exercise);
	else
		run_init(&kept);
	if (code == 0 && (error = eventlog_writer_open(log, kept.events)) == 0) {
		code = play(&played, &witness);
		error = eventlog_writer_close(log);
	}
	if (error != 0) {
		complain("cannot write %s: %s", kept.events, strerror(-error));
		code = EXIT_INTERNAL;
	}
	run_fini(&kept);
	run_fini(&played);
	free(log);
	return code;
}

/* One word of the answer. */
static void
add_word(char text[EXERCISE_ANSWER_MAX], const char *wanted, const struct scenario *scenario,
         const struct witness *witness)
{
	const struct fault *fault = &scenario->fault[witness->fault];
	const struct key *key = key_of_value("faults[]", KEY_ACTION, (int)fault->what);
	char word[48];

	if (strcmp(wanted, "fault") == 0)
		snprintf(word, sizeof(word), "%s", key != NULL ? key_name(key) : "unknown");
	else if (strcmp(wanted, "worker") == 0)
		snprintf(word, sizeof(word), witness->slot == CORE_NO_SLOT ? "none" : "w%u",
		         witness->slot);
	else
		snprintf(word, sizeof(word), "%" PRIu64, fault->record);
	strlcat(text, text[0] != '\0' ? " " : "", EXERCISE_ANSWER_MAX);
	strlcat(text, word, EXERCISE_ANSWER_MAX);
}

int
forensic_truth(const struct lesson *lesson, const struct exercise *exercise,
               char text[EXERCISE_ANSWER_MAX])
{
	struct witness witness = {0};
	struct run run;
	int code = load(&run, lesson, exercise);

	text[0] = '\0';
	if (code == 0)
		code = play(&run, &witness);
	for (size_t i = 0; code == 0 && i < lesson->wanted.count; i++)
		add_word(text, lesson->wanted.text[i], &run.scenario, &witness);
	run_fini(&run);
	return code;
}
