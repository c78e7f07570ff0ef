/* SPDX-License-Identifier: ISC
 *
 * The appender: groups, segments, repair.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/disk/disk.h"
#include "sim/fault/point.h"
#include "sim/topic/topic_appender.h"
#include "sim/topic/topic_disk.h"

#define GROUP_BYTES (1u << 20)
#define MARKS_MAX (GROUP_BYTES / 40 / TOPIC_INDEX_EVERY + 2)

struct mark {
	uint64_t entry, at;
};

struct topic_appender {
	int folder;
	char name[TOPIC_NAME_MAX];
	size_t segment_bytes;
	bool sync;
	int head_fd;
	struct topic_head *head;
	int fd, index_fd; /* of the newest segment */
	uint64_t first;   /* its first offset */
	size_t at;        /* how far it is written */
	uint64_t next;    /* offset of the next event */
	char *group;
	size_t used, room;
	struct mark mark[MARKS_MAX]; /* of the group, for the index */
	size_t marks;
};

/* The lock and the head. */
static int
open_head(struct topic_appender *appender)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char name[TOPIC_FILE_MAX];
	void *head;

	appender->head_fd = openat(appender->folder, topic_head_name(appender->name, name),
	                           O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (appender->head_fd < 0)
		return -errno;
	if (fcntl(appender->head_fd, F_OFD_SETLK, &lock) != 0)
		return errno == EACCES ? -EAGAIN : -errno;
	if (posix_fallocate(appender->head_fd, 0, TOPIC_HEAD_BYTES) != 0)
		return -ENOSPC;
	head =
	    mmap(NULL, TOPIC_HEAD_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, appender->head_fd, 0);
	if (head == MAP_FAILED)
		return -errno;
	appender->head = head;
	return 0;
}

static void
publish(struct topic_appender *appender)
{
	atomic_store_explicit(&appender->head->published, appender->next, memory_order_release);
}

static void
close_segment(struct topic_appender *appender)
{
	if (appender->fd >= 0)
		close(appender->fd);
	if (appender->index_fd >= 0)
		close(appender->index_fd);
	appender->fd = appender->index_fd = -1;
}

