/* SPDX-License-Identifier: ISC
 *
 * Chains of terms, as in fail(9): do: 3*off -> 1*kill -> 2*off -> 5% 10*crash.  Each term covers so
 * many hits of the entry's point and what it covers begins where the one before ended.  A chain is
 * replaced by an entry for each of its terms before anything is read, so that every term is checked
 * like a fault that was written out.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "sim/scenario/guess.h"
#include "sim/scenario/load.h"

#define TERMS_MAX 32
#define HITS_MAX UINT64_C(1000000000)
#define TERM_BYTES 64

/* What stands behind an action's name, and the key that it is the value of. */
static const struct {
	const char *action;
	const char *argument; /* NULL: none */
	const char *example;
} actions[] = {
    {"kill", NULL, NULL},         {"crash", NULL, NULL},         {"pause", "for", "pause 200ms"},
    {"hang", "for", "hang 1s"},   {"spin", "for", "spin 1s"},    {"memory", NULL, NULL},
    {"fail", "fail", "fail EIO"}, {"short", NULL, NULL},         {"tear", NULL, NULL},
    {"drop", NULL, NULL},         {"delay", "by", "delay 50ms"}, {"duplicate", NULL, NULL},
    {"reorder", NULL, NULL},      {"corrupt", NULL, NULL},
};
#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

const char *
fault_chain_action(size_t index, const char **argument)
{
	if (index >= ACTIONS)
		return NULL;
	*argument = actions[index].argument;
	return actions[index].action;
}

struct chain {
	struct load *load;
	struct node *entry, *text; /* text: the value of do */
	struct node_list made;
	size_t terms, count; /* all of them; entries made */
	char name[40];
	uint64_t hits; /* covered so far */
};

struct term {
	size_t offset, length; /* in the chain's text */
	char text[TERM_BYTES];
	char chance[16]; /* "" = always */
	uint64_t hits;   /* 0: all that follow */
	size_t action;
	const char *argument;
	bool off;
};

static bool
refuse(struct chain *chain, const struct term *term, const char *problem)
{
	load_error_within(chain->load, chain->text, term->offset, term->length, "%s", problem);
	return false;
}

static bool
unknown_action(struct chain *chain, const struct term *term, const char *name)
{
	char guessed[80], problem[300];
	struct guess guess;
	guess_init(&guess, name);
	guess_try(&guess, "off");
	for (size_t i = 0; i < ACTIONS; i++)
		guess_try(&guess, actions[i].action);
	snprintf(problem, sizeof(problem),
	         "'%.40s' is nothing a chain can do; a term is [P%%] [N*] and off, kill, crash, "
	         "pause 200ms, hang 1s, spin 1s, memory, fail EIO, short, tear, drop, delay 50ms, "
	         "duplicate, reorder or corrupt%s",
	         name, guess_text(&guess, guessed, sizeof(guessed)));
	return refuse(chain, term, problem);
}

/* The action and what is behind it. */
static bool
read_action(struct chain *chain, struct term *term, char *text)
{
	char problem[120];
	size_t length = strcspn(text, " ");
	char *argument = text + length + strspn(text + length, " ");
	text[length] = '\0';
	term->off = strcmp(text, "off") == 0;
	if (term->off)
		return *argument == '\0' || refuse(chain, term, "nothing goes behind off");
	for (term->action = 0; term->action < ACTIONS; term->action++)
		if (strcmp(actions[term->action].action, text) == 0)
			break;
	if (term->action == ACTIONS)
		return unknown_action(chain, term, text);
	bool wanted = actions[term->action].argument != NULL;
	term->argument = argument;
	if (wanted == (*argument != '\0'))
		return true;
	if (wanted)
		snprintf(problem, sizeof(problem), "incomplete; write it as %s",
		         actions[term->action].example);
	else
		snprintf(problem, sizeof(problem), "nothing goes behind %s", text);
	return refuse(chain, term, problem);
}

