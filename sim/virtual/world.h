/* SPDX-License-Identifier: ISC
 *
 * The virtual world from the inside: everything that its parts share.  All times are virtual
 * nanoseconds since the run's start.
 */
#ifndef SIM_VIRTUAL_WORLD_H
#define SIM_VIRTUAL_WORLD_H

#include <setjmp.h>
#define XXH_STATIC_LINKING_ONLY /* the hash is part of the world */
#include <xxhash.h>

#include "core/rng.h"
#include "sim/channel/message.h"
#include "sim/channel/numbers.h"
#include "sim/util/clock.h"
#include "sim/virtual/events.h"
#include "sim/virtual/rows.h"
#include "sim/virtual/virtual.h"

#define FOREVER CORE_NEVER

struct vsupervisor;

/* What a worker does next; it stays where it is while it waits. */
enum worker_step {
	WORKER_STARTS,
	WORKER_GREETS,
	WORKER_AWAITS, /* to be welcomed */
	WORKER_IDLE,
	WORKER_NEXT,
	WORKER_BEGINS,
	WORKER_WORKS,
	WORKER_OPENS,
	WORKER_COMBINES,
	WORKER_SYNCS,
	WORKER_RENAMES,
	WORKER_RENAMED,
	WORKER_FINISHES,
	WORKER_SUSPECTS,
	WORKER_SUSPECTED,
	WORKER_TOUCHES,
	WORKER_PROBES,
	WORKER_PROBED,
	WORKER_ACQUITS,
	WORKER_ACQUITTED,
	WORKER_BEFORE_COMMIT,
	WORKER_LOCKS,
	WORKER_WRITES,
	WORKER_COMMITS,
	WORKER_COMMITTED,
	WORKER_REPORTS,
	WORKER_REPORTED,
	WORKER_STEPS
};

struct lease {
	uint32_t task, epoch;
	uint8_t flags; /* CORE_ASSIGN_* */
	uint64_t record;
	uint64_t number;
};

/* Worked on, to be committed. */
struct finished {
	uint32_t task, epoch;
	uint64_t records;
	uint32_t first_dead, dead_count; /* in worker.dead */
	bool held;                       /* the store took it */
};

struct vworker {
	struct vsupervisor *supervisor;
	uint16_t slot;
	uint8_t step;  /* enum worker_step */
	uint8_t after; /* the step to go on with once the lock is there */
	bool alive;    /* a process is there */
	bool unreaped; /* it has died and nobody has noticed */
	bool joined, welcomed, paused, leaving;
	bool idle_armed;
	bool locked, waits_for_lock;
	uint32_t incarnation, generation;
	uint32_t token, wake_token; /* of the step that is due, of the wake: older ones are void */
	int64_t due_ns;             /* of the next step; FOREVER: it waits for somebody */
	int64_t wake_ns;            /* paused: until then */
	int64_t paused_ns;          /* ... since */
	int64_t told_ns; /* the supervisor last said something, or it last spoke to it idle */
	struct numbers leases_taken; /* of those that have come */
	uint64_t leases;             /* the supervisor's count of those it sent */
	struct numbers leases_back;  /* ... and its account of those handed back */
	int64_t hung_until_ns;       /* it stands still; 0 = it does not */
	int64_t born_ns;
	int status; /* dead: its wait status */
	struct vworker *next_waiting, *next_dead;

	struct lease queue[CORE_CREDIT_MAX];
	unsigned queue_head, queue_count;
	struct finished group[MESSAGES_MAX];
	unsigned group_count;
	unsigned reached; /* so many of the group have reached the present point */
	int64_t group_since_ns;
	uint64_t group_records;
	uint64_t *dead; /* records given up in the group's tasks */
	uint32_t dead_count;
	size_t dead_room;

	/* The attempt under way. */
	struct lease lease;
	bool noop_unit; /* its units are steps of time, not records */
	bool called;    /* the world was called for the record at `done` */
	uint32_t first_dead;
	uint64_t first, count; /* units of work; records but for noop */
	uint64_t done;
	int64_t unit_ns;  /* of its own, without slowness */
	int64_t since_ns; /* when unit `done` was begun */
	uint64_t waits;   /* for the store: progress of a kind */
	uint64_t seen_effects;

