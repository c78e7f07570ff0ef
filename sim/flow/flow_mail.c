/* SPDX-License-Identifier: ISC
 *
 * Sending a mail: "ADDRESS,the event's line" into the sink, and an entry in the log of effects.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/flow/flow_mail.h"

int
flow_mail_send(struct flow_attempt *attempt, const struct flow_item *item, const char *address,
               size_t length)
{
	const struct topic_event *event = &item->event;
	struct sink_row row = {.record = item->record, .length = length + 1 + event->value_length};
	XXH128_hash_t key = XXH3_128bits(event->value, event->value_length);
	char *payload = malloc(row.length);
	int error;

	if (payload == NULL)
		return -ENOMEM;
	memcpy(payload, address, length);
	payload[length] = ',';
	memcpy(payload + length + 1, event->value, event->value_length);
	row.payload = payload;
	memcpy(row.key, &key, sizeof(row.key));
	error = sink_append(attempt->work->sink, &row, 1);
	if (error == 0)
		error = sink_effect(attempt->work->sink, row.key, item->record);
	free(payload);
	return error;
}
