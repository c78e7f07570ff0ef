/* SPDX-License-Identifier: ISC
 *
 * A case that was saved: played again, looked at, or made into a small test.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/torture/case_file.h"
#include "sim/util/fail.h"
#include "sim/util/safe_text.h"

static bool
open_layers(struct session *session, const char *folder, const char *name)
{
	struct versions *versions = session->record->versions;
	char path[PATH_MAX + 64];

	for (unsigned i = 0; i < session->world.layers; i++) {
		snprintf(path, sizeof(path), "%s/%s/%u", folder, name, i);
		versions->fd[i] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (versions->fd[i] >= 0)
			continue;
		complain("%s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

static void
close_layers(struct session *session)
{
	for (unsigned i = 0; i < session->world.layers; i++)
		close(session->record->versions->fd[i]);
}

/* What the command had printed by then. */
static bool
load_output(struct session *session, const char *folder)
{
	char path[PATH_MAX + 64], part[65536];
	ssize_t got = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/stdout", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (got = read(fd, part, sizeof(part))) > 0) {
		if (write(session->record->output_fd, part, (size_t)got) != got)
			got = -1;
		session->record->end_output += got;
	}
	if (fd >= 0)
		close(fd);
	return fd >= 0 && got == 0;
}

/* The end becomes the first version, the state the second. */
static int
load(struct session *session, const char *folder)
{
	struct versions *versions = session->record->versions;

	if (!open_layers(session, folder, "end"))
		return EXIT_USAGE;
	versions->version++;
	versions_scan(versions, NULL, 0);
	session->record->end = versions->version;
	close_layers(session);
	if (!open_layers(session, folder, "state"))
		return EXIT_USAGE;
	versions->version++;
	versions_scan(versions, NULL, 0);
	close_layers(session);
	if (load_output(session, folder) && !versions->full)
		return EXIT_MET;
	complain("%s cannot be read whole", folder);
	return EXIT_USAGE;
}

static int
open_case(struct session **session, struct case_file *file, const char *folder)
{
	char whole[PATH_MAX];
	int code;

	if (realpath(folder, whole) == NULL) {
		complain("%s: %s", folder, strerror(errno));
		return EXIT_USAGE;
	}
	if (case_read(file, whole) != 0)
		return EXIT_USAGE;
	if (chdir(file->cwd) != 0) {
		complain("%s: the case was in the folder %s: %s", folder, file->cwd,
		         strerror(errno));
		return EXIT_USAGE;
	}
	code = session_init(session, &file->options);
	if (code != EXIT_MET)
		return code;
	if ((*session)->world.is_overlay != file->is_overlay) {
		complain("%s was saved %s the whole file system as its own: run this %s", folder,
		         file->is_overlay ? "with" : "without",
		         file->is_overlay ? "as root" : "as an ordinary user");
		return EXIT_USAGE;
	}
	code = load(*session, whole);
	if (code == EXIT_MET)
		code = session_play(*session, PART_LIST_END);
	if (code == EXIT_MET)
		case_mark_loose(file, (*session)->golden);
	(*session)->is_acknowledged = file->is_acknowledged;
	return code;
}

static void
put_said(const char *said)
{
	char safe[4 * SAID_SIZE];

	while (*said != '\0') {
		size_t length = strcspn(said, "\n");
		printf("  | %s\n", safe_text(safe, sizeof(safe), said, length));
		said += length + (said[length] == '\n');
	}
}

static int
tell(const struct case_file *file, const struct outcome *outcome)
{
	char safe[4 * EVENT_SIZE];
	bool good = outcome->judged == JUDGED_PASS || outcome->judged == JUDGED_LITTER;
	const char *why = good ? "it comes out right now" : outcome->why;

	printf("%s\n", safe_text(safe, sizeof(safe), file->event, strlen(file->event)));
	put_said(outcome->said);
	printf("%s\n", safe_text(safe, sizeof(safe), why, strlen(why)));
	if (outcome->litter[0] != '\0')
		printf("left behind: %s\n",
		       safe_text(safe, sizeof(safe), outcome->litter, strlen(outcome->litter)));
	if (good)
		return EXIT_MET;
	return outcome->judged == JUDGED_UNKNOWN ? EXIT_INCONCLUSIVE : EXIT_UNMET;
}

