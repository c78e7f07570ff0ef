/* SPDX-License-Identifier: ISC
 *
 * Reads a scenario: text, tree, overrides, values by the table of keys, checks between them.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/check.h"
#include "sim/scenario/guess.h"
#include "sim/scenario/load.h"
#include "sim/util/fail.h"

void
scenario_make_private(struct scenario *scenario)
{
	scenario->exclusive = false;
	free(scenario->metrics);
	scenario->metrics = NULL;
	for (size_t i = 0; i < scenario->on_failures; i++)
		free(scenario->on_failure[i]);
	memset(scenario->on_failure, 0, sizeof(scenario->on_failure));
	scenario->on_failures = 0;
}

static void
free_texts(char **text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(text[i]);
}

static void
step_fini(struct job_step *step)
{
	free_texts(step->after, step->afters);
	free_texts(step->weakly_after, step->weakly_afters);
	free_texts(step->compensates, step->compensated);
}

void
scenario_fini(struct scenario *scenario)
{
	scenario_make_private(scenario);
	free(scenario->path);
	free(scenario->about);
	free(scenario->job.input);
	free(scenario->job.key);
	free(scenario->job.event_time);
	free(scenario->job.source);
	free(scenario->job.dsn);
	free(scenario->job.folder);
	free_texts(scenario->job.command, scenario->job.commands);
	free_texts(scenario->job.map, scenario->job.maps);
	free_texts(scenario->job.reduce, scenario->job.reduces);
	free_texts(scenario->job.combine, scenario->job.combines);
	free_texts(scenario->job.fatal, scenario->job.fatals);
	free_texts(scenario->job.infra, scenario->job.infras);
	free(scenario->job.setup);
	free(scenario->job.check);
	free(scenario->job.recover);
	free_texts(scenario->job.same, scenario->job.sames);
	free_texts(scenario->job.work_in, scenario->job.works_in);
	free(scenario->redis);
	free((void *)scenario->core.graph);
	for (size_t i = 0; i < scenario->job.steps; i++)
		step_fini(&scenario->job.step[i]);
	for (size_t i = 0; i < scenario->job.ids; i++)
		free(scenario->job.id[i]);
	for (size_t i = 0; i < scenario->job.sums; i++)
		free(scenario->job.sum[i]);
	*scenario = (struct scenario){0};
}

/* Puts the fallbacks into their fields: those of the scenario itself (list = ""), or of an entry of
 * a list. */
const char *
job_pattern_name(enum stream_pattern pattern)
{
	static const char *const names[] = {
	    [PATTERN_STREAMING] = "streaming",
	    [PATTERN_BATCHING] = "batching",
	    [PATTERN_JOIN] = "join",
	    [PATTERN_KAPPA] = "kappa",
	    [PATTERN_STATELESS] = "stateless",
	    [PATTERN_STATEFUL] = "stateful",
	    [PATTERN_CLAIM_CHECK] = "claim_check",
	};

	return names[pattern];
}

static void
set_fallbacks(struct load *load, const char *list, void *base)
{
	for (size_t i = 0; i < keys_count; i++) {
		const struct key *key = &keys[i];
		bool entry = strchr(key->path, '[') != NULL;
		if (key->fallback == NULL || key->size == 0 || entry != (list[0] != '\0') ||
		    strncmp(key->path, list, strlen(list)) != 0)
			continue;
		struct node node = {
		    .kind = NODE_SCALAR, .at = {&load->file, 0, 0, 0}, .text = key->fallback};
		load_label(load, "", key->path);
		value_read(load, key, &node, base);
		CHECK(!node.broken);
	}
}

/* Where the name, unknown here, is a key: "job", or NULL. */
static const struct key *
find_elsewhere(const char *name)
{
	for (size_t i = 0; i < keys_count; i++)
		if (strcmp(key_name(&keys[i]), name) == 0)
			return &keys[i];
	return NULL;
}

/* A key that was meant to be another counts as that one, so that it is not missed as well. */
static void
unknown_key(struct load *load, struct node *map, struct node *node, const char *path,
            const char *where)
{
	char names[512], guessed[80], note[600];
	struct guess guess;
	const struct key *elsewhere = find_elsewhere(node->key);
	guess_init(&guess, node->key);
	for (size_t i = 0; i < keys_count; i++)
		if (key_below(&keys[i], path))
			guess_try(&guess, key_name(&keys[i]));
	if (guess.best != NULL)
		snprintf(note, sizeof(note), "%s", guess_text(&guess, guessed, sizeof(guessed)));
	else if (elsewhere != NULL)
		snprintf(note, sizeof(note), "; it is known as %s", elsewhere->path);
	else
		snprintf(note, sizeof(note), "; the keys are %s",
		         key_names(path, 0, names, sizeof(names)));
	problem_add(&load->problems, node->key_at, "unknown key '%.60s'%s%s%s", node->key,
	            where[0] != '\0' ? " in " : "", where, note);
	node->broken = true;
	if (guess.best != NULL && node_get(map, guess.best) == NULL)
		node->key = guess.best;
}

