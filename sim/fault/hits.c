/* SPDX-License-Identifier: ISC
 *
 * Recording hits.
 */
#include <string.h>
#include <sys/mman.h>

#include "sim/fault/hits.h"

#define REPORTS_AFTER 3

enum { RECOVERY_AWAITED, RECOVERY_GOES_ON, RECOVERY_OVER };

static size_t
size_of(uint32_t room)
{
	return sizeof(struct hit_log) + room * sizeof(struct hit);
}

struct hit_log *
hits_new(uint32_t room)
{
	struct hit_log *log = mmap(NULL, size_of(room), PROT_READ | PROT_WRITE,
	                           MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (log == MAP_FAILED)
		return NULL;
	log->room = room;
	log->follows = -1;
	return log;
}

void
hits_clear(struct hit_log *log, int follows)
{
	atomic_store(&log->count, 0);
	atomic_store(&log->changes, 0);
	atomic_store(&log->recovery, RECOVERY_AWAITED);
	atomic_store(&log->reports, 0);
	log->follows = follows;
}

void
hits_free(struct hit_log *log)
{
	if (log != NULL)
		munmap(log, size_of(log->room));
}

/* Behind such a point something durable is no longer what it was. */
static bool
changes_something(enum point point)
{
	const char *name = strchr(point_name(point), '.');

	return name != NULL && (strncmp(name, ".after_", 7) == 0 || strcmp(name, ".write") == 0 ||
	                        strcmp(name, ".rename") == 0);
}

static bool
is_recovering(struct hit_log *log, enum point point, bool lost)
{
	uint32_t phase = atomic_load(&log->recovery);

	if (phase == RECOVERY_OVER)
		return false;
	if (point == POINT_WORKER_AFTER_REPORT)
		atomic_fetch_add(&log->reports, 1);
	if (lost)
		phase = RECOVERY_GOES_ON;
	else if (phase == RECOVERY_GOES_ON || atomic_load(&log->reports) >= REPORTS_AFTER)
		phase = RECOVERY_OVER;
	atomic_store(&log->recovery, phase);
	return phase != RECOVERY_OVER;
}

void
hits_note(struct hit_log *log, enum point point, bool lost)
{
	bool recovering = is_recovering(log, point, lost);
	uint32_t index = atomic_fetch_add(&log->count, 1);
	uint32_t changes = changes_something(point) ? atomic_fetch_add(&log->changes, 1) + 1
	                                            : atomic_load(&log->changes);

	if (index < log->room)
		log->hit[index] = (struct hit){
		    .point = (uint16_t)point, .recovering = recovering, .changes = changes};
}
