/* SPDX-License-Identifier: ISC
 *
 * The supervisor: one loop that turns what happens into events for the coordinator and performs
 * what it answers.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "sim/process/supervisor.h"
#include "sim/rundir/eventlog.h"
#include "sim/util/calendar.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/plant.h"

#define EVENTS_PER_TURN 128
#define OPENING_BUSY_MS 5000 /* before the loop begins there is nothing to hold up */
#define RAISE_NS (30 * NS_PER_S)
#define YIELDS 20
#define BUSY_TURN_NS (50 * 1000) /* turns that follow each other so closely are traffic */
#define LEAVE_NS (2 * NS_PER_S)
#define LEAVE_STEP_NS (10 * NS_PER_MS)
#define LOG_FLUSH_NS (20 * NS_PER_MS)

void
supervisor_break(struct supervisor *supervisor, const char *what, int error)
{
	supervisor_rule_check(supervisor);
	if (!supervisor->broken)
		complain("supervisor stops: %s%s%s.  Nothing that is done is lost: `graveshift "
		         "resume %s`",
		         what, error != 0 ? ": " : "", error != 0 ? strerror(-error) : "",
		         supervisor->run->dir.path);
	supervisor->broken = true;
}

static void
log_step(struct supervisor *supervisor, const struct core_step *step)
{
	supervisor_rule_check(supervisor);
	if (eventlog_put(supervisor->log_fd, supervisor->run->board, step) != 0)
		supervisor_rule_check(supervisor);
}

void
supervisor_note(struct supervisor *supervisor, enum core_kind kind, uint16_t slot, uint64_t record,
                uint64_t value)
{
	struct core_step note = {.at_ns = supervisor->now_ns,
	                         .kind = (uint8_t)kind,
	                         .slot = slot,
	                         .task = CORE_NO_TASK,
	                         .record = record,
	                         .value = value};

	log_step(supervisor, &note);
}

static void
publish_task(struct supervisor *supervisor, uint32_t task)
{
	struct core_task_view view;

	if (task >= supervisor->config.tasks)
		return;
	view = core_task(supervisor->core, task);
	board_cell_set(supervisor->run->board, task, view.state, view.attempt);
}

void
supervisor_step(struct supervisor *supervisor, struct core_step *event)
{
	size_t count;
	struct core_step *actions = supervisor->actions;

	event->at_ns = supervisor->now_ns;
	count = core_step(supervisor->core, event, actions);
	if (event->kind != EV_TICK || count > 0)
		log_step(supervisor, event);
	publish_task(supervisor, event->task);
	for (size_t i = 0; i < count; i++) {
		actions[i].at_ns = supervisor->now_ns;
		log_step(supervisor, &actions[i]);
		publish_task(supervisor, actions[i].task);
		supervisor_perform(supervisor, &actions[i]);
	}
	supervisor_state_publish(supervisor);
}

static void
hear_director(struct supervisor *supervisor)
{
	struct control control;
	struct core_step drain = {.kind = EV_DRAIN, .task = CORE_NO_TASK};

	while (recv(supervisor->run->control_fd, &control, sizeof(control), MSG_DONTWAIT) ==
	       (ssize_t)sizeof(control)) {
		if (control.kind == CONTROL_DRAIN)
			supervisor_step(supervisor, &drain);
		else if (control.kind == CONTROL_INJECT)
			supervisor_ask(supervisor, control.fault);
	}
}

static void
drain_descriptor(int fd)
{
	char bytes[16 * sizeof(struct signalfd_siginfo)];

	while (read(fd, bytes, sizeof(bytes)) > 0)
		continue;
}

/* Reads what an epoll event is about; true when children are to be reaped. */
static bool
dispatch(struct supervisor *supervisor, uint64_t tag)
{
	uint32_t index = (uint32_t)tag;

	switch ((enum source)(tag >> 32)) {
	case SOURCE_LISTENER:
		supervisor_accept(supervisor);
		break;
	case SOURCE_SIGNAL:
		drain_descriptor(supervisor->signal_fd);
		return true;
	case SOURCE_TIMER:
		drain_descriptor(supervisor->timer_fd);
		supervisor->armed_ns = CORE_NEVER;
		break;
	case SOURCE_CONTROL:
		hear_director(supervisor);
		break;
	case SOURCE_PENDING:
		if (supervisor->pending[index] >= 0)
			supervisor_hear_pending(supervisor, index);
		break;
	case SOURCE_SLOT:
		supervisor_hear(supervisor, (uint16_t)index);
		break;
	}
	return false;
}

