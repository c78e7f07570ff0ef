/* SPDX-License-Identifier: ISC
 *
 * The tracer's loop.  Operations are done one at a time: who is about to begin one while another is
 * in flight is left standing until that one is over, so that no moment has half of one in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/pidfd.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/torture/release.h"
#include "sim/torture/tracee.h"
#include "sim/torture/tracer.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

#define OPTIONS                                                                                   \
	(PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | \
	 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD)
#define TICK_US 20000
#define HOLD_NS (50 * NS_PER_MS)
#define MAPPED_MAX (INT64_C(1) << 20) /* read again before each operation; larger: when flushed */
#define BUSY_TICKS 3                  /* so long two of them must run before they get processors */

TAILQ_HEAD(held_list, tracee);
LIST_HEAD(tracee_list, tracee);

struct tracer {
	const struct tracing *tracing;
	const struct world *world;
	struct record *record;
	struct versions *versions;
	struct tracee_list tracees;
	struct held_list held;
	struct tracee *in_flight;
	int64_t since_ns;           /* it is in flight */
	int64_t start_ns, ended_ns; /* of the command */
	int64_t active_ns;          /* the last operation */
	int main_pid;
	cpu_set_t processors; /* as they were found */
	int busy_ticks;
	bool is_pinned, is_over;
};

static volatile sig_atomic_t ticked;

static void
on_tick(int number)
{
	ticked = 1;
}

/* --- tracees */

static struct tracee *
tracee_of(struct tracer *tracer, int tid)
{
	struct tracee *tracee;

	LIST_FOREACH (tracee, &tracer->tracees, link) {
		if (tracee->tid == tid)
			return tracee;
	}
	tracee = calloc(1, sizeof(*tracee));
	if (tracee == NULL)
		return NULL;
	tracee->tid = tid;
	LIST_INSERT_HEAD(&tracer->tracees, tracee, link);
	return tracee;
}

static void
go_on(const struct tracee *tracee, enum __ptrace_request how, int number)
{
	/* One that was killed meanwhile is heard of by waitpid. */
	ptrace(how, tracee->tid, NULL, (void *)(intptr_t)number);
}

/* --- what an operation has changed */

static void
note(struct tracer *tracer, const struct target *target, enum note what, int64_t from,
     int64_t length)
{
	if (target->layer >= 0)
		versions_note(tracer->versions, (unsigned)target->layer, target->below, what, from,
		              length);
}

static void
note_written(struct tracer *tracer, struct tracee *tracee, int64_t result)
{
	const struct target *target = &tracee->target[0];
	int64_t from = 0, length = result;

	if (result == 0 || target->layer < 0)
		return;
	if (!tracee_written(tracee, result, &from)) {
		from = 0;
		length = INT64_MAX;
	}
	note(tracer, target, NOTE_BYTES, from, length);
	if (tracee->op == NULL)
		return;
	tracee->op->node = versions_find(tracer->versions, (unsigned)target->layer, target->below);
	tracee->op->from = from;
	tracee->op->length = result;
	tracee->op->is_synced = tracer->tracing->syncs && tracee_is_synced(tracee);
}

/* Of a folder, too. */
static void
note_synced(struct tracer *tracer, const struct tracee *tracee)
{
	const struct target *target = &tracee->target[0];

	if (tracee->op == NULL || target->layer < 0)
		return;
	tracee->op->node = versions_find(tracer->versions, (unsigned)target->layer, target->below);
}

static void
note_cut(struct tracer *tracer, const struct tracee *tracee)
{
	const struct target *target = &tracee->target[0];

	if (tracer->tracing->syncs && target->layer >= 0)
		release_begin(
		    tracer->record,
		    versions_find(tracer->versions, (unsigned)target->layer, target->below));
}

static bool
sets_times(const struct call *call)
{
	return strncmp(call->name, "ut", 2) == 0 || strncmp(call->name, "fut", 3) == 0;
}

static void
note_mapped(struct tracer *tracer, const struct tracee *tracee)
{
	const struct target *target = &tracee->target[0];
	const struct node *node;

	if (target->layer < 0 ||
	    !versions_map(tracer->versions, (unsigned)target->layer, target->below))
		return;
	node = versions_find(tracer->versions, (unsigned)target->layer, target->below);
	if (node->meta->size > MAPPED_MAX)
		tracer->record->mapped_large++;
}

