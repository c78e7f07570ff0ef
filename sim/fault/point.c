/* SPDX-License-Identifier: ISC
 *
 * What happens when an armed point is reached: count the hit, see which faults it is for, inject
 * them.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sim/disk/power.h"
#include "sim/fault/fault.h"
#include "sim/fault/hand.h"
#include "sim/fault/script.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

#define HANG_STEP_NS (10 * NS_PER_MS)
#define MEMORY_STEP (16u << 20)

/* Counts a hit of the fault's point, if it counts for this fault, and says whether it is due. */
static bool
is_due(const struct fault *fault, size_t index)
{
	const struct scenario *scenario = fault_self.scenario;
	struct fault_area *area = fault_self.area;
	uint64_t hit;

	if (fault->follows >= 0 && atomic_load(&area->fault[fault->follows].injected) == 0)
		return false;
	if (!fault_condition_holds(scenario, area, index))
		return false;
	hit = atomic_fetch_add(&area->fault[index].hits, 1) + 1;
	if (hit < fault->nth || (fault->last != 0 && hit > fault->last) ||
	    !fault_may_begin(scenario, area, index))
		return false;
	/* Without chance the nth hit counts, and those after it while the fault may be injected
	 * again: also when the script was held meanwhile. */
	if (fault->chance_ppm < 1000000 &&
	    fault_draw(scenario->seed, index, hit) % 1000000 >= fault->chance_ppm)
		return false;
	return !script_stops(scenario, area, index);
}

bool
fault_counts(size_t index)
{
	return fault_pending(fault_self.scenario, fault_self.area, index) &&
	       is_due(&fault_self.scenario->fault[index], index);
}

static bool
is_me(const struct fault *fault)
{
	if (fault->what == FAULT_POWER)
		return true; /* whoever gets there takes it from all */
	if (fault->what == FAULT_SPLIT || fault->what == FAULT_SCALE ||
	    fault->what == FAULT_DRAIN || fault->what == FAULT_HEAL)
		return false;
	switch (fault->who) {
	case WHO_SELF:
		return true;
	case WHO_SLOT:
		return fault_self.role == WHO_SELF && fault_self.slot == fault->slot;
	case WHO_SUPERVISOR:
	case WHO_DIRECTOR:
		return fault_self.role == fault->who;
	default:
		return false;
	}
}

/* Dies for certain: also of a signal that would be blocked or ignored. */
static void
die_of(int number)
{
	sigset_t set;

	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
}

/* Touches memory until the limit refuses more; a worker that gets none cannot go on. */
_Noreturn static void
die_of_memory(void)
{
	for (;;) {
		char *block = mmap(NULL, MEMORY_STEP, PROT_READ | PROT_WRITE,
		                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (block == MAP_FAILED)
			die_of(SIGABRT);
		memset(block, 1, MEMORY_STEP);
	}
}

static void
landed(size_t index, int64_t evidence)
{
	fault_landed(fault_self.area, index, fault_self.slot, fault_self.incarnation, evidence);
}

static bool
commit(size_t index, const char *where)
{
	const struct fault *fault = &fault_self.scenario->fault[index];

	return fault_commit(index, fault_self.slot, fault_self.incarnation, (int)getpid(),
	                    fault_ends_ns(fault, clock_now_ns()), where);
}

static int64_t
processor_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return used.tv_sec * NS_PER_S + used.tv_nsec;
}

static void
burn(int64_t until_ns)
{
	while (clock_now_ns() < until_ns)
		for (volatile int i = 0; i < 10000; i++)
			continue;
}

/* Makes no progress, idle or burning the processor. */
static void
stand_still(size_t index, const struct fault *fault)
{
	int64_t began_ns = clock_now_ns(), used_ns = processor_ns();
	int64_t until_ns = fault->for_ns == SCENARIO_FOREVER ? INT64_MAX : began_ns + fault->for_ns;

	while (clock_now_ns() < until_ns && !fault_healed_since(fault_self.area, began_ns) &&
	       (fault_self.leaving == NULL || !fault_self.leaving())) {
		if (fault->what == FAULT_SPIN)
			burn(clock_now_ns() + HANG_STEP_NS);
		else
			clock_wait_until(clock_now_ns() + HANG_STEP_NS);
	}
	if (fault->what != FAULT_SPIN)
		landed(index, clock_now_ns() - began_ns);
	else if (processor_ns() - used_ns >= FAULT_TIME_MIN_NS)
		landed(index, processor_ns() - used_ns);
}