	/* What its row of the board says. */
	uint32_t at_task, at_epoch;
	bool at_record; /* it is in the record at `done` */

	int64_t beat_due_ns;
	int64_t slow_ns, slow_until_ns;
	int64_t cut_to_ns, cut_from_ns;   /* partition until then */
	int64_t last_up_ns, last_down_ns; /* arrival of the last frame of either way */
	int64_t heard_ns, moved_ns;       /* last frame, last progress that arrived */
	bool disturbed;    /* some frame of its was lost, late or doubled, or its supervisor stood
	                      still */
	uint64_t moved_at; /* the progress it last told, of this task */
	uint32_t moved_task;
	uint64_t victim_of; /* bit per fault that was injected into it and is not proven */
	uint64_t cut_by;    /* partitions that have not lost a frame yet */
	uint32_t struck;    /* number of the last strike that it was a victim of */
};

enum boot_step {
	BOOT_STARTS,
	BOOT_BEGINS,
	BOOT_RAISES,
	BOOT_RAISED,
	BOOT_SEALS,
	BOOT_RESTORES,
	BOOT_OPENS,
	BOOT_RUNS,
	BOOT_CONCLUDES,
	BOOT_ENDS,
	BOOT_LEAVES
};
enum store_step {
	STORE_IDLE,
	STORE_LOCKS,
	STORE_CHARGES,
	STORE_BURIES,
	STORE_WRITES,
	STORE_CHARGED,
	STORE_BURIED,
	STORE_WRITTEN,
	STORE_ANSWERS
};

struct vsupervisor {
	struct vworld *world;
	uint32_t life; /* number of this incarnation in the whole run; 0 = none */
	uint32_t generation;
	bool alive, paused;
	uint8_t boot;  /* enum boot_step */
	uint8_t store; /* enum store_step */
	int64_t wake_ns, paused_ns;
	int64_t store_due_ns; /* the store was busy: not before this */
	int64_t leave_ns;     /* workers that have not left by then are killed */
	struct core *core;
	void *memory;
	struct core_step *actions;
	struct core_step *queue; /* for the store */
	size_t queue_count, queue_room, writing;
	size_t reached;         /* so many of those have reached the present point */
	struct event *deferred; /* what happened while it was paused */
	size_t deferred_count, deferred_room;
	struct vworker *worker; /* slots + 1 */
	uint32_t alive_workers;
	struct vworker *dead, *dead_last; /* not reaped yet, in the order of their deaths */
	bool reap_asked;
	enum core_outcome outcome;
};

/* The judge's own account of a task, made from what was answered and reported. */
/* The last lease in which a worker died, stood still, met bad data; 0 = none. */
struct witness_ends {
	uint32_t died_epoch, hung_epoch, bad_epoch;
};

struct witness {
	uint32_t epoch; /* the only one that may commit, but for one beside it in that generation */
	uint32_t twin, twin_generation;
	uint32_t copied_epoch; /* of its last copy */
	uint32_t charged;
	struct witness_ends ends[2]; /* of attempts, of copies */
	bool copied, ended;          /* a copy is at work; the attempt has ended */
	bool fencing[2]; /* this supervisor is ending its lease: what its holder says is no
	                    progress any more */
	bool done;       /* a commit was accepted */
	uint32_t begun_epoch, begun_generation; /* of the lease that was begun last */
	int64_t lost_ns; /* its holder was lost then, it was not leased since; -1 = no */
	/* Work of a holder that was lost in it: in vain, unless it turns out to be done. */
	uint64_t lost_records;
};

struct vworld {
	const struct scenario *scenario;
	const struct virtual_plan *plan;
	const struct virtual_options *options;
	struct virtual_report *report;
	const struct model *model;
	struct core_config config;
	int64_t now_ns;
	struct events events;
	struct rng work, wire, chance; /* workload, network, faults */

	struct rows rows;
	struct vworker *writer;                 /* has the write lock */
	struct vworker *waiting, *waiting_last; /* for it */
	int64_t locked_until_ns;                /* by a supervisor */
	bool supervisor_waits;
	bool sink_there, sink_synced;
	bool sink_hollow;      /* a name without its bytes, should the power go */
	uint64_t sink_effects; /* tasks combined in it */

