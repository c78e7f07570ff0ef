/* SPDX-License-Identifier: ISC
 *
 * Asking a run's director for something: a request is one datagram of text, "VERB WORDS", and so is
 * its answer, whose first word says what became of it.
 */
#ifndef SIM_CHANNEL_REQUEST_H
#define SIM_CHANNEL_REQUEST_H

#include <stddef.h>

#define REQUEST_MAX 320 /* bytes */
#define ANSWER_MAX 2048

enum answer {
	ANSWER_DONE,
	ANSWER_REFUSED, /* it was understood, and cannot be */
	ANSWER_BAD,     /* it was not understood */
	ANSWERS
};

/* Connects to `name` and asks.  A descriptor to wait for the answer on, which is the caller's to
 * close; or -errno (-ECONNREFUSED: nobody is there, -EMSGSIZE: too long). */
int request_send(const char *name, const char *request);
/* Waits for the answer up to so long.  enum answer with its text, or -errno (-EAGAIN: not yet,
 * -ECONNRESET: the director ended). */
int request_answer(int fd, int timeout_ms, char text[ANSWER_MAX]);

/* Director: answers a request, cut to ANSWER_MAX.  Nobody may be there any more: no error. */
void request_reply(int fd, enum answer answer, const char *text);
/* Director: the request that has come; -errno (-EAGAIN: none yet, -EBADMSG: none that could be,
 * -ECONNRESET: whoever was to ask has gone).  *verb and *words are in `text`. */
int request_receive(int fd, char text[REQUEST_MAX + 1], const char **verb, const char **words);

#endif