/* Where something went, before where it came from: so it stays the same file. */
static void
note_changes(struct tracer *tracer, struct tracee *tracee, int64_t result)
{
	const struct target *first = &tracee->target[0], *second = &tracee->target[1];
	const struct call *call = tracee->call;

	tracer->versions->version++;
	switch (call->effect) {
	case EFFECT_OPEN:
		note(tracer, first, NOTE_NAME, 0, 0);
		note(tracer, first, NOTE_BYTES, 0, 0);
		note_cut(tracer, tracee);
		break;
	case EFFECT_NAME:
	case EFFECT_RENAME:
		note(tracer, second, NOTE_NAME, 0, 0);
		note(tracer, first, NOTE_NAME, 0, 0);
		break;
	case EFFECT_META:
		note(tracer, first, sets_times(call) ? NOTE_STAMP : NOTE_META, 0, 0);
		break;
	case EFFECT_DATA:
		note_written(tracer, tracee, result);
		break;
	case EFFECT_SIZE:
		/* Only cutting and growing leaves the bytes alone. */
		note(tracer, first, NOTE_BYTES, 0, strstr(call->name, "truncate") ? 0 : INT64_MAX);
		note_cut(tracer, tracee);
		break;
	case EFFECT_MAP:
		note_mapped(tracer, tracee);
		break;
	case EFFECT_FLUSH:
		versions_note_mapped(tracer->versions, INT64_MAX);
		break;
	case EFFECT_BOUND:
		versions_scan(tracer->versions, NULL, 0);
		break;
	case EFFECT_SYNC:
		note_synced(tracer, tracee);
		break;
	case EFFECT_HIDDEN:
	case EFFECT_CHANCE:
	case EFFECT_REFUSED:
		break;
	}
}

/* --- points */

static bool
is_wanted(const struct tracer *tracer, const struct op *op)
{
	const struct tracing *tracing = tracer->tracing;
	const struct record *record = tracer->record;
	const char *name = tracing->kill_class ? record->classes->label[op->class].text
	                                       : record->names->label[op->name].text;
	uint32_t occurrence = tracing->kill_class ? op->turn : op->occurrence;

	return tracing->kill_name != NULL && !record->is_killed &&
	       occurrence == tracing->kill_occurrence && strcmp(name, tracing->kill_name) == 0;
}

static int64_t
output_length(const struct tracer *tracer)
{
	struct stat status;

	return fstat(tracer->tracing->job->output, &status) == 0 ? status.st_size : 0;
}

static struct op *
enter_op(struct tracer *tracer, struct tracee *tracee)
{
	struct record *record = tracer->record;
	char name[OP_NAME_SIZE];
	const char *shown[2];
	struct op *op;

	for (int i = 0; i < 2; i++)
		shown[i] = world_shown(tracer->world, tracee->target[i].path);
	op_name(name, tracee_comm(tracee), tracee->call->name, shown[0], shown[1]);
	op = record_add(record, name);
	if (op == NULL)
		return NULL;
	op->call = (uint32_t)(tracee->call - calls);
	op->tid = tracee->tid;
	op->output = output_length(tracer);
	memcpy(op->argument, tracee->argument, sizeof(op->argument));
	if (tracer->versions != NULL) {
		op->version = tracer->versions->version;
		op->sum = tracer->versions->sum;
		op->is_kept = !tracer->versions->full;
	}
	return op;
}

static void
kill_one(const struct tracee *tracee)
{
	int pidfd = pidfd_open(tracee->tid, 0);

	if (pidfd < 0)
		return;
	pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	close(pidfd);
}

/* The moment before the operation: all others that change files have ended or stand. */
static void
begin_op(struct tracer *tracer, struct tracee *tracee)
{
	tracee->state = TRACEE_IN_CALL;
	tracer->in_flight = tracee;
	tracer->since_ns = tracer->active_ns = clock_now_ns();
	if (tracer->versions != NULL && tracer->versions->mapped > 0) {
		tracer->versions->version++;
		versions_note_mapped(tracer->versions, MAPPED_MAX);
	}
	if (tracer->versions != NULL)
		release_look(tracer->record);
	tracee->op = enter_op(tracer, tracee);
	if (tracee->op != NULL && is_wanted(tracer, tracee->op)) {
		tracer->record->is_killed = true;
		tracer->is_over = !tracer->tracing->kill_one;
		if (tracer->tracing->kill_one)
			kill_one(tracee);
	}
	if (!tracer->is_over)
		go_on(tracee, PTRACE_SYSCALL, 0);
}

