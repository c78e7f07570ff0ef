/* SPDX-License-Identifier: ISC
 *
 * Drawing the numbers of overrides.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "sim/learn/variant.h"

/* Does {LOW..HIGH} stand there?  *length: of it. */
static bool
is_range(const char *text, uint64_t *low, uint64_t *high, int *length)
{
	*length = 0;
	return sscanf(text, "{%" SCNu64 "..%" SCNu64 "}%n", low, high, length) == 2 &&
	       *length > 0 && *low <= *high;
}

static char *
draw_text(struct rng *rng, const char *text)
{
	uint64_t low, high;
	char *drawn = NULL;
	size_t size;
	int length;
	FILE *out = open_memstream(&drawn, &size);

	if (out == NULL)
		return NULL;
	while (*text != '\0') {
		if (is_range(text, &low, &high, &length)) {
			fprintf(out, "%" PRIu64, low + rng_upto(rng, high - low));
			text += length;
		} else {
			fputc(*text++, out);
		}
	}
	if (fclose(out) == 0)
		return drawn;
	free(drawn);
	return NULL;
}

int
variant_init(struct variant *variant, const struct lesson *lesson, const struct lesson_texts *texts,
             uint64_t seed)
{
	struct rng rng;
	size_t count = texts != NULL ? texts->count : 0;

	*variant = (struct variant){0};
	rng_init(&rng, rng_mix(seed) ^ lesson->number);
	for (size_t i = 0; i < count; i++) {
		variant->set[variant->sets] = draw_text(&rng, texts->text[i]);
		if (variant->set[variant->sets++] == NULL)
			return -ENOMEM;
	}
	if (asprintf(&variant->set[variant->sets], "seed=%" PRIu64, seed) < 0) {
		variant->set[variant->sets] = NULL;
		return -ENOMEM;
	}
	variant->sets++;
	return 0;
}

void
variant_fini(struct variant *variant)
{
	for (size_t i = 0; i < variant->sets; i++)
		free(variant->set[i]);
	*variant = (struct variant){0};
}
