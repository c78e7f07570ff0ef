/* SPDX-License-Identifier: ISC
 *
 * Connections: a worker says hello and is given its place; from then on its frames become events.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "sim/process/supervisor.h"
#include "sim/util/fail.h"

int
supervisor_watch(struct supervisor *supervisor, int fd, uint32_t source, uint32_t index)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)source << 32 | index};

	return epoll_ctl(supervisor->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

static void
refuse(int fd)
{
	struct channel channel;
	struct message refused = {
	    .kind = MESSAGE_REFUSED, .slot = CORE_NO_SLOT, .task = CORE_NO_TASK};

	channel_init(&channel, fd);
	wire_put(NULL, &channel, &refused, CORE_NO_SLOT, 0);
	channel_flush(&channel);
	channel_fini(&channel); /* which says the same to one that this does not reach */
}

static int
receive(struct supervisor *supervisor, int fd, struct message messages[MESSAGES_MAX])
{
	return channel_receive(fd, messages, false, &supervisor->run->faults->damaged);
}

void
supervisor_accept(struct supervisor *supervisor)
{
	int fd;

	while ((fd = channel_accept(supervisor->listen_fd)) >= 0 || fd == -EPERM) {
		size_t index = 0;
		if (fd < 0)
			continue;
		while (index < PENDING_MAX && supervisor->pending[index] >= 0)
			index++;
		if (index == PENDING_MAX ||
		    supervisor_watch(supervisor, fd, SOURCE_PENDING, (uint32_t)index) != 0) {
			close(fd);
			continue;
		}
		supervisor->pending[index] = fd;
		supervisor_hear_pending(supervisor, index);
	}
}

/* The place of a worker that says hello: its own if we forked it, a free one beyond ours if it
 * joins. */
static int
find_place(struct supervisor *supervisor, const struct message *hello)
{
	if (hello->kind != MESSAGE_HELLO || hello->record != supervisor->run->id_hash)
		return -1;
	if (hello->slot != CORE_NO_SLOT) {
		struct place *place =
		    hello->slot < supervisor->places ? &supervisor->place[hello->slot] : NULL;
		bool ours = place != NULL && place->pid == (int)hello->value &&
		            place->channel.fd < 0 && place->incarnation == hello->incarnation;
		return ours ? hello->slot : -1;
	}
	for (size_t slot = supervisor->config.workers; slot < supervisor->config.slots; slot++)
		if (supervisor->place[slot].pid == 0 && supervisor->place[slot].channel.fd < 0 &&
		    core_slot(supervisor->core, (uint16_t)slot).state == SLOT_ABSENT)
			return (int)slot;
	return -1;
}

static void
give_place(struct supervisor *supervisor, int fd, uint16_t slot, const struct message *hello)
{
	struct place *place = &supervisor->place[slot];
	struct core_step joined = {
	    .kind = EV_WORKER_JOINED, .slot = slot, .task = CORE_NO_TASK, .value = hello->value};

	if (hello->slot == CORE_NO_SLOT) {
		place->joined = true;
		place->incarnation++;
	}
	channel_init(&place->channel, fd);
	place->leases = 0;
	place->returns = (struct numbers){0};
	joined.incarnation = place->incarnation;
	board_slot_set(supervisor->run->board, slot, (int)hello->value, place->incarnation,
	               BOARD_SLOT_UP);
	supervisor_tell(supervisor, slot, MESSAGE_WELCOME);
	supervisor_step(supervisor, &joined);
}