	struct vsupervisor supervisor[2]; /* two only while one is taken for dead */
	struct vsupervisor *ruling;       /* NULL: none */
	uint32_t lives;                   /* of supervisors so far */
	bool directed;                    /* a director lives */
	bool over;

	uint64_t armed[POINT_WORDS]; /* bit per point */
	uint64_t wanted;             /* bit per fault that found no victim yet */
	uint64_t state_faults, progress_faults, record_faults, frame_faults; /* bit per fault */
	/* Of each fault: hits of its point, or frames, as far as they count for it. */
	uint64_t hits[SCENARIO_FAULTS_MAX];
	int64_t again_ns[SCENARIO_FAULTS_MAX];       /* not before this */
	int64_t injected_ns[SCENARIO_FAULTS_MAX];    /* the last time */
	uint64_t supervisor_victim, director_victim; /* not proven yet */
	uint32_t strikes;
	uint64_t turns;
	int64_t quiet_until_ns;
	int64_t supervisor_lost_ns; /* nothing was leased since; -1 = that is not so */
	uint32_t workers;           /* that there shall be */

	struct witness *witness;
	XXH64_state_t hash;
	uint32_t processes; /* that began, for the log */
	jmp_buf escape;     /* out of memory, or a broken CHECK */
};

/* What became of that lease of the task. */
static inline struct witness_ends *
witness_ends(struct witness *witness, uint32_t epoch)
{
	return &witness->ends[epoch == witness->copied_epoch];
}

enum world_escape { ESCAPE_MEMORY = 1, ESCAPE_CHECK };

/* start + delay, or FOREVER. */
static inline int64_t
world_later(int64_t start_ns, int64_t delay_ns)
{
	int64_t sum;
	return __builtin_add_overflow(start_ns, delay_ns, &sum) ? FOREVER : sum;
}

/* virtual.c */
/* Puts an event in; leaves the run when there is no memory. */
void world_add(struct vworld *world, const struct event *event);
_Noreturn void world_no_memory(struct vworld *world);
/* How long the next frame takes. */
int64_t world_message_ns(struct vworld *world);
/* About mean_ns: anything from half of it to half more. */
int64_t world_about(struct rng *rng, int64_t mean_ns);

/* Which of the two it is. */
static inline size_t
vsupervisor_index(const struct vsupervisor *supervisor)
{
	return (size_t)(supervisor - supervisor->world->supervisor);
}

/* director.c: lives of director and supervisors. */
void director_begin(struct vworld *world);
void director_start(struct vworld *world);
/* Everybody dies at once; power: and what was not synced is gone. */
void director_die(struct vworld *world, bool power);
/* The supervisor has ended by itself or was killed (status: wait status). */
void director_lost(struct vworld *world, struct vsupervisor *supervisor, int status);
void director_ended(struct vworld *world, struct vsupervisor *supervisor);

/* supervisor.c */
int vsupervisor_open(struct vworld *world, struct vsupervisor *supervisor);
void vsupervisor_close(struct vsupervisor *supervisor);
void vsupervisor_begin(struct vworld *world, struct vsupervisor *supervisor);
void vsupervisor_boot(struct vsupervisor *supervisor);
/* It and its workers are gone. */
void vsupervisor_die(struct vsupervisor *supervisor);
void vsupervisor_pause(struct vsupervisor *supervisor, int64_t until_ns);
void vsupervisor_wake(struct vsupervisor *supervisor);
/* It stands still: this is for later. */
void vsupervisor_defer(struct vsupervisor *supervisor, const struct event *event);
/* Something that a supervisor deals with has happened. */
void vsupervisor_happens(struct vsupervisor *supervisor, const struct event *event);
/* Feeds one event to the coordinator and performs what it asks for. */
void vsupervisor_step(struct vsupervisor *supervisor, struct core_step *event);
/* Sends a frame that is about its worker alone: welcome, dismiss. */
void vsupervisor_tell(struct vsupervisor *supervisor, uint16_t slot, enum message_kind kind);
/* There shall be world->workers from now on. */
void vsupervisor_scale(struct vsupervisor *supervisor);
/* A worker has died. */
void vsupervisor_bury(struct vsupervisor *supervisor, struct vworker *worker);
/* Ends what follows from an event: the store, faults that wait for a state, the job's end. */
void vsupervisor_settle(struct vsupervisor *supervisor);

