/* SPDX-License-Identifier: ISC
 *
 * One end of a connection between supervisor and worker.  Frames are gathered and sent as one
 * datagram, because a datagram costs a system call and a wake-up, and a frame next to nothing.
 *
 * The socket's address is abstract (no file): it vanishes with the supervisor, whatever killed it.
 */
#ifndef SIM_CHANNEL_CHANNEL_H
#define SIM_CHANNEL_CHANNEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "sim/channel/message.h"

#define CHANNEL_NAME_MAX 96

struct channel {
	int fd;       /* -1: closed */
	size_t count; /* frames gathered */
	struct message gathered[MESSAGES_MAX];
};

/* Makes the listening socket of a run under `name`; close-on-exec, non-blocking.  The descriptor or
 * -errno. */
int channel_listen(const char *name);
/* Takes the next connection of our own uid; -EPERM for somebody else's, -EAGAIN when there is none.
 */
int channel_accept(int listener);
/* Connects to a run; blocking.  The descriptor or -errno. */
int channel_connect(const char *name);

void channel_init(struct channel *channel, int fd);
void channel_fini(struct channel *channel);

/* Adds a frame to what the next flush sends; flushes by itself when MESSAGES_MAX are gathered.  0
 * or -errno of that flush.  Version and sum are filled in. */
int channel_put(struct channel *channel, const struct message *message);
/* Sends what is gathered.  0 or -errno (-EPIPE: the other end is gone; -EAGAIN: it does not read,
 * try again). */
int channel_flush(struct channel *channel);
/* Receives one datagram with at least one whole frame; those that arrive damaged are left out and
 * added to *damaged.  Number of frames, 0 when the other end is gone, -EAGAIN when there is
 * nothing, -EPROTO when it is not made of frames of our version; wait: block until something comes,
 * or for the socket's patience. */
int channel_receive(int fd, struct message messages[MESSAGES_MAX], bool wait,
                    _Atomic uint64_t *damaged);
/* A receive that waits for longer than this says -EAGAIN.  0 or -errno. */
int channel_patience(int fd, int64_t wait_ns);
/* Waits until there is something to receive, or until this time of CLOCK_BOOTTIME; false: nothing
 * came. */
bool channel_wait(int fd, int64_t until_ns);

#endif
