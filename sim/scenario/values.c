/* SPDX-License-Identifier: ISC
 *
 * Reads the values of keys, each by its type.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/scenario/guess.h"
#include "sim/scenario/load.h"

void
load_error(struct load *load, struct node *node, const char *format, ...)
{
	char message[768];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	problem_add(&load->problems, node->at, "%s%s%s", load->label,
	            load->label[0] != '\0' ? ": " : "", message);
	node->broken = true;
}

static size_t
count_characters(const char *text, size_t length)
{
	size_t count = 0;
	for (size_t i = 0; i < length; i++)
		count += (text[i] & 0xc0) != 0x80;
	return count;
}

struct place
place_within(const struct node *node, size_t offset, size_t length)
{
	struct place at = node->at;
	size_t whole = count_characters(node->text, strlen(node->text));
	/* Written as it is, or so in quotes; with escapes and line ends nobody knows. */
	if (at.width != whole && at.width != whole + 2)
		return at;
	at.column += count_characters(node->text, offset) + (at.width != whole);
	at.width = count_characters(node->text + offset, strnlen(node->text + offset, length));
	return at;
}

void
load_error_within(struct load *load, struct node *node, size_t offset, size_t length,
                  const char *format, ...)
{
	char message[768];
	va_list arguments;
	struct node part = *node;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	part.at = place_within(node, offset, length);
	load_error(load, &part, "%s", message);
	node->broken = true;
}

void
load_label(struct load *load, const char *where, const char *name)
{
	bool both = where[0] != '\0' && name[0] != '\0';
	snprintf(load->label, sizeof(load->label), "%s%s%.40s", where, both ? "." : "", name);
}

/* Copies the next of "a|b|c" and returns what is behind it, or NULL at the end. */
static const char *
next_word(const char *words, char *word, size_t size)
{
	if (*words == '\0')
		return NULL;
	size_t length = strcspn(words, "|");
	snprintf(word, size, "%.*s", (int)length, words);
	words += length;
	return *words == '|' ? words + 1 : words;
}

void
value_unknown_word(struct load *load, struct node *node, const char *words)
{
	char all[16][32], list[256] = "", guessed[80];
	struct guess guess;
	size_t used = 0;
	guess_init(&guess, node->text);
	for (size_t i = 0; i < 16 && (words = next_word(words, all[i], sizeof(all[i]))) != NULL;
	     i++) {
		guess_try(&guess, all[i]);
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
		                         i > 0 ? ", " : "", all[i]);
	}
	bool single = strchr(list, ',') == NULL;
	load_error(load, node, "unknown value '%.40s'; it is %s%s%s", node->text,
	           single ? "always " : "one of ", list,
	           guess_text(&guess, guessed, sizeof(guessed)));
}

static void
read_word(struct load *load, const struct key *key, struct node *node, void *base)
{
	char word[32];
	uint64_t number = 0;
	for (const char *rest = key->words; (rest = next_word(rest, word, sizeof(word))) != NULL;
	     number++) {
		if (strcmp(word, node->text) == 0) {
			key_store(key, base, number);
			return;
		}
	}
	value_unknown_word(load, node, key->words);
}

/* Text with a unit into *value, in the key's bounds; false after noting what is wrong. */
static bool
read_number(struct load *load, const struct key *key, struct node *node, const char *text,
            uint64_t *value)
{
	char message[160], low[40], high[40], either[48] = "";
	enum unit_error error = unit_parse(key->units, text, value);
	if (key->word != NULL)
		snprintf(either, sizeof(either), ", or '%s'", key->word);
	if (error != UNIT_OK) {
		unit_explain(key->units, error, text, message, sizeof(message));
		load_error(load, node, "%s%s", message, either);
		return false;
	}
	if (*value >= key->min && *value <= key->max)
		return true;
	load_error(load, node, "'%.40s' is out of range: %s to %s%s", text,
	           unit_format(key->units, key->min, low, sizeof(low)),
	           unit_format(key->units, key->max, high, sizeof(high)), either);
	return false;
}

static void
read_single_number(struct load *load, const struct key *key, struct node *node, void *base)
{
	uint64_t value;
	if (key->word != NULL && strcmp(node->text, key->word) == 0)
		key_store(key, base, key->word_value);
	else if (read_number(load, key, node, node->text, &value))
		key_store(key, base, value);
}

static void
read_span(struct load *load, const struct key *key, struct node *node, void *base)
{
	uint64_t low, high;
	const char *dots = strstr(node->text, "..");
	if (dots == NULL) {
		load_error(load, node, "'%.40s' is no range; give two durations such as 100ms..30s",
		           node->text);
		return;
	}
	char *first = tree_text(&load->tree, node->text, (size_t)(dots - node->text));
	if (first == NULL) {
		load_error(load, node, "out of memory");
		return;
	}
	if (!read_number(load, key, node, first, &low) ||
	    !read_number(load, key, node, dots + 2, &high))
		return;
	if (low > high) {
		load_error(load, node,
		           "the range '%.40s' goes down; give the shorter duration first",
		           node->text);
		return;
	}
	struct key second = *key;
	second.offset += key->size;
	key_store(key, base, low);
	key_store(&second, base, high);
}

