/* SPDX-License-Identifier: ISC
 *
 * Playing in processes of the pool; results come back in shared memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/life.h"
#include "sim/learn/play.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"
#include "sim/util/scratch.h"
#include "sim/util/tree.h"
#include "sim/virtual/playing.h"

struct stage {
	const struct play *plays;
	struct played *played; /* shared */
	struct scratch scratch;
};

/* One real run, whose director may be killed. */
struct real {
	const struct play *play;
	char path[PATH_MAX];
	struct life life;
};

static void
judged(void *context, const struct verdict *verdict)
{
	struct played *played = context;

	played->judged = true;
	played->lines = 0;
	measure_take(verdict, played->measure);
	for (size_t i = 0; i < verdict->lines && played->lines < PLAYED_LINES_MAX; i++) {
		const struct verdict_line *line = &verdict->line[i];
		struct played_line *into = &played->line[played->lines];
		if (line->result == LINE_OK)
			continue;
		into->result = line->result;
		strlcpy(into->name, line->name, sizeof(into->name));
		strlcpy(into->detail, line->detail, sizeof(into->detail));
		played->lines++;
	}
}

static int
load(struct run *run, const struct play *play)
{
	run_init(run);
	return scenario_load_text(&run->scenario, play->path, play->text, play->length,
	                          (const char *const *)play->set, play->sets, stderr) == 0
	           ? 0
	           : EXIT_USAGE;
}

static int
play_virtual(struct run *run, struct played *played)
{
	struct verdict *verdict = malloc(sizeof(*verdict));
	struct playing playing;
	int code = verdict == NULL ? EXIT_INTERNAL : playing_init(&playing, run);

	if (code == 0) {
		code = playing_play(&playing, false, NULL, false);
		if (code == 0) {
			playing_judge(&playing, verdict);
			judged(played, verdict);
			code = verdict->exit_code;
		}
		playing_fini(&playing);
	}
	free(verdict);
	return code;
}

static int
live(void *context)
{
	const struct real *real = context;
	char file[PATH_MAX + 32];
	struct run run;
	int code;

	snprintf(file, sizeof(file), "%s/%s", real->path, RUN_SCENARIO);
	if (access(file, F_OK) == 0)
		return life_next(real->path, &real->life);
	code = load(&run, real->play);
	if (code == 0)
		code = life_prepare_loaded(&run, real->path);
	if (code == 0)
		code = life_first(&run, &real->life);
	run_fini(&run);
	return code;
}

/* What its processes say goes beside it: it is shown if there is no verdict. */
static int
redirect(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
		return -errno;
	close(fd);
	return 0;
}

static int
play_real(const struct stage *stage, const struct play *play, size_t index, struct played *played)
{
	struct real real = {
	    .play = play,
	    .life = {.output = OUTPUT_NONE, .quiet = true, .judged = judged, .context = played}};
	char said[SCRATCH_PATH_MAX + 32];
	unsigned lives;
	int code;

	snprintf(real.path, sizeof(real.path), "%s/%zu", stage->scratch.path, index);
	snprintf(said, sizeof(said), "%s/%zu.said", stage->scratch.path, index);
	real.life.out = stdout;
	if (redirect(said) != 0)
		return EXIT_INTERNAL;
	code = life_play(live, NULL, &real, real.path, true, &lives);
	tree_remove(real.path);
	return code;
}

static int
play_one(void *context, size_t index, unsigned lane)
{
	const struct stage *stage = context;
	const struct play *play = &stage->plays[index];
	struct played *played = &stage->played[index];
	struct run run;
	enum world world;
	int code = load(&run, play);

	if (code != 0)
		return code;
	world = run.scenario.world;
	if (world == WORLD_VIRTUAL)
		code = play_virtual(&run, played);
	run_fini(&run);
	return world == WORLD_VIRTUAL ? code : play_real(stage, play, index, played);
}

static void
show_said(const struct stage *stage, size_t index)
{
	char path[SCRATCH_PATH_MAX + 32], line[512];
	FILE *said;

	snprintf(path, sizeof(path), "%s/%zu.said", stage->scratch.path, index);
	said = fopen(path, "re");
	while (said != NULL && fgets(line, sizeof(line), said) != NULL)
		fputs(line, stderr);
	if (said != NULL)
		fclose(said);
}

static bool
one_done(void *context, size_t index, unsigned lane, int code)
{
	const struct stage *stage = context;
	struct played *played = &stage->played[index];

	played->exit_code = code;
	if (!played->judged)
		show_said(stage, index);
	return false;
}

static int
play_on(struct stage *stage, size_t count)
{
	struct pool pool = {.count = count,
	                    .jobs = pool_jobs_default(),
	                    .until_ns = INT64_MAX,
	                    .work = play_one,
	                    .done = one_done,
	                    .context = stage};
	int code = 0, number = 0;

	if (scratch_init(&stage->scratch, "learn") != 0)
		return EXIT_INTERNAL;
	fflush(NULL);
	if (pool_run(&pool, &number) < 0)
		code = number != 0 ? 128 + number : EXIT_INTERNAL;
	scratch_fini(&stage->scratch);
	return code;
}

int
play_all(const struct play *plays, size_t count, struct played *played)
{
	struct stage stage = {.plays = plays};
	size_t size = count * sizeof(*played);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int code;

	if (memory == MAP_FAILED) {
		complain("no memory: %s", strerror(errno));
		return EXIT_INTERNAL;
	}
	stage.played = memory;
	code = play_on(&stage, count);
	memcpy(played, memory, size);
	munmap(memory, size);
	return code;
}

const struct played_line *
played_failure(const struct played *played, const char *name)
{
	for (size_t i = 0; i < played->lines; i++)
		if (played->line[i].result == LINE_FAILED &&
		    strncmp(played->line[i].name, name, strlen(name)) == 0)
			return &played->line[i];
	return NULL;
}

const struct played_line *
played_worst(const struct played *played, const char *name)
{
	const struct played_line *line = played_failure(played, name);

	if (line == NULL)
		line = played_failure(played, "");
	return line != NULL || played->lines == 0 ? line : &played->line[0];
}
