/* SPDX-License-Identifier: ISC
 *
 * A worker's life: connect, take leases, work, commit, report, until dismissed or alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sim/command/shepherd.h"
#include "sim/process/worker.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/plant.h"

#define OPENING_BUSY_MS 5000
#define STORE_BUSY_MS 50 /* then another try */
#define YIELDS 20
#define SINK_CACHE_KIB 65536 /* rows by key go all over the tree */

static struct worker *self; /* for fault_self.leaving, which has no argument */

/* Sends what is gathered and what has been delayed for long enough; returns when the next delayed
 * frame is due. */
static int64_t
flush(struct worker *worker)
{
	int64_t due_ns = CORE_NEVER;
	int error;

	if (worker->orphaned)
		return CORE_NEVER;
	if (worker->wire != NULL)
		due_ns = wire_release(worker->wire, &worker->channel, clock_now_ns());
	if (worker->channel.count > 0)
		point_reach(POINT_WORKER_SEND);
	error = channel_flush(&worker->channel);
	if (error != 0) {
		worker->orphaned = true;
		worker->leaving = true;
	}
	return due_ns;
}

void
worker_flush(struct worker *worker)
{
	flush(worker);
}

static int
put(struct worker *worker, const struct message *message)
{
	return wire_put(&worker->wire, &worker->channel, message, worker->slot,
	                worker->incarnation);
}

void
worker_report(struct worker *worker, enum message_kind kind, const struct message *lease,
              enum cause cause, uint64_t record, uint64_t value)
{
	struct message message = {
	    .kind = (uint8_t)kind,
	    .cause = (uint8_t)cause,
	    .slot = worker->slot,
	    .incarnation = worker->incarnation,
	    .generation = worker->generation,
	    .task = lease->task,
	    .epoch = lease->epoch,
	    .record = record,
	    .value = value,
	};

	if (!worker->orphaned && put(worker, &message) != 0) {
		worker->orphaned = true;
		worker->leaving = true;
	}
}

void
worker_phase(struct worker *worker, enum board_phase phase)
{
	board_work_phase(worker->row, phase);
}

static void
take_lease(struct worker *worker, const struct message *message)
{
	/* A lease may come twice, or late; its number tells it from one for the same task that was
	 * handed back and is given again under the same epoch.  One that is too old to be told is
	 * taken back when it is overtaken. */
	if (!numbers_take(&worker->leases, message->value) && !planted("lease-done-twice"))
		return;
	if (worker->queue_count == CORE_CREDIT_MAX)
		return; /* more than any credit allows: the supervisor will miss a beat of it and
		           fence it */
	worker->queue[(worker->queue_head + worker->queue_count) % CORE_CREDIT_MAX] = *message;
	worker->queue_count++;
}

static void
hear(struct worker *worker, const struct message *message)
{
	switch ((enum message_kind)message->kind) {
	case MESSAGE_WELCOME:
		worker->slot = message->slot;
		worker->incarnation = message->incarnation;
		worker->generation = message->generation;
		worker->welcomed = true;
		break;
	case MESSAGE_ASSIGN:
		take_lease(worker, message);
		break;
	case MESSAGE_REFUSED:
		worker->refused = worker->orphaned = true;
		worker->leaving = true;
		break;
	case MESSAGE_DISMISS:
		worker->leaving = true;
		break;
	default:
		break; /* nothing a supervisor says */
	}
}

static int
receive_frames(struct worker *worker, struct message messages[MESSAGES_MAX], bool wait)
{
	return channel_receive(worker->channel.fd, messages, wait, &worker->run->faults->damaged);
}

/* Waits as long as an idle worker may be silent; frames that are delayed meanwhile are not. */
static int
wait_for_frames(struct worker *worker, struct message messages[MESSAGES_MAX])
{
	int64_t until_ns = clock_now_ns() + worker->run->scenario.beat_ns, due_ns;

	while ((due_ns = flush(worker)) < until_ns)
		if (channel_wait(worker->channel.fd, due_ns))
			break;
	return receive_frames(worker, messages, true);
}

/* To be woken costs more than a small task: after one, the next is waited for awake for a moment.
 */
static int
receive(struct worker *worker, struct message messages[MESSAGES_MAX], bool wait)
{
	int count = receive_frames(worker, messages, false);

	for (int i = 0; wait && count == -EAGAIN && i < worker->yields; i++) {
		sched_yield();
		count = receive_frames(worker, messages, false);
	}
	if (!wait || count != -EAGAIN)
		return count;
	return worker->wire != NULL ? wait_for_frames(worker, messages)
	                            : receive_frames(worker, messages, true);
}

