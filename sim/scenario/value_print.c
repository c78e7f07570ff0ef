/* SPDX-License-Identifier: ISC
 *
 * Writes values such that they are read back as they are.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "sim/scenario/load.h"

/* Whether YAML takes the text as it is, in block and flow style. */
static bool
is_plain(const char *text)
{
	size_t length = strlen(text);
	if (length == 0 || !isalnum((unsigned char)text[0]) || text[length - 1] == ' ')
		return false;
	for (; *text != '\0'; text++)
		if (!isascii(*text) ||
		    (!isalnum((unsigned char)*text) && strchr(" _-./()%=<>", *text) == NULL))
			return false;
	return true;
}

/* The code point at *text, which is UTF-8 as checked by libyaml; moves on. */
static uint32_t
next_code_point(const char **text)
{
	unsigned char first = (unsigned char)*(*text)++;
	uint32_t code = first < 0x80   ? first
	                : first < 0xe0 ? first & 0x1f
	                : first < 0xf0 ? first & 0x0f
	                               : first & 0x07;
	while ((**text & 0xc0) == 0x80)
		code = code << 6 | (*(*text)++ & 0x3f);
	return code;
}

/* YAML reads the character raw in double quotes, and gives it back unchanged. */
static bool
is_raw(uint32_t code)
{
	if (code == '"' || code == '\\' || code == 0x2028 || code == 0x2029 || code == 0xfeff)
		return false;
	return (code >= ' ' && code <= '~') || (code >= 0xa0 && code <= 0xd7ff) ||
	       (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000;
}

void
value_print_text(const char *text, FILE *out)
{
	if (is_plain(text)) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	while (*text != '\0') {
		const char *start = text;
		uint32_t code = next_code_point(&text);
		if (is_raw(code))
			fprintf(out, "%.*s", (int)(text - start), start);
		else
			fprintf(out, "\\u%04" PRIx32, code);
	}
	fputc('"', out);
}

static void
print_word(const struct key *key, const void *base, FILE *out)
{
	const char *word = key->words;
	for (uint64_t skip = key_load(key, base); skip > 0; skip--)
		word += strcspn(word, "|") + 1;
	fprintf(out, "%.*s", (int)strcspn(word, "|"), word);
}

static void
print_number(const struct key *key, uint64_t value, FILE *out)
{
	char text[48];
	fputs(key->word != NULL && value == key->word_value
	          ? key->word
	          : unit_format(key->units, value, text, sizeof(text)),
	      out);
}

static void
print_texts(const struct key *key, const void *base, FILE *out)
{
	size_t *count;
	char **text = value_texts(key, (void *)base, &count);
	fputc('[', out);
	for (size_t i = 0; i < *count; i++) {
		fputs(i > 0 ? ", " : "", out);
		value_print_text(text[i], out);
	}
	fputc(']', out);
}

static void
print_ranges(const struct scenario *scenario, FILE *out)
{
	const struct scenario_job *job = &scenario->job;
	char range[40];
	fputc('[', out);
	for (size_t i = 0; i < job->ranges; i++) {
		fputs(i > 0 ? ", " : "", out);
		snprintf(range, sizeof(range), "%s-%s", job->range[i].low, job->range[i].high);
		value_print_text(range, out);
	}
	fputc(']', out);
}

static void
print_by(const struct fault *fault, FILE *out)
{
	char text[48];
	if (fault->what != FAULT_POISON)
		fputs(unit_format(unit_durations, (uint64_t)fault->delay_ns, text, sizeof(text)),
		      out);
	else
		fputs(fault->poison_memory ? "memory"
		                           : fault_signal_text(fault->signal, text, sizeof(text)),
		      out);
}

static void
print_condition(const struct fault *fault, FILE *out)
{
	char text[CONDITION_TEXT_MAX];
	value_print_text(fault_condition_text(fault, text, sizeof(text)), out);
}

void
value_print(const struct key *key, const void *base, FILE *out)
{
	const char *field = (const char *)base + key->offset;
	const struct fault *fault = base; /* for the types that only faults have */
	char text[48];
	struct key second = *key;
	switch (key->type) {
	case KEY_WORD:
		print_word(key, base, out);
		break;
	case KEY_NUMBER:
	case KEY_TIME:
		print_number(key, key_load(key, base), out);
		break;
	case KEY_SPAN:
		second.offset += key->size;
		print_number(key, key_load(key, base), out);
		fputs("..", out);
		print_number(key, key_load(&second, base), out);
		break;
	case KEY_TEXT:
		value_print_text(*(const char *const *)field, out);
		break;
	case KEY_NAME:
	case KEY_DATE:
		value_print_text(field, out);
		break;
	case KEY_CHARACTER:
		value_print_text((const char[]){*field, '\0'}, out);
		break;
	case KEY_TEXTS:
		print_texts(key, base, out);
		break;
	case KEY_RANGES:
		print_ranges(base, out);
		break;
	case KEY_TARGET:
		fputs(fault_target_text(fault, text, sizeof(text)), out);
		break;
	case KEY_POINT:
		fputs(point_name(fault->point), out);
		break;
	case KEY_CONDITION:
		print_condition(fault, out);
		break;
	case KEY_SIGNAL:
		fputs(fault_signal_text(fault->signal, text, sizeof(text)), out);
		break;
	case KEY_ERROR:
		fputs(strerrorname_np(fault->error), out);
		break;
	case KEY_FRAME:
		fputs(fault_frame_text(fault->frame, text, sizeof(text)), out);
		break;
	case KEY_STEP:
		fputs(fault_step_text(fault->step_ns, text, sizeof(text)), out);
		break;
	case KEY_SCALE:
		fprintf(out, "%+" PRId32, fault->scale);
		break;
	case KEY_BY:
		print_by(fault, out);
		break;
	default: /* maps, lists of maps and comparisons are not values of this kind */
		break;
	}
}