static void
become_slow(size_t index, const struct fault *fault)
{
	fault_self.slow_ns = fault->delay_ns;
	fault_self.slow_since_ns = clock_now_ns();
	fault_self.slow_until_ns = fault->for_ns == SCENARIO_FOREVER
	                               ? INT64_MAX
	                               : fault_self.slow_since_ns + fault->for_ns;
	landed(index, fault->delay_ns);
}

static void
inject_here(size_t index, const struct fault *fault)
{
	switch (fault->what) {
	case FAULT_KILL:
		die_of(fault->signal);
		break;
	case FAULT_CRASH:
		if (fault->exit_code >= 0)
			_exit(fault->exit_code);
		die_of(fault->signal);
		break;
	case FAULT_PAUSE:
		raise(SIGSTOP);
		break;
	case FAULT_HANG:
	case FAULT_SPIN:
		stand_still(index, fault);
		break;
	case FAULT_SLOW:
		become_slow(index, fault);
		break;
	case FAULT_MEMORY:
		die_of_memory();
	case FAULT_POISON:
		if (fault->poison_memory)
			die_of_memory();
		die_of(fault->signal);
		break;
	case FAULT_FAIL:
	case FAULT_SHORT:
	case FAULT_TEAR:
		fault_self.call = fault;
		break;
	case FAULT_POWER:
		power_cut(index);
		break;
	default:
		break; /* not for the process that reaches a point */
	}
}

/* For a sweep. */
static void
note_hit(const struct fault_area *area, enum point point)
{
	struct hit_log *log = fault_self.hits;

	if (log != NULL &&
	    (log->follows < 0 || atomic_load(&area->fault[log->follows].injected) > 0))
		hits_note(log, point, atomic_load(&area->number[CONDITION_RECOVERY]) != 0);
}

void
point_hit(enum point point)
{
	struct fault_area *area = fault_self.area;
	uint64_t due = 0;

	atomic_fetch_add(&area->hits[point], 1);
	note_hit(area, point);
	/* All count the hit before one of them ends its process. */
	for (size_t i = 0; i < fault_self.scenario->faults; i++) {
		const struct fault *fault = &fault_self.scenario->fault[i];
		if (fault->when == WHEN_POINT && fault->point == point &&
		    !fault_is_of_frames(fault) && fault_counts(i))
			due |= UINT64_C(1) << i;
	}
	for (; due != 0; due &= due - 1) {
		size_t i = (size_t)__builtin_ctzll(due);
		const struct fault *fault = &fault_self.scenario->fault[i];
		if (fault_self.guest && fault->what == FAULT_PAUSE)
			continue;
		if (fault_needs_nobody(fault))
			fault_do(i, point_name(point));
		else if (!is_me(fault))
			fault_request(i);
		else if (commit(i, point_name(point)))
			inject_here(i, fault);
	}
}

void
fault_obey(void)
{
	struct fault_area *area = fault_self.area;
	uint64_t me, orders;

	if (__builtin_expect(area == NULL, 0) ||
	    (orders = atomic_load_explicit(&area->orders, memory_order_relaxed)) == 0)
		return;
	hand_learn(fault_self.scenario, area);
	me = fault_name_of(fault_self.slot, fault_self.incarnation);
	for (size_t i = 0; i < fault_self.scenario->faults; i++) {
		for (size_t v = 0; ((orders >> i) & 1) != 0 && v < FAULT_VICTIMS; v++) {
			uint64_t ordered = me | FAULT_ORDERED;
			if (atomic_compare_exchange_strong(&area->fault[i].victim[v].who, &ordered,
			                                   me))
				inject_here(i, &fault_self.scenario->fault[i]);
		}
	}
}

const struct fault *
point_hit_call(enum point point)
{
	fault_self.call = NULL;
	point_hit(point);
	return fault_self.call;
}

/* A slow fault ends by time. */
bool
fault_is_slow(void)
{
	if (fault_self.slow_ns != 0 &&
	    (clock_now_ns() >= fault_self.slow_until_ns ||
	     fault_healed_since(fault_self.area, fault_self.slow_since_ns)))
		fault_self.slow_ns = 0;
	return fault_self.slow_ns != 0;
}

