/* SPDX-License-Identifier: ISC
 *
 * Putting a run together: scenario, input, job, board, paths.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "core/check.h"
#include "sim/disk/unsynced.h"
#include "sim/fault/hand.h"
#include "sim/job/part.h"
#include "sim/process/run_setup.h"
#include "sim/rundir/eventlog.h"
#include "sim/util/calendar.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

_Static_assert(sizeof(struct fault_area) <= BOARD_FAULT_BYTES,
               "the faults' state must fit its area of the board");

void
run_faults_bind(struct run *run, enum fault_who role, uint16_t slot, uint32_t incarnation)
{
	fault_self.scenario = &run->scenario;
	fault_self.area = run->faults;
	fault_self.plan_path = run->plan_path;
	fault_self.role = role;
	fault_self.slot = slot;
	fault_self.incarnation = incarnation;
	fault_self.wake_director_fd = run->wake_fd;
	fault_self.wires = wire_faults(&run->scenario);
	fault_self.board = run->board;
	calendar_bind(&run->faults->clock_offset_ns, fault_clock_read);
}

void
run_name_socket(struct run *run, uint32_t generation)
{
	snprintf(run->socket_name, sizeof(run->socket_name), "graveshift/%s.%u", run->id,
	         generation);
}

void
run_name_desk(const char *run_id, char name[CHANNEL_NAME_MAX])
{
	snprintf(name, CHANNEL_NAME_MAX, "graveshift/%s.desk", run_id);
}

void
run_leave_terminal(void)
{
	static const int numbers[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGPIPE};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		signal(numbers[i], SIG_IGN);
}

void
run_name_files(struct run *run)
{
	rundir_file(&run->dir, RUN_DB, run->db);
	rundir_file(&run->dir, RUN_PLAN, run->plan_path);
	rundir_file(&run->dir, RUN_EVENTS, run->events);
}

static void
name_run(struct run *run, const char *id)
{
	strlcpy(run->id, id, sizeof(run->id));
	run->id_hash = XXH64(run->id, strlen(run->id), 0);
	snprintf(run->socket_name, sizeof(run->socket_name), "graveshift/%s", run->id);
}

/* A new identity for every run: also of the socket, whose name nobody can then hold in advance. */
static int
draw_id(char id[20])
{
	unsigned char bytes[8];

	if (getentropy(bytes, sizeof(bytes)) != 0)
		return -errno;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

int
run_open_job(struct run *run, const char *input)
{
	char error[512] = "";
	int failed;

	run->ops = job_kind_find(run->scenario.job.kind);
	failed = run->ops->open(&run->job, &run->scenario, input, error, sizeof(error));
	if (failed != 0)
		complain("%s", error);
	return failed;
}

void
run_clear_parts(const struct run *run)
{
	char path[PATH_MAX];
	int folder;

	if (!job_kind_find(run->scenario.job.kind)->parts)
		return;
	folder = open(rundir_file(&run->dir, RUN_OUT, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return; /* the verdict looks for leftovers and says so */
	part_clear(folder);
	close(folder);
}

static int
map_board(struct run *run, int fd, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		return -errno;
	run->board = memory;
	run->board_size = size;
	return 0;
}

/* Memory that stands for a file cannot fail when it is written, only kill: so room on the disk is
 * taken before. */
static int
reserve(int fd, uint64_t offset, uint64_t length)
{
	return length == 0 ? 0 : -posix_fallocate(fd, (off_t)offset, (off_t)length);
}

int
run_reserve_cells(const struct run *run, uint32_t tasks)
{
	char path[PATH_MAX];
	int fd = open(rundir_file(&run->dir, RUN_BOARD, path), O_RDWR | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = reserve(fd, run->board->cells_at, tasks);
	close(fd);
	return error;
}

static int
make_board(struct run *run)
{
	char path[PATH_MAX];
	uint32_t slots = run->scenario.core.slots + 1;
	size_t size = board_size(slots, BOARD_RING_ENTRIES);
	int fd = open(rundir_file(&run->dir, RUN_BOARD, path),
	              O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = ftruncate(fd, (off_t)size) == 0 ? reserve(fd, 0, size - BOARD_TASKS_MAX) : -errno;
	if (error == 0)
		error = map_board(run, fd, size);
	close(fd);
	if (error != 0)
		return error;
	run->board = board_init(run->board, size, slots, BOARD_RING_ENTRIES, run->id,
	                        run->socket_name, clock_now_ns());
	CHECK(run->board != NULL);
	return 0;
}

static void
detach_board(struct run *run)
{
	munmap(run->board, run->board_size);
	run->board = NULL;
}

/* 0 with the board mapped; -EBADMSG when what is there is no board for this scenario. */
static int
attach_board(struct run *run)
{
	char path[PATH_MAX];
	struct stat status;
	int fd = open(rundir_file(&run->dir, RUN_BOARD, path), O_RDWR | O_CLOEXEC);
	const struct board *board;
	int error;

	if (fd < 0)
		return -errno;
	error = fstat(fd, &status) == 0 ? 0 : -errno;
	if (error == 0 && status.st_size == 0)
		error = -EBADMSG;
	if (error == 0)
		error = map_board(run, fd, (size_t)status.st_size);
	close(fd);
	board = error == 0 ? board_attach(run->board, run->board_size) : NULL;
	if (error == 0 && (board == NULL || board->slots != run->scenario.core.slots + 1)) {
		detach_board(run);
		error = -EBADMSG;
	}
	return error;
}

/* The board of this run, and of no other. */
static int
attach_own_board(struct run *run)
{
	int error = attach_board(run);

	if (error == 0 && strcmp(board_run_id(run->board), run->id) != 0) {
		detach_board(run);
		error = -EBADMSG;
	}
	return error;
}

/* Hits go on from where the last life left them, even if its board will not be used. */
static void
recall_hits(struct run *run)
{
	if (attach_board(run) != 0)
		return;
	fault_carry_over(&run->scenario, board_faults(run->board), run->early);
	detach_board(run);
}

/* The same for what has landed and is in no event log: the old board is about to go. */
static void
recall_unnoted(struct run *run)
{
	const struct fault_area *old;

	if (attach_board(run) != 0)
		return;
	old = board_faults(run->board);
	for (size_t i = 0; i < run->scenario.faults; i++) {
		const struct fault_state *from = &old->fault[i];
		struct fault_state *to = &run->early->fault[i];
		uint32_t unnoted = atomic_load(&from->landed) - atomic_load(&from->noted);
		if (unnoted == 0)
			continue;
		atomic_fetch_add(&to->landed, unnoted);
		atomic_store(&to->injected_ns, atomic_load(&from->injected_ns));
		atomic_store(&to->evidence, atomic_load(&from->evidence));
	}
	detach_board(run);
}

static int
renew_board(struct run *run)
{
	recall_unnoted(run);
	return make_board(run);
}

int
run_faults_early(struct run *run)
{
	int error;

	run_name_files(run);
	run->early = calloc(1, sizeof(*run->early));
	if (run->early == NULL) {
		complain("no memory for the faults' state");
		return -ENOMEM;
	}
	recall_hits(run);
	error = fault_early_begin(&run->scenario, run->plan_path, run->early);
	if (error != 0) {
		complain("cannot read %s: %s", run->plan_path, strerror(-error));
		return error;
	}
	fault_arm(&run->scenario, run->early);
	run->faults = run->early;
	run_faults_bind(run, WHO_DIRECTOR, CORE_NO_SLOT, 0);
	return 0;
}

/* A board that had to be made anew: which faults have landed is in the event log. */
static int
recall_landings(struct run *run)
{
	struct eventlog_reader reader;
	struct logged record;
	int more = eventlog_reader_open(&reader, run->events);

	if (more != 0)
		return more == -ENOENT ? 0 : more;
	while ((more = eventlog_next(&reader, &record)) == 1) {
		struct fault_state *state =
		    &run->faults->fault[record.step.record % SCENARIO_FAULTS_MAX];
		if (record.step.kind != NOTE_FAULT_LANDED ||
		    record.step.record >= run->scenario.faults)
			continue;
		state->landed++;
		state->noted++;
		state->evidence = (int64_t)record.step.value;
	}
	eventlog_reader_close(&reader);
	return more;
}

static int
bind_board(struct run *run)
{
	int error;

	run->faults = board_faults(run->board);
	if (board_events_head(run->board) == 0 && recall_landings(run) != 0)
		complain("cannot read %s: faults of the earlier life count as not landed",
		         run->events);
	fault_early_end(&run->scenario, run->early, run->faults);
	error = fault_plan_read(&run->scenario, run->plan_path, run->faults);
	if (error != 0) {
		complain("cannot read %s: %s", run->plan_path, strerror(-error));
		return error;
	}
	hand_share(&run->scenario, run->faults);
	fault_arm(&run->scenario, run->faults);
	atomic_store(&run->board->director_pid, (int)getpid());
	run_faults_bind(run, WHO_DIRECTOR, CORE_NO_SLOT, 0);
	point_reach(POINT_DIRECTOR_AFTER_BOARD);
	return 0;
}

static int
write_scenario(struct run *run, const char *path)
{
	FILE *file = fopen(path, "we");
	int error;

	if (file == NULL)
		return -errno;
	error = scenario_print(&run->scenario, file);
	if (error == 0 && (fflush(file) != 0 || fsync(fileno(file)) != 0))
		error = -errno;
	if (fclose(file) != 0 && error == 0)
		error = -errno;
	return error;
}

int
run_scenario_write(struct run *run)
{
	char path[PATH_MAX];
	int error = write_scenario(run, rundir_file(&run->dir, RUN_SCENARIO_NEW, path));

	if (error == 0) {
		point_reach(POINT_DIRECTOR_BEFORE_SCENARIO);
		if (renameat(run->dir.fd, RUN_SCENARIO_NEW, run->dir.fd, RUN_SCENARIO) != 0 ||
		    fsync(run->dir.fd) != 0)
			error = -errno;
	}
	if (error == 0) {
		point_reach(POINT_DIRECTOR_AFTER_SCENARIO);
		return 0;
	}
	complain("cannot write %s: %s", path, strerror(-error));
	unlinkat(run->dir.fd, RUN_SCENARIO_NEW, 0);
	return error;
}

static int
create_store(struct run *run, const char *input)
{
	struct store_run info = {.config_hash = scenario_hash(&run->scenario)};

	run->submitted_ns = calendar_now_ns();
	if (run->scenario.job.logical_date[0] != '\0')
		strlcpy(info.logical_date, run->scenario.job.logical_date,
		        sizeof(info.logical_date));
	else
		calendar_date(run->submitted_ns, info.logical_date);
	strlcpy(info.id, run->id, sizeof(info.id));
	strlcpy(info.name, run->scenario.name, sizeof(info.name));
	strlcpy(info.input, input, sizeof(info.input));
	return store_create(run->db, run->scenario.durability, &info);
}

int
run_create(struct run *run, const char *input)
{
	char id[20];
	int error = draw_id(id);

	if (error == 0) {
		name_run(run, id);
		error = renew_board(run);
	}
	if (error == 0)
		error = bind_board(run);
	/* Last: without run.db nothing was begun, and all of this is done again. */
	if (error == 0)
		error = create_store(run, input);
	if (error != 0)
		complain("cannot set up the run in %s: %s", run->dir.path, strerror(-error));
	return error;
}

static int
read_identity(struct run *run, struct store_run *info)
{
	struct store *store;
	int error = store_open(&store, run->db, run->scenario.durability, 2000);
	int format = STORE_FORMAT;

	if (error == 0) {
		error = store_format_read(store, &format);
		if (error == 0 && format == STORE_FORMAT)
			error = store_run_read(store, info);
		store_close(store);
	}
	if (error == 0 && format == STORE_FORMAT)
		return 0;
	if (error == 0)
		complain("%s has format %d, and this is a graveshift for format %d: use the one "
		         "that made it",
		         run->db, format, STORE_FORMAT);
	else
		complain("cannot read %s: %s", run->db, strerror(-error));
	return error != 0 ? error : -EINVAL;
}

int
run_load(struct run *run, const char *const *set, size_t sets)
{
	char path[PATH_MAX];
	int error;

	run_name_files(run);
	unsynced_bind(run->dir.path);
	error = scenario_load(&run->scenario, rundir_file(&run->dir, RUN_SCENARIO, path), set, sets,
	                      stderr);
	if (error != 0)
		return error;
	if (scenario_refuses_torture(&run->scenario, "be taken up or looked at: it keeps no run"))
		return -EINVAL;
	error = hand_recall(&run->scenario, run->plan_path, NULL);
	if (error == -ERANGE)
		complain("faults were injected by hand into the run in %s: its own can be changed, "
		         "but there must be as many as there were",
		         run->dir.path);
	else if (error != 0)
		complain("cannot read %s: %s", run->plan_path, strerror(-error));
	return error;
}

int
run_reopen(struct run *run, struct store_run *info, bool rebuild_board)
{
	int error;

	if (!rundir_has(&run->dir, RUN_DB)) {
		complain("the run in %s was stopped before it was set up: `graveshift resume` does "
		         "that",
		         run->dir.path);
		return -ENOENT;
	}
	error = read_identity(run, info);
	if (error != 0)
		return error;
	if (info->config_hash != scenario_hash(&run->scenario)) {
		complain("the job block of %s/%s is not the one this run was planned with",
		         run->dir.path, RUN_SCENARIO);
		return -EINVAL;
	}
	name_run(run, info->id);
	if ((strategy_flags(run->scenario.strategy) & STRATEGY_SPLITS_AGAIN) == 0)
		run->scenario.job.input_bytes = info->plan.bytes;
	error = attach_own_board(run);
	if (error != 0 && rebuild_board)
		error = renew_board(run); /* a cache: run.db and plan.jsonl have it all */
	if (error != 0) {
		complain("no usable board in %s: %s", run->dir.path, strerror(-error));
		return error;
	}
	if (!rebuild_board) { /* somebody else's live board: look, do not touch */
		run->faults = board_faults(run->board);
		run_name_socket(run, atomic_load(&run->board->generation));
		return 0;
	}
	return bind_board(run);
}

void
run_init(struct run *run)
{
	memset(run, 0, sizeof(*run));
	run->dir.fd = run->lock_fd = run->job_fd = run->wake_fd = run->control_fd = -1;
}

void
run_fini(struct run *run)
{
	if (run->job != NULL)
		run->ops->close(run->job);
	if (run->board != NULL)
		detach_board(run);
	if (fault_self.area == run->faults)
		fault_self.area = NULL;
	free(run->early);
	if (run->lock_fd >= 0)
		close(run->lock_fd);
	if (run->job_fd >= 0)
		close(run->job_fd);
	if (run->wake_fd >= 0)
		close(run->wake_fd);
	rundir_close(&run->dir);
	scenario_fini(&run->scenario);
}
