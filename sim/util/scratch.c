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

/* A byte means that the folder is none of its business any more. */
_Noreturn static void
keep(char *path, int fd)
{
	sigset_t all;
	char byte;
	ssize_t got;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	/* Whoever reads what the command writes must see the end of it. */
	if (dup2(fd, 0) < 0 || chdir("/") != 0)
		_exit(EXIT_FAILURE);
	closefrom(1);
	setproctitle("graveshift keeper of %s", path);
	while ((got = read(0, &byte, 1)) < 0 && errno == EINTR)
		continue;
	if (got == 0)
		tree_remove(path);
	_exit(EXIT_SUCCESS);
}

/* In a session of its own: what is meant for the command's whole group spares the keeper. */
static int
start_keeper(char *path, const int fd[2])
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		close(fd[1]);
		if (setsid() < 0)
			_exit(EXIT_FAILURE);
		child = fork();
		if (child == 0)
			keep(path, fd[0]);
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
make_folder(struct scratch *scratch, const char *name)
{
	const char *temporary = getenv("TMPDIR");
	int length = snprintf(scratch->path, sizeof(scratch->path), "%s/graveshift-%s.XXXXXX",
	                      temporary != NULL && temporary[0] == '/' ? temporary : "/tmp", name);

	if (length >= (int)sizeof(scratch->path))
		return -ENAMETOOLONG;
	return mkdtemp(scratch->path) != NULL ? 0 : -errno;
}

int
scratch_init(struct scratch *scratch, const char *name)
{
	int fd[2], error;

	*scratch = (struct scratch){.keeper_fd = -1};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
		return -errno;
	error = make_folder(scratch, name);
	if (error != 0) {
		complain("cannot make a folder for the runs, %s: %s", scratch->path,
		         strerror(-error));
		scratch->path[0] = '\0';
	} else {
		error = start_keeper(scratch->path, fd);
	}
	close(fd[0]);
	if (error == 0) {
		scratch->keeper_fd = fd[1];
		return 0;
	}
	close(fd[1]);
	if (scratch->path[0] != '\0') {
		complain("cannot start a process that removes %s in the end: %s", scratch->path,
		         strerror(-error));
		rmdir(scratch->path);
		scratch->path[0] = '\0';
	}
	return error;
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
