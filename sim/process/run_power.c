/* SPDX-License-Identifier: ISC
 *
 * After a power loss: what the lab knows is saved from the board, which is memory and gone; then
 * the disk is what it was when it was last synced.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/disk/unsynced.h"
#include "sim/process/run_power.h"
#include "sim/rundir/eventlog.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

static bool
may_be_lost(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->faults; i++)
		if (scenario->fault[i].what == FAULT_POWER)
			return true;
	return false;
}

int
run_power_begin(struct run *run)
{
	int error = may_be_lost(&run->scenario) ? unsynced_begin(run->dir.path) : 0;

	if (error != 0)
		complain("cannot make %s/%s: %s", run->dir.path, RUN_UNSYNCED, strerror(-error));
	else
		unsynced_bind(run->dir.path);
	return error;
}

int
run_power_end(struct run *run)
{
	int error = unsynced_end(run->dir.path);

	if (error != 0)
		complain("cannot remove %s/%s: %s", run->dir.path, RUN_UNSYNCED, strerror(-error));
	return error;
}

bool
run_power_is_lost(const struct run *run)
{
	uint32_t fault;

	return unsynced_is_lost(run->dir.path, &fault);
}

/* The event log as it goes on, and the board that has the last of it, or NULL. */
struct remains {
	int log_fd;
	uint64_t next;
	uint32_t generation;
	struct board *board;
	size_t size;
};

static void
map_board(struct run *run, struct remains *remains)
{
	char path[PATH_MAX];
	struct stat status;
	void *memory = MAP_FAILED;
	int fd = open(rundir_file(&run->dir, RUN_BOARD, path), O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && status.st_size > 0)
		memory =
		    mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		return;
	remains->size = (size_t)status.st_size;
	remains->board = board_attach(memory, remains->size);
	if (remains->board == NULL)
		munmap(memory, remains->size);
}

static int
open_remains(struct run *run, struct remains *remains)
{
	uint64_t repaired;
	int error = 0;

	*remains = (struct remains){0};
	remains->log_fd = eventlog_open(run->events, &remains->next, &repaired);
	if (remains->log_fd < 0)
		return remains->log_fd;
	map_board(run, remains);
	if (remains->board == NULL)
		return 0;
	board_events_resume(remains->board, remains->next);
	error = eventlog_flush(remains->log_fd, remains->board);
	remains->next = board_events_head(remains->board);
	remains->generation = remains->board->generation;
	return error;
}

static void
close_remains(struct remains *remains)
{
	if (remains->board != NULL)
		munmap(remains->board, remains->size);
	if (remains->log_fd >= 0)
		close(remains->log_fd);
}

static int
note(struct remains *remains, enum core_kind kind, uint64_t record, uint64_t value)
{
	struct core_step step = {.at_ns = clock_now_ns(),
	                         .kind = (uint8_t)kind,
	                         .slot = CORE_NO_SLOT,
	                         .task = CORE_NO_TASK,
	                         .record = record,
	                         .value = value};

	return eventlog_append(remains->log_fd, remains->next++, &step, remains->generation);
}

/* Faults that had landed, and that nobody had noted yet. */
static int
note_faults(struct run *run, struct remains *remains)
{
	const struct fault_area *area = board_faults(remains->board);
	int error = 0;

	for (size_t i = 0; error == 0 && i < run->scenario.faults; i++) {
		const struct fault_state *state = &area->fault[i];
		uint32_t noted = atomic_load(&state->noted), landed = atomic_load(&state->landed);
		for (; error == 0 && noted < landed; noted++)
			error = note(remains, NOTE_FAULT_LANDED, i,
			             (uint64_t)atomic_load(&state->evidence));
	}
	return error;
}

static int
restore(struct run *run, uint32_t fault, struct unsynced_loss *loss)
{
	struct remains remains;
	int error = open_remains(run, &remains);

	if (error == 0 && remains.board != NULL)
		error = note_faults(run, &remains);
	if (error == 0)
		error = unsynced_undo(run->dir.path, loss);
	if (error == 0)
		error = note(&remains, NOTE_FAULT_LANDED, fault, loss->bytes);
	if (error == 0)
		error = note(&remains, NOTE_POWER_LOST, loss->names, loss->bytes);
	close_remains(&remains);
	if (error == 0 && unlinkat(run->dir.fd, RUN_BOARD, 0) != 0 && errno != ENOENT)
		error = -errno;
	/* Last: whoever is killed before does it all again, with the same result. */
	return error != 0 ? error : unsynced_forget(run->dir.path);
}

int
run_power_restore(struct run *run)
{
	struct unsynced_loss loss;
	uint32_t fault;
	int error;

	if (!unsynced_is_lost(run->dir.path, &fault))
		return 0;
	error = restore(run, fault, &loss);
	if (error != 0)
		complain("cannot take back in %s what the power loss took: %s", run->dir.path,
		         strerror(-error));
	else
		complain("the power was lost: %llu bytes that were not synced are gone, and %llu "
		         "changes of names",
		         (unsigned long long)loss.bytes, (unsigned long long)loss.names);
	return error;
}
