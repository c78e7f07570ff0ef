/* SPDX-License-Identifier: ISC
 *
 * Expectations: one key each, most of them a number with a comparison before it.
 */
#include <string.h>

#include "sim/scenario/compare.h"
#include "sim/scenario/load.h"

void
expect_read_comparison(struct load *load, const struct key *key, struct node *node,
                       struct expectation *expectation)
{
	char message[160];
	const char *text = node->text;
	expectation->compare = COMPARE_EQ;
	compare_read(&text, &expectation->compare);
	enum unit_error error = unit_parse(key->units, text, &expectation->value);
	if (error != UNIT_OK)
		load_error(load, node, "%s; <=, >=, <, > or == may stand before it",
		           unit_explain(key->units, error, text, message, sizeof(message)));
	else if (expectation->value > key->max)
		load_error(load, node, "'%.40s' is too large", text);
}

/* The expectation as text, the same however it was written. */
static void
expect_write_text(const struct key *key, struct expectation *expectation)
{
	char value[48];
	const char *compare = "";
	if (key->type == KEY_WORD) {
		const char *word = key->words;
		for (uint64_t i = 0; i < expectation->value; i++)
			word += strcspn(word, "|") + 1;
		snprintf(value, sizeof(value), "%.*s", (int)strcspn(word, "|"), word);
	} else {
		if (expectation->compare != COMPARE_EQ)
			compare = compare_text(expectation->compare);
		unit_format(key->units, expectation->value, value, sizeof(value));
	}
	snprintf(expectation->text, sizeof(expectation->text), "%s: %s%s%s", key_name(key), compare,
	         compare[0] != '\0' ? " " : "", value);
}

static void
check_expectation(struct load *load, struct node *entry, struct expectation *expectation)
{
	char names[200];
	const struct node *node = STAILQ_FIRST(&entry->children);
	if (entry->count == 0) {
		load_error(load, entry, "nothing expected; give one of %s",
		           key_names("expect[]", 0, names, sizeof(names)));
		return;
	}
	if (entry->count > 1) {
		problem_add(&load->problems, STAILQ_NEXT(node, next)->key_at,
		            "%s: one key for each entry; begin '%s' with a '-' of its own",
		            load->label, STAILQ_NEXT(node, next)->key);
		return;
	}
	const struct key *key = key_find("expect[]", node->key);
	if (key == NULL || node->broken)
		return;
	if ((key->flags & KEY_TORTURE) !=
	    (load->scenario->job.kind == JOB_TORTURE ? KEY_TORTURE : 0)) {
		problem_add(&load->problems, node->key_at, "%s.%s: not for a job of kind %s",
		            load->label, node->key, key_kind_name(load->scenario->job.kind));
		return;
	}
	if (key->value == EXPECT_BREAKS &&
	    (load->scenario->job.kind != JOB_ETL ||
	     (strategy_flags(load->scenario->strategy) & STRATEGY_NAIVE) == 0)) {
		problem_add(
		    &load->problems, node->key_at,
		    "%s: only an etl job with a naive strategy, or none, may be expected to "
		    "break a promise",
		    load->label);
		return;
	}
	expectation->what = (enum expect_what)key->value;
	expect_write_text(key, expectation);
}

void
expect_check(struct load *load, struct node *list)
{
	struct node *entry;
	size_t i = 0;
	if (list == NULL || list->kind != NODE_LIST || list->broken)
		return;
	load_label(load, "expect", "");
	if (list->count == 0)
		load_error(load, list,
		           "a run that expects nothing proves nothing: at least 'job: done'");
	STAILQ_FOREACH (entry, &list->children, next) {
		if (i >= load->scenario->expectations)
			break;
		snprintf(load->label, sizeof(load->label), "expect[%zu]", i);
		if (entry->kind == NODE_MAP && !entry->broken)
			check_expectation(load, entry, &load->scenario->expect[i]);
		i++;
	}
}
