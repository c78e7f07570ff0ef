/* SPDX-License-Identifier: ISC
 *
 * The power goes: for every process of the run at one moment.
 */
#ifndef SIM_DISK_POWER_H
#define SIM_DISK_POWER_H

#include <stddef.h>

/* Fault number `fault` of this process's scenario takes the power away: nobody changes anything
 * from here on, and the director is told to end everybody.  Returns only if it could not be done,
 * after saying why. */
void power_cut(size_t fault);

/* For whoever finds it gone: waits for its end, or ends itself when nobody else would. */
_Noreturn void power_gone(void);

#endif
