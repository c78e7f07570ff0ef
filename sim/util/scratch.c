/* SPDX-License-Identifier: ISC
 *
 * Scratch folders and their keepers.  All processes of the command have one end of the
 * keeper's socket, so that its end of file comes when the last of them is gone.  The keeper is
 * nobody's child, because there are those who wait for all of theirs.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/util/fail.h"
#include "sim/util/scratch.h"
#include "sim/util/tree.h"

/* What the keeper says first: where the folder is, or why there is none. */
struct made {
	int error;
	char path[SCRATCH_PATH_MAX];
};

static int
make_folder(char path[SCRATCH_PATH_MAX], const char *name)
{
	const char *temporary = getenv("TMPDIR");
	int length = snprintf(path, SCRATCH_PATH_MAX, "%s/graveshift-%s.XXXXXX",
	                      temporary != NULL && temporary[0] == '/' ? temporary : "/tmp", name);

	if (length >= SCRATCH_PATH_MAX)
		return -ENAMETOOLONG;
	return mkdtemp(path) != NULL ? 0 : -errno;
}

/* A byte means that the folder is none of its business any more.  The keeper makes the folder
 * itself: there is no moment at which it is there and nobody would remove it. */
_Noreturn static void
keep(const char *name, int fd)
{
	struct made made = {0};
	sigset_t all;
	char byte;
	ssize_t got;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	made.error = make_folder(made.path, name);
	/* Nobody hears it who is dead; then the end of file comes at once. */
	send(fd, &made, sizeof(made), MSG_NOSIGNAL);
	if (made.error != 0)
		_exit(EXIT_FAILURE);
	/* Whoever reads what the command writes must see the end of it. */
	if (dup2(fd, 0) < 0 || chdir("/") != 0) {
		tree_remove(made.path);
		_exit(EXIT_FAILURE);
	}
	closefrom(1);
	setproctitle("graveshift keeper of %s", made.path);
	while ((got = read(0, &byte, 1)) < 0 && errno == EINTR)
		continue;
	if (got == 0)
		tree_remove(made.path);
	_exit(EXIT_SUCCESS);
}

/* In a session of its own: what is meant for the command's whole group spares the keeper. */
static int
start_keeper(const char *name, const int fd[2])
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		close(fd[1]);
		if (setsid() < 0)
			_exit(EXIT_FAILURE);
		child = fork();
		if (child == 0)
			keep(name, fd[0]);
		_exit(child < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	if (child < 0)
		return -errno;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status == 0 ? 0 : -EAGAIN;
}

static int
hear_keeper(int fd, struct made *made)
{
	ssize_t got;

	while ((got = recv(fd, made, sizeof(*made), MSG_WAITALL)) < 0 && errno == EINTR)
		continue;
	return got == sizeof(*made) ? 0 : -EAGAIN;
}

int
scratch_init(struct scratch *scratch, const char *name)
{
	struct made made = {0};
	int fd[2], error;

	*scratch = (struct scratch){.keeper_fd = -1};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
		return -errno;
	error = start_keeper(name, fd);
	close(fd[0]);
	if (error == 0)
		error = hear_keeper(fd[1], &made);
	if (error != 0)
		complain("cannot start a process that removes a folder in the end: %s",
		         strerror(-error));
	else if (made.error != 0)
		complain("cannot make a folder for the runs, %s: %s", made.path,
		         strerror(-made.error));
	if (error == 0)
		error = made.error;
	if (error != 0) {
		close(fd[1]);
		return error;
	}
	strlcpy(scratch->path, made.path, sizeof(scratch->path));
	scratch->keeper_fd = fd[1];
	return 0;
}

void
scratch_keep(struct scratch *scratch)
{
	if (scratch->stays)
		return;
	scratch->stays = true;
	/* A keeper that is gone does not remove anything either. */
	if (send(scratch->keeper_fd, "k", 1, MSG_NOSIGNAL) != 1)
		complain("the keeper of %s is gone", scratch->path);
}

void
scratch_fini(struct scratch *scratch)
{
	if (scratch->path[0] == '\0')
		return;
	if (!scratch->stays) {
		tree_remove(scratch->path);
		scratch_keep(scratch);
	}
	close(scratch->keeper_fd);
	scratch->path[0] = '\0';
}
