/* SPDX-License-Identifier: ISC
 *
 * The director's loop: one supervisor after the other until the job has ended.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/disk/power.h"
#include "sim/disk/unsynced.h"
#include "sim/fault/probe.h"
#include "sim/process/director_parts.h"
#include "sim/process/run_power.h"
#include "sim/rundir/eventlog.h"
#include "sim/util/calendar.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

#define KEEPER_BUSY_MS 2000
#define UNSCRIPTED_WITHIN_NS (10 * NS_PER_S)
#define SPLIT_LOOK_NS (20 * NS_PER_MS)

void
director_say(struct director *director, const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	director->watch->event(director->watch->context, line);
}

static void
end_with(struct director *director, enum director_end end)
{
	if (!director->over)
		director->report->end = end;
	director->over = true;
}

void
director_break_off(struct director *director, const char *what, int error)
{
	complain("cannot %s: %s.  Nothing that is done is lost: `graveshift resume %s`", what,
	         strerror(-error), director->run->dir.path);
	end_with(director, DIRECTOR_BROKEN);
}

/* While no supervisor lives, the log is the director's to write.  0 or -errno. */
static int
put_note(struct director *director, enum core_kind kind, uint64_t record, uint64_t value)
{
	struct core_step step = {.at_ns = clock_now_ns(),
	                         .kind = (uint8_t)kind,
	                         .slot = CORE_NO_SLOT,
	                         .task = CORE_NO_TASK,
	                         .record = record,
	                         .value = value};
	uint64_t count, repaired;
	int fd, error;

	point_reach(POINT_DIRECTOR_BEFORE_LOG);
	fd = eventlog_open(director->run->events, &count, &repaired);
	if (fd < 0)
		return fd;
	if (repaired > 0) {
		struct core_step cut = {.at_ns = step.at_ns,
		                        .kind = NOTE_LOG_REPAIRED,
		                        .slot = CORE_NO_SLOT,
		                        .task = CORE_NO_TASK,
		                        .value = repaired};
		director_say(director, "the event log had a torn tail: %llu bytes cut off",
		             (unsigned long long)repaired);
		board_events_resume(director->run->board, count);
		eventlog_put(fd, director->run->board, &cut);
	}
	board_events_resume(director->run->board, count);
	eventlog_put(fd, director->run->board, &step);
	error = eventlog_flush(fd, director->run->board);
	if (error == 0)
		point_reach(POINT_DIRECTOR_AFTER_LOG);
	close(fd);
	return error == 0 ? 0 : -ENOSPC;
}

static void
note(struct director *director, enum core_kind kind, uint64_t record, uint64_t value)
{
	int error = put_note(director, kind, record, value);

	if (error != 0)
		director_break_off(director, "write the event log", error);
}

/* Why it leaves a job that has not ended: who comes next would take it for killed otherwise.  What
 * cannot be written then was complained of before. */
static void
note_end(struct director *director)
{
	if (director->report->end != DIRECTOR_JOB_ENDED)
		(void)put_note(director, NOTE_DIRECTOR_ENDED,
		               (uint64_t)(calendar_now_ns() / NS_PER_S), director->report->end);
}

static void
keep_store(struct director *director)
{
	struct store_run info;
	/* It copies the log back in the end, and must sync no more of it, and no less, than a
	 * worker. */
	int error = store_open(&director->keeper, director->run->db,
	                       director->run->scenario.durability, KEEPER_BUSY_MS);

	if (error == 0) {
		/* The next supervisor must not wait for a checkpoint before it is even forked. */
		store_checkpoint_on_close(director->keeper, false);
		error = store_run_read(director->keeper, &info); /* opening alone opens nothing */
	}
	if (error != 0)
		director_break_off(director, "open run.db", error);
}

static void
release_store(struct director *director)
{
	store_close(director->keeper);
	director->keeper = NULL;
}

void
director_start_supervisor(struct director *director)
{
	struct run *run = director->run;
	int parent = (int)getpid(), ends[2], pid;

	release_store(director);
	point_reach(POINT_DIRECTOR_BEFORE_SUPERVISOR);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		director_break_off(director, "make a socket pair", -errno);
		return;
	}
	pid = (int)fork();
	if (pid == 0) {
		sigset_t none;
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		close(ends[0]);
		close(director->signal_fd);
		desk_close(director);
		run->control_fd = ends[1];
		supervisor_main(run, parent);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		director_break_off(director, "fork a supervisor", -errno);
		return;
	}
	run->control_fd = ends[0];
	director->supervisor = pid;
	director->supervisor_fd = pidfd_open(pid, 0);
	director->report->generations++;
	if (director->supervisor_fd < 0)
		director_break_off(director, "watch the supervisor (pidfd_open)", -errno);
	keep_store(director);
}