bool
worker_listen(struct worker *worker, bool wait)
{
	struct message messages[MESSAGES_MAX];
	bool heard = false;
	int count;

	if (worker->orphaned)
		return false;
	do {
		count = receive(worker, messages, wait);
		for (int i = 0; i < count; i++)
			hear(worker, &messages[i]);
		heard |= count > 0;
		wait = false;
	} while (count == MESSAGES_MAX);
	if (count <= 0 && count != -EAGAIN) {
		worker->orphaned = true;
		worker->leaving = true;
	}
	worker->heard_ns = clock_now_ns();
	return heard;
}

bool
worker_beat(struct worker *worker)
{
	int64_t now_ns;

	fault_obey();
	if (worker->sink != NULL)
		sink_beat(worker->sink);
	if (worker->wire != NULL)
		flush(worker);
	now_ns = clock_now_ns();
	if (now_ns < worker->beat_due_ns)
		return !worker->orphaned;
	worker->beat_due_ns = now_ns + worker->run->scenario.beat_ns;
	worker_report(worker, MESSAGE_BEAT, &worker->lease, CAUSE_NONE,
	              *worker->work.progress + worker->waits, 0);
	worker_flush(worker);
	return !worker->orphaned;
}

/* Leases that were never started go back uncharged. */
void
worker_hand_back(struct worker *worker)
{
	for (; worker->queue_count > 0; worker->queue_count--) {
		const struct message *lease = &worker->queue[worker->queue_head];

		worker_report(worker, MESSAGE_RETURNED, lease, CAUSE_NONE, CORE_NO_RECORD,
		              lease->value);
		worker->queue_head = (worker->queue_head + 1) % CORE_CREDIT_MAX;
	}
}

static bool
group_is_due(const struct worker *worker, int64_t now_ns)
{
	return worker->group_count == MESSAGES_MAX || worker->queue_count == 0 ||
	       now_ns - worker->group_since_ns >= WORKER_GROUP_NS;
}

/* While nothing is said to it, a worker says that it has nothing to do: what it was told, or what
 * it has reported, may have been lost. */
static void
await_lease(struct worker *worker)
{
	static const struct message nothing = {.task = CORE_NO_TASK};

	if (worker_listen(worker, true) || worker->orphaned)
		return;
	worker_report(worker, MESSAGE_BEAT, &nothing, CAUSE_NONE, 0, 0);
	worker_flush(worker);
}

static void
work_loop(struct worker *worker)
{
	while (!worker->leaving) {
		struct message lease;
		int64_t now_ns;

		if (worker->queue_count == 0) {
			await_lease(worker);
			continue;
		}
		lease = worker->queue[worker->queue_head];
		worker->queue_head = (worker->queue_head + 1) % CORE_CREDIT_MAX;
		worker->queue_count--;
		worker_attempt(worker, &lease);
		now_ns = clock_now_ns();
		if (worker->group_count > 0 && group_is_due(worker, now_ns))
			worker_commit(worker);
		else if (worker->queue_count == 0)
			worker_flush(worker);
		/* Short tasks must not pay a system call each to learn that there is nothing new.
		 */
		if (worker->queue_count > 0 && now_ns - worker->heard_ns >= WORKER_GROUP_NS)
			worker_listen(worker, false);
	}
	if (worker->group_count > 0)
		worker_commit(worker);
	worker_hand_back(worker);
	worker_flush(worker);
}

/* Hello and welcome may be lost like any other frame: it is said until it is answered. */
static void
say_hello(struct worker *worker)
{
	struct message hello = {.kind = MESSAGE_HELLO,
	                        .slot = worker->slot,
	                        .incarnation = worker->incarnation,
	                        .record = worker->run->id_hash,
	                        .value = (uint64_t)getpid()};

	for (bool said = false; !worker->welcomed && !worker->orphaned;
	     said = planted("hello-said-once")) {
		if (!said && put(worker, &hello) != 0)
			worker->leaving = worker->orphaned = true;
		worker_flush(worker);
		worker_listen(worker, true);
	}
}

static void
limit_memory(const struct scenario *scenario)
{
	struct rlimit limit = {.rlim_cur = scenario->memory, .rlim_max = scenario->memory};

	/* Data, not address space: the mapped input is the page cache's memory, not the worker's.
	 */
	if (scenario->memory != 0 && setrlimit(RLIMIT_DATA, &limit) != 0)
		complain("cannot limit a worker's memory to %llu bytes: %s",
		         (unsigned long long)scenario->memory, strerror(errno));
}

/* What it has said is on its way, though it is gone itself. */
static void
linger(struct worker *worker)
{
	int64_t due_ns;

	wire_give_up(worker->wire, &worker->channel);
	while ((due_ns = flush(worker)) != CORE_NEVER && !worker->orphaned)
		clock_wait_until(due_ns);
}

