/* SPDX-License-Identifier: ISC
 *
 * Reaching a point.  Costs one load and a predictable branch while nothing is armed there.
 *
 * What a scenario's faults are is known to every process from the scenario itself; what became of
 * them so far (hits, injections, landings) is shared in the board's fault area, so that "the 571st
 * commit" is the 571st of the run, whichever worker makes it, and survives the death of anyone.
 */
#ifndef SIM_FAULT_POINT_H
#define SIM_FAULT_POINT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/fault/hits.h"
#include "sim/fault/points.h"
#include "sim/scenario/scenario.h"

/* An injection under way. */
struct fault_victim {
	_Atomic uint64_t
	    who; /* slot + 1 in the upper half, incarnation below; FAULT_SUPERVISOR; 0 = free */
	_Atomic int64_t resume_ns; /* pause: when to wake it; 0 = it is not to be woken */
};
#define FAULT_SUPERVISOR UINT64_MAX
#define FAULT_PROVEN \
	(UINT64_C(1) << 63) /* in who: there was evidence; it only has to be woken yet */
#define FAULT_ORDERED \
	(UINT64_C(1) << 62) /* in who: the worker is to do it to itself, and has not begun */
#define FAULT_VICTIMS 32
#define FAULT_HANDS_MAX 16 /* faults by hand in a run */

/* What became of one fault. */
struct fault_state {
	_Atomic uint32_t injected;    /* times; written ahead in plan.jsonl each time */
	_Atomic uint32_t victims;     /* of all injections; each of them has to be proven */
	_Atomic uint32_t landed;      /* victims of whom there was evidence */
	_Atomic uint32_t landed_slot; /* of the last landing; CORE_NO_SLOT: not in a worker */
	_Atomic uint32_t noted;       /* landings that are in the event log */
	_Atomic uint32_t
	    requested; /* times a point asked the director to inject it into somebody else */
	_Atomic uint32_t sought;     /* it was asked for, and nobody was there who fits */
	_Atomic uint32_t facts;      /* bit per term of its condition: a fact that is true now */
	_Atomic uint64_t hits;       /* of its point, as far as they count for it */
	_Atomic uint64_t asker;      /* who, of the last request; as fault_victim.who */
	_Atomic int64_t injected_ns; /* CLOCK_BOOTTIME of the last injection */
	_Atomic int64_t
	    evidence; /* of the last landing: wait status, offset of the flipped byte, ... */
	struct fault_victim victim[FAULT_VICTIMS];
};

/* Lives in the board's fault area. */
struct fault_area {
	/* Bit per point: some fault may still act there. */
	_Atomic uint64_t armed[POINT_WORDS];
	_Atomic uint64_t watch_done; /* supervisor: wake the director when so many tasks are done */
	_Atomic uint64_t rework;     /* records worked on in attempts that came to nothing */
	_Atomic uint64_t damaged;    /* frames that arrived damaged and were dropped */
	_Atomic uint64_t skipped;    /* bit per fault: this host cannot do it */
	_Atomic uint64_t orders;     /* bit per fault: some worker is ordered to do it to itself */
	_Atomic uint64_t stale_commits; /* refused because another supervisor rules */
	/* What conditions ask for, by enum condition_what; the supervisor writes it when it
	 * changes.  Facts about slots stand with the fault that asks. */
	_Atomic uint64_t number[CONDITION_RECOVERY + 1];
	_Atomic int64_t started_ns;      /* of the run's first life */
	_Atomic int64_t quiet_until_ns;  /* no fault begins before */
	_Atomic int64_t healed_ns;       /* what lasts and began before is over */
	_Atomic int64_t clock_offset_ns; /* of the calendar clock */
	_Atomic uint64_t clock_unread;   /* bit per fault: nobody has read the clock it stepped */
	_Atomic uint64_t hits[POINTS];   /* of armed points */
	struct fault_state fault[SCENARIO_FAULTS_MAX];
	_Atomic uint32_t held;     /* the fault script is held (script.h) */
	_Atomic uint32_t steps;    /* ... and so many of its faults may begin nevertheless */
	_Atomic uint32_t was_held; /* it is, or was once */
	_Atomic uint32_t script_change, script_changes; /* the last change, and how many */
	_Atomic uint32_t script_noted;                  /* changes that are in the event log */
	_Atomic uint64_t due;       /* bit per fault: its moment came while the script was held */
	_Atomic uint64_t due_noted; /* those that are in the event log */
	_Atomic uint32_t hands;     /* faults by hand; written by the director */
	struct fault hand[FAULT_HANDS_MAX];
};

/* Who is reaching points in this process; set once after a fork. */
struct fault_self {
	struct scenario *scenario; /* grows by faults by hand */
	struct fault_area *area;   /* NULL: no faults at all in this process */
	struct hit_log *hits;      /* NULL, or where each reached point is noted; inherited */
	const char *plan_path;     /* plan.jsonl */
	enum fault_who role;       /* WHO_SELF = a worker, WHO_SUPERVISOR, WHO_DIRECTOR */
	uint64_t wires;            /* bit per fault that acts on frames */
	bool guest;                /* a joined worker: nobody could wake it from a pause */
	uint16_t slot;             /* worker */
	uint32_t incarnation;
	int wake_director_fd; /* eventfd, or -1 */
	/* a slow fault that goes on */
	int64_t slow_ns, slow_since_ns, slow_until_ns;
	struct board *board;      /* what a board fault damages */
	const struct fault *call; /* what the next call is to meet, by point_hit_call */
	/* A hang ends early when this says so; NULL: never. */
	bool (*leaving)(void);
};
extern struct fault_self fault_self;

static inline bool
point_is_armed(const struct fault_area *area, enum point point)
{
	return (atomic_load_explicit(&area->armed[point / 64], memory_order_relaxed) >>
	        point % 64) &
	       1;
}

void point_hit(enum point point);
const struct fault *point_hit_call(enum point point);

static inline void
point_reach(enum point point)
{
	if (__builtin_expect(fault_self.area != NULL, 1) &&
	    __builtin_expect(point_is_armed(fault_self.area, point), 0))
		point_hit(point);
}

/* The same before a call that may be made to fail (FAULT_FAIL), to be cut short (FAULT_SHORT) or
 * torn (FAULT_TEAR): by which fault, or NULL.  Whoever makes the call does it, and says
 * fault_call_landed() or fault_call_die(). */
static inline const struct fault *
point_reach_call(enum point point)
{
	if (__builtin_expect(fault_self.area != NULL, 1) &&
	    __builtin_expect(point_is_armed(fault_self.area, point), 0))
		return point_hit_call(point);
	return NULL;
}

#endif
