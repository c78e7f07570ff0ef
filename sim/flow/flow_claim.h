/* SPDX-License-Identifier: ISC
 *
 * Claim-check: a large value is stored in a file of its own, durable before the event that stands
 * for it is appended; the event has a token instead.  A token names the hash of the bytes, which
 * whoever reads them verifies, and the one event that it is for: so a payload is referred to by
 * nothing once that event's effect is committed, and only then it is removed.
 */
#ifndef SIM_FLOW_FLOW_CLAIM_H
#define SIM_FLOW_FLOW_CLAIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOW_TOKEN_SIZE 64
#define FLOW_CLAIM_PREFIX "claim."

/* Makes the token of a partition's event, and stores its payload under that.  0 or -errno. */
int flow_claim_store(int folder, bool sync, uint32_t partition, uint64_t sequence,
                     const char *bytes, size_t length, char token[FLOW_TOKEN_SIZE]);
/* Reads the payload of a token; free() it.  0; -ENOENT: there is none; -EBADMSG: the token is none;
 * -errno. */
int flow_claim_read(int folder, const char *token, size_t token_length, char **bytes,
                    size_t *length);
/* Are these the bytes that the token is of? */
bool flow_claim_fits(const char *token, size_t token_length, const char *bytes, size_t length);
/* 0 or -errno; one that is gone already is no error. */
int flow_claim_remove(int folder, const char *token, size_t token_length);
/* All that are there: how many, or -errno; remove: and they are not any more. */
int64_t flow_claim_rest(int folder, bool remove);

#endif