/* perform.c */
void vsupervisor_perform(struct vsupervisor *supervisor, const struct core_step *action);
void vsupervisor_store(struct vsupervisor *supervisor);
void vsupervisor_fenced(struct vsupervisor *supervisor, uint32_t task);

/* worker.c */
void vworker_spawn(struct vsupervisor *supervisor, uint16_t slot, uint32_t incarnation);
void vworker_hear(struct vworker *worker, const struct frame *frame);
/* Goes on until it has to wait. */
void vworker_go(struct vworker *worker);
/* Nothing was said to it for the time of a beat, perhaps. */
void vworker_idles(struct vworker *worker);
/* Its next step is due then. */
void vworker_due(struct vworker *worker, int64_t at_ns);
void vworker_report(struct vworker *worker, enum message_kind kind, uint32_t task, uint32_t epoch,
                    enum cause cause, uint64_t record, uint64_t value);
void vworker_beat(struct vworker *worker);
void vworker_die(struct vworker *worker, int status);
void vworker_pause(struct vworker *worker, int64_t until_ns);
void vworker_wake(struct vworker *worker);
void vworker_hand_back(struct vworker *worker);
/* The record it is in, or CORE_NO_RECORD; how many it has finished and not committed. */
uint64_t vworker_at_record(const struct vworker *worker);
uint64_t vworker_uncommitted(const struct vworker *worker);

/* attempt.c, output.c, commit.c, probe.c: steps of a worker.  True: go on with worker->step. */
typedef bool vworker_stepper(struct vworker *worker);
vworker_stepper attempt_begin, attempt_work, attempt_finish;
vworker_stepper output_open, output_combine, output_sync, output_rename, output_renamed;
vworker_stepper probe_suspect, probe_suspected, probe_touch, probe_work, probe_worked, probe_acquit,
    probe_acquitted;
vworker_stepper commit_before, commit_lock, commit_write, commit_apply, commit_committed,
    commit_report, commit_reported;
/* Brings `done` up to the present. */
/* Is the record a dead letter already, which the attempt passes over? */
bool attempt_leaves_out(const struct vworker *worker, uint64_t record);
void attempt_advance(struct vworker *worker);
void attempt_fail(struct vworker *worker, enum cause cause, uint64_t record, uint64_t reason);
void vworker_no_task(struct vworker *worker);

/* lock.c: the store's write lock. */
/* True: it has it now; else it is told by vworker_due(). */
bool lock_take(struct vworker *worker);
void lock_release(struct vworker *worker);
/* A worker that waits has died. */
void lock_leave(struct vworker *worker);
/* The supervisor's transaction takes until then; false: somebody else has it. */
bool lock_supervise(struct vsupervisor *supervisor, int64_t for_ns);
/* It is the supervisor's until then. */
void lock_keep(struct vworld *world, int64_t until_ns);
void lock_free(struct vworld *world);

/* wire.c: frames on their way. */
void wire_up(struct vworker *worker, const struct frame *frame);
void wire_down(struct vworker *worker, const struct frame *frame);

/* points.c: reaching a point. */
enum reached { REACHED_ON, REACHED_HELD, REACHED_GONE };
enum reached point_of_worker(struct vworker *worker, enum point point);
enum reached point_of_supervisor(struct vsupervisor *supervisor, enum point point);
enum reached point_of_director(struct vworld *world, enum point point);
bool point_is_modelled(enum point point);

static inline bool
world_is_armed(const struct vworld *world, enum point point)
{
	return __builtin_expect((world->armed[point / 64] >> point % 64) & 1, 0);
}

static inline bool
vworker_passes(struct vworker *worker, struct vworld *world, enum point point)
{
	return !world_is_armed(world, point) || point_of_worker(worker, point) == REACHED_ON;
}