void
director_tell(struct director *director, enum control_kind kind, size_t fault)
{
	struct control control = {.kind = kind, .fault = (uint32_t)fault};

	if (director->supervisor != 0 &&
	    send(director->run->control_fd, &control, sizeof(control),
	         MSG_NOSIGNAL | MSG_DONTWAIT) < 0 &&
	    errno != EPIPE && errno != ECONNRESET)
		director_break_off(director, "speak to the supervisor", -errno);
}

void
director_signal_supervisor(struct director *director, int number)
{
	if (director->supervisor != 0 &&
	    pidfd_send_signal(director->supervisor_fd, number, NULL, 0) != 0 && errno != ESRCH)
		director_break_off(director, "signal the supervisor", -errno);
}

static int64_t
earlier(int64_t a_ns, int64_t b_ns)
{
	return a_ns < b_ns ? a_ns : b_ns;
}

static int
poll_ms(const struct director *director)
{
	int64_t quiet_ns = atomic_load(&director->run->faults->quiet_until_ns);
	int64_t wall_ns = director->started_ns + director->run->scenario.wall_ns;
	int64_t due_ns = earlier(wall_ns, director->tick_due_ns);

	if (director->resume_supervisor_ns != 0)
		due_ns = earlier(due_ns, director->resume_supervisor_ns);
	if (director->split.pid != 0)
		due_ns = earlier(due_ns, director->split.resume_ns != 0
		                             ? director->split.resume_ns
		                             : director->now_ns + SPLIT_LOOK_NS);
	if (quiet_ns > director->now_ns)
		due_ns = earlier(due_ns, quiet_ns);
	due_ns = earlier(due_ns, desk_due_ns(director));
	due_ns = earlier(due_ns, director_faults_due_ns(director));
	if (due_ns <= director->now_ns)
		return 0;
	return (int)earlier((due_ns - director->now_ns) / NS_PER_MS + 1, 60000);
}

static int
slot_of(const struct run *run, int pid)
{
	for (uint32_t slot = 0; slot < run->board->slots; slot++) {
		struct board_slot_row row;
		if (board_slot_get(run->board, slot, &row) == 0 && row.pid == pid)
			return (int)slot;
	}
	return -1;
}

/* Orphaned workers are ours now; each died with its supervisor, and none may outlive it into the
 * next generation.  What killed a worker before it could be noticed is proven here. */
static void
reap_orphans(struct director *director)
{
	struct run *run = director->run;
	int status, pid;

	while ((pid = (int)waitpid(-1, &status, 0)) > 0 || errno == EINTR) {
		struct board_slot_row row = {0};
		int slot = pid > 0 ? slot_of(run, pid) : -1;
		if (slot >= 0 && board_slot_get(run->board, (uint32_t)slot, &row) == 0)
			fault_prove(&run->scenario, run->faults, (uint16_t)slot, row.incarnation,
			            status);
	}
	fault_forget_victims(&run->scenario, run->faults);
	if (fault_plan_recount(&run->scenario, run->plan_path, run->faults) != 0)
		complain("cannot read %s: faults that were never injected may count as such",
		         run->plan_path);
}

/* Work that was under way in workers that died with their supervisor. */
static void
count_rework(struct director *director)
{
	for (uint16_t slot = 0; slot < director->run->scenario.core.slots; slot++)
		if (board_work_is_busy(director->run->board, slot)) {
			atomic_fetch_add(&director->run->faults->rework,
			                 board_work_done(director->run->board, slot));
			board_work_reset(director->run->board, slot);
		}
}

static bool
died_too_often(struct director *director)
{
	int64_t oldest_ns = director->unscripted_ns[director->unscripted % UNSCRIPTED_MAX];

	director->unscripted_ns[director->unscripted % UNSCRIPTED_MAX] = director->now_ns;
	director->unscripted++;
	return director->unscripted > UNSCRIPTED_MAX &&
	       director->now_ns - oldest_ns < UNSCRIPTED_WITHIN_NS;
}

