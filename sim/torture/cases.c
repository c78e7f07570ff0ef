/* SPDX-License-Identifier: ISC
 *
 * Keeping cases: a state of each window that fails, as folders of its layers, and those of the
 * clean end to hold it against.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/torture/case_file.h"
#include "sim/torture/cases.h"
#include "sim/torture/loss.h"
#include "sim/torture/state_view.h"
#include "sim/util/fail.h"

#define CASES_MAX 64

static int
make_folder(const char *path)
{
	return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : -errno;
}

/* The layers of a version, in folders that are new. */
static int
save_layers(const struct session *session, const char *folder, const char *name,
            const struct candidate *candidate)
{
	struct state_view state;
	char path[PATH_MAX + 64];
	int fd[VERSION_LAYERS], error;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	error = state_view_init(&state, session, candidate);
	if (error == 0 && mkdir(path, 0755) != 0)
		error = -errno;
	for (unsigned i = 0; i < VERSION_LAYERS; i++)
		fd[i] = -1;
	for (unsigned i = 0; error == 0 && i < session->world.layers; i++) {
		snprintf(path, sizeof(path), "%s/%s/%u", folder, name, i);
		if (mkdir(path, 0755) == 0)
			fd[i] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		error = fd[i] < 0 ? -errno : 0;
	}
	if (error == 0)
		error = view_restore(session->record->versions, state.view, fd);
	slot_close(&session->world, fd);
	state_view_fini(&state);
	return error;
}

static int
save_output(const struct session *session, const char *folder, int64_t length)
{
	char path[PATH_MAX + 64];
	off_t from = 0;
	int fd, error = 0;

	snprintf(path, sizeof(path), "%s/stdout", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	while (error == 0 && from < length)
		if (copy_file_range(session->record->output_fd, &from, fd, NULL,
		                    (size_t)(length - from), 0) <= 0)
			error = -EIO;
	close(fd);
	return error;
}

static int
save_state(const struct session *session, const struct candidate *candidate, const char *folder)
{
	const struct record *record = session->record;
	const struct candidate end = {.point = record->ops};
	bool is_end = candidate->point == record->ops;
	int error = save_layers(session, folder, "state", candidate);

	if (error == 0)
		error = save_layers(session, folder, "end", &end);
	if (error == 0)
		error =
		    save_output(session, folder,
		                is_end ? record->end_output : record->op[candidate->point].output);
	return error;
}

/* In the first folder of a number that is free. */
static int
make_case(const char *below, char *folder)
{
	for (int i = 1; i < 10000; i++) {
		snprintf(folder, PATH_MAX, "%s/%d", below, i);
		if (mkdir(folder, 0755) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/* What has happened in it. */
static int
tell_event(const struct session *session, uint32_t number, const char *point, char *event,
           size_t size)
{
	const struct candidate *candidate = &session->candidate[number];
	bool is_end = candidate->point == session->record->ops;
	char story[EVENT_SIZE / 2];
	struct loss loss;
	int error;

	if (candidate->crash == NULL) {
		snprintf(event, size, "killed before %s", point);
		return 0;
	}
	error = loss_of(session, number, &loss);
	if (error == 0)
		snprintf(event, size, "power lost (%s) %s %s%s: %s",
		         power_model_name(session->power->model), is_end ? "at" : "before", point,
		         candidate->is_acknowledged ? ", acknowledged" : "",
		         loss_story(session, &loss, story, sizeof(story)));
	return error;
}

static int
save_case(struct session *session, uint32_t number, struct report *report)
{
	const struct candidate *candidate = &session->candidate[number];
	const struct record *record = session->record;
	char folder[PATH_MAX], point[OP_NAME_SIZE + 16] = "the end", event[EVENT_SIZE];
	int error = make_case(session->options->save, folder);

	if (candidate->point < record->ops)
		op_text(record, &record->op[candidate->point], point, sizeof(point));
	if (error == 0)
		error = save_state(session, candidate, folder);
	if (error != 0) {
		complain("cannot save a case in %s: %s", session->options->save, strerror(-error));
		return error;
	}
	error = tell_event(session, number, point, event, sizeof(event));
	if (error == 0)
		error = case_write(session, folder, number, point, event);
	if (error == 0)
		report_note(report, "saved: %s: graveshift torture replay %s", event, folder);
	return error;
}

static int
save_power(struct session *session, struct report *report)
{
	struct loss_group group[LOSSES_SHOWN_MAX];
	int64_t groups = loss_groups(session, group);
	int error = groups < 0 ? (int)groups : 0;

	for (int64_t i = 0; error == 0 && i < groups && i < LOSSES_SHOWN_MAX; i++)
		error = save_case(session, group[i].loss.candidate, report);
	return error;
}

int
cases_save(struct session *session, const struct exploration *exploration, struct report *report)
{
	struct window *windows = calloc(CASES_MAX, sizeof(*windows));
	uint32_t count = 0;
	int error = windows == NULL ? -ENOMEM : make_folder(session->options->save);

	if (error == 0)
		count = explore_windows(session, exploration, windows, CASES_MAX);
	else
		complain("cannot make %s: %s", session->options->save, strerror(-error));
	for (uint32_t i = 0; error == 0 && i < count && i < CASES_MAX; i++)
		error = save_case(session, windows[i].shown, report);
	for (uint32_t i = 0; error == 0 && i < session->candidates; i++)
		if (session->candidate[i].torn_end > 0 && session->outcome[i].judged >= JUDGED_FAIL)
			error = save_case(session, i, report);
	if (error == 0 && session->power != NULL)
		error = save_power(session, report);
	free(windows);
	return error == 0 ? EXIT_MET : EXIT_INTERNAL;
}