/* "5% 3*action": the text is cut up. */
static bool
read_term(struct chain *chain, struct term *term)
{
	char *rest = term->text, *percent = strchr(rest, '%'), *star;
	if (percent != NULL) {
		snprintf(term->chance, sizeof(term->chance), "%.*s%%", (int)(percent - rest), rest);
		rest = percent + 1;
	}
	rest += strspn(rest, " ");
	star = strchr(rest, '*');
	if (star != NULL) {
		*star = '\0';
		for (char *end = star; end > rest && end[-1] == ' '; end--)
			end[-1] = '\0';
		if (unit_parse(unit_none, rest, &term->hits) != UNIT_OK || term->hits == 0 ||
		    term->hits > HITS_MAX)
			return refuse(
			    chain, term,
			    "before * goes how many hits the term is for: 1 to 1000000000");
		rest = star + 1;
		rest += strspn(rest, " ");
	}
	return read_action(chain, term, rest);
}

static bool
add_key(struct chain *chain, struct node *entry, const char *key, const char *value,
        const struct node *at)
{
	struct tree *tree = &chain->load->tree;
	struct node *node = tree_node(tree, NODE_SCALAR, at->at);
	char *text = tree_text(tree, value, strlen(value));
	if (node == NULL || text == NULL)
		return false;
	node->text = text;
	node->key = key;
	node->key_at = at->at;
	node_append(entry, node);
	return true;
}

/* The keys that the chain's entry has beside do: they hold for each of its faults. */
static bool
copy_keys(struct chain *chain, struct node *entry)
{
	struct node *node;
	STAILQ_FOREACH (node, &chain->entry->children, next) {
		struct node *copy;
		if (strcmp(node->key, "do") == 0 || strcmp(node->key, "id") == 0)
			continue;
		copy = tree_node(&chain->load->tree, node->kind, node->at);
		if (copy == NULL)
			return false;
		*copy = *node;
		STAILQ_INIT(&copy->children);
		if (node->kind != NODE_SCALAR) /* no key of a fault is one: it is refused as such */
			copy->count = 0;
		node_append(entry, copy);
	}
	return true;
}

static bool
add_numbers(struct chain *chain, struct node *entry, const struct term *term, const struct node *at)
{
	char number[32];
	snprintf(number, sizeof(number), "%" PRIu64, chain->hits + 1);
	if (!add_key(chain, entry, "nth", number, at))
		return false;
	if (term->hits == 0)
		return add_key(chain, entry, "times", "every", at);
	snprintf(number, sizeof(number), "%" PRIu64, chain->hits + term->hits);
	if (!add_key(chain, entry, "last", number, at))
		return false;
	snprintf(number, sizeof(number), "%" PRIu64, term->hits);
	return add_key(chain, entry, "times", number, at);
}

static bool
make_entry(struct chain *chain, const struct term *term)
{
	const char *action = actions[term->action].action;
	const char *argument = actions[term->action].argument;
	const struct node *name = node_get(chain->entry, "id");
	struct node at = *chain->text;
	struct node *entry = tree_node(&chain->load->tree, NODE_MAP, chain->entry->at);
	char id[48];
	bool named;
	if (entry == NULL)
		return false;
	at.at = place_within(chain->text, term->offset, term->length);
	snprintf(id, sizeof(id), "%s-%zu", chain->name, ++chain->count);
	named = argument != NULL && strcmp(argument, action) == 0;
	entry->again = chain->count > 1;
	STAILQ_INSERT_TAIL(&chain->made, entry, next);
	return copy_keys(chain, entry) &&
	       add_key(chain, entry, "id", id, name != NULL ? name : &at) &&
	       add_key(chain, entry, action, named ? term->argument : "self", &at) &&
	       (argument == NULL || named ||
	        add_key(chain, entry, argument, term->argument, &at)) &&
	       (term->chance[0] == '\0' || add_key(chain, entry, "chance", term->chance, &at)) &&
	       add_numbers(chain, entry, term, &at);
}

