/* SPDX-License-Identifier: ISC
 *
 * The desk: where the director hears people who want something of a run that goes on.  Whatever
 * they send, it is answered, and the run does not wait for them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/channel/request.h"
#include "sim/fault/hand.h"
#include "sim/fault/script.h"
#include "sim/process/director_parts.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

#define ASK_NS (2 * NS_PER_S)         /* to ask after connecting, and for the supervisor to begin */
#define EVIDENCE_NS (500 * NS_PER_MS) /* from then on, for evidence */
#define LOOK_NS (10 * NS_PER_MS)

void
desk_open(struct director *director)
{
	char name[CHANNEL_NAME_MAX];

	for (size_t i = 0; i < DESK_CLIENTS; i++)
		director->client[i].fd = -1;
	run_name_desk(director->run->id, name);
	director->desk_fd = channel_listen(name);
	if (director->desk_fd < 0)
		complain("nothing can be asked of this run while it goes on: %s",
		         strerror(-director->desk_fd));
}

void
desk_close(struct director *director)
{
	for (size_t i = 0; i < DESK_CLIENTS; i++) {
		if (director->client[i].fd >= 0)
			close(director->client[i].fd);
		director->client[i].fd = -1;
	}
	if (director->desk_fd >= 0)
		close(director->desk_fd);
	director->desk_fd = -1;
}

static struct client *
free_client(struct director *director)
{
	for (size_t i = 0; i < DESK_CLIENTS; i++)
		if (director->client[i].fd < 0)
			return &director->client[i];
	return NULL;
}

void
desk_sources(const struct director *director, struct pollfd *sources)
{
	bool full = true;

	for (size_t i = 0; i < DESK_CLIENTS; i++) {
		const struct client *client = &director->client[i];
		/* Who waits for an answer has nothing more to say. */
		sources[1 + i] =
		    (struct pollfd){.fd = client->fault < 0 ? client->fd : -1, .events = POLLIN};
		full &= client->fd >= 0;
	}
	sources[0] = (struct pollfd){.fd = full ? -1 : director->desk_fd, .events = POLLIN};
}

int64_t
desk_due_ns(const struct director *director)
{
	for (size_t i = 0; i < DESK_CLIENTS; i++)
		if (director->client[i].fd >= 0)
			return director->now_ns + LOOK_NS;
	return CORE_NEVER;
}

static void
answer(struct client *client, enum answer what, const char *text)
{
	request_reply(client->fd, what, text);
	close(client->fd);
	client->fd = -1;
}

/* About one of the faults: "hand1: kill w2 (SIGKILL), by hand: it has landed". */
static void
answer_about(const struct director *director, struct client *client, enum answer what,
             const char *became)
{
	char text[ANSWER_MAX];
	int length;

	fault_describe(&director->run->scenario, (size_t)client->fault, text, sizeof(text) / 2);
	length = (int)strlen(text);
	snprintf(text + length, sizeof(text) - (size_t)length, ": %s", became);
	answer(client, what, text);
}

/* Why this fault is not even begun; NULL: nothing is against it. */
static const char *
refusal(const struct director *director, const struct fault *fault)
{
	const struct board *board = director->run->board;
	enum task_state state;

	if (director->draining || director->killing)
		return "the run is being stopped";
	if (director->supervisor == 0)
		return "there is no supervisor at the moment";
	if (fault->what != FAULT_BAD_CHUNK)
		return NULL;
	if (fault->task >= board_tasks(board))
		return "the plan has no such chunk";
	state = board_cell_state(board, (uint32_t)fault->task);
	return state == TASK_DONE || state == TASK_DEAD || state == TASK_SKIPPED
	           ? "this task is over: nobody will read its chunk again"
	           : NULL;
}

/* It waits for something that only has to come by: a frame, a read. */
static bool
is_laid(const struct fault *fault)
{
	return fault_is_of_frames(fault) || fault->what == FAULT_BAD_CHUNK;
}

static void
begin(struct director *director, struct client *client, size_t index)
{
	const struct fault *fault = &director->run->scenario.fault[index];

	director_say(director, "by hand: %s is asked for", fault->id);
	client->fault = (int)index;
	client->until_ns = director->now_ns + ASK_NS;
	if (fault_ends_director(fault))
		answer_about(director, client, ANSWER_DONE,
		             "it is done now; `graveshift resume` goes on");
	if (!is_laid(fault))
		atomic_store(&director->run->faults->fault[index].requested, 1);
	director_inject(director, index);
	if (is_laid(fault))
		answer_about(director, client, ANSWER_DONE,
		             fault->what == FAULT_BAD_CHUNK
		                 ? "it happens when an attempt reads that chunk next"
		                 : "it happens to the next frame that goes there");
}

