/* SPDX-License-Identifier: ISC
 *
 * libpq, loaded when a scenario asks for it.  With it come two dozen other libraries, for every way
 * to prove who one is: linked, they would cost every command ten times its start, and each fork of
 * a worker more.
 */
#ifndef SIM_SINK_POSTGRES_LIBRARY_H
#define SIM_SINK_POSTGRES_LIBRARY_H

#include <libpq-fe.h>
#include <stddef.h>

/* Its functions, by their own names. */
struct postgres_library {
#define FUNCTION(name) __typeof__(&(name)) name;
#include "sim/sink/postgres_library.def"
#undef FUNCTION
};

/* Loads it once for this process.  NULL: error[size] says why not. */
const struct postgres_library *postgres_library_load(char *error, size_t size);

#endif