static void
begin_next(struct tracer *tracer)
{
	struct tracee *tracee = TAILQ_FIRST(&tracer->held);

	if (tracee == NULL || tracer->in_flight != NULL || tracer->is_over)
		return;
	TAILQ_REMOVE(&tracer->held, tracee, held);
	/* What it means may have been moved while it waited. */
	tracee_read_targets(tracee, tracer->world);
	begin_op(tracer, tracee);
}

static void
end_op(struct tracer *tracer, struct tracee *tracee)
{
	int64_t result;

	if (tracee->call != NULL && tracee_read_result(tracee, &result) == 0) {
		if (tracee->op != NULL)
			tracee->op->result = result;
		if (tracee->op != NULL && result < 0)
			record_drop(tracer->record, tracee->op);
		if (tracer->versions != NULL && result >= 0)
			note_changes(tracer, tracee, result);
	}
	tracee->state = TRACEE_RUNS;
	tracee->op = NULL;
	if (tracer->in_flight == tracee)
		tracer->in_flight = NULL;
	go_on(tracee, PTRACE_CONT, 0);
	begin_next(tracer);
}

/* Some change files, or sync them, without saying which. */
static bool
has_no_target(const struct tracee *tracee)
{
	return tracee->call->effect == EFFECT_FLUSH || tracee->call->effect == EFFECT_BOUND ||
	       (tracee->call->effect == EFFECT_SYNC && tracee->call->fd == CALL_NO);
}

static void
end_draw(struct tracer *tracer, struct tracee *tracee)
{
	tracee_draw(tracee, tracer->tracing->chance);
	tracee->state = TRACEE_RUNS;
	go_on(tracee, PTRACE_CONT, 0);
}

/* Outside of all that is its own: the job is told by the kernel that it may not; we say where. */
static void
note_outside(struct tracer *tracer, const struct tracee *tracee)
{
	static const char *const usual[] = {"/dev/", "/proc/", "/sys/"};
	const char *path = tracee->target[0].path;

	if (path[0] != '/' || tracee->call->effect == EFFECT_MAP)
		return;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (strncmp(path, usual[i], strlen(usual[i])) == 0)
			return;
	labels_count(tracer->record->outside, path);
}

static void
on_call(struct tracer *tracer, struct tracee *tracee)
{
	bool ours = tracee_read_call(tracee) == 0;
	enum call_effect effect = ours ? tracee->call->effect : EFFECT_HIDDEN;

	if (ours && effect == EFFECT_CHANCE && tracer->tracing->chance != CHANCE_REAL) {
		tracee->state = TRACEE_DRAWS;
		go_on(tracee, PTRACE_SYSCALL, 0);
		return;
	}
	if (ours && effect == EFFECT_HIDDEN)
		tracer->record->hidden++;
	if (ours && effect == EFFECT_HIDDEN && tracee_reaches_out(tracee))
		tracer->record->reached_out++;
	if (ours && effect == EFFECT_BOUND)
		tracer->record->bound++;
	if (ours && has_no_target(tracee)) {
		tracee->target[0].path[0] = tracee->target[1].path[0] = '\0';
		tracee->target[0].layer = tracee->target[1].layer = -1;
	} else if (ours && effect != EFFECT_HIDDEN && effect != EFFECT_CHANCE) {
		ours = tracee_read_targets(tracee, tracer->world);
		if (!ours)
			note_outside(tracer, tracee);
	} else {
		ours = false;
	}
	if (!ours) {
		go_on(tracee, PTRACE_CONT, 0);
	} else if (tracer->in_flight != NULL) {
		tracee->state = TRACEE_HELD;
		TAILQ_INSERT_TAIL(&tracer->held, tracee, held);
	} else {
		begin_op(tracer, tracee);
	}
}

/* --- stops */

