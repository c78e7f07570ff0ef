/* SPDX-License-Identifier: ISC
 *
 * Bytes from outside (records, keys, file names) on their way to a screen, a log or a report.
 */
#ifndef SIM_UTIL_SAFE_TEXT_H
#define SIM_UTIL_SAFE_TEXT_H

#include <stddef.h>

/* Writes bytes[length] into out[size] so that nothing in it can steer a terminal: control bytes as
 * escapes, by vis(3).  What does not fit is cut off.  Returns out. */
const char *safe_text(char *out, size_t size, const char *bytes, size_t length);

#endif