static void
read_text(struct load *load, const struct key *key, struct node *node, void *base)
{
	char *copy = strdup(node->text);
	if (copy == NULL)
		load_error(load, node, "out of memory");
	else if (copy[0] == '\0')
		load_error(load, node, "is empty");
	if (node->broken) {
		free(copy);
		return;
	}
	char **field = (char **)((char *)base + key->offset);
	free(*field);
	*field = copy;
}

static void
read_name(struct load *load, const struct key *key, struct node *node, void *base)
{
	bool id = strcmp(key->path, "name") != 0;
	const char *letters =
	    id ? "abcdefghijklmnopqrstuvwxyz0123456789-_" : "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t length = strlen(node->text);
	if (length == 0 || length >= key->size || node->text[strspn(node->text, letters)] != '\0')
		load_error(load, node, "'%.70s' is no name: 1 to %zu of a-z, 0-9%s", node->text,
		           key->size - 1, id ? ", - and _" : " and -");
	else
		memcpy((char *)base + key->offset, node->text, length + 1);
}

static void
read_character(struct load *load, const struct key *key, struct node *node, void *base)
{
	char byte = node->text[0];
	if (byte == '\0' || node->text[1] != '\0' || !isascii(byte) ||
	    strchr("\"\r\n", byte) != NULL)
		load_error(load, node,
		           "'%.40s' is no separator: one ASCII character, no quote and no line end",
		           node->text);
	else
		key_store(key, base, (unsigned char)byte);
}

/* Only as it is printed, and only days that there are. */
static void
read_date(struct load *load, const struct key *key, struct node *node, void *base)
{
	struct tm day = {0};
	char again[16] = "";
	const char *end = strptime(node->text, "%Y-%m-%d", &day);
	if (end != NULL && *end == '\0' && timegm(&day) != -1)
		strftime(again, sizeof(again), "%Y-%m-%d", &day);
	if (strcmp(again, node->text) != 0)
		load_error(load, node, "'%.40s' is no day; give one such as 2026-11-21",
		           node->text);
	else
		memcpy((char *)base + key->offset, again, sizeof(again));
}

static void
read_scalar(struct load *load, const struct key *key, struct node *node, void *base)
{
	switch (key->type) {
	case KEY_WORD:
		read_word(load, key, node, base);
		break;
	case KEY_NUMBER:
		read_single_number(load, key, node, base);
		break;
	case KEY_SPAN:
		read_span(load, key, node, base);
		break;
	case KEY_TEXT:
		read_text(load, key, node, base);
		break;
	case KEY_NAME:
		read_name(load, key, node, base);
		break;
	case KEY_DATE:
		read_date(load, key, node, base);
		break;
	case KEY_CHARACTER:
		read_character(load, key, node, base);
		break;
	case KEY_TARGET:
		fault_read_target(load, node, base);
		break;
	case KEY_POINT:
		fault_read_point(load, node, base);
		break;
	case KEY_SIGNAL:
		fault_read_signal(load, node, base);
		break;
	case KEY_ERROR:
		fault_read_error(load, node, base);
		break;
	case KEY_FRAME:
		fault_read_frame(load, node, base);
		break;
	case KEY_STEP:
		fault_read_step(load, node, base);
		break;
	case KEY_SCALE:
		fault_read_scale(load, node, base);
		break;
	case KEY_COMPARISON:
		expect_read_comparison(load, key, node, base);
		break;
	default: /* KEY_BY, KEY_TIME, KEY_CONDITION, KEY_FAULT, KEY_RECORD: read when everything
	          * else is known
	          */
		break;
	}
}

void
value_read(struct load *load, const struct key *key, struct node *node, void *base)
{
	bool wants_list = key->type == KEY_TEXTS || key->type == KEY_RANGES;
	if (node->broken)
		return;
	if (wants_list && node->kind != NODE_LIST)
		load_error(load, node, "takes a list, such as [%s]",
		           key->type != KEY_TEXTS            ? "A-G, H-Z"
		           : (key->flags & KEY_COMMAND) != 0 ? "mail, -s, failed, me"
		           : (key->flags & KEY_STEPS) != 0   ? "payment"
		                                             : "qty, price");
	else if (key->type == KEY_TEXTS)
		value_read_texts(load, key, node, base);
	else if (key->type == KEY_RANGES)
		value_read_ranges(load, node);
	else if (node->kind != NODE_SCALAR)
		load_error(load, node, "takes one value, not a %s",
		           node->kind == NODE_LIST ? "list" : "map");
	else if (node->empty)
		load_error(load, node, "needs a value");
	else
		read_scalar(load, key, node, base);
}