/* faults.c: what becomes of them. */
void vfaults_init(struct vworld *world);
bool vfault_is_open(const struct vworld *world, size_t index);
/* Arms the points at which faults may still act. */
void vfaults_arm(struct vworld *world);
/* Its time has come, or a point has asked for it. */
void vfault_by_time(struct vworld *world, size_t index);
void vfault_by_point(struct vworld *world, size_t index);
/* Counts a hit for it.  May it act at this one?  Not asked: whether there is a victim. */
bool vfault_is_due(struct vworld *world, size_t index);
/* The fault that acts on this frame, or -1. */
int vfault_of_frame(struct vworker *worker, const struct frame *frame, bool up);
/* Counts one more injection. */
void vfault_inject(struct vworld *world, size_t index, uint64_t hit);
/* There is evidence of it, at that slot (CORE_NO_SLOT: at no worker). */
void vfault_land(struct vworld *world, size_t index, uint16_t slot);
void vfault_land_all(struct vworld *world, uint64_t *victims, uint16_t slot);
/* Injects it into whoever it is meant for; false: nobody is there now. */
bool vfault_strike(struct vworld *world, size_t index, uint64_t hit);
/* ... into this worker: can it go on at once? */
enum reached vfault_strike_worker(struct vworker *worker, size_t index, uint64_t hit);
enum reached vfault_strike_supervisor(struct vsupervisor *supervisor, size_t index, uint64_t hit);
void vfault_end_hang(struct vworker *worker);
/* Those that wait for progress or a state. */
void vfaults_look(struct vworld *world);
/* Does the worker's record fail (true), now that it touches it?  May end the worker. */
bool vfault_at_record(struct vworker *worker, uint64_t record);
/* The first record >= record and < end at which some fault may act; UINT64_MAX: none. */
uint64_t vfault_next_record(const struct vworld *world, uint64_t record, uint64_t end);
/* Is the chunk read wrongly by this attempt? */
bool vfault_spoils_chunk(struct vworker *worker, uint32_t task);

/* victims.c */
/* The next victim of the fault that was not struck in this strike, or NULL. */
struct vworker *victim_choose(struct vworld *world, const struct fault *fault, uint32_t strike);
bool condition_is_true(struct vworld *world, const struct condition *condition);

/* judge.c: invariants. */
void judge_found(struct vworld *world, const char *invariant, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void judge_accepted(struct vworker *worker, uint32_t task, uint32_t epoch);
/* Another epoch is in force beside the task's. */
void judge_copied(struct vsupervisor *supervisor, uint32_t task, uint32_t epoch);
/* Is the lease one of those that may commit? */
bool judge_is_in_force(const struct vworld *world, uint32_t task, uint32_t epoch);
void judge_fenced(struct vsupervisor *supervisor, const struct core_step *fence, uint32_t epoch,
                  bool found_done);
/* The coordinator has ended a lease, or given a worker up because it stands still. */
void judge_ended(struct vsupervisor *supervisor, const struct core_step *fence);
void judge_given_up(struct vsupervisor *supervisor, const struct core_step *action);
/* Its place is written off. */
void judge_quarantined(struct vsupervisor *supervisor, uint16_t slot);
/* It ends the run. */
void judge_concluded(const struct vsupervisor *supervisor);
/* It begins what it was leased. */
void judge_begun(struct vworker *worker);
/* The rows are about to go back to their first day, and nobody was promised otherwise. */
void judge_powerless(struct vworld *world);
void judge_end(struct vworld *world);

/* tally.c */
void tally_step(struct vworld *world, const struct core_step *step);
/* What it had worked on was in vain, unless the store has it as done. */
/* Its worker is in what somebody else has done. */
void tally_overtaken(struct vsupervisor *supervisor, const struct core_step *action);
void tally_holder_lost(struct vworld *world, const struct vworker *worker);
/* The supervisor is gone, and all leases with it. */
void tally_lost(struct vworld *world, const struct vsupervisor *supervisor);

/* trace.c */
enum trace_kind {
	TRACE_COMMITTED = CORE_KINDS, /* task, epoch: the store took it */
	TRACE_REFUSED,
	TRACE_POWER,
	TRACE_KINDS
};
void trace_open(struct vworld *world);
void trace_step(struct vworld *world, uint32_t generation, const struct core_step *step);
void trace_note(struct vworld *world, unsigned kind, uint16_t slot, uint32_t task, uint32_t epoch,
                uint64_t record, uint64_t value);

/* log.c: what a real run writes into its event log. */
void vlog_step(struct vworld *world, uint32_t generation, const struct core_step *step);
/* record, value: as sim's notes have them (core/kinds.def); a beginning process gets its number. */
void vlog_note(struct vworld *world, unsigned kind, uint16_t slot, uint64_t record, uint64_t value);
void vlog_injection(struct vworld *world, size_t fault, uint32_t number);

#endif
