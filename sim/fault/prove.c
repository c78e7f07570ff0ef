/* SPDX-License-Identifier: ISC
 *
 * What shows that a fault has happened: a wait status, a call that met it, the word of whoever did
 * it.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/fault/fault.h"
#include "sim/util/fail.h"

/* One who is to be woken stays entered until then. */
static bool
prove(struct fault_state *state, uint64_t who, int64_t evidence, bool ended)
{
	for (size_t i = 0; i < FAULT_VICTIMS; i++) {
		struct fault_victim *victim = &state->victim[i];
		uint64_t entered = atomic_load(&victim->who);
		bool named =
		    entered == who || (who != FAULT_SUPERVISOR && entered == (who | FAULT_PROVEN));
		if (!named)
			continue;
		if (ended || who == FAULT_SUPERVISOR || atomic_load(&victim->resume_ns) == 0) {
			atomic_store(&victim->resume_ns, 0);
			atomic_store(&victim->who, 0);
		} else {
			atomic_store(&victim->who, who | FAULT_PROVEN);
		}
		if (entered != who)
			continue;
		atomic_store(&state->evidence, evidence);
		atomic_store(&state->landed_slot,
		             who == FAULT_SUPERVISOR ? CORE_NO_SLOT : (uint32_t)(who >> 32) - 1);
		atomic_fetch_add(&state->landed, 1);
		return true;
	}
	return false;
}

void
fault_landed(struct fault_area *area, size_t index, uint16_t slot, uint32_t incarnation,
             int64_t evidence)
{
	prove(&area->fault[index], fault_name_of(slot, incarnation), evidence, true);
}

void
fault_landed_alone(struct fault_area *area, size_t index, uint32_t times, int64_t evidence)
{
	struct fault_state *state = &area->fault[index];

	atomic_store(&state->evidence, evidence);
	atomic_store(&state->landed_slot, CORE_NO_SLOT);
	atomic_fetch_add(&state->landed, times);
}

/* Offset and length in one number, as evidence is. */
#define CALL_LENGTH_BITS 24
#define CALL_LENGTH_MAX ((UINT64_C(1) << CALL_LENGTH_BITS) - 1)

static int64_t
call_evidence(uint64_t offset, uint64_t length)
{
	return (int64_t)(offset << CALL_LENGTH_BITS |
	                 (length < CALL_LENGTH_MAX ? length : CALL_LENGTH_MAX));
}

uint64_t
fault_call_offset(int64_t evidence)
{
	return (uint64_t)evidence >> CALL_LENGTH_BITS;
}

uint64_t
fault_call_length(int64_t evidence)
{
	return (uint64_t)evidence & CALL_LENGTH_MAX;
}

void
fault_call_landed(const struct fault *fault, uint64_t offset, uint64_t length)
{
	fault_landed(fault_self.area, (size_t)(fault - fault_self.scenario->fault), fault_self.slot,
	             fault_self.incarnation, call_evidence(offset, length));
}

_Noreturn void
fault_call_die(const struct fault *fault, uint64_t offset, uint64_t length)
{
	struct fault_state *state = &fault_self.area->fault[fault - fault_self.scenario->fault];

	atomic_store(&state->evidence, call_evidence(offset, length));
	raise(SIGKILL);
	_exit(EXIT_INTERNAL);
}

/* Is this wait status what the fault would make of its victim?  A worker that hangs is given up and
 * killed by us. */
static bool
fits(const struct fault *fault, int status)
{
	switch (fault->what) {
	case FAULT_PAUSE:
		return WIFSTOPPED(status);
	case FAULT_KILL:
		return WIFSIGNALED(status) && WTERMSIG(status) == fault->signal;
	case FAULT_CRASH:
		if (fault->exit_code >= 0)
			return WIFEXITED(status) && WEXITSTATUS(status) == fault->exit_code;
		return WIFSIGNALED(status) && WTERMSIG(status) == fault->signal;
	case FAULT_TEAR:
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	case FAULT_POISON:
	case FAULT_HANG:
	case FAULT_SPIN:
		return WIFSIGNALED(status);
	case FAULT_MEMORY:
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
	case FAULT_DRAIN:
		return WIFEXITED(status) && WEXITSTATUS(status) == 0;
	default:
		return false;
	}
}

static int
prove_any(const struct scenario *scenario, struct fault_area *area, uint64_t who, int status)
{
	int proven = -1;

	for (size_t i = 0; i < scenario->faults; i++) {
		struct fault_state *state = &area->fault[i];
		/* What was torn says more than that its writer is dead. */
		int64_t evidence =
		    scenario->fault[i].what == FAULT_TEAR ? atomic_load(&state->evidence) : status;
		if (fits(&scenario->fault[i], status) &&
		    prove(state, who, evidence, !WIFSTOPPED(status)))
			proven = (int)i;
	}
	return proven;
}

int
fault_prove(const struct scenario *scenario, struct fault_area *area, uint16_t slot,
            uint32_t incarnation, int status)
{
	return prove_any(scenario, area, fault_name_of(slot, incarnation), status);
}

void
fault_prove_gone(const struct scenario *scenario, struct fault_area *area, uint16_t slot,
                 uint32_t incarnation)
{
	for (size_t i = 0; i < scenario->faults; i++) {
		const struct fault *fault = &scenario->fault[i];
		int status = fault->what == FAULT_CRASH && fault->exit_code >= 0
		                 ? W_EXITCODE(fault->exit_code, 0)
		                 : W_EXITCODE(0, fault->signal);
		if (fits(fault, status))
			prove(&area->fault[i], fault_name_of(slot, incarnation), status, true);
	}
}

int
fault_prove_supervisor(const struct scenario *scenario, struct fault_area *area, int status)
{
	return prove_any(scenario, area, FAULT_SUPERVISOR, status);
}
