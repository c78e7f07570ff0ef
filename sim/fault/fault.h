/* SPDX-License-Identifier: ISC
 *
 * Arming, injecting and proving faults.  Order of every injection: counted in the board (so that
 * one process takes it), written to plan.jsonl, then done; so that after any kill it is known what
 * was done, and nothing is done twice.
 */
#ifndef SIM_FAULT_FAULT_H
#define SIM_FAULT_FAULT_H

#include <stddef.h>

#include "sim/fault/point.h"
#include "sim/util/clock.h"

/* Evidence of what stood still is a time; shorter ones prove nothing, and wait statuses, which are
 * evidence too, are smaller numbers. */
#define FAULT_TIME_MIN_NS NS_PER_MS

/* Restores how often each fault was injected from plan.jsonl, which may not exist yet; an injection
 * by a director or at a supervisor of an earlier life is proven by that life's end and counts as
 * landed.  0 or -errno (-EBADMSG: not our file). */
int fault_plan_read(const struct scenario *scenario, const char *plan_path,
                    struct fault_area *area);

/* Who died between counting and writing has injected nothing: what is counted is again what is
 * written.  While nobody lives who might be in between.  0 or -errno. */
int fault_plan_recount(const struct scenario *scenario, const char *plan_path,
                       struct fault_area *area);

/* Sets the number of done tasks at which the supervisor must wake the director: the least that a
 * pending fault with `when: progress` waits for; `except`: bit per fault to leave out. */
void fault_watch_progress(const struct scenario *scenario, struct fault_area *area, uint64_t tasks,
                          uint64_t except);
/* So many of `tasks` make the progress that this fault waits for. */
uint64_t fault_progress_tasks(const struct fault *fault, uint64_t tasks);

/* Takes over what goes on from life to life and stands in the area alone: hits, the clock's offset,
 * quiet times. */
void fault_carry_over(const struct scenario *scenario, const struct fault_area *from,
                      struct fault_area *to);
/* Before there is a board, the director keeps the faults' state in memory of its own, all zero but
 * for what is to go on: the hits.  fault_early_begin restores the rest from plan.jsonl
 * (0 or -errno); fault_early_end moves what became of it into the board's area, before plan.jsonl
 * is read for that. */
int fault_early_begin(const struct scenario *scenario, const char *plan_path,
                      struct fault_area *early);
void fault_early_end(const struct scenario *scenario, const struct fault_area *early,
                     struct fault_area *area);

/* Arms the points at which faults of this scenario may still act, or all while hits are noted. */
void fault_arm(const struct scenario *scenario, struct fault_area *area);

/* Does this fault kill the director, so that somebody must resume the run? */
bool fault_ends_director(const struct fault *fault);
/* May it end a life in some other way that a resume repairs (a full disk)? */
bool fault_breaks_off(const struct fault *fault);

/* May fault number `index` still be injected? */
bool fault_pending(const struct scenario *scenario, const struct fault_area *area, size_t index);
/* Is it pending, and may it begin now: nothing keeps quiet, and the one it follows was injected? */
bool fault_may_begin(const struct scenario *scenario, const struct fault_area *area, size_t index);
/* One draw that depends on seed, fault and number alone (the finaliser of splitmix64, Steele et al.
 * 2014). */
uint64_t fault_draw(uint64_t seed, size_t index, uint64_t number);
/* Does its condition hold, by what the supervisor has published? */
bool fault_condition_holds(const struct scenario *scenario, const struct fault_area *area,
                           size_t index);
/* Was everything that began at since_ns or before healed since? */
bool fault_healed_since(const struct fault_area *area, int64_t since_ns);
/* Asks the director to inject it, for the process that calls. */
void fault_request(size_t index);
/* A worker, as it stands in fault_victim.who; CORE_NO_SLOT: FAULT_SUPERVISOR. */
uint64_t fault_name_of(uint16_t slot, uint32_t incarnation);
/* Quiet, clock and board: need no victim, so whoever is told does them, in full. */
bool fault_needs_nobody(const struct fault *fault);
void fault_do(size_t index, const char *where);
/* Somebody is about to read the calendar clock: proves the steps it has made. */
void fault_clock_read(void);
/* Can only the director do it? */
bool fault_is_for_director(const struct fault *fault);
/* Crash, hang, spin, slow, memory: done by the victim to itself. */
bool fault_is_inside(const struct fault *fault);

