/* SPDX-License-Identifier: ISC
 *
 * stateless: the worker keeps nothing, and asks the user service for the address of each mail's
 * receiver.  What it is told is the newest there is; it costs a call, and waits when the service is
 * away.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/flow/flow_lookup.h"
#include "sim/flow/flow_mail.h"

struct stateless {
	struct flow_lookup lookup;
	struct flow_addresses address;
};

static int
stateless_begin(struct flow_attempt *attempt)
{
	struct stateless *own = calloc(1, sizeof(*own));

	if (own == NULL)
		return -ENOMEM;
	attempt->own = own;
	flow_lookup_open(&own->lookup, attempt->job->scenario, attempt->work->folder);
	return 0;
}

/* Before the transaction, which must not wait for anybody. */
static int
stateless_ready(struct flow_attempt *attempt)
{
	struct stateless *own = attempt->own;

	for (size_t i = 0; i < attempt->items; i++) {
		const struct flow_item *item = &attempt->item[i];
		int length;

		if (item->left_out)
			continue;
		length = flow_lookup_ask(&own->lookup, attempt, item->event.key,
		                         item->event.key_length, own->address.text[i]);
		if (length < 0)
			return length;
		own->address.length[i] = (size_t)length;
	}
	return 0;
}

static int
stateless_apply(struct flow_attempt *attempt, const struct flow_item *item)
{
	const struct stateless *own = attempt->own;
	size_t i = (size_t)(item - attempt->item);

	return flow_mail_send(attempt, item, own->address.text[i], own->address.length[i]);
}

static void
stateless_finish(struct flow_attempt *attempt)
{
	struct stateless *own = attempt->own;

	if (own != NULL)
		flow_lookup_close(&own->lookup);
}

const struct flow_pattern flow_stateless = {
    .has_users = true,
    .begin = stateless_begin,
    .ready = stateless_ready,
    .apply = stateless_apply,
    .finish = stateless_finish,
};