static void
missing_keys(struct load *load, const struct node *map, const char *path)
{
	struct place at = map->key != NULL ? map->key_at : map->at;
	for (size_t i = 0; i < keys_count; i++) {
		const struct key *key = &keys[i];
		if ((key->flags & KEY_REQUIRED) == 0 || (key->flags & KEY_KINDS) != 0)
			continue;
		if (key_below(key, path) && node_get(map, key_name(key)) == NULL)
			problem_add(&load->problems, at, "missing key '%s': %s", key->path,
			            key->meaning);
	}
}

struct fault *
load_add_fault(struct load *load)
{
	struct scenario *scenario = load->scenario;
	if (scenario->faults == SCENARIO_FAULTS_MAX)
		return NULL;
	struct fault *fault = &scenario->fault[scenario->faults++];
	set_fallbacks(load, "faults[]", fault);
	fault->exit_code = -1;
	fault->victims = 1;
	fault->follows = -1;
	return fault;
}

/* Adds one entry to the faults, steps or expectations; what to read it into, or NULL when there are
 * too many. */
static void *
add_entry(struct load *load, const struct key *key)
{
	struct scenario *scenario = load->scenario;
	if (strcmp(key->path, "expect") == 0)
		return scenario->expectations < SCENARIO_EXPECTATIONS_MAX
		           ? &scenario->expect[scenario->expectations++]
		           : NULL;
	if (strcmp(key->path, "job.steps") == 0)
		return scenario->job.steps < SCENARIO_STEPS_MAX
		           ? &scenario->job.step[scenario->job.steps++]
		           : NULL;
	return load_add_fault(load);
}

static void
read_list(struct load *load, const struct key *key, struct node *list)
{
	char path[32], where[32];
	struct node *node;
	size_t i = 0, number = 0;
	if (list->kind != NODE_LIST) {
		load_error(load, list, "takes a list: lines that begin with '- ', or []");
		return;
	}
	snprintf(path, sizeof(path), "%s[]", key->path);
	STAILQ_FOREACH (node, &list->children, next) {
		void *base = add_entry(load, key);
		number += i++ > 0 && !node->again;
		snprintf(where, sizeof(where), "%s[%zu]", key->path, number);
		load_label(load, where, "");
		if (base == NULL) {
			load_error(load, node, "too many; at most %zu are taken", i - 1);
			return;
		}
		load_read_map(load, node, path, where, base);
	}
}

static void
read_key(struct load *load, const struct key *key, struct node *node, const char *where, void *base)
{
	load_label(load, where, key_name(key));
	if (node->broken)
		return;
	if (key->type == KEY_LIST) {
		read_list(load, key, node);
	} else if (key->type == KEY_MAP) {
		char below[sizeof(load->label)];
		snprintf(below, sizeof(below), "%s", load->label);
		load_read_map(load, node, key->path, below, base);
	} else {
		value_read(load, key, node, base);
	}
}

void
load_read_map(struct load *load, struct node *map, const char *path, const char *where, void *base)
{
	char names[512];
	struct node *node;
	if (map->broken)
		return;
	if (map->kind != NODE_MAP) {
		load_error(load, map, "%s: %s",
		           where[0] == '\0' ? "a scenario has keys" : "takes keys below it",
		           key_names(path, 0, names, sizeof(names)));
		return;
	}
	STAILQ_FOREACH (node, &map->children, next) {
		const struct key *key = key_find(path, node->key);
		if (key == NULL)
			unknown_key(load, map, node, path, where);
		else
			read_key(load, key, node, where, base);
	}
	missing_keys(load, map, path);
}

static void
read_root(struct load *load)
{
	const struct node *version = node_get(load->root, "scenario");
	fault_chains_expand(load);
	load->label[0] = '\0';
	load_read_map(load, load->root, "", "", load->scenario);
	if (version != NULL && version != STAILQ_FIRST(&load->root->children))
		problem_add(&load->problems, version->key_at, "'scenario' must be the first key");
	load->scenario->core.slots = load->scenario->slots;
	scenario_check(load);
}

/* Fills in load->file; false when the text is nothing that could be parsed. */
static bool
prepare_text(struct load *load, const char *name, const char *text, size_t length)
{
	struct place whole = {&load->file, 0, 0, 0};
	load->file =
	    (struct source){.name = name, .text = text, .length = length, .numbered = true};
	if (length > SCENARIO_BYTES_MAX) {
		problem_add(&load->problems, whole, "larger than %u bytes", SCENARIO_BYTES_MAX);
		return false;
	}
	const char *nul = memchr(text, '\0', length);
	if (nul != NULL) {
		problem_add(&load->problems, place_of_byte(&load->file, (size_t)(nul - text)),
		            "a NUL byte: a scenario is plain UTF-8 text");
		return false;
	}
	return true;
}

