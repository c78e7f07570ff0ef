/* SPDX-License-Identifier: ISC
 *
 * Mails, which cannot be taken back: what the stateless and the stateful worker share.
 */
#ifndef SIM_FLOW_FLOW_MAIL_H
#define SIM_FLOW_FLOW_MAIL_H

#include "sim/flow/flow_users.h"

/* Where the mail of each item goes. */
struct flow_addresses {
	char text[FLOW_ITEMS_MAX][FLOW_ADDRESS_MAX];
	size_t length[FLOW_ITEMS_MAX];
};

/* In the transaction of the cursor: the mail's row and its effect. */
int flow_mail_send(struct flow_attempt *attempt, const struct flow_item *item, const char *address,
                   size_t length);

#endif