/* The index is a convenience: without it, readers look for their place from the segment's start. */
static int
open_index(struct topic_appender *appender)
{
	char name[TOPIC_FILE_MAX];

	appender->index_fd = openat(
	    appender->folder, topic_segment_name(appender->name, appender->first, "idx", name),
	    O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return appender->index_fd < 0 ? -errno : 0;
}

static int
begin_segment(struct topic_appender *appender)
{
	struct topic_segment_head head = {.first = appender->first};
	int error;

	memcpy(head.magic, topic_segment_magic, sizeof(head.magic));
	error = topic_disk_write(appender->fd, &head, sizeof(head));
	/* Room for what will come, so that nobody reads beyond the file's end. */
	if (error == 0 && ftruncate(appender->fd, (off_t)appender->segment_bytes) != 0)
		error = -errno;
	if (error == 0 && appender->sync)
		error = disk_sync(appender->fd);
	if (error == 0 && appender->sync)
		error = disk_sync(appender->folder);
	point_reach(POINT_WORKER_AFTER_SEGMENT);
	appender->at = sizeof(head);
	return error;
}

/* The next segment, behind all that is written. */
static int
new_segment(struct topic_appender *appender)
{
	char name[TOPIC_FILE_MAX];

	close_segment(appender);
	appender->first = appender->next;
	point_reach(POINT_WORKER_BEFORE_SEGMENT);
	appender->fd = disk_create(
	    appender->folder, topic_segment_name(appender->name, appender->first, "seg", name));
	if (appender->fd < 0)
		return appender->fd;
	return begin_segment(appender);
}

static int
open_segment(struct topic_appender *appender, uint64_t first, const struct topic_walk *walk)
{
	char name[TOPIC_FILE_MAX];

	appender->first = first;
	appender->next = walk->next;
	appender->at = walk->at;
	appender->fd =
	    openat(appender->folder, topic_segment_name(appender->name, first, "seg", name),
	           O_RDWR | O_CLOEXEC);
	return appender->fd < 0 ? -errno : 0;
}

/* The end of what was ever written to the segment: most of it is a hole. */
static size_t
written_end(const struct topic_appender *appender, size_t from)
{
	size_t end = from;
	off_t data, hole;

	while ((data = lseek(appender->fd, (off_t)end, SEEK_DATA)) >= 0 &&
	       (hole = lseek(appender->fd, data, SEEK_HOLE)) > data)
		end = (size_t)hole;
	return end;
}

static int
put_zeros(int fd, size_t at, size_t end)
{
	static const char zeros[4096];

	if (lseek(fd, (off_t)at, SEEK_SET) < 0)
		return -errno;
	while (at < end) {
		size_t length = end - at < sizeof(zeros) ? end - at : sizeof(zeros);
		ssize_t written = disk_write(fd, zeros, length);

		if (written <= 0)
			return written < 0 ? (int)written : -ENOSPC;
		at += (size_t)written;
	}
	return 0;
}

/* What stands behind the last whole event is zeros, or the rest of a group that was not written to
 * its end: nobody has been told of it. */
static int
cut_tail(struct topic_appender *appender, const struct topic_map *map, struct topic_state *state)
{
	size_t end = written_end(appender, appender->at);
	int error = 0;

	end = end < map->size ? end : map->size;
	while (end > appender->at && map->bytes[end - 1] == 0)
		end--;
	if (end > appender->at) {
		state->repaired = end - appender->at;
		state->repaired_at = appender->next;
		error = put_zeros(appender->fd, appender->at, end);
		atomic_fetch_add(&appender->head->repairs, 1);
		atomic_fetch_add(&appender->head->repaired_bytes, state->repaired);
	}
	if (error == 0 && lseek(appender->fd, (off_t)appender->at, SEEK_SET) < 0)
		error = -errno;
	return error;
}

static void
note_last(struct topic_state *state, const struct topic_event *last)
{
	state->sequence = last->sequence;
	state->ended = last->kind == TOPIC_END;
}

/* The segment goes on where its last whole event ends. */
static int
go_on(struct topic_appender *appender, uint64_t first, struct topic_state *state)
{
	struct topic_event last = {0};
	struct topic_walk walk;
	struct topic_map map;
	int error = topic_map_open(&map, appender->folder, appender->name, first);

	if (error != 0)
		return error;
	topic_map_walk(&map, appender->folder, appender->name, UINT64_MAX, &walk, &last);
	error = open_segment(appender, first, &walk);
	if (error == 0)
		error = cut_tail(appender, &map, state);
	/* What readers are told of must be durable; the one before may have died too early. */
	if (error == 0 && appender->sync)
		error = disk_sync(appender->fd);
	if (walk.next > first)
		note_last(state, &last);
	topic_map_close(&map);
	return error;
}

/* The last event is in the segment before, if the newest has none. */
static int
look_before(struct topic_appender *appender, struct topic_state *state)
{
	struct topic_event last = {0};
	struct topic_walk walk;
	struct topic_map map;
	uint64_t first;
	int found = 0, error;

	if (appender->first > 0 && appender->next == appender->first)
		found = topic_segment_find(appender->folder, appender->name, appender->first - 1,
		                           &first);
	if (found != 1)
		return found;
	error = topic_map_open(&map, appender->folder, appender->name, first);
	if (error != 0)
		return error;
	topic_map_walk(&map, appender->folder, appender->name, UINT64_MAX, &walk, &last);
	topic_map_close(&map);
	if (walk.next != appender->first)
		return -EBADMSG;
	note_last(state, &last);
	return 0;
}

/* One that was killed before its segment had a head leaves a file that nobody needs. */
static int
remove_unbegun(struct topic_appender *appender, uint64_t first)
{
	char name[TOPIC_FILE_MAX];

	point_reach(POINT_WORKER_BEFORE_SEGMENT);
	return disk_remove(appender->folder,
	                   topic_segment_name(appender->name, first, "seg", name));
}

static int
take_up(struct topic_appender *appender, struct topic_state *state)
{
	uint64_t first = 0;
	int found = topic_segment_find(appender->folder, appender->name, UINT64_MAX, &first), error;

	if (found < 0)
		return found;
	if (found == 0)
		return new_segment(appender);
	error = go_on(appender, first, state);
	if (error == -ENOENT) {
		error = remove_unbegun(appender, first);
		return error != 0 ? error : take_up(appender, state);
	}
	return error != 0 ? error : look_before(appender, state);
}

int
topic_appender_open(struct topic_appender **out, const struct topic_wish *wish,
                    struct topic_state *state)
{
	struct topic_appender *appender = calloc(1, sizeof(*appender));
	int error;

	*state = (struct topic_state){0};
	if (appender == NULL)
		return -ENOMEM;
	appender->folder = wish->folder;
	appender->segment_bytes = wish->segment_bytes;
	appender->sync = wish->sync;
	appender->head_fd = appender->fd = appender->index_fd = -1;
	appender->room = GROUP_BYTES;
	strlcpy(appender->name, wish->name, sizeof(appender->name));
	appender->group = malloc(appender->room);
	error = appender->group == NULL ? -ENOMEM : open_head(appender);
	if (error == 0)
		error = take_up(appender, state);
	if (error == 0)
		error = open_index(appender);
	if (error != 0) {
		topic_appender_close(appender);
		return error;
	}
	publish(appender);
	/* Last: from here on the head says what is so. */
	memcpy(appender->head->magic, topic_head_magic, sizeof(topic_head_magic));
	state->next = appender->next;
	*out = appender;
	return 0;
}

void
topic_appender_close(struct topic_appender *appender)
{
	if (appender == NULL)
		return;
	close_segment(appender);
	if (appender->head != NULL)
		munmap(appender->head, TOPIC_HEAD_BYTES);
	if (appender->head_fd >= 0)
		close(appender->head_fd);
	free(appender->group);
	free(appender);
}

/* What is in the index is looked at before it is believed, so it may be wrong or missing. */
static void
write_marks(struct topic_appender *appender)
{
	bool whole = true;

	for (size_t i = 0; i < appender->marks && whole; i++) {
		const struct mark *mark = &appender->mark[i];

		whole = pwrite(appender->index_fd, &mark->at, sizeof(mark->at),
		               (off_t)(mark->entry * sizeof(mark->at))) == sizeof(mark->at);
	}
	appender->marks = 0;
}

int
topic_flush(struct topic_appender *appender)
{
	int error;

	if (appender->used == 0)
		return 0;
	point_reach(POINT_WORKER_BEFORE_APPEND);
	error = topic_disk_write(appender->fd, appender->group, appender->used);
	if (error == 0)
		point_reach(POINT_WORKER_IN_APPEND);
	if (error == 0 && appender->sync) {
		error = topic_disk_sync(appender->fd);
		atomic_fetch_add(&appender->head->syncs, 1);
	}
	if (error != 0)
		return error;
	appender->at += appender->used;
	appender->used = 0;
	write_marks(appender);
	atomic_fetch_add(&appender->head->groups, 1);
	publish(appender);
	point_reach(POINT_WORKER_AFTER_APPEND);
	return 0;
}

static int
make_room(struct topic_appender *appender, size_t size)
{
	char *larger;
	int error = 0;

	if (sizeof(struct topic_segment_head) + size > appender->segment_bytes)
		return -EMSGSIZE;
	if (appender->used > 0 && appender->used + size > GROUP_BYTES)
		error = topic_flush(appender);
	if (error == 0 && appender->at + appender->used + size > appender->segment_bytes) {
		error = topic_flush(appender);
		if (error == 0)
			error = new_segment(appender);
		if (error == 0)
			error = open_index(appender);
	}
	if (error != 0 || appender->used + size <= appender->room)
		return error;
	larger = realloc(appender->group, appender->used + size);
	if (larger == NULL)
		return -ENOMEM;
	appender->group = larger;
	appender->room = appender->used + size;
	return 0;
}

int
topic_append(struct topic_appender *appender, const struct topic_event *event)
{
	size_t size = topic_event_size(event);
	int error = make_room(appender, size);

	if (error != 0)
		return error;
	if ((appender->next - appender->first) % TOPIC_INDEX_EVERY == 0)
		appender->mark[appender->marks++] = (struct mark){
		    .entry = (appender->next - appender->first) / TOPIC_INDEX_EVERY,
		    .at = appender->at + appender->used,
		};
	topic_event_encode(appender->group + appender->used, appender->next, event);
	appender->used += size;
	appender->next++;
	return 0;
}