static void
apply_overrides(struct load *load, struct source *sources, const char *const *set, size_t sets)
{
	for (size_t i = 0; i < sets; i++) {
		char *name;
		sources[i] = (struct source){
		    .text = set[i], .length = strlen(set[i]), .order = (unsigned)i + 1};
		if (asprintf(&name, "--set %.*s", (int)strcspn(set[i], "="), set[i]) < 0) {
			problem_add(&load->problems, (struct place){&load->file, 0, 0, 0},
			            "out of memory");
			return;
		}
		sources[i].name = name;
		override_apply(load, &sources[i]);
	}
}

static void
load_text(struct load *load, const char *name, const char *text, size_t length,
          struct source *sources, const char *const *set, size_t sets)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t skip = length >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
	if (!prepare_text(load, name, text + skip, length - skip))
		return;
	core_config_defaults(&load->scenario->core);
	set_fallbacks(load, "", load->scenario);
	load->scenario->path = strdup(name);
	if (load->scenario->path == NULL)
		problem_add(&load->problems, (struct place){&load->file, 0, 0, 0}, "out of memory");
	load->root = tree_parse(&load->tree, &load->file, 0, &load->problems);
	if (load->root == NULL)
		return;
	apply_overrides(load, sources, set, sets);
	read_root(load);
	if (load->problems.count == 0 && load->scenario->job.kind == JOB_GRAPH &&
	    steps_graph(load->scenario) != 0)
		problem_add(&load->problems, (struct place){&load->file, 0, 0, 0}, "out of memory");
}

int
scenario_load_text(struct scenario *out, const char *name, const char *text, size_t length,
                   const char *const *set, size_t sets, FILE *errors)
{
	struct load *load = calloc(1, sizeof(*load));
	struct source *sources = calloc(sets + 1, sizeof(*sources));
	int error = -ENOMEM;
	*out = (struct scenario){0};
	if (load == NULL || sources == NULL) {
		fprintf(errors, "%s: error: out of memory\n1 error; nothing was run\n", name);
		goto out;
	}
	load->scenario = out;
	tree_init(&load->tree);
	load_text(load, name, text, length, sources, set, sets);
	error = load->problems.count > 0 ? -EINVAL : 0;
	if (error != 0) {
		problems_print(&load->problems, errors);
		scenario_fini(out);
	}
	problems_fini(&load->problems);
	tree_fini(&load->tree);
	for (size_t i = 0; i < sets; i++)
		free((char *)sources[i].name);
out:
	free(sources);
	free(load);
	return error;
}

/* Reads up to one byte more than is taken, so that what is too large is noticed.  The length or
 * -errno. */
static ssize_t
read_file(const char *path, char *text)
{
	size_t length = 0, size = SCENARIO_BYTES_MAX + 4;
	struct stat status;
	ssize_t got = 1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
		close(fd);
		return -EISDIR;
	}
	while (length < size && got > 0) {
		got = read(fd, text + length, size - length);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			length += (size_t)got;
	}
	int error = errno;
	close(fd);
	return got < 0 ? -error : (ssize_t)length;
}

int
scenario_load(struct scenario *out, const char *path, const char *const *set, size_t sets,
              FILE *errors)
{
	char *text = malloc(SCENARIO_BYTES_MAX + 4);
	ssize_t length = text != NULL ? read_file(path, text) : -ENOMEM;
	int error;
	*out = (struct scenario){0};
	if (length < 0) {
		struct source file = {.name = path, .text = "", .numbered = true};
		struct problems problems = {0};
		problem_add(&problems, (struct place){&file, 0, 0, 0}, "%s",
		            strerror((int)-length));
		problems_print(&problems, errors);
		problems_fini(&problems);
		error = -EINVAL;
	} else {
		error = scenario_load_text(out, path, text, (size_t)length, set, sets, errors);
	}
	free(text);
	return error;
}

bool
scenario_refuses_torture(const struct scenario *scenario, const char *what)
{
	if (scenario->job.kind != JOB_TORTURE)
		return false;
	complain("%s is a torture, which cannot %s: `graveshift run` and `graveshift test` play it",
	         scenario->path, what);
	return true;
}

/* A path that begins at the scenario's folder becomes an absolute one. */
static int
resolve(const struct scenario *scenario, const char *what, char **path)
{
	const char *slash = strrchr(scenario->path, '/');
	int folder = slash == NULL ? 0 : (int)(slash - scenario->path) + 1;
	char joined[PATH_MAX], *absolute;

	snprintf(joined, sizeof(joined), "%.*s%s", (*path)[0] == '/' ? 0 : folder, scenario->path,
	         *path);
	absolute = realpath(joined, NULL);
	if (absolute == NULL) {
		int error = -errno;
		complain("cannot read the %s %s: %s", what, joined, strerror(-error));
		return error;
	}
	free(*path);
	*path = absolute;
	return 0;
}

int
scenario_resolve_input(struct scenario *scenario)
{
	struct scenario_job *job = &scenario->job;
	int error = 0;

	if (scenario_has_commands(job)) {
		if (job->folder == NULL)
			job->folder = strdup(".");
		error = job->folder == NULL ? -ENOMEM : resolve(scenario, "folder", &job->folder);
	}
	if (error == 0 && job->input != NULL)
		error = resolve(scenario, "input", &job->input);
	return error;
}
