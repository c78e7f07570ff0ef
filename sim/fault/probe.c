/* SPDX-License-Identifier: ISC
 *
 * Each need is tried once in a process and remembered, but for the memory limit, which the scenario
 * sets.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/fault/probe.h"
#include "sim/util/clock.h"

#define MEMORY_USUAL (UINT64_C(64) << 20)
#define MEMORY_STEP (UINT64_C(1) << 20)

enum { CHILD_GOOD, CHILD_LIMIT_REFUSED, CHILD_NO_ROOM, CHILD_NO_LIMIT, CHILD_ORPHAN };

static int
end_of(int pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

/* The child dies with its parent, or it would outlive a kill of the director and hold the run's
 * lock.  It is not stopped before that is settled: a pipe's end says that it is. */
static int
fork_child(void)
{
	int parent = (int)getpid(), ends[2], pid;
	char byte;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	pid = (int)fork();
	if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent))
		_exit(CHILD_ORPHAN);
	close(ends[1]);
	while (pid > 0 && read(ends[0], &byte, 1) < 0 && errno == EINTR)
		continue;
	close(ends[0]);
	return pid;
}

static const char *
try_signals(void)
{
	const char *problem = NULL;
	int pid = fork_child(), pidfd, status = 0;

	if (pid == 0) {
		alarm(1); /* without pidfds nobody could end it */
		for (;;)
			pause();
	}
	pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;
	if (pid < 0)
		return "fork fails";
	if (pidfd < 0 || pidfd_send_signal(pidfd, SIGSTOP, NULL, 0) != 0)
		problem = "the kernel has no pidfd_open or pidfd_send_signal (Linux 5.3)";
	else if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		problem = "a child that is sent SIGSTOP does not stop";
	if (pidfd >= 0) {
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
		close(pidfd);
	}
	end_of(pid);
	return problem;
}

static const char *
probe_signals(const struct scenario *scenario)
{
	static const char *problem;
	static bool tried;

	if (!tried)
		problem = try_signals();
	tried = true;
	return problem;
}

static const char *
probe_processor(const struct scenario *scenario)
{
	struct timespec used;

	return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0
	           ? NULL
	           : "no clock for the processor time of a process";
}

_Noreturn static void
fill_memory(uint64_t limit)
{
	struct rlimit wanted = {.rlim_cur = limit, .rlim_max = limit};

	if (setrlimit(RLIMIT_DATA, &wanted) != 0)
		_exit(CHILD_LIMIT_REFUSED);
	for (uint64_t taken = 0; taken <= limit; taken += MEMORY_STEP)
		if (mmap(NULL, MEMORY_STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		         0) == MAP_FAILED)
			_exit(taken == 0 ? CHILD_NO_ROOM : CHILD_GOOD);
	_exit(CHILD_NO_LIMIT);
}

static const char *
probe_memory(const struct scenario *scenario)
{
	uint64_t limit =
	    scenario != NULL && scenario->memory != 0 ? scenario->memory : MEMORY_USUAL;
	int pid = fork_child(), status;

	if (pid == 0)
		fill_memory(limit);
	status = pid > 0 ? end_of(pid) : -1;
	if (!WIFEXITED(status))
		return "fork fails, or the child dies at once";
	switch (WEXITSTATUS(status)) {
	case CHILD_GOOD:
		return NULL;
	case CHILD_LIMIT_REFUSED:
		return "the limit is above the hard one of this shell (ulimit -H -d)";
	case CHILD_NO_ROOM:
		return "the program itself needs more than limits.memory (is it built with a "
		       "sanitizer?)";
	default:
		return "the kernel does not enforce RLIMIT_DATA";
	}
}

static const char *
probe_shared(const struct scenario *scenario)
{
	const char *problem = "memory cannot be shared between processes";
	int fd = memfd_create("graveshift-probe", MFD_CLOEXEC), pid;
	_Atomic int *shared = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, sizeof(*shared)) == 0)
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (shared == MAP_FAILED)
		return problem;
	pid = fork_child();
	if (pid == 0) {
		atomic_store(shared, 1);
		_exit(0);
	}
	if (pid > 0 && end_of(pid) == 0 && atomic_load(shared) == 1)
		problem = NULL;
	munmap((void *)shared, sizeof(*shared));
	return problem;
}

