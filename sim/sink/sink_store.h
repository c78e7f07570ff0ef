/* SPDX-License-Identifier: ISC
 *
 * The sink in run.db: its transactions are the store's, so the lease it works under is fenced by
 * the task's own row.
 */
#ifndef SIM_SINK_SINK_STORE_H
#define SIM_SINK_SINK_STORE_H

#include "sim/sink/sink.h"
#include "sim/store/store.h"

/* A sink over the caller's connection, which must outlive it.  begin(context) opens a transaction
 * and waits for the write lock as its process can; NULL: a reader, or somebody whose transaction is
 * open already. */
int sink_store_open(struct sink **sink, struct store *store, uint32_t generation,
                    int (*begin)(void *context), void *context);

#endif