/* Writes what the ring has and the log has not.  0 or -errno. */
static int
flush_log(struct supervisor *supervisor)
{
	struct board *board = supervisor->run->board;
	int error;

	if (board_events_head(board) == board_events_flushed(board))
		return 0;
	point_reach(POINT_SUPERVISOR_BEFORE_LOG);
	error = eventlog_flush(supervisor->log_fd, board);
	if (error == 0)
		point_reach(POINT_SUPERVISOR_AFTER_LOG);
	return error;
}

static void
publish(struct supervisor *supervisor)
{
	struct run *run = supervisor->run;
	const struct core_stats *stats = core_stats(supervisor->core);
	static const uint64_t one = 1;

	board_stats_set(run->board, stats, supervisor->now_ns);
	if (core_stats_over(stats) >=
	    atomic_load_explicit(&run->faults->watch_done, memory_order_relaxed)) {
		atomic_store(&run->faults->watch_done, UINT64_MAX);
		if (write(run->wake_fd, &one, sizeof(one)) != sizeof(one))
			supervisor_break(supervisor, "wake the director", -errno);
	}
	if (board_events_head(run->board) - board_events_flushed(run->board) >=
	    board_events_capacity(run->board) / 2) {
		int error = flush_log(supervisor);
		if (error != 0)
			supervisor_break(supervisor, "write the event log", error);
	}
}

static int64_t
earliest(int64_t a_ns, int64_t b_ns)
{
	return a_ns < b_ns ? a_ns : b_ns;
}

static void
arm_timer(struct supervisor *supervisor, int64_t look_ns)
{
	struct itimerspec timer = {0};
	int64_t due_ns = earliest(core_next_due(supervisor->core), look_ns);

	if (supervisor->queue.count > 0)
		due_ns = earliest(due_ns, supervisor->queue.retry_ns);
	if (board_events_head(supervisor->run->board) >
	    board_events_flushed(supervisor->run->board))
		due_ns = earliest(due_ns, supervisor->now_ns + LOG_FLUSH_NS);
	if (supervisor->leaving || due_ns == CORE_NEVER || due_ns >= supervisor->armed_ns)
		return; /* an earlier alarm that finds nothing due costs less than setting it anew
		           every turn */
	supervisor->armed_ns = due_ns;
	timer.it_value.tv_sec = due_ns / NS_PER_S;
	timer.it_value.tv_nsec = due_ns % NS_PER_S;
	if (timerfd_settime(supervisor->timer_fd, TFD_TIMER_ABSTIME, &timer, NULL) != 0)
		supervisor_break(supervisor, "set the timer", -errno);
}

static void
on_alarm(struct supervisor *supervisor)
{
	int error = flush_log(supervisor);

	if (error != 0)
		supervisor_break(supervisor, "write the event log", error);
}

/* Waits for something to happen.  To be woken costs more than a small task, so while there is
 * traffic the processor is first given away a few times to those who may be about to send. */
static int
wait_for_events(struct supervisor *supervisor, struct epoll_event *events)
{
	for (int i = 0; i < supervisor->yields; i++) {
		int count = epoll_wait(supervisor->epoll_fd, events, EVENTS_PER_TURN, 0);
		if (count != 0)
			return count;
		sched_yield();
	}
	return epoll_wait(supervisor->epoll_fd, events, EVENTS_PER_TURN, -1);
}

static void
handle(struct supervisor *supervisor, const struct epoll_event *events, int count)
{
	bool reap = false;

	for (int i = 0; i < count; i++) {
		reap |= dispatch(supervisor, events[i].data.u64);
		if (events[i].data.u64 >> 32 == SOURCE_TIMER)
			on_alarm(supervisor);
	}
	if (reap)
		supervisor_reap(supervisor);
}