static void
forget(struct tracer *tracer, struct tracee *tracee)
{
	if (tracee->state == TRACEE_HELD)
		TAILQ_REMOVE(&tracer->held, tracee, held);
	/* Killed within a call, of which something may be done. */
	if ((tracee->state == TRACEE_IN_CALL || tracee->state == TRACEE_OVERTIME) &&
	    tracer->versions != NULL) {
		tracer->versions->version++;
		versions_scan(tracer->versions, NULL, 0);
	}
	if (tracer->in_flight == tracee)
		tracer->in_flight = NULL;
	LIST_REMOVE(tracee, link);
	tracee_free(tracee);
	begin_next(tracer);
}

/* A thread that calls exec becomes the first of its process, and all others are gone. */
static void
on_exec(struct tracer *tracer, struct tracee *tracee)
{
	unsigned long before = 0;
	struct tracee *old;

	tracee->comm[0] = '\0';
	if (ptrace(PTRACE_GETEVENTMSG, tracee->tid, NULL, &before) == 0 &&
	    (int)before != tracee->tid) {
		LIST_FOREACH (old, &tracer->tracees, link) {
			if (old->tid == (int)before)
				break;
		}
		if (old != NULL)
			forget(tracer, old);
	}
	if (tracer->tracing->chance != CHANCE_REAL)
		tracee_draw_first(tracee, tracer->tracing->chance);
	go_on(tracee, PTRACE_CONT, 0);
}

static void
on_stop(struct tracer *tracer, struct tracee *tracee, int status)
{
	int number = WSTOPSIG(status), event = status >> 16;
	bool stops =
	    number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;

	if (event == PTRACE_EVENT_SECCOMP)
		on_call(tracer, tracee);
	else if (event == PTRACE_EVENT_EXEC)
		on_exec(tracer, tracee);
	else if (event == PTRACE_EVENT_STOP && stops)
		go_on(tracee, PTRACE_LISTEN, 0);
	else if (event != 0)
		go_on(tracee, PTRACE_CONT, 0);
	else if (number == (SIGTRAP | 0x80) && tracee->state == TRACEE_DRAWS)
		end_draw(tracer, tracee);
	else if (number == (SIGTRAP | 0x80))
		end_op(tracer, tracee);
	else
		/* Within a call it is on its way out of it. */
		go_on(tracee, tracee->state == TRACEE_RUNS ? PTRACE_CONT : PTRACE_SYSCALL, number);
}

static void
on_end(struct tracer *tracer, struct tracee *tracee, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		tracer->record->was_foreign = true;
	if (tracee->tid == tracer->main_pid) {
		tracer->record->status = status;
		tracer->ended_ns = clock_now_ns();
	}
	forget(tracer, tracee);
}

/* --- time */

static void
unpin(struct tracer *tracer)
{
	struct tracee *tracee;

	tracer->is_pinned = false;
	sched_setaffinity(0, sizeof(tracer->processors), &tracer->processors);
	LIST_FOREACH (tracee, &tracer->tracees, link) {
		sched_setaffinity(tracee->tid, sizeof(tracer->processors), &tracer->processors);
	}
}

/* A serial job is faster on its tracer's processor, any other one slower. */
static void
watch_load(struct tracer *tracer)
{
	struct tracee *tracee;
	int running = 0;

	LIST_FOREACH (tracee, &tracer->tracees, link) {
		running += tracee->state == TRACEE_RUNS && tracee_is_running(tracee);
	}
	tracer->busy_ticks = running > 1 ? tracer->busy_ticks + 1 : 0;
	if (tracer->busy_ticks == BUSY_TICKS)
		unpin(tracer);
}

static void
on_time(struct tracer *tracer)
{
	int64_t now_ns = clock_now_ns();

	ticked = 0;
	if (tracer->is_pinned)
		watch_load(tracer);
	if (tracer->in_flight != NULL && !TAILQ_EMPTY(&tracer->held) &&
	    now_ns - tracer->since_ns > HOLD_NS) {
		tracer->in_flight->state = TRACEE_OVERTIME;
		tracer->in_flight = NULL;
		tracer->record->overlapped++;
		begin_next(tracer);
	}
	tracer->record->is_late = now_ns - tracer->start_ns > tracer->tracing->limit_ns;
	tracer->record->lingered = tracer->ended_ns != 0 && now_ns - tracer->ended_ns > LINGER_NS &&
	                           now_ns - tracer->active_ns > LINGER_NS;
	if (tracer->record->is_late || tracer->record->lingered)
		tracer->is_over = true;
}

