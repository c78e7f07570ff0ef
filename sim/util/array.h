/* SPDX-License-Identifier: ISC
 *
 * Arrays that grow by doubling.
 */
#ifndef SIM_UTIL_ARRAY_H
#define SIM_UTIL_ARRAY_H

#include <stddef.h>

/* Sees to it that there is room for one more in an array of `count` things of `size` bytes, of
 * which
 * `*room` fit: NULL and 0 at first.  The array, which may have moved; or NULL without memory, and
 * it is as it was. */
void *array_grow(void *array, size_t count, size_t *room, size_t size);

#endif