static void
turn(struct supervisor *supervisor)
{
	struct epoll_event events[EVENTS_PER_TURN];
	struct core_step tick = {.kind = EV_TICK, .task = CORE_NO_TASK};
	int64_t look_ns, now_ns;
	int count = wait_for_events(supervisor, events);

	if (count < 0 && errno != EINTR) {
		supervisor_break(supervisor, "wait for events", -errno);
		return;
	}
	supervisor_rule_check(supervisor);
	now_ns = clock_now_ns();
	supervisor->yields = now_ns - supervisor->now_ns < BUSY_TURN_NS ? YIELDS : 0;
	supervisor->now_ns = now_ns;
	handle(supervisor, events, count);
	if (now_ns >= core_next_due(supervisor->core)) {
		/* It may be us who stood still: nobody is silent before all that was said by now is
		 * read. */
		handle(supervisor, events,
		       epoll_wait(supervisor->epoll_fd, events, EVENTS_PER_TURN, 0));
		supervisor_step(supervisor, &tick);
	}
	supervisor_store(supervisor);
	look_ns = supervisor_state_look(supervisor);
	supervisor_inject(supervisor);
	supervisor_note_faults(supervisor);
	look_ns = earliest(look_ns, supervisor_wake_sleepers(supervisor));
	look_ns = earliest(look_ns, supervisor_release(supervisor));
	supervisor_flush(supervisor);
	publish(supervisor);
	supervisor_fork(supervisor);
	arm_timer(supervisor, look_ns);
}

static void
restore(void *context, const struct store_task *task)
{
	struct supervisor *supervisor = context;
	struct core_step event = {
	    .kind = EV_TASK_RESTORED,
	    .task = task->task,
	    .epoch = task->epoch,
	    .record = task->state == TASK_SKIPPED ? task->reason : task->dead_records,
	    .value = core_restored(task->state, task->stage, task->charged, task->dead_records > 0),
	};

	supervisor_step(supervisor, &event);
}

static int
make_core(struct supervisor *supervisor, const struct store_run *info)
{
	size_t size;
	void *memory;

	supervisor->config = supervisor->run->scenario.core;
	supervisor->config.tasks = info->plan.tasks;
	supervisor->config.seed = supervisor->run->scenario.seed + supervisor->generation;
	supervisor->wanted = supervisor->config.workers;
	plant_core(&supervisor->config);
	supervisor->places = supervisor->config.slots + 1u;
	size = core_size(&supervisor->config);
	/* Workers have no use for it, and copying its page table would make every fork of a large
	 * job slow. */
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || madvise(memory, size, MADV_DONTFORK) != 0)
		return -errno;
	supervisor->core = core_init(memory, &supervisor->config);
	supervisor->actions =
	    reallocarray(NULL, core_actions_max(&supervisor->config), sizeof(struct core_step));
	supervisor->place = calloc(supervisor->places, sizeof(struct place));
	supervisor->spawn = calloc(supervisor->places, sizeof(struct core_step));
	supervisor->unsent = calloc(supervisor->places, sizeof(uint16_t));
	if (supervisor->actions == NULL || supervisor->place == NULL || supervisor->spawn == NULL ||
	    supervisor->unsent == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < supervisor->places; i++)
		supervisor->place[i].channel.fd = -1;
	return 0;
}

static int
open_descriptors(struct supervisor *supervisor)
{
	sigset_t signals;
	int error;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
		return -errno;
	supervisor->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	supervisor->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	supervisor->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	supervisor->listen_fd = channel_listen(supervisor->run->socket_name);
	if (supervisor->signal_fd < 0 || supervisor->timer_fd < 0 || supervisor->epoll_fd < 0)
		return -errno;
	if (supervisor->listen_fd < 0)
		return supervisor->listen_fd;
	error = supervisor_watch(supervisor, supervisor->signal_fd, SOURCE_SIGNAL, 0);
	if (error == 0)
		error = supervisor_watch(supervisor, supervisor->timer_fd, SOURCE_TIMER, 0);
	if (error == 0)
		error = supervisor_watch(supervisor, supervisor->listen_fd, SOURCE_LISTENER, 0);
	if (error == 0)
		error =
		    supervisor_watch(supervisor, supervisor->run->control_fd, SOURCE_CONTROL, 0);
	for (size_t i = 0; i < PENDING_MAX; i++)
		supervisor->pending[i] = -1;
	return error;
}