static void
serve_inject(struct director *director, struct client *client, const char *words)
{
	struct run *run = director->run;
	struct hand_moment moment = {.done = board_done(run->board),
	                             .elapsed_ns = director->now_ns - director->started_ns};
	const char *reason = NULL;
	char *text = NULL;
	size_t size;
	FILE *errors = open_memstream(&text, &size);
	int index = errors != NULL ? hand_add(&run->scenario, words, errors) : -ENOMEM;

	if (errors == NULL || fclose(errors) != 0 || index < 0) {
		answer(client, ANSWER_BAD, text != NULL ? text : "out of memory");
		free(text);
		return;
	}
	free(text);
	reason = refusal(director, &run->scenario.fault[index]);
	if (reason == NULL && !hand_begin(&run->scenario, run->faults, words, &moment))
		reason = "plan.jsonl cannot be written";
	if (reason == NULL) {
		begin(director, client, (size_t)index);
		return;
	}
	hand_drop(&run->scenario);
	answer(client, ANSWER_REFUSED, reason);
}

static void
serve_script(struct director *director, struct client *client, const char *words)
{
	static const char *const said[SCRIPT_CHANGES] = {
	    [SCRIPT_GO] = "the fault script goes on",
	    [SCRIPT_HOLD] = "the fault script is held: no fault of the scenario begins",
	    [SCRIPT_STEP] = "the next fault of the scenario may begin, and no other"};
	struct fault_area *area = director->run->faults;
	enum script_change change = script_change_find(words);
	char text[ANSWER_MAX], due[512];

	if (change == SCRIPT_CHANGES) {
		answer(client, ANSWER_BAD, "the script can be told hold, step or go");
		return;
	}
	if (!script_set(area, change)) {
		answer(client, ANSWER_REFUSED, "plan.jsonl cannot be written");
		return;
	}
	director_say(director, "by hand: %s", said[change]);
	fault_ids(&director->run->scenario, atomic_load(&area->due), due, sizeof(due));
	snprintf(text, sizeof(text), "%s%s%s", said[change], due[0] != '\0' ? "; due: " : "", due);
	director_tell(director, CONTROL_LOOK, 0);
	answer(client, ANSWER_DONE, text);
}

static const struct {
	const char *verb;
	void (*serve)(struct director *director, struct client *client, const char *words);
} services[] = {
    {"inject", serve_inject},
    {"script", serve_script},
};
#define SERVICES (sizeof(services) / sizeof(services[0]))

static void
hear(struct director *director, struct client *client)
{
	char text[REQUEST_MAX + 1];
	const char *verb, *words;
	int error = request_receive(client->fd, text, &verb, &words);

	if (error == -EAGAIN)
		return;
	for (size_t i = 0; error == 0 && i < SERVICES; i++)
		if (strcmp(services[i].verb, verb) == 0) {
			services[i].serve(director, client, words);
			return;
		}
	answer(client, ANSWER_BAD, "this is no request that a director knows");
}

static void
receive_new(struct director *director)
{
	struct client *client = free_client(director);
	int fd = client != NULL ? channel_accept(director->desk_fd) : -1;

	if (fd < 0)
		return;
	*client = (struct client){.fd = fd, .fault = -1, .until_ns = director->now_ns + ASK_NS};
}

/* Nobody fitted, when the supervisor looked. */
static const char *
nobody(const struct fault *fault)
{
	if (fault->what == FAULT_SCALE)
		return "refused: there is no room for it, or another one is under way";
	if (fault_is_inside(fault))
		return "refused: there is no such worker of the run's own that is in a task now";
	return "refused: there is no such worker of the run's own, or it is stopped";
}

/* What has become of the fault he waits for. */
static void
settle(struct director *director, struct client *client)
{
	struct fault_state *state = &director->run->faults->fault[client->fault];
	bool late = director->now_ns >= client->until_ns;
	uint32_t landed = atomic_load(&state->landed);

	if (landed > 0 && landed >= atomic_load(&state->victims))
		answer_about(director, client, ANSWER_DONE, "it has landed");
	else if (atomic_load(&state->injected) > 0 &&
	         director->now_ns - atomic_load(&state->injected_ns) >= EVIDENCE_NS)
		answer_about(director, client, ANSWER_DONE,
		             "it is under way; the evidence is still to come");
	else if (atomic_load(&state->injected) == 0 && atomic_load(&state->sought) > 0)
		answer_about(director, client, ANSWER_REFUSED,
		             nobody(&director->run->scenario.fault[client->fault]));
	else if (late && atomic_exchange(&state->requested, 0) != 0)
		answer_about(director, client, ANSWER_REFUSED,
		             "refused: the supervisor does not answer; nothing was done");
	else if (late && atomic_load(&state->injected) == 0)
		answer_about(director, client, ANSWER_REFUSED,
		             "the supervisor ended before it was done");
}

void
desk_turn(struct director *director, const struct pollfd *sources)
{
	for (size_t i = 0; i < DESK_CLIENTS; i++) {
		struct client *client = &director->client[i];
		if (client->fd >= 0 && client->fault < 0 && sources[1 + i].revents != 0)
			hear(director, client);
		if (client->fd >= 0 && client->fault >= 0)
			settle(director, client);
		else if (client->fd >= 0 && director->now_ns >= client->until_ns)
			answer(client, ANSWER_BAD, "nothing was asked");
	}
	if (sources[0].revents != 0)
		receive_new(director);
}
