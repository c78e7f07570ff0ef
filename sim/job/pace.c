/* SPDX-License-Identifier: ISC
 *
 * Stopping between records.
 */
#include <errno.h>

#include "sim/job/pace.h"
#include "sim/util/clock.h"

static void
set_next(struct pace *pace)
{
	pace->at = pace->beat_at < pace->stop_at ? pace->beat_at : pace->stop_at;
}

void
pace_begin(struct pace *pace, struct work *work, uint64_t first)
{
	*pace = (struct pace){
	    .work = work,
	    .beat_at = first + PACE_BEAT_RECORDS,
	    .beat_every = PACE_BEAT_RECORDS,
	    .stop_at = work->next_stop(work, first),
	};
	set_next(pace);
}

void
pace_spread(struct pace *pace, int64_t task_ns, int64_t began_ns, uint64_t records,
            const uint64_t *seen)
{
	uint64_t every = records / PACE_WAITS + 1;

	pace->task_ns = task_ns;
	pace->began_ns = began_ns;
	pace->records = records;
	pace->seen = seen;
	if (every < pace->beat_every) {
		pace->beat_at -= pace->beat_every - every;
		pace->beat_every = every;
	}
	set_next(pace);
}

/* It is never further than the time that has passed. */
void
pace_keep(const struct pace *pace)
{
	if (pace->task_ns > 0)
		clock_wait_until(
		    pace->began_ns +
		    (int64_t)((double)pace->task_ns * (double)*pace->seen / (double)pace->records));
}

int
pace_stop(struct pace *pace, uint64_t record)
{
	struct work *work = pace->work;
	int result = 0;

	/* Before anything that takes time: of a record that is left out nobody dies. */
	if (pace->stop_at < record)
		pace->stop_at = work->next_stop(work, record);
	if (pace->stop_at == record) {
		result = work->at_record(work, record);
		pace->stop_at = work->next_stop(work, record + 1);
	}
	if (result >= 0 && record >= pace->beat_at) {
		pace_keep(pace);
		if (!work->beat(work))
			return -EINTR;
		pace->beat_at = record + pace->beat_every;
	}
	set_next(pace);
	return result;
}