static const char *
probe_sockets(const struct scenario *scenario)
{
	struct sockaddr any = {.sa_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	/* Without a name the kernel chooses an abstract one. */
	bool bound = fd >= 0 && bind(fd, &any, sizeof(sa_family_t)) == 0 && listen(fd, 1) == 0;

	if (fd >= 0)
		close(fd);
	return bound ? NULL : "no Unix sockets with abstract names";
}

static const char *
probe_split(const struct scenario *scenario)
{
	const char *problem = probe_signals(scenario);
	int reaper;

	if (problem == NULL)
		problem = probe_sockets(scenario);
	if (problem == NULL && prctl(PR_GET_CHILD_SUBREAPER, &reaper) != 0)
		problem = "no PR_SET_CHILD_SUBREAPER";
	return problem;
}

static const char *
probe_calendar(const struct scenario *scenario)
{
	struct timespec now;

	return clock_gettime(CLOCK_REALTIME, &now) == 0 && now.tv_sec > 0 ? NULL : "no wall clock";
}

#define SIGNALS "pidfds, SIGSTOP and SIGCONT among own children"
#define OWN_CALLS ""  /* it is in the wrapper round our own calls */
#define OWN_FRAMES "" /* it is in our own channel */

const struct fault_kind fault_kinds[] = {
    {FAULT_KILL, "kill", "a signal, to a child by its pidfd", SIGNALS, probe_signals},
    {FAULT_CRASH, "crash", "the process raises a signal or exits", "", NULL},
    {FAULT_PAUSE, "pause", "SIGSTOP, and SIGCONT later", SIGNALS, probe_signals},
    {FAULT_HANG, "hang", "the process sleeps in its work, without a beat", "", NULL},
    {FAULT_SPIN, "spin", "the process computes nothing, without a beat",
     "a clock of processor time", probe_processor},
    {FAULT_SLOW, "slow", "a wait at every record", "", NULL},
    {FAULT_MEMORY, "memory", "memory is taken until the limit refuses more",
     "RLIMIT_DATA, enforced; no cgroup", probe_memory},
    {FAULT_BAD_CHUNK, "bad_chunk", "a damaged copy of the chunk is read", "", NULL},
    {FAULT_POISON, "poison", "the record ends its worker", "", NULL},
    {FAULT_FLAKY, "flaky", "the record fails some times", "", NULL},
    {FAULT_LOSE_PART, "lose_part", "what a map has handed on is removed", "", NULL},
    {FAULT_SPOIL_PART, "spoil_part", "what a map has handed on gets a flipped bit", "", NULL},
    {FAULT_FAIL, "fail", "a call on a durable file fails", OWN_CALLS, NULL},
    {FAULT_SHORT, "short", "a write takes half", OWN_CALLS, NULL},
    {FAULT_TEAR, "tear", "half of a write happens, then SIGKILL", SIGNALS, probe_signals},
    {FAULT_POWER, "power", "everybody is killed, what was not synced is undone", SIGNALS,
     probe_signals},
    {FAULT_DROP, "drop", "a frame is not handed on", OWN_FRAMES, NULL},
    {FAULT_DELAY, "delay", "a frame is kept back", OWN_FRAMES, NULL},
    {FAULT_DUPLICATE, "duplicate", "a frame is handed on twice", OWN_FRAMES, NULL},
    {FAULT_REORDER, "reorder", "a frame and the next one change places", OWN_FRAMES, NULL},
    {FAULT_CORRUPT, "corrupt", "bits of a frame are flipped", OWN_FRAMES, NULL},
    {FAULT_PARTITION, "partition", "no frame of a worker is handed on", OWN_FRAMES, NULL},
    {FAULT_CLOCK, "clock", "the run's calendar clock gets an offset; the host's is left alone",
     "a wall clock; no time namespace, no privilege", probe_calendar},
    {FAULT_BOARD, "board", "bytes of the shared board are flipped",
     "memory shared between processes", probe_shared},
    {FAULT_SPLIT, "split", "the supervisor is stopped and another one started beside it",
     SIGNALS ", abstract sockets, a subreaper", probe_split},
    {FAULT_SCALE, "scale", "the coordinator wants more or fewer workers", "", NULL},
    {FAULT_DRAIN, "drain", "a worker is dismissed", "", NULL},
    {FAULT_GROW, "grow", "more records are written behind the run's own input", "", NULL},
    {FAULT_QUIET, "quiet", "no other fault begins", "", NULL},
    {FAULT_HEAL, "heal", "what lasts is ended", SIGNALS, probe_signals},
};
const size_t fault_kind_count = sizeof(fault_kinds) / sizeof(fault_kinds[0]);

const char *
fault_kind_probe(const struct fault_kind *kind, const struct scenario *scenario)
{
	return kind->probe == NULL ? NULL : kind->probe(scenario);
}

const char *
fault_probe(const struct scenario *scenario, const struct fault *fault)
{
	if (fault->what == FAULT_POISON && fault->poison_memory)
		return probe_memory(scenario);
	for (size_t i = 0; i < fault_kind_count; i++)
		if (fault_kinds[i].what == fault->what)
			return fault_kind_probe(&fault_kinds[i], scenario);
	return NULL;
}