static void
begin(struct supervisor *supervisor, const struct store_run *info)
{
	struct core_step ready = {.kind = EV_PLAN_READY, .task = CORE_NO_TASK};
	int error = make_core(supervisor, info);

	if (error == 0)
		error = open_descriptors(supervisor);
	if (error == 0)
		error = run_reserve_cells(supervisor->run, info->plan.tasks);
	if (error != 0) {
		supervisor_break(supervisor, "prepare", error);
		return;
	}
	supervisor->now_ns = clock_now_ns();
	supervisor->armed_ns = CORE_NEVER;
	supervisor_state_begin(supervisor);
	board_plan_set(supervisor->run->board, info->plan.tasks, info->plan.records);
	fault_watch_progress(&supervisor->run->scenario, supervisor->run->faults, info->plan.tasks,
	                     0);
	supervisor_note(supervisor, NOTE_PLAN_SEALED, CORE_NO_SLOT, info->plan.tasks,
	                info->plan.records);
	error = store_tasks_load(supervisor->store, restore, supervisor);
	if (error != 0) {
		supervisor_break(supervisor, "read the plan", error);
	} else {
		point_reach(POINT_SUPERVISOR_AFTER_RESTORE);
		supervisor_step(supervisor, &ready);
	}
	for (uint32_t task = 0; task < info->plan.tasks; task++)
		publish_task(supervisor, task);
	supervisor_store(supervisor);
	publish(supervisor);
	supervisor_fork(supervisor);
	arm_timer(supervisor, supervisor_state_look(supervisor));
}

/* The end of the job, made durable before anybody is told. */
static enum supervisor_exit
conclude(struct supervisor *supervisor)
{
	enum run_state state = supervisor->outcome == OUTCOME_DONE ? RUN_DONE : RUN_FAILED;
	int error;

	/* What was decided in the same turn as the end may still wait for a store that was busy. */
	supervisor->queue.retry_ns = 0;
	error = supervisor_open_store(supervisor);
	if (error == 0) {
		store_busy_set(supervisor->store, OPENING_BUSY_MS);
		supervisor_store(supervisor);
	}
	if (supervisor->broken)
		return SUPERVISOR_BROKEN;
	if (supervisor->outcome == OUTCOME_DRAINED) {
		point_reach(POINT_SUPERVISOR_AFTER_DRAIN);
		return SUPERVISOR_DRAINED;
	}
	point_reach(POINT_SUPERVISOR_BEFORE_JOB_DONE);
	supervisor_note(supervisor, NOTE_RUN_ENDED, CORE_NO_SLOT,
	                (uint64_t)(calendar_now_ns() / NS_PER_S), supervisor->outcome);
	/* The log first: a run that has ended gets no supervisor again that could complete it. */
	error = flush_log(supervisor);
	if (error == 0)
		error = store_begin(supervisor->store);
	if (error == 0 && !supervisor->run->scenario.job.durable && state == RUN_DONE)
		error = store_tasks_done(supervisor->store, supervisor->generation);
	if (error == 0)
		error = store_run_end(supervisor->store, supervisor->generation, state,
		                      supervisor->outcome);
	if (error == 0)
		error = store_commit(supervisor->store);
	if (error != 0) {
		supervisor_break(supervisor, "mark the run as ended", error);
		return SUPERVISOR_BROKEN;
	}
	point_reach(POINT_SUPERVISOR_AFTER_JOB_DONE);
	return state == RUN_DONE ? SUPERVISOR_JOB_DONE : SUPERVISOR_JOB_FAILED;
}

static bool
anyone_left(const struct supervisor *supervisor)
{
	for (size_t slot = 0; slot < supervisor->places; slot++)
		if (supervisor->place[slot].pid != 0 || supervisor->place[slot].channel.fd >= 0)
			return true;
	return false;
}

/* Dismissed workers leave by themselves.  One that was paused by a fault gets to wake up and to be
 * refused: what it would have done is part of what the run is to show. */
