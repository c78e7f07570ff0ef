/* SPDX-License-Identifier: ISC
 *
 * Faults without a victim: the calendar clock steps, bytes of the board are flipped, the input
 * grows, no other fault begins for a while.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/board.h"
#include "sim/fault/fault.h"
#include "sim/job/made_input.h"
#include "sim/rundir/rundir.h"
#include "sim/util/calendar.h"
#include "sim/util/fail.h"

bool
fault_needs_nobody(const struct fault *fault)
{
	return fault->what == FAULT_QUIET || fault->what == FAULT_CLOCK ||
	       fault->what == FAULT_BOARD || fault->what == FAULT_GROW;
}

bool
fault_is_for_director(const struct fault *fault)
{
	switch (fault->what) {
	case FAULT_SPLIT:
	case FAULT_HEAL:
	case FAULT_POWER:
		return true;
	case FAULT_KILL:
	case FAULT_CRASH:
	case FAULT_PAUSE:
		return fault->who == WHO_SUPERVISOR || fault->who == WHO_DIRECTOR ||
		       fault->who == WHO_ALL;
	default:
		return false;
	}
}

bool
fault_is_inside(const struct fault *fault)
{
	switch (fault->what) {
	case FAULT_CRASH:
	case FAULT_HANG:
	case FAULT_SPIN:
	case FAULT_SLOW:
	case FAULT_MEMORY:
		return true;
	default:
		return false;
	}
}

static bool
commit(size_t index, const char *where, const char *more)
{
	const struct fault_target nobody = {CORE_NO_SLOT, 0, (int)getpid()};

	return fault_commit_all(index, &nobody, 1, 0, where, false, more);
}

static void
begin_quiet(size_t index, const struct fault *fault, const char *where)
{
	int64_t until_ns =
	    fault->for_ns == SCENARIO_FOREVER ? INT64_MAX : clock_now_ns() + fault->for_ns;

	if (!commit(index, where, ""))
		return;
	atomic_store(&fault_self.area->quiet_until_ns, until_ns);
	fault_landed_alone(fault_self.area, index, 1, fault->for_ns);
	fault_wake_director(); /* it waits for the end of it */
}

/* Not proven before somebody has read the clock that it stepped. */
static void
step_clock(size_t index, const struct fault *fault, const char *where)
{
	int64_t step_ns = fault->step_ns;

	if (!commit(index, where, ""))
		return;
	if (step_ns == INT64_MAX) {
		int64_t now_ns = calendar_now_ns();
		step_ns = calendar_midnight_after_ns(now_ns) - now_ns;
	}
	atomic_fetch_add(&fault_self.area->clock_offset_ns, step_ns);
	atomic_fetch_or(&fault_self.area->clock_unread, UINT64_C(1) << index);
}

void
fault_clock_read(void)
{
	uint64_t unread;

	if (fault_self.area == NULL || atomic_load(&fault_self.area->clock_unread) == 0)
		return;
	unread = atomic_exchange(&fault_self.area->clock_unread, 0);
	for (size_t i = 0; i < fault_self.scenario->faults; i++) {
		struct fault_state *state = &fault_self.area->fault[i];
		if ((unread >> i) & 1)
			fault_landed_alone(fault_self.area, i,
			                   atomic_load(&state->victims) -
			                       atomic_load(&state->landed),
			                   atomic_load(&fault_self.area->clock_offset_ns));
	}
}

#define FLIPS BOARD_PARTS

struct flip {
	size_t at;
	uint8_t mask, before;
};

static _Atomic uint8_t *
byte_at(size_t at)
{
	return (_Atomic uint8_t *)((char *)fault_self.board + at);
}

/* One byte in each part of the board, drawn by the seed. */
static void
draw_flips(size_t index, struct flip flip[FLIPS])
{
	uint32_t number = atomic_load(&fault_self.area->fault[index].injected);

	for (unsigned part = 0; part < FLIPS; part++) {
		uint64_t drawn =
		    fault_draw(fault_self.scenario->seed, index, (uint64_t)number * FLIPS + part);
		size_t at, length;
		board_part(fault_self.board, part, &at, &length);
		flip[part].at = at + (size_t)(drawn % length);
		flip[part].mask = (uint8_t)(1u << ((drawn >> 56) % 8));
		flip[part].before = atomic_load(byte_at(flip[part].at));
	}
}

static void
flip_board(size_t index, const char *where)
{
	struct flip flip[FLIPS];
	char more[64 * FLIPS];
	int length;

	draw_flips(index, flip);
	length = snprintf(more, sizeof(more), ", \"flips\": [");
	for (unsigned i = 0; i < FLIPS; i++)
		length += snprintf(more + length, sizeof(more) - (size_t)length, "%s[%zu, %u, %u]",
		                   i == 0 ? "" : ", ", flip[i].at, flip[i].before,
		                   flip[i].before ^ flip[i].mask);
	snprintf(more + length, sizeof(more) - (size_t)length, "]");
	if (!commit(index, where, more))
		return;
	for (unsigned i = 0; i < FLIPS; i++)
		atomic_fetch_xor(byte_at(flip[i].at), flip[i].mask);
	fault_landed_alone(fault_self.area, index, 1, FLIPS);
}

/* 0 or -errno. */
static int
grow_input(const struct fault *fault, uint64_t *bytes)
{
	char path[PATH_MAX];
	int fd, error;

	snprintf(path, sizeof(path), "%.*s" RUN_INPUT,
	         (int)(strrchr(fault_self.plan_path, '/') + 1 - fault_self.plan_path),
	         fault_self.plan_path);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = made_input_grow(fault_self.scenario, fault->record, fd, bytes);
	return close(fd) != 0 && error == 0 ? -errno : error;
}

static void
grow(size_t index, const struct fault *fault, const char *where)
{
	uint64_t bytes;
	int error;

	if (!commit(index, where, ""))
		return;
	error = grow_input(fault, &bytes);
	if (error == 0)
		fault_landed_alone(fault_self.area, index, 1, (int64_t)bytes);
	else
		complain("fault %s: the input cannot grow: %s", fault->id, strerror(-error));
}

void
fault_do(size_t index, const char *where)
{
	const struct fault *fault = &fault_self.scenario->fault[index];

	switch (fault->what) {
	case FAULT_QUIET:
		begin_quiet(index, fault, where);
		break;
	case FAULT_CLOCK:
		step_clock(index, fault, where);
		break;
	case FAULT_GROW:
		grow(index, fault, where);
		break;
	case FAULT_BOARD:
		if (fault_self.board != NULL) /* at a point before there is one */
			flip_board(index, where);
		break;
	default:
		break;
	}
}
