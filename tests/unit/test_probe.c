/* SPDX-License-Identifier: ISC
 *
 * Trying whether a fault can be done leaves nobody behind, whenever the one who tries is killed.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/fault/probe.h"
#include "sim/util/clock.h"

#define TRIES 150
#define STEP_NS 4000

static void
probe_all(int ready)
{
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (size_t i = 0; i < fault_kind_count; i++)
		fault_kind_probe(&fault_kinds[i], NULL);
	for (;;)
		pause();
}

static void
kill_child(int pid)
{
	int pidfd = pidfd_open(pid, 0);

	assert_true(pidfd >= 0);
	assert_int_equal(pidfd_send_signal(pidfd, SIGKILL, NULL, 0), 0);
	close(pidfd);
}

static void
kill_children(void)
{
	char path[64];
	FILE *children;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	children = fopen(path, "re");
	assert_non_null(children);
	while (fscanf(children, "%d", &pid) == 1)
		kill_child(pid);
	fclose(children);
}

static void
on_alarm(int number)
{
}

/* Waits for the prober and all that it left, which we adopt.  Who stands still would do so for
 * ever. */
static bool
all_end(void)
{
	bool in_time = true;

	alarm(3);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
		if (alarm(3) > 0)
			continue;
		in_time = false;
		kill_children();
	}
	alarm(0);
	return in_time;
}

static void
test_nobody_is_left_when_the_prober_is_killed(void **state)
{
	struct sigaction interrupt = {.sa_handler = on_alarm};

	sigaction(SIGALRM, &interrupt, NULL);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	for (int i = 0; i < TRIES; i++) {
		int ends[2], pid;
		int64_t due_ns;
		char byte;
		assert_int_equal(pipe(ends), 0);
		pid = (int)fork();
		assert_true(pid >= 0);
		if (pid == 0)
			probe_all(ends[1]);
		assert_int_equal(read(ends[0], &byte, 1), 1);
		due_ns = clock_now_ns() + (int64_t)i * STEP_NS;
		while (clock_now_ns() < due_ns)
			continue;
		kill_child(pid);
		assert_true(all_end());
		close(ends[0]);
		close(ends[1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nobody_is_left_when_the_prober_is_killed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