static bool
worker_should_leave(void)
{
	return self->orphaned;
}

static int
begin(void *context)
{
	return worker_begin(context);
}

/* Waiting for a server is progress of a kind, like waiting for the store. */
static bool
beat_waiting(void *context)
{
	struct worker *worker = context;

	worker->waits++;
	return worker_beat(worker);
}

static int
open_sink(struct worker *worker)
{
	const struct sink_wish wish = {
	    .scenario = &worker->run->scenario,
	    .run = worker->run->id,
	    .store = worker->store,
	    .generation = worker->generation,
	    .begin = begin,
	    .beat = beat_waiting,
	    .context = worker,
	};

	return sink_open(&worker->sink, &wish);
}

/* A wait for the store is told with the next beat, so none is longer. */
static int
busy_ms(const struct scenario *scenario)
{
	int64_t beat_ms = scenario->beat_ns / NS_PER_MS;

	return beat_ms < STORE_BUSY_MS ? (int)beat_ms : STORE_BUSY_MS;
}

/* Before the store is open, as it forks. */
static int
open_shepherd(struct worker *worker)
{
	int error = 0;

	if (scenario_has_commands(&worker->run->scenario.job))
		error = shepherd_new(&worker->shepherd);
	if (error != 0)
		complain("worker cannot start what runs its commands: %s", strerror(-error));
	return error;
}

static int
open_out(struct worker *worker)
{
	char path[PATH_MAX];

	if (!worker->run->ops->parts)
		return 0;
	worker->out =
	    open(rundir_file(&worker->run->dir, RUN_OUT, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return worker->out < 0 ? -errno : 0;
}

static int
open_everything(struct worker *worker)
{
	struct run *run = worker->run;
	int fd = channel_connect(run->socket_name);
	int error;

	if (fd < 0) {
		complain("worker cannot reach the run's supervisor: %s", strerror(-fd));
		return fd;
	}
	channel_init(&worker->channel, fd);
	error = channel_patience(fd, run->scenario.beat_ns);
	if (error != 0)
		return error;
	say_hello(worker);
	if (worker->refused)
		complain("the run takes no worker: no free slot, or it is another run or version");
	else if (worker->orphaned && worker->slot == CORE_NO_SLOT)
		complain("the run's supervisor went away before it had taken this worker");
	if (worker->orphaned)
		return -ECONNREFUSED;
	error = store_open(&worker->store, run->db, run->scenario.durability, OPENING_BUSY_MS);
	if (error == 0 && run->ops->commits)
		error = store_cache_set(worker->store, SINK_CACHE_KIB);
	if (error == 0 && run->ops->commits)
		error = open_sink(worker);
	if (error == 0)
		error = open_out(worker);
	if (error == 0)
		store_busy_set(worker->store, busy_ms(&run->scenario));
	else
		complain("worker cannot open %s: %s", run->db, strerror(-error));
	return error;
}

void
worker_main(struct run *run, uint16_t slot, uint32_t incarnation, int parent_pid)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	bool joined = parent_pid == 0;

	if (worker == NULL)
		_exit(EXIT_INTERNAL);
	/* Death of the supervisor is ours; it may have died before we could say so. */
	if (!joined && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent_pid))
		_exit(EXIT_INTERNAL);
	self = worker;
	run_leave_terminal();
	signal(SIGTERM, SIG_DFL); /* a fault may send it */
	worker->run = run;
	worker->yields = run->scenario.core.workers <= sysconf(_SC_NPROCESSORS_ONLN) ? YIELDS : 0;
	worker->slot = slot;
	worker->incarnation = incarnation;
	limit_memory(&run->scenario);
	fault_self.leaving = worker_should_leave;
	/* A guest is nobody whom a fault could be proven on until it has its place. */
	fault_self.area = NULL;
	fault_self.wires = 0;
	if (!joined) {
		run_faults_bind(run, WHO_SELF, slot, incarnation);
		point_reach(POINT_WORKER_STARTED);
	}
	if (open_shepherd(worker) != 0 || open_everything(worker) != 0)
		_exit(EXIT_INTERNAL);
	if (joined) {
		run_faults_bind(run, WHO_SELF, worker->slot, worker->incarnation);
		fault_self.guest = true;
		point_reach(POINT_WORKER_STARTED);
	}
	worker->row = board_work_row(run->board, worker->slot);
	work_loop(worker);
	linger(worker);
	shepherd_free(worker->shepherd);
	sink_close(worker->sink);
	store_close(worker->store);
	channel_fini(&worker->channel);
	_exit(worker->orphaned && !joined ? EXIT_INTERNAL : 0);
}