int
torture_replay(const char *folder, bool shell)
{
	struct session *session = NULL;
	struct case_file file = {0};
	int code = open_case(&session, &file, folder);

	if (code == EXIT_MET && shell)
		printf("%s; what you do here is gone when you leave the shell\n", file.event);
	if (code == EXIT_MET)
		code = session_play(session, shell ? PART_SHELL : PART_REPLAY);
	if (code == EXIT_MET && !shell)
		code = tell(&file, &session->gate);
	session_fini(session);
	case_fini(&file);
	return code;
}

/* --- as a small test */

static void
put_quoted(FILE *out, const char *word)
{
	fputc('\'', out);
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			fputs("'\\'", out);
		fputc(*word, out);
	}
	fputc('\'', out);
}

/* A file outside of the work folder is meant wherever the test is run. */
static void
put_word(FILE *out, const struct case_file *file, const char *word)
{
	char whole[PATH_MAX];
	size_t length = strlen(file->work[0]);
	bool outside = strchr(word, '/') != NULL && realpath(word, whole) != NULL &&
	               (strncmp(whole, file->work[0], length) != 0 || whole[length] != '/');

	fputc(' ', out);
	put_quoted(out, outside ? whole : word);
}

static void
put_recovery(FILE *out, const struct case_file *file)
{
	if (file->options.recover != NULL)
		fprintf(out, "(\n%s\n)", file->options.recover);
	else
		for (char *const *word = file->options.command; *word != NULL; word++)
			put_word(out, file, *word);
	fputs(" || exit 1\n", out);
}

static void
put_script(FILE *out, const struct case_file *file)
{
	const char *below = file->cwd + strlen(file->work[0]);
	char safe[4 * EVENT_SIZE];

	fprintf(out, "#!/bin/sh\n# %s\n",
	        safe_text(safe, sizeof(safe), file->event, strlen(file->event)));
	fprintf(out, "# %s\n# %s\n",
	        file->is_acknowledged ? "It is not as it was said to be:"
	                              : "It was not put right by running it again:",
	        safe_text(safe, sizeof(safe), file->why, strlen(file->why)));
	fputs("# before/ is what that has left, want/ what a clean run leaves.  0: it is right.\n"
	      "here=$(cd \"$(dirname \"$0\")\" && pwd) && work=$(mktemp -d) || exit 2\n"
	      "trap 'rm -rf \"$work\"' EXIT\n"
	      "cp -a \"$here/before/.\" \"$work\" && cd \"$work\"",
	      out);
	put_quoted(out, strncmp(file->cwd, file->work[0], strlen(file->work[0])) == 0 ? below : "");
	fputs(" || exit 2\n", out);
	if (!file->is_acknowledged)
		put_recovery(out, file);
	if (file->options.check != NULL)
		fprintf(out, "(\n%s\n) || exit 1\n", file->options.check);
	for (const char *const *same = file->same; *same != NULL; same++) {
		fputs("cmp", out);
		put_word(out, file, *same);
		fputs(" \"$here/want/\"", out);
		put_quoted(out, *same);
		fputs(" || exit 1\n", out);
	}
	if (file->options.check == NULL && file->same[0] == NULL)
		fputs("diff -r \"$here/want\" \"$work\" || exit 1\n", out);
	fputs("exit 0\n", out);
}

static int
write_script(const struct case_file *file, const char *folder)
{
	char path[PATH_MAX + 64];
	FILE *out;

	snprintf(path, sizeof(path), "%s/test.sh", folder);
	out = fopen(path, "wxe");
	if (out != NULL) {
		put_script(out, file);
		fchmod(fileno(out), 0755);
	}
	if (out != NULL && fclose(out) == 0)
		return EXIT_MET;
	complain("%s: %s", path, strerror(errno));
	return EXIT_USAGE;
}

int
torture_keep(const char *folder, const char *to)
{
	struct session *session = NULL;
	struct case_file file = {0};
	char whole[PATH_MAX];
	int code = EXIT_USAGE;

	if (mkdir(to, 0755) != 0 || realpath(to, whole) == NULL) {
		complain("%s: %s: give a folder that is not there yet", to, strerror(errno));
		return EXIT_USAGE;
	}
	code = open_case(&session, &file, folder);
	if (code == EXIT_MET && file.options.works > 1) {
		complain("keep: the case has more than one work folder");
		code = EXIT_USAGE;
	}
	if (code == EXIT_MET) {
		session->keep_to = whole;
		code = session_play(session, PART_KEEP_STATE);
	}
	if (code == EXIT_MET)
		code = session_play(session, PART_KEEP_END);
	if (code == EXIT_MET)
		code = write_script(&file, whole);
	session_fini(session);
	case_fini(&file);
	if (code != EXIT_MET)
		rmdir(whole);
	return code;
}