/* The term from byte `from` to `to`, without the blanks around it. */
static bool
cut_term(struct chain *chain, size_t from, size_t to, struct term *term)
{
	const char *text = chain->text->text;
	while (from < to && text[from] == ' ')
		from++;
	while (to > from && text[to - 1] == ' ')
		to--;
	*term = (struct term){.offset = from, .length = to - from};
	snprintf(term->text, sizeof(term->text), "%.*s", (int)term->length, text + from);
	if (term->length == 0)
		return refuse(chain, term, "a term is missing here, such as 1*kill");
	return term->length < sizeof(term->text) ||
	       refuse(chain, term, "longer than any term can be");
}

static bool
read_chain(struct chain *chain)
{
	const char *text = chain->text->text, *arrow;
	struct term term;
	size_t at = 0;
	do {
		arrow = strstr(text + at, "->");
		size_t end = arrow != NULL ? (size_t)(arrow - text) : strlen(text);
		if (!cut_term(chain, at, end, &term) || !read_term(chain, &term))
			return false;
		if (++chain->terms > TERMS_MAX)
			return refuse(chain, &term, "at most 32 terms make a chain");
		if (term.hits == 0 && arrow != NULL)
			return refuse(chain, &term,
			              "how many hits is it for? write N*; only the last term goes "
			              "on without");
		if (!term.off && !make_entry(chain, &term)) {
			return refuse(chain, &term, "out of memory");
		}
		chain->hits += term.hits;
		at = end + 2;
	} while (arrow != NULL);
	if (chain->count > 0)
		return true;
	load_error(chain->load, chain->text, "a chain of nothing but off does nothing");
	return false;
}

/* Keys that a chain says itself. */
static bool
check_keys(struct chain *chain)
{
	static const char *const own[] = {"nth", "last", "times", "chance"};
	const struct node *node;
	if (chain->text->kind != NODE_SCALAR) {
		load_error(chain->load, chain->text,
		           "takes terms with -> between them, such as 3*off -> 1*kill");
		return false;
	}
	STAILQ_FOREACH (node, &chain->entry->children, next) {
		const struct key *key = key_find("faults[]", node->key);
		if (key == NULL || (key->flags & KEY_ACTION) == 0 || node == chain->text)
			continue;
		problem_add(&chain->load->problems, node->key_at,
		            "%s: '%s' beside 'do': the chain's terms are its actions",
		            chain->load->label, node->key);
		return false;
	}
	if (node_get(chain->entry, "at") == NULL) {
		load_error(chain->load, chain->text, "a chain counts the hits of a point: use at");
		return false;
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		node = node_get(chain->entry, own[i]);
		if (node == NULL)
			continue;
		problem_add(&chain->load->problems, node->key_at,
		            "%s: '%s' does not go with do: the chain's terms say it",
		            chain->load->label, own[i]);
		return false;
	}
	return true;
}

/* Fills in chain.made; false after noting why that cannot be. */
static bool
expand(struct chain *chain, size_t number)
{
	struct load *load = chain->load;
	const struct node *id = node_get(chain->entry, "id");
	STAILQ_INIT(&chain->made);
	snprintf(load->label, sizeof(load->label), "faults[%zu]", number);
	if (id != NULL)
		snprintf(chain->name, sizeof(chain->name), "%s", id->text);
	else
		snprintf(chain->name, sizeof(chain->name), "f%zu", number + 1);
	if (!chain->text->broken && check_keys(chain) && read_chain(chain))
		return true;
	chain->entry->broken = true;
	return false;
}

void
fault_chains_expand(struct load *load)
{
	struct node *list = node_get(load->root, "faults"), *entry;
	struct node_list all = STAILQ_HEAD_INITIALIZER(all);
	if (list == NULL || list->kind != NODE_LIST)
		return;
	for (size_t number = 0; (entry = STAILQ_FIRST(&list->children)) != NULL; number++) {
		struct chain chain = {.load = load, .entry = entry, .text = node_get(entry, "do")};
		STAILQ_REMOVE_HEAD(&list->children, next);
		if (number < SCENARIO_FAULTS_MAX && !entry->broken && chain.text != NULL &&
		    expand(&chain, number)) {
			STAILQ_CONCAT(&all, &chain.made);
			list->count += chain.count - 1;
		} else {
			STAILQ_INSERT_TAIL(&all, entry, next);
		}
	}
	STAILQ_CONCAT(&list->children, &all);
}
