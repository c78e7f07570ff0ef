/* SPDX-License-Identifier: ISC
 *
 * Frames: the names of their kinds, as scenarios and reports use them, and what they tell the
 * coordinator.
 */
#include "sim/channel/message.h"

const char *
message_kind_name(unsigned kind)
{
	static const char *const names[MESSAGE_KINDS] = {
	    [MESSAGE_HELLO] = "hello",       [MESSAGE_BEAT] = "beat",
	    [MESSAGE_DONE] = "done",         [MESSAGE_FAILED] = "failed",
	    [MESSAGE_FENCED] = "fenced",     [MESSAGE_RETURNED] = "returned",
	    [MESSAGE_SURVIVED] = "survived", [MESSAGE_WELCOME] = "welcome",
	    [MESSAGE_REFUSED] = "refused",   [MESSAGE_ASSIGN] = "assign",
	    [MESSAGE_DISMISS] = "dismiss",
	};

	return kind < MESSAGE_KINDS ? names[kind] : "?";
}

bool
message_event(const struct message *message, uint16_t slot, uint32_t incarnation,
              struct core_step *event)
{
	static const uint8_t kinds[MESSAGE_KINDS] = {
	    [MESSAGE_BEAT] = EV_BEAT,
	    [MESSAGE_DONE] = EV_TASK_DONE,
	    [MESSAGE_FAILED] = EV_TASK_FAILED,
	    [MESSAGE_FENCED] = EV_COMMIT_REFUSED,
	    [MESSAGE_RETURNED] = EV_TASK_RETURNED,
	    [MESSAGE_SURVIVED] = EV_PROBE_SURVIVED,
	};

	if (message->kind == MESSAGE_HELLO || message->kind >= MESSAGE_WELCOME)
		return false;
	*event = (struct core_step){
	    .kind = kinds[message->kind],
	    .cause = message->cause < CAUSES ? message->cause : CAUSE_INFRA,
	    .slot = slot,
	    .incarnation = incarnation,
	    .task = message->task,
	    .epoch = message->epoch,
	    .record = message->record,
	    .value = message->value,
	};
	return true;
}
