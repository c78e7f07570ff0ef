/* SPDX-License-Identifier: ISC
 *
 * Names of the kinds of frames, as scenarios and reports use them.
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