static void
follow(struct tracer *tracer)
{
	int status, tid;

	while (!tracer->is_over) {
		struct tracee *tracee;
		if (ticked)
			on_time(tracer);
		if (tracer->is_over)
			break;
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0)
			break;
		tracee = tracee_of(tracer, tid);
		if (tracee == NULL)
			break;
		if (WIFSTOPPED(status))
			on_stop(tracer, tracee, status);
		else
			on_end(tracer, tracee, status);
	}
}

/* --- beginning and end */

/* The command waits until it is traced. */
struct gate {
	const struct tracing *tracing;
	int end[2];
};

static bool
pass_gate(void *context)
{
	const struct gate *gate = context;
	char byte;
	int error;

	close(gate->end[1]);
	if (read(gate->end[0], &byte, 1) != 1)
		return false;
	/* Where it is refused, addresses differ from run to run, and states with them. */
	if (gate->tracing->chance != CHANCE_REAL)
		personality(ADDR_NO_RANDOMIZE);
	error = filter_install(gate->tracing->syncs ? FILTER_POWER : FILTER_KILLS);
	if (error != 0)
		dprintf(gate->tracing->job->errors, "graveshift: seccomp: %s\n", strerror(-error));
	return error == 0;
}

static int
start(struct tracer *tracer)
{
	struct gate gate = {.tracing = tracer->tracing};
	int error = 0;

	if (pipe2(gate.end, O_CLOEXEC) != 0)
		return -errno;
	tracer->main_pid = job_fork(tracer->tracing->job, pass_gate, &gate);
	if (tracer->main_pid < 0)
		error = tracer->main_pid;
	else if (ptrace(PTRACE_SEIZE, tracer->main_pid, NULL, (void *)(uintptr_t)OPTIONS) != 0 ||
	         write(gate.end[1], "", 1) != 1)
		error = -errno;
	close(gate.end[0]);
	close(gate.end[1]);
	return error;
}

static void
pin(struct tracer *tracer)
{
	cpu_set_t one;

	if (tracer->tracing->cpu < 0 ||
	    sched_getaffinity(0, sizeof(tracer->processors), &tracer->processors) != 0)
		return;
	CPU_ZERO(&one);
	CPU_SET((unsigned)tracer->tracing->cpu, &one);
	tracer->is_pinned = sched_setaffinity(0, sizeof(one), &one) == 0;
}

static int
set_alarm(void)
{
	/* Init is only sent what it has a handler for. */
	struct sigaction action = {.sa_handler = on_tick};
	struct itimerval ticks = {{0, TICK_US}, {0, TICK_US}};

	return sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &ticks, NULL) == 0
	           ? 0
	           : -errno;
}

/* What is really there is what has been recorded, or something was not seen. */
static void
close_record(struct tracer *tracer)
{
	struct record *record = tracer->record;

	record->took_ns =
	    (tracer->ended_ns != 0 ? tracer->ended_ns : clock_now_ns()) - tracer->start_ns;
	record->end_output = output_length(tracer);
	record->was_pinned = tracer->is_pinned;
	if (tracer->versions == NULL)
		return;
	tracer->versions->version++;
	if (tracer->versions->mapped > 0)
		versions_note_mapped(tracer->versions, INT64_MAX);
	release_look(record);
	tracer->versions->version++;
	record->strays = versions_scan(tracer->versions, record->stray, sizeof(record->stray));
	record->end = tracer->versions->version;
	record->end_sum = tracer->versions->sum;
}

int
tracer_run(void *context)
{
	const struct tracing *tracing = context;
	struct tracer tracer = {.tracing = tracing,
	                        .world = tracing->world,
	                        .record = tracing->record,
	                        .versions = tracing->record->versions};
	int error;

	LIST_INIT(&tracer.tracees);
	TAILQ_INIT(&tracer.held);
	pin(&tracer);
	tracer.start_ns = tracer.active_ns = clock_now_ns();
	error = set_alarm();
	if (error == 0)
		error = start(&tracer);
	if (error != 0) {
		complain("cannot trace the command: %s%s", strerror(-error),
		         error == -EPERM ? "; is this run under strace or a debugger?" : "");
		return error == -EPERM ? EXIT_INCONCLUSIVE : EXIT_INTERNAL;
	}
	follow(&tracer);
	close_record(&tracer);
	return EXIT_MET;
}
