/* SPDX-License-Identifier: ISC
 *
 * The users' addresses, as UserInformationUpdated events say: a table in memory and how far the
 * topic of these events is taken in.
 */
#ifndef SIM_FLOW_FLOW_USERS_H
#define SIM_FLOW_FLOW_USERS_H

#include "sim/flow/flow.h"
#include "sim/flow/flow_table.h"

#define FLOW_ADDRESS_MAX 128

struct flow_users {
	struct topic_reader reader;
	struct flow_table
	    table; /* text = address, a = record of its event in the partition, from 1 */
	struct topic_event next; /* read, and too new to be taken in */
	bool pending, ended;
	uint64_t updates; /* taken in */
};

void flow_users_open(struct flow_users *users, uint32_t partition, int folder);
void flow_users_close(struct flow_users *users);
/* Takes in what was appended up to until_ns and is there.  0 or -errno. */
int flow_users_take(struct flow_users *users, int64_t until_ns);
/* Offset of the first event that is not taken in. */
uint64_t flow_users_offset(const struct flow_users *users);

/* The table as bytes that flow_users_load() reads; free() them.  0 or -ENOMEM. */
int flow_users_save(const struct flow_users *users, char **bytes, size_t *length);
/* The table of a snapshot, whose next event is `offset`.  0, -EBADMSG or -ENOMEM. */
int flow_users_load(struct flow_users *users, uint64_t offset, const char *bytes, size_t length);

#endif