void
fault_slow_wait(void)
{
	if (fault_is_slow())
		clock_wait_until(clock_now_ns() + fault_self.slow_ns);
}

static bool
acts_on_records(const struct fault *fault)
{
	return fault->when == WHEN_RECORD &&
	       (fault->what == FAULT_POISON || fault->what == FAULT_FLAKY);
}

uint64_t
fault_next_record(uint64_t record)
{
	uint64_t next = UINT64_MAX;

	if (fault_self.area == NULL)
		return next;
	if (fault_self.slow_ns != 0 || point_is_armed(fault_self.area, POINT_WORKER_RECORD))
		return record;
	for (size_t i = 0; i < fault_self.scenario->faults; i++) {
		const struct fault *fault = &fault_self.scenario->fault[i];
		if (acts_on_records(fault) && fault->record >= record && fault->record < next &&
		    fault_pending(fault_self.scenario, fault_self.area, i))
			next = fault->record;
	}
	return next;
}

int
fault_at_record(uint64_t record)
{
	fault_slow_wait();
	point_reach(POINT_WORKER_RECORD);
	for (size_t i = 0; fault_self.area != NULL && i < fault_self.scenario->faults; i++) {
		const struct fault *fault = &fault_self.scenario->fault[i];
		if (!acts_on_records(fault) || fault->record != record ||
		    !fault_may_begin(fault_self.scenario, fault_self.area, i) ||
		    script_stops(fault_self.scenario, fault_self.area, i) || !commit(i, "record"))
			continue;
		if (fault->what == FAULT_POISON)
			inject_here(i, fault);
		landed(i, (int64_t)record);
		return -EBADMSG;
	}
	return 0;
}

/* Flips a bit in the middle of it; returns where, or -errno. */
static int64_t
spoil(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDWR | O_CLOEXEC);
	off_t at = fd < 0 ? -1 : lseek(fd, 0, SEEK_END) / 2;
	int64_t result = -ENODATA;
	char byte;

	if (fd < 0)
		return -errno;
	if (pread(fd, &byte, 1, at) == 1) {
		byte ^= 0x20;
		result = pwrite(fd, &byte, 1, at) == 1 ? at : -errno;
	}
	close(fd);
	return result;
}

void
fault_hurt_part(uint32_t task, int folder, const char *name)
{
	for (size_t i = 0; fault_self.area != NULL && i < fault_self.scenario->faults; i++) {
		const struct fault *fault = &fault_self.scenario->fault[i];
		bool lose = fault->what == FAULT_LOSE_PART;
		struct stat status;
		int64_t done;

		/* Of a part without a byte there is nothing that could be spoiled. */
		if ((!lose && fault->what != FAULT_SPOIL_PART) || fault->task != task ||
		    fstatat(folder, name, &status, 0) != 0 || status.st_size == 0 ||
		    !fault_may_begin(fault_self.scenario, fault_self.area, i) ||
		    script_stops(fault_self.scenario, fault_self.area, i) || !commit(i, "part"))
			continue;
		done = lose ? unlinkat(folder, name, 0) : spoil(folder, name);
		if (done >= 0)
			landed(i, lose ? (int64_t)status.st_size : done);
	}
}

const char *
fault_filter_bytes(uint32_t task, const char *bytes, size_t length, void **copy)
{
	free(*copy);
	*copy = NULL;
	if (fault_self.area != NULL)
		hand_learn(fault_self.scenario, fault_self.area);
	for (size_t i = 0; fault_self.area != NULL && length > 0 && i < fault_self.scenario->faults;
	     i++) {
		const struct fault *fault = &fault_self.scenario->fault[i];
		size_t offset = length / 2;
		if (fault->what != FAULT_BAD_CHUNK || fault->task != task ||
		    !fault_may_begin(fault_self.scenario, fault_self.area, i) ||
		    script_stops(fault_self.scenario, fault_self.area, i))
			continue;
		*copy = malloc(length);
		if (*copy == NULL || !commit(i, "chunk")) {
			free(*copy);
			*copy = NULL;
			continue;
		}
		memcpy(*copy, bytes, length);
		((char *)*copy)[offset] ^= 0x20;
		landed(i, (int64_t)offset);
		return *copy;
	}
	return bytes;
}