static void
let_workers_leave(struct supervisor *supervisor)
{
	int64_t until_ns = clock_now_ns() + LEAVE_NS, sleepers_ns;
	struct itimerspec soon = {.it_value.tv_nsec = LEAVE_STEP_NS,
	                          .it_interval.tv_nsec = LEAVE_STEP_NS};

	if (timerfd_settime(supervisor->timer_fd, 0, &soon, NULL) != 0)
		return;
	supervisor->leaving = true;
	while (anyone_left(supervisor) && !supervisor->broken && clock_now_ns() < until_ns) {
		turn(supervisor);
		sleepers_ns = supervisor_wake_sleepers(supervisor);
		if (sleepers_ns != CORE_NEVER && sleepers_ns + LEAVE_NS > until_ns)
			until_ns = sleepers_ns + LEAVE_NS;
	}
}

/* Somebody who was stopped in the middle of a transaction holds the store: not for ever. */
static int
raise_generation(struct supervisor *supervisor)
{
	int64_t until_ns = clock_now_ns() + RAISE_NS;
	int error;

	store_busy_set(supervisor->store, OPENING_BUSY_MS);
	do
		error = store_generation_raise(supervisor->store, &supervisor->generation);
	while (error == -EBUSY && clock_now_ns() < until_ns);
	if (error == 0)
		point_reach(POINT_SUPERVISOR_AFTER_GENERATION);
	return error;
}

static void
note_generation(struct supervisor *supervisor)
{
	struct core_step note = {.at_ns = supervisor->now_ns,
	                         .kind = NOTE_GENERATION,
	                         .slot = CORE_NO_SLOT,
	                         .task = CORE_NO_TASK,
	                         .epoch = supervisor->generation,
	                         .record = (uint64_t)(calendar_now_ns() / NS_PER_S),
	                         .value = (uint64_t)getpid()};

	log_step(supervisor, &note);
}

static enum supervisor_exit
supervise(struct supervisor *supervisor)
{
	struct run *run = supervisor->run;
	struct store_run info;
	enum supervisor_exit prepared, result;
	int error = supervisor_open_store(supervisor);

	if (error == 0)
		error = raise_generation(supervisor);
	if (error != 0) {
		supervisor_break(supervisor, "open run.db", error);
		return SUPERVISOR_BROKEN;
	}
	board_generation_set(run->board, supervisor->generation, (int)getpid());
	supervisor->now_ns = clock_now_ns();
	run_name_socket(run, supervisor->generation);
	note_generation(supervisor);
	prepared = supervisor_prepare(supervisor, &info);
	if (prepared != SUPERVISOR_JOB_DONE || info.state == RUN_DONE)
		return prepared;
	begin(supervisor, &info);
	while (supervisor->outcome == OUTCOME_NONE && !supervisor->broken)
		turn(supervisor);
	result = supervisor->broken ? SUPERVISOR_BROKEN : conclude(supervisor);
	if (!supervisor->broken)
		let_workers_leave(supervisor);
	supervisor_end_workers(supervisor);
	supervisor_note_faults(supervisor);
	return result;
}

void
supervisor_main(struct run *run, int director_pid)
{
	struct supervisor *supervisor = calloc(1, sizeof(*supervisor));
	uint64_t count, repaired;
	enum supervisor_exit result;

	if (supervisor == NULL || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
	    getppid() != director_pid)
		_exit(SUPERVISOR_BROKEN);
	run_leave_terminal();
	signal(SIGTERM, SIG_IGN); /* to stop a run is to ask its director */
	setproctitle("graveshift %s supervisor", run->scenario.name);
	supervisor->run = run;
	run_faults_bind(run, WHO_SUPERVISOR, CORE_NO_SLOT, 0);
	point_reach(POINT_SUPERVISOR_STARTED);
	supervisor->log_fd = eventlog_open(run->events, &count, &repaired);
	if (supervisor->log_fd < 0) {
		supervisor_break(supervisor, "open the event log", supervisor->log_fd);
		_exit(SUPERVISOR_BROKEN);
	}
	result = supervise(supervisor);
	if (flush_log(supervisor) != 0 && result != SUPERVISOR_BROKEN) {
		complain("cannot write the event log %s", run->events);
		result = SUPERVISOR_BROKEN;
	}
	point_reach(POINT_SUPERVISOR_BEFORE_CHECKPOINT);
	if (supervisor->store != NULL)
		store_checkpoint_on_close(supervisor->store, true);
	supervisor_close_store(supervisor);
	_exit(result);
}
