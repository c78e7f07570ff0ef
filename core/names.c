/* SPDX-License-Identifier: ISC
 *
 * Names of kinds, states of tasks and slots, and causes, as they stand in logs and on screens.
 */
#include "core.h"

const char *
core_kind_name(unsigned kind)
{
	static const char *const names[] = {
#define EVENT(id, name) name,
#define ACTION(id, name) name,
#define NOTE(id, name) name,
#include "kinds.def"
#undef EVENT
#undef ACTION
#undef NOTE
	};
	return kind < CORE_KINDS ? names[kind] : "?";
}

#ifdef PLANTED_BUGS
const char *
core_planted_name(unsigned bug)
{
	static const char *const names[] = {
#define PLANTED(id, name, mistake) name,
#include "planted.def"
#undef PLANTED
	};
	return bug < CORE_PLANTED_BUGS ? names[bug] : "?";
}

const char *
core_planted_mistake(unsigned bug)
{
	static const char *const mistakes[] = {
#define PLANTED(id, name, mistake) mistake,
#include "planted.def"
#undef PLANTED
	};
	return bug < CORE_PLANTED_BUGS ? mistakes[bug] : "?";
}
#endif

const char *
task_state_name(unsigned state)
{
	static const char *const names[TASK_STATES] = {"blocked", "ready", "leased",
	                                               "done",    "dead",  "skipped"};
	return state < TASK_STATES ? names[state] : "?";
}

const char *
cause_name(unsigned cause)
{
	static const char *const names[CAUSES] = {"none", "data",  "crash",
	                                          "hang", "infra", "speculative"};
	return cause < CAUSES ? names[cause] : "?";
}