struct fault_target {
	uint16_t slot; /* CORE_NO_SLOT: the supervisor, the director, or nobody */
	uint32_t incarnation;
	int pid;
};
/* As fault_commit, of several victims at once; ordered: each is to do it to itself
 * (fault_obey).  more: further members for the line in plan.jsonl, or "". */
bool fault_commit_all(size_t index, const struct fault_target *target, size_t targets,
                      int64_t resume_ns, const char *where, bool ordered, const char *more);
/* Worker: does what it was ordered to do to itself.  May not return. */
void fault_obey(void);
/* Pauses end now.  Returns how many there are. */
unsigned fault_wake_all(const struct scenario *scenario, struct fault_area *area, int64_t now_ns);

/* Writes fault `index` ahead and counts it, before the caller injects it into the worker `slot`
 * (or, slot CORE_NO_SLOT, into the supervisor or director); resume_ns: when a paused victim is to
 * be woken, or 0.  Returns false when another process used its last time up first, or plan.jsonl
 * cannot be written: do not inject. */
bool fault_commit(size_t index, uint16_t slot, uint32_t incarnation, int pid, int64_t resume_ns,
                  const char *where);

/* There is evidence that an injection happened that has no victim in a process of its own (flipped
 * bytes, a record that failed, a hang or slowness that is over): the worker that committed it says
 * so. */
void fault_landed(struct fault_area *area, size_t index, uint16_t slot, uint32_t incarnation,
                  int64_t evidence);

/* The same of so many injections of a fault that needs nobody. */
void fault_landed_alone(struct fault_area *area, size_t index, uint32_t times, int64_t evidence);

/* A worker was stopped or ended with this wait status: proves the injection into it, if there is
 * one.  Returns that fault, or -1. */
int fault_prove(const struct scenario *scenario, struct fault_area *area, uint16_t slot,
                uint32_t incarnation, int status);
/* A joined worker is gone, and its wait status is somebody else's: a fault that was to end it has.
 */
void fault_prove_gone(const struct scenario *scenario, struct fault_area *area, uint16_t slot,
                      uint32_t incarnation);
/* The same for the supervisor. */
int fault_prove_supervisor(const struct scenario *scenario, struct fault_area *area, int status);
/* A call of this process met the fault as it should: `length` bytes at `offset`, zeros if it has
 * none.  fault_call_die: and its process ends of it, which is proven by its wait status. */
void fault_call_landed(const struct fault *fault, uint64_t offset, uint64_t length);
_Noreturn void fault_call_die(const struct fault *fault, uint64_t offset, uint64_t length);
/* What that left as evidence. */
uint64_t fault_call_offset(int64_t evidence);
uint64_t fault_call_length(int64_t evidence);
/* Makes the director look at what the faults want of it. */
void fault_wake_director(void);

/* Everybody of the last generation is gone: who was not proven to be a victim will not be. */
void fault_forget_victims(const struct scenario *scenario, struct fault_area *area);

/* Calls wake() for every paused worker whose time has come, and forgets partitions that are over;
 * returns when the next one is due, CORE_NEVER if none is. */
int64_t fault_wake(const struct scenario *scenario, struct fault_area *area, int64_t now_ns,
                   void (*wake)(void *context, uint16_t slot, uint32_t incarnation), void *context);

/* Does it act on single frames, at a send point? */
bool fault_is_of_frames(const struct fault *fault);
/* A frame that fault `index` is for is being sent: counts it; true if this is one to act on. */
bool fault_counts(size_t index);
/* Is an injection of fault `index`, which lasts for a time, into that worker on now?  If so it has
 * landed, with this evidence the first time. */
bool fault_lasts(size_t index, uint16_t slot, uint32_t incarnation, int64_t evidence);
/* When a lasting fault that is injected now ends; 0 for one that does not last. */
int64_t fault_ends_ns(const struct fault *fault, int64_t now_ns);

/* Worker, per record: the next record >= record at which a fault wants to act, in a task;
 * UINT64_MAX: none. */
uint64_t fault_next_record(uint64_t record);
/* Worker, at that record.  -EBADMSG: the record fails.  May not return. */
int fault_at_record(uint64_t record);
/* Worker: bytes of the task as this attempt sees them; copies and damages them when a bad_chunk
 * fault says so.  *copy is to be freed by the caller after the attempt. */
/* Before the part of that task is read: does to it what is scripted. */
void fault_hurt_part(uint32_t task, int folder, const char *name);

const char *fault_filter_bytes(uint32_t task, const char *bytes, size_t length, void **copy);
/* Worker: waits as long as a slow fault wants; true while one is on. */
bool fault_is_slow(void);
void fault_slow_wait(void);

#endif
