/* SPDX-License-Identifier: ISC
 *
 * Reading events from the input.
 */
#include <errno.h>
#include <string.h>
#include <xxhash.h>

#include "sim/flow/flow_input.h"
#include "sim/topic/topic_event.h"

static const char *const kinds[FLOW_KINDS] = {
    [FLOW_SOLD] = "Sold",
    [FLOW_PRODUCT_UPLOADED] = "ProductUploaded",
    [FLOW_VIDEO_ENCODED] = "VideoEncoded",
    [FLOW_IMAGE_ENCODED] = "ImageEncoded",
    [FLOW_USER_UPDATED] = "UserInformationUpdated",
    [FLOW_MAIL_REQUESTED] = "MailRequested",
    [FLOW_DOCUMENT_SENT] = "DocumentSent",
};

const char *
flow_kind_name(enum flow_kind kind)
{
	return kinds[kind];
}

uint32_t
flow_partition(const char *key, size_t length, uint32_t partitions)
{
	return (uint32_t)(XXH3_64bits(key, length) % partitions);
}

/* The bytes up to the next comma, behind which *at is then. */
static bool
take_field(const char **at, const char *end, const char **field, size_t *length)
{
	const char *comma = memchr(*at, ',', (size_t)(end - *at));

	if (comma == NULL)
		return false;
	*field = *at;
	*length = (size_t)(comma - *at);
	*at = comma + 1;
	return true;
}

static bool
read_time(const char *text, size_t length, int64_t *time_ms)
{
	*time_ms = 0;
	if (length == 0 || length > 15)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*time_ms = *time_ms * 10 + (text[i] - '0');
	}
	return true;
}

static bool
read_kind(const char *text, size_t length, enum flow_kind *kind)
{
	for (int i = 0; i < FLOW_KINDS; i++) {
		*kind = (enum flow_kind)i;
		if (strlen(kinds[i]) == length && memcmp(kinds[i], text, length) == 0)
			return true;
	}
	return false;
}

const char *
flow_line_read(const char *text, size_t length, struct flow_line *line)
{
	const char *at = text, *end = text + length, *field;
	size_t field_length;

	*line = (struct flow_line){.text = text, .length = length};
	if (length > FLOW_LINE_MAX)
		return "it is longer than 1 MiB";
	if (!take_field(&at, end, &field, &field_length) || field_length == 0)
		return "it has no id";
	if (!take_field(&at, end, &field, &field_length) ||
	    !read_time(field, field_length, &line->time_ms))
		return "its time is no number of milliseconds";
	if (!take_field(&at, end, &field, &field_length) ||
	    !read_kind(field, field_length, &line->kind))
		return "its kind is none of those that are known";
	if (!take_field(&at, end, &line->key, &line->key_length) || line->key_length == 0 ||
	    line->key_length > TOPIC_KEY_MAX)
		return "its key is empty or too long, or it has too few fields";
	if (at - text > FLOW_PREFIX_MAX)
		return "its id is too long";
	line->value = at;
	line->value_length = (size_t)(end - at);
	return NULL;
}

/* The next line without its end; false: there is none. */
static bool
next_line(struct flow_scan *scan, const char **text, size_t *length)
{
	const char *end;

	if (scan->at >= scan->length)
		return false;
	*text = scan->bytes + scan->at;
	end = memchr(*text, '\n', scan->length - scan->at);
	*length = end == NULL ? scan->length - scan->at : (size_t)(end - *text);
	scan->at += *length + 1;
	scan->line++;
	return true;
}

int
flow_scan_begin(struct flow_scan *scan, const struct input *input)
{
	const char *text;
	size_t length;

	*scan = (struct flow_scan){.bytes = input->bytes, .length = input->length};
	if (next_line(scan, &text, &length) && length == strlen(FLOW_HEADER) &&
	    memcmp(text, FLOW_HEADER, length) == 0)
		return 0;
	return -EBADMSG;
}

int
flow_scan_next(struct flow_scan *scan, struct flow_line *line)
{
	const char *text;
	size_t length;

	if (!next_line(scan, &text, &length))
		return 0;
	scan->problem = flow_line_read(text, length, line);
	return scan->problem == NULL ? 1 : -EBADMSG;
}