void
supervisor_hear_pending(struct supervisor *supervisor, size_t index)
{
	struct message messages[MESSAGES_MAX];
	int fd = supervisor->pending[index];
	int count = receive(supervisor, fd, messages);
	int slot;

	if (count == -EAGAIN)
		return;
	supervisor->pending[index] = -1;
	slot = count > 0 ? find_place(supervisor, &messages[0]) : -1;
	epoll_ctl(supervisor->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	if (slot < 0 || supervisor_watch(supervisor, fd, SOURCE_SLOT, (uint32_t)slot) != 0) {
		refuse(fd);
		return;
	}
	give_place(supervisor, fd, (uint16_t)slot, &messages[0]);
}

/* What a worker says to which the answer, or what led to it, may have been lost. */
static void
answer_again(struct supervisor *supervisor, const struct message *message, uint16_t slot)
{
	if (message->kind == MESSAGE_HELLO)
		supervisor_tell(supervisor, slot, MESSAGE_WELCOME);
	else if (message->kind == MESSAGE_BEAT && message->task == CORE_NO_TASK &&
	         core_slot(supervisor->core, slot).state == SLOT_LEAVING)
		supervisor_tell(supervisor, slot, MESSAGE_DISMISS);
}

static void
hear_one(struct supervisor *supervisor, const struct message *message, uint16_t slot)
{
	struct core_step event;

	answer_again(supervisor, message, slot);
	if (!message_event(message, slot, supervisor->place[slot].incarnation, &event))
		return;
	/* Said twice, it would hand back the same task given again meanwhile, perhaps to somebody
	 * else: under one epoch two would work on it. */
	if (message->kind == MESSAGE_RETURNED &&
	    !numbers_take(&supervisor->place[slot].returns, message->value))
		return;
	/* A store that is busy is tried again; nothing else gets better by itself. */
	if (message->kind == MESSAGE_FAILED && message->value == REASON_SYSTEM &&
	    message->record != EBUSY && message->record != EAGAIN) {
		supervisor_break(supervisor, "a worker cannot go on", -(int)message->record);
		return;
	}
	supervisor_step(supervisor, &event);
}

/* One that joined is only its connection: its end is the worker's. */
static void
guest_left(struct supervisor *supervisor, uint16_t slot)
{
	struct place *place = &supervisor->place[slot];
	struct core_step left = {
	    .kind = EV_WORKER_EXITED, .slot = slot, .incarnation = place->incarnation};

	board_work_read(supervisor->run->board, slot, &left.task, &left.epoch, &left.record);
	supervisor_disconnect(supervisor, slot);
	fault_prove_gone(&supervisor->run->scenario, supervisor->run->faults, slot,
	                 place->incarnation);
	place->joined = false;
	board_slot_set(supervisor->run->board, slot, 0, place->incarnation, BOARD_SLOT_EMPTY);
	supervisor_step(supervisor, &left);
}

/* Takes in one datagram; true when there may be another. */
static bool
hear_datagram(struct supervisor *supervisor, uint16_t slot)
{
	struct message messages[MESSAGES_MAX];
	struct place *place = &supervisor->place[slot];
	int count = receive(supervisor, place->channel.fd, messages);

	for (int i = 0; i < count; i++)
		hear_one(supervisor, &messages[i], slot);
	if (count > 0 || count == -EAGAIN)
		return count > 0;
	/* Gone, or not speaking our language. */
	if (place->joined) {
		guest_left(supervisor, slot);
		return false;
	}
	supervisor_disconnect(supervisor, slot);
	if (count == -EPROTO)
		supervisor_signal(supervisor, slot, SIGKILL);
	return false;
}

void
supervisor_hear(struct supervisor *supervisor, uint16_t slot)
{
	/* One at a time: what is left makes the next turn begin at once. */
	if (supervisor->place[slot].channel.fd >= 0)
		hear_datagram(supervisor, slot);
}

void
supervisor_hear_out(struct supervisor *supervisor, uint16_t slot)
{
	while (supervisor->place[slot].channel.fd >= 0 && hear_datagram(supervisor, slot))
		continue;
}

void
supervisor_disconnect(struct supervisor *supervisor, uint16_t slot)
{
	/* Closing takes it out of the epoll set. */
	channel_fini(&supervisor->place[slot].channel);
	wire_free(supervisor->place[slot].wire);
	supervisor->place[slot].wire = NULL;
}

static void
note_unsent(struct supervisor *supervisor, uint16_t slot)
{
	if (!supervisor->place[slot].flush_pending)
		supervisor->unsent[supervisor->unsent_count++] = slot;
	supervisor->place[slot].flush_pending = true;
}

void
supervisor_send(struct supervisor *supervisor, uint16_t slot, const struct message *message)
{
	struct place *place = &supervisor->place[slot];

	if (place->channel.fd < 0)
		return; /* its end is on its way to us and returns the lease */
	if (wire_put(&place->wire, &place->channel, message, slot, place->incarnation) == -EAGAIN)
		complain("w%u does not read its messages", slot);
	note_unsent(supervisor, slot);
}

int64_t
supervisor_release(struct supervisor *supervisor)
{
	int64_t due_ns = CORE_NEVER;

	for (uint16_t slot = 0; fault_self.wires != 0 && slot < supervisor->places; slot++) {
		struct place *place = &supervisor->place[slot];
		int64_t next_ns = wire_release(place->wire, &place->channel, supervisor->now_ns);
		due_ns = next_ns < due_ns ? next_ns : due_ns;
		if (place->channel.count > 0)
			note_unsent(supervisor, slot);
	}
	return due_ns;
}

void
supervisor_tell(struct supervisor *supervisor, uint16_t slot, enum message_kind kind)
{
	struct message message = {.kind = (uint8_t)kind,
	                          .slot = slot,
	                          .incarnation = supervisor->place[slot].incarnation,
	                          .generation = supervisor->generation,
	                          .task = CORE_NO_TASK};

	supervisor_send(supervisor, slot, &message);
}

void
supervisor_flush(struct supervisor *supervisor)
{
	size_t kept = 0;

	for (size_t i = 0; i < supervisor->unsent_count; i++) {
		uint16_t slot = supervisor->unsent[i];
		struct place *place = &supervisor->place[slot];
		if (place->channel.count > 0)
			point_reach(POINT_SUPERVISOR_SEND);
		place->flush_pending =
		    place->channel.fd >= 0 && channel_flush(&place->channel) == -EAGAIN;
		if (place->flush_pending)
			supervisor->unsent[kept++] = slot;
	}
	supervisor->unsent_count = kept;
}
