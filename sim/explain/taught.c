/* SPDX-License-Identifier: ISC
 *
 * The lessons that are about a topic.
 */
#include <string.h>

#include "sim/explain/lines.h"
#include "sim/explain/taught.h"
#include "sim/learn/lesson.h"

static bool
is_about(const struct topics *topics, const struct lesson *lesson, const struct topic *topic)
{
	for (size_t i = 0; i < lesson->explains.count; i++) {
		const char *name = lesson->explains.text[i];
		if (topic_named(topics, name, strlen(name)) == topic)
			return true;
	}
	return false;
}

void
taught_print(const struct topics *topics, const struct topic *topic, FILE *out)
{
	const char *label = "Taught by";
	char text[160];

	for (size_t i = 0; i < lesson_count(); i++) {
		struct lesson lesson;
		if (lesson_load(&lesson, i) != 0)
			continue;
		if (is_about(topics, &lesson, topic)) {
			snprintf(text, sizeof(text), "%s: graveshift learn start %u", lesson.title,
			         lesson.number);
			lines_print(label, text, out);
			label = " ";
		}
		lesson_fini(&lesson);
	}
}
