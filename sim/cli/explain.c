/* SPDX-License-Identifier: ISC
 *
 * graveshift explain: what a word of a scenario, a verdict or a message means.
 */
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/explain/explain.h"
#include "sim/util/fail.h"

#define SHOWN_WHOLE 3 /* topics; more are only listed */

/* All words as one, so that nobody has to quote a message. */
static void
join(const struct options *options, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < options->words; i++) {
		if (i > 0)
			strlcat(text, " ", size);
		strlcat(text, options->word[i], size);
	}
}

static void
print_found(const struct topics *topics, const struct finding *finding)
{
	for (size_t i = 0; i < finding->count; i++) {
		if (i > 0)
			putchar('\n');
		topic_print(topics, finding->topic[i], stdout);
	}
}

static int
print_list(const struct topics *topics, const struct finding *finding, const char *asked)
{
	complain("explain: %s is part of several names; which one?", asked);
	for (size_t i = 0; i < finding->count; i++)
		topic_print_line(topics, finding->topic[i], stderr);
	return EXIT_USAGE;
}

static bool
is_group(const char *asked)
{
	for (enum topic_group group = 0; group < TOPIC_GROUPS; group++)
		if (strcmp(topic_group_plural(group), asked) == 0)
			return true;
	return false;
}

static int
explain(const struct topics *topics, const char *asked)
{
	struct finding finding;
	size_t whole;

	topic_find(topics, asked, &finding);
	if (is_group(asked)) {
		if (finding.how == FOUND_NAMED)
			print_found(topics, &finding);
		topics_print_group(topics, asked, stdout);
		return EXIT_MET;
	}
	if (finding.count == 0) {
		complain("explain: nothing is called %s%s; `graveshift explain` lists what is",
		         asked, finding.guessed);
		return EXIT_USAGE;
	}
	whole = finding.how == FOUND_LIKE ? 1 : SHOWN_WHOLE;
	if (finding.count > whole)
		return print_list(topics, &finding, asked);
	print_found(topics, &finding);
	return EXIT_MET;
}

int
command_explain(int argc, char **argv)
{
	struct options options;
	struct topics topics;
	char asked[1024];
	int code = EXIT_MET;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	if (topics_init(&topics) != 0) {
		complain("no memory for what there is to explain");
		return EXIT_INTERNAL;
	}
	join(&options, asked, sizeof(asked));
	if (options.words == 0)
		topics_print(&topics, stdout);
	else
		code = explain(&topics, asked);
	topics_fini(&topics);
	return code;
}
