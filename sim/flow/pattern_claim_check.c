/* SPDX-License-Identifier: ISC
 *
 * claim-check: documents, of which large ones are not in the log (flow_claim.h).  A token that
 * leads to nothing, or to other bytes than it is of, fails the attempt like any bad record: tried
 * again first, as it may have been the reading, and a dead letter then.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/flow/flow_claim.h"
#include "sim/flow/flow_input.h"
#include "sim/flow/flow_mail.h"
#include "sim/util/clock.h"

struct claim_check {
	uint64_t digest[FLOW_ITEMS_MAX]; /* of each item's document */
};

static int
claim_begin(struct flow_attempt *attempt)
{
	attempt->own = calloc(1, sizeof(struct claim_check));
	return attempt->own == NULL ? -ENOMEM : 0;
}

/* The document behind a token, verified: 0 with its digest, -EBADMSG, -errno. */
static int
redeem(struct flow_attempt *attempt, const struct flow_line *line, uint64_t *digest)
{
	struct work *work = attempt->work;
	const char *read;
	char *bytes;
	size_t length;
	int error = flow_claim_read(work->folder, line->value, line->value_length, &bytes, &length);

	if (error != 0)
		return error == -ENOENT ? -EBADMSG : error;
	read = work->filter_bytes(work, bytes, length);
	if (read == NULL)
		error = -ENOMEM;
	else if (!flow_claim_fits(line->value, line->value_length, read, length))
		error = -EBADMSG;
	else
		*digest = XXH3_64bits(read, length);
	free(bytes);
	return error;
}

static int
digest_of(struct flow_attempt *attempt, const struct topic_event *event, uint64_t *digest)
{
	struct flow_line line;

	if (flow_line_read(event->value, event->value_length, &line) != NULL)
		return -EBADMSG;
	if (event->kind == FLOW_CLAIMED)
		return redeem(attempt, &line, digest);
	*digest = XXH3_64bits(line.value, line.value_length);
	return 0;
}

static int
claim_ready(struct flow_attempt *attempt)
{
	struct claim_check *own = attempt->own;
	int error = 0;

	for (size_t i = 0; error == 0 && i < attempt->items; i++) {
		struct flow_item *item = &attempt->item[i];

		if (item->left_out)
			continue;
		error = digest_of(attempt, &item->event, &own->digest[i]);
		if (error == -EBADMSG)
			error = flow_bad(attempt, item, REASON_PAYLOAD);
		if (error == 0 && !attempt->work->busy(attempt->work))
			error = -EINTR;
	}
	return error;
}

/* The event's line up to its value, and the digest of that. */
static int
claim_apply(struct flow_attempt *attempt, const struct flow_item *item)
{
	const struct claim_check *own = attempt->own;
	struct sink_row row = {.record = item->record};
	struct flow_line line;
	char text[2 * TOPIC_KEY_MAX];
	XXH128_hash_t key;

	if (flow_line_read(item->event.value, item->event.value_length, &line) != NULL)
		return -EBADMSG;
	row.payload = text;
	row.length =
	    (size_t)snprintf(text, sizeof(text), "%.*s%016" PRIx64, (int)(line.value - line.text),
	                     line.text, own->digest[item - attempt->item]);
	key = XXH3_128bits(row.payload, row.length);
	memcpy(row.key, &key, sizeof(row.key));
	return sink_append(attempt->work->sink, &row, 1);
}

/* The effects are committed: nobody will ask for these payloads again.  Whoever is killed before it
 * is through leaves some, which the collector removes in the end. */
static int
claim_committed(struct flow_attempt *attempt)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < attempt->items; i++) {
		const struct topic_event *event = &attempt->item[i].event;
		struct flow_line line;

		if (event->kind == FLOW_CLAIMED &&
		    flow_line_read(event->value, event->value_length, &line) == NULL)
			error =
			    flow_claim_remove(attempt->work->folder, line.value, line.value_length);
	}
	return error;
}

const struct flow_pattern flow_claim_check = {
    .begin = claim_begin,
    .ready = claim_ready,
    .apply = claim_apply,
    .committed = claim_committed,
};
