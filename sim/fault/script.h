/* SPDX-License-Identifier: ISC
 *
 * The fault script, held and let on step by step: as long as it is held, no fault of the scenario
 * begins, but for one with each step.  Faults by hand are not held.
 */
#ifndef SIM_FAULT_SCRIPT_H
#define SIM_FAULT_SCRIPT_H

#include "sim/fault/fault.h"

enum script_change { SCRIPT_GO, SCRIPT_HOLD, SCRIPT_STEP, SCRIPT_CHANGES };

/* "go", "hold", "step"; what is in plan.jsonl, and what a person types. */
const char *script_change_name(unsigned change);
/* SCRIPT_CHANGES: no such word. */
enum script_change script_change_find(const char *name);

/* Director: makes the change, written ahead.  False after saying why not. */
bool script_set(struct fault_area *area, enum script_change change);
/* After plan.jsonl was read: a change of an earlier life.  A step that was not used then is over
 * with that life. */
void script_recall(struct fault_area *area, enum script_change change);

/* Is fault `index` one that may not begin now? */
bool script_holds(const struct scenario *scenario, const struct fault_area *area, size_t index);
/* The same for one whose moment has come: remembers that it had. */
bool script_stops(const struct scenario *scenario, struct fault_area *area, size_t index);
/* Is it held, and known to be due?  Then nobody needs to look for its moment. */
bool script_has(const struct scenario *scenario, const struct fault_area *area, size_t index);
/* It begins: uses up the step that lets it, if the script is held.  False: somebody else has taken
 * that. */
bool script_take(const struct scenario *scenario, struct fault_area *area, size_t index);
/* It did not begin after all. */
void script_give_back(const struct scenario *scenario, struct fault_area *area, size_t index);

#endif
