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
#include "sim/util/fail.h"

#define CASES_MAX 64

static int
make_folder(const char *path)
{
	return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : -errno;
}

/* The layers of a version, in folders that are new. */
static int
save_layers(const struct session *session, const char *folder, const char *name, uint32_t version,
            const struct tear *tear)
{
	char path[PATH_MAX + 64];
	int fd[VERSION_LAYERS], error;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	error = mkdir(path, 0755) == 0 ? 0 : -errno;
	for (unsigned i = 0; i < VERSION_LAYERS; i++)
		fd[i] = -1;
	for (unsigned i = 0; error == 0 && i < session->world.layers; i++) {
		snprintf(path, sizeof(path), "%s/%s/%u", folder, name, i);
		if (mkdir(path, 0755) == 0)
			fd[i] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		error = fd[i] < 0 ? -errno : 0;
	}
	if (error == 0)
		error = versions_restore(session->record->versions, version, tear, fd);
	slot_close(&session->world, fd);
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
	bool is_end = candidate->point == record->ops;
	const struct op *op = is_end ? NULL : &record->op[candidate->point];
	struct tear tear = {NULL, candidate->torn_end};
	int error;

	if (op != NULL && candidate->torn_end > 0)
		tear.node = op->node;
	error =
	    save_layers(session, folder, "state", op == NULL ? record->end : op->version, &tear);
	if (error == 0)
		error = save_layers(session, folder, "end", record->end, NULL);
	if (error == 0)
		error = save_output(session, folder, op == NULL ? record->end_output : op->output);
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

static int
save_case(struct session *session, uint32_t number, struct report *report)
{
	const struct candidate *candidate = &session->candidate[number];
	const struct record *record = session->record;
	char folder[PATH_MAX], point[OP_NAME_SIZE + 16] = "the end";
	int error = make_case(session->options->save, folder);

	if (candidate->point < record->ops)
		op_text(record, &record->op[candidate->point], point, sizeof(point));
	if (error == 0)
		error = save_state(session, candidate, folder);
	if (error != 0) {
		complain("cannot save a case in %s: %s", session->options->save, strerror(-error));
		return error;
	}
	error = case_write(session, folder, point, session->outcome[number].why);
	if (error == 0)
		report_note(report, "saved: before %s: graveshift torture replay %s", point,
		            folder);
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
	free(windows);
	return error == 0 ? EXIT_MET : EXIT_INTERNAL;
}
