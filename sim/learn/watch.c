/* SPDX-License-Identifier: ISC
 *
 * Judging again whenever the learner's file is saved, until the lesson is passed.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "sim/learn/bench.h"
#include "sim/learn/learn.h"
#include "sim/util/fail.h"

struct lookout {
	int fd;
	char buffer[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)]
	    __attribute__((aligned(__alignof__(struct inotify_event))));
};

/* The folder is watched, not the file: editors put a new one in its place. */
static int
lookout_init(struct lookout *lookout, const char *folder)
{
	lookout->fd = inotify_init1(IN_CLOEXEC);
	if (lookout->fd >= 0 &&
	    inotify_add_watch(lookout->fd, folder, IN_CLOSE_WRITE | IN_MOVED_TO) >= 0)
		return 0;
	complain("cannot watch %s: %s", folder, strerror(errno));
	if (lookout->fd >= 0)
		close(lookout->fd);
	return EXIT_USAGE;
}

static bool
names(const struct lookout *lookout, ssize_t length, const char *file)
{
	bool found = false;

	for (ssize_t at = 0; at < length;) {
		const struct inotify_event *event = (const void *)(lookout->buffer + at);
		found |= event->len > 0 && strcmp(event->name, file) == 0;
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	return found;
}

/* Waits until the file was saved.  0 or an exit code. */
static int
wait_for_save(struct lookout *lookout, const char *file)
{
	for (;;) {
		ssize_t length = read(lookout->fd, lookout->buffer, sizeof(lookout->buffer));
		if (length > 0 && names(lookout, length, file))
			return 0;
		if (length < 0 && errno != EINTR) {
			complain("cannot watch any more: %s", strerror(errno));
			return EXIT_INTERNAL;
		}
	}
}

static int
watch(struct bench *bench)
{
	struct lookout *lookout = malloc(sizeof(*lookout));
	int code = lookout == NULL ? EXIT_INTERNAL : lookout_init(lookout, bench->exercise.folder);

	if (code != 0) {
		free(lookout);
		return code;
	}
	for (;;) {
		code = bench_judge(bench, stdout);
		if (code != EXIT_UNMET && code != EXIT_USAGE)
			break;
		printf("Watching %s; Ctrl-C ends it.\n\n", bench->lesson.edit);
		fflush(stdout);
		code = wait_for_save(lookout, bench->lesson.edit);
		if (code != 0)
			break;
	}
	if (code == EXIT_MET)
		printf("Well done.\n");
	close(lookout->fd);
	free(lookout);
	return code;
}

int
learn_watch(const struct learn_words *words)
{
	struct bench bench;
	int code = bench_open(&bench);

	if (code != 0)
		return code;
	bench_title(&bench.lesson, stdout);
	code = bench_question(&bench);
	if (code == 0 && bench.lesson.edit == NULL)
		code = bench_judge(&bench, stdout);
	else if (code == 0)
		code = watch(&bench);
	bench_fini(&bench);
	return code;
}
