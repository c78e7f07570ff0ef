/* SPDX-License-Identifier: ISC
 *
 * The input of a job of kind stream: a header, then an event in each line,
 *     id,time_ms,kind,key,value
 * without quotes; the value is the rest of the line.
 */
#ifndef SIM_FLOW_FLOW_INPUT_H
#define SIM_FLOW_FLOW_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/job/input.h"

#define FLOW_HEADER "id,time_ms,kind,key,value"
#define FLOW_LINE_MAX (1u << 20)
#define FLOW_PREFIX_MAX 1280 /* of a line, up to its value */

/* What an event says has happened. */
enum flow_kind {
	FLOW_SOLD,
	FLOW_PRODUCT_UPLOADED, /* these three make a product */
	FLOW_VIDEO_ENCODED,
	FLOW_IMAGE_ENCODED,
	FLOW_USER_UPDATED, /* the value is the user's new address */
	FLOW_MAIL_REQUESTED,
	FLOW_DOCUMENT_SENT,
	FLOW_KINDS,
	FLOW_CLAIMED = FLOW_KINDS /* in a log alone: the value is the token of a document */
};
const char *flow_kind_name(enum flow_kind kind);

struct flow_line {
	const char *text; /* all of it, without its line end */
	size_t length;
	int64_t time_ms;
	enum flow_kind kind;
	const char *key, *value; /* in the text */
	size_t key_length, value_length;
};

/* NULL, or what is wrong with it. */
const char *flow_line_read(const char *text, size_t length, struct flow_line *line);

/* Which of the logs events with this key are in. */
uint32_t flow_partition(const char *key, size_t length, uint32_t partitions);

struct flow_scan {
	const char *bytes;
	size_t length, at;
	uint64_t line; /* number of the last one, from 1 */
	const char *problem;
};
/* 0, or -EBADMSG: the header is another one. */
int flow_scan_begin(struct flow_scan *scan, const struct input *input);
/* The next event: 1, 0 at the end, -EBADMSG with scan->problem saying why. */
int flow_scan_next(struct flow_scan *scan, struct flow_line *line);

#endif
