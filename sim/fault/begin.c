/* SPDX-License-Identifier: ISC
 *
 * When a fault may begin: conditions over the run's state, order among faults, quiet times.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sim/fault/fault.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

struct asking {
	const struct fault_area *area;
	const struct condition *condition;
	size_t index;
};

static uint64_t
ask(void *context, const struct condition_term *term)
{
	const struct asking *asking = context;
	size_t number = (size_t)(term - asking->condition->term);

	if (term->what == CONDITION_ELAPSED)
		return (uint64_t)(clock_now_ns() - atomic_load(&asking->area->started_ns));
	if (term->what <= CONDITION_RECOVERY)
		return atomic_load(&asking->area->number[term->what]);
	return (atomic_load(&asking->area->fault[asking->index].facts) >> number) & 1;
}

uint64_t
fault_draw(uint64_t seed, size_t index, uint64_t number)
{
	uint64_t z = seed ^ (index + 1) * UINT64_C(0x9e3779b97f4a7c15) ^
	             number * UINT64_C(0xd1b54a32d192ed03);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

bool
fault_condition_holds(const struct scenario *scenario, const struct fault_area *area, size_t index)
{
	struct asking asking = {area, &scenario->fault[index].condition, index};

	return condition_holds(asking.condition, ask, &asking);
}

bool
fault_may_begin(const struct scenario *scenario, const struct fault_area *area, size_t index)
{
	const struct fault *fault = &scenario->fault[index];

	if (!fault_pending(scenario, area, index))
		return false;
	if (fault->follows >= 0 && atomic_load(&area->fault[fault->follows].injected) == 0)
		return false;
	return fault->what == FAULT_QUIET || fault->what == FAULT_HEAL ||
	       clock_now_ns() >= atomic_load(&area->quiet_until_ns);
}

bool
fault_healed_since(const struct fault_area *area, int64_t since_ns)
{
	return atomic_load_explicit(&area->healed_ns, memory_order_relaxed) > since_ns;
}

void
fault_wake_director(void)
{
	static const uint64_t one = 1;

	if (fault_self.wake_director_fd >= 0 &&
	    write(fault_self.wake_director_fd, &one, sizeof(one)) != sizeof(one) && errno != EAGAIN)
		complain("cannot wake the director: %s", strerror(errno));
}

void
fault_request(size_t index)
{
	struct fault_state *state = &fault_self.area->fault[index];

	atomic_store(&state->asker, fault_self.role == WHO_SELF
	                                ? fault_name_of(fault_self.slot, fault_self.incarnation)
	                                : 0);
	atomic_fetch_add(&state->requested, 1);
	fault_wake_director();
}