static void
supervisor_died(struct director *director, int status, int fault)
{
	struct run *run = director->run;

	/* What it had leased is lost until it is leased again. */
	atomic_store(&run->faults->number[CONDITION_RECOVERY], 1);
	count_rework(director);
	note(director, NOTE_SUPERVISOR_EXITED, 0, (uint64_t)status);
	if (fault >= 0) {
		note(director, NOTE_FAULT, (uint64_t)fault,
		     (uint64_t)atomic_load(&run->faults->fault[fault].injected_ns));
		note(director, NOTE_FAULT_LANDED, (uint64_t)fault, (uint64_t)status);
		atomic_fetch_add(&run->faults->fault[fault].noted, 1);
		director_say(director, "fault %s: the supervisor was killed; starting another",
		             run->scenario.fault[fault].id);
	} else if (!director->killing) {
		director_say(
		    director,
		    "the supervisor died (%s %d), and no fault asked for it; starting another",
		    WIFSIGNALED(status) ? "signal" : "exit code",
		    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		if (died_too_often(director)) {
			complain("the supervisor dies again and again; see %s", run->events);
			end_with(director, DIRECTOR_BROKEN);
		}
	}
	if (!director->over)
		director_start_supervisor(director);
	if (director->draining)
		director_tell(director, CONTROL_DRAIN, 0);
}

void
director_supervisor_ended(struct director *director, int status)
{
	struct run *run = director->run;
	/* Asked first: an exit code that a fault chose is no message of the supervisor's. */
	int fault = fault_prove_supervisor(&run->scenario, run->faults, status);

	close(director->supervisor_fd);
	close(run->control_fd);
	director->supervisor = 0;
	director->resume_supervisor_ns = 0;
	memset(director->asked, 0, sizeof(director->asked));
	split_settle(&director->split, run);
	reap_orphans(director);
	if (director->over)
		return;
	switch (fault < 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1) {
	case SUPERVISOR_JOB_DONE:
		run_clear_parts(run);
		end_with(director, DIRECTOR_JOB_ENDED);
		break;
	case SUPERVISOR_JOB_FAILED:
		end_with(director, DIRECTOR_JOB_ENDED);
		break;
	case SUPERVISOR_BAD_INPUT:
		end_with(director, DIRECTOR_BAD_INPUT);
		break;
	case SUPERVISOR_BROKEN:
		end_with(director, DIRECTOR_BROKEN);
		break;
	case SUPERVISOR_DRAINED:
		end_with(director, DIRECTOR_DRAINED);
		break;
	default:
		supervisor_died(director, status, fault);
	}
}

/* By a fault at one of its own points, or by ours: either way it is ours to wake it. */
static void
supervisor_stopped(struct director *director, int status)
{
	struct run *run = director->run;
	int fault = fault_prove_supervisor(&run->scenario, run->faults, status);

	if (fault >= 0 && director->resume_supervisor_ns == 0)
		director->resume_supervisor_ns =
		    director->now_ns + run->scenario.fault[fault].for_ns;
}

static void
reap_supervisor(struct director *director)
{
	int status;

	if (director->supervisor != 0 &&
	    waitpid(director->supervisor, &status, WNOHANG | WUNTRACED) > 0) {
		if (WIFSTOPPED(status))
			supervisor_stopped(director, status);
		else
			director_supervisor_ended(director, status);
	}
}

static void
on_request(struct director *director, int number)
{
	director->report->signal = number;
	if (director->draining) {
		director_say(director, "killed on request; `graveshift resume %s` goes on",
		             director->run->dir.path);
		director->killing = true;
		end_with(director, DIRECTOR_KILLED);
		director_signal_supervisor(director, SIGKILL);
		return;
	}
	director_say(director,
	             "stopping: what is under way is finished first (once more to kill it)");
	director->draining = true;
	director_tell(director, CONTROL_DRAIN, 0);
}

static void
read_signals(struct director *director)
{
	struct signalfd_siginfo info;

	while (read(director->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			on_request(director, (int)info.ssi_signo);
	reap_supervisor(director);
}

static void
on_time(struct director *director)
{
	if (split_turn(&director->split, director->run, director->now_ns))
		director_say(director, "the old supervisor has ended");
	if (director->resume_supervisor_ns != 0 &&
	    director->now_ns >= director->resume_supervisor_ns) {
		director->resume_supervisor_ns = 0;
		director_signal_supervisor(director, SIGCONT);
	}
	if (director->now_ns >= director->tick_due_ns) {
		director->watch->tick(director->watch->context, director->run, director->now_ns);
		director->tick_due_ns = director->now_ns + director->watch->tick_ns;
	}
	if (director->now_ns >= director->started_ns + director->run->scenario.wall_ns) {
		director_say(
		    director,
		    "the time limit (limits.wall) is over; stopping.  `graveshift resume %s` goes "
		    "on",
		    director->run->dir.path);
		director->killing = true;
		end_with(director, DIRECTOR_WALL);
		director_signal_supervisor(director, SIGKILL);
	}
}

static void
turn(struct director *director)
{
	struct pollfd sources[2 + DESK_SOURCES] = {
	    {.fd = director->signal_fd, .events = POLLIN},
	    {.fd = director->run->wake_fd, .events = POLLIN}};
	uint64_t wakes;

	desk_sources(director, sources + 2);
	if (poll(sources, 2 + DESK_SOURCES, poll_ms(director)) < 0 && errno != EINTR) {
		director_break_off(director, "wait for events", -errno);
		return;
	}
	/* Somebody came to the point at which it goes, and waits for the end of all. */
	if (unsynced_run() != NULL && run_power_is_lost(director->run))
		power_gone();
	director->now_ns = clock_now_ns();
	if ((sources[1].revents & POLLIN) != 0 &&
	    read(director->run->wake_fd, &wakes, sizeof(wakes)) < 0 && errno != EAGAIN)
		director_break_off(director, "read what woke it", -errno);
	director_inject_own(director);
	if ((sources[0].revents & POLLIN) != 0)
		read_signals(director);
	if (director->over)
		return;
	desk_turn(director, sources + 2);
	director_inject_due(director);
	on_time(director);
}

/* What this host cannot do is left out; the verdict says so. */
static void
probe_faults(struct run *run)
{
	uint64_t skipped = 0;

	for (size_t i = 0; i < run->scenario.faults; i++)
		if (fault_probe(&run->scenario, &run->scenario.fault[i]) != NULL)
			skipped |= UINT64_C(1) << i;
	atomic_store(&run->faults->skipped, skipped);
	fault_arm(&run->scenario, run->faults);
}

static int
prepare(struct director *director)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, &director->old_mask) != 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return -errno;
	director->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	director->run->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (director->signal_fd < 0 || director->run->wake_fd < 0)
		return -errno;
	run_faults_bind(director->run, WHO_DIRECTOR, CORE_NO_SLOT, 0);
	probe_faults(director->run);
	desk_open(director);
	return 0;
}

void
director_run(struct run *run, const struct director_watch *watch, struct director_report *report)
{
	struct director director = {.run = run,
	                            .watch = watch,
	                            .report = report,
	                            .supervisor_fd = -1,
	                            .signal_fd = -1,
	                            .desk_fd = -1};
	int error = prepare(&director);

	memset(report, 0, sizeof(*report));
	director.started_ns = director.now_ns = clock_now_ns();
	if (atomic_load(&run->faults->started_ns) == 0)
		atomic_store(&run->faults->started_ns, director.started_ns);
	director.tick_due_ns = director.started_ns + watch->tick_ns;
	if (error != 0) {
		director_break_off(&director, "prepare", error);
		return;
	}
	note(
	    &director, NOTE_RUN_STARTED,
	    (uint64_t)((run->submitted_ns != 0 ? run->submitted_ns : calendar_now_ns()) / NS_PER_S),
	    (uint64_t)getpid());
	if (!director.over) {
		count_rework(&director); /* of a life that ended with all its processes */
		director_start_supervisor(&director);
	}
	while (!director.over)
		turn(&director);
	desk_close(&director);
	/* It is over because it broke, or was told to end: nobody may go on behind our back. */
	while (director.supervisor != 0) {
		int status;
		director_signal_supervisor(&director, SIGKILL);
		if (waitpid(director.supervisor, &status, 0) == director.supervisor)
			director_supervisor_ended(&director, status);
	}
	reap_orphans(&director);
	note_end(&director);
	point_reach(POINT_DIRECTOR_BEFORE_CHECKPOINT);
	if (director.keeper != NULL)
		store_checkpoint_on_close(director.keeper, true);
	release_store(&director);
	report->job_ns = clock_now_ns() - director.started_ns;
	close(director.signal_fd);
	/* From here on a request to stop is not for us to delay. */
	sigprocmask(SIG_SETMASK, &director.old_mask, NULL);
}
