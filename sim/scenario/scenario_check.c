/* SPDX-License-Identifier: ISC
 *
 * What must hold between keys.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/scenario/load.h"

/* Whether both values can be compared: an error was noted about neither. */
static bool
are_sound(const struct node *a, const struct node *b)
{
	return (a == NULL || !a->broken) && (b == NULL || !b->broken);
}

static void
check_error_at(struct load *load, struct node *node, const char *problem)
{
	load->label[0] = '\0';
	load_error(load, node, "%s", problem);
}

/* Notes the problem at the first of the two that is in the file. */
static void
check_error(struct load *load, struct node *node, struct node *other, const char *problem)
{
	check_error_at(load, node != NULL ? node : other, problem);
}

static void
check_order(struct load *load, const char *low_path, int64_t low, const char *high_path,
            int64_t high)
{
	char problem[200], first[48], second[48];
	struct node *low_node = node_find(load->root, low_path),
		    *high_node = node_find(load->root, high_path);
	if (low < high || !are_sound(low_node, high_node))
		return;
	snprintf(problem, sizeof(problem), "%s (%s) must be shorter than %s (%s)", low_path,
	         unit_format(unit_durations, (uint64_t)low, first, sizeof(first)), high_path,
	         unit_format(unit_durations, (uint64_t)high, second, sizeof(second)));
	check_error(load, high_node, low_node, problem);
}

static void
check_timers(struct load *load)
{
	const struct scenario *scenario = load->scenario;
	const char *every = "recovery.heartbeat.every", *suspect = "recovery.heartbeat.suspect";
	check_order(load, every, scenario->beat_ns, suspect, scenario->core.suspect_ns);
	check_order(load, suspect, scenario->core.suspect_ns, "recovery.heartbeat.dead",
	            scenario->core.dead_ns);
	check_order(load, every, scenario->beat_ns, "recovery.lease.ttl",
	            scenario->core.lease_ttl_ns);
}

static void
check_workers(struct load *load)
{
	char problem[100];
	const struct scenario *scenario = load->scenario;
	struct node *count = node_find(load->root, "workers.count");
	struct node *limit = node_find(load->root, "limits.workers");
	if (scenario->core.workers <= scenario->slots || !are_sound(count, limit))
		return;
	snprintf(problem, sizeof(problem),
	         "workers.count (%" PRIu32 ") is more than limits.workers (%" PRIu32 ")",
	         scenario->core.workers, scenario->slots);
	check_error(load, count, limit, problem);
}

/* Keys of another kind of job. */
static void
check_foreign(struct load *load, struct node *map, const char *path, enum job_kind kind)
{
	unsigned own = key_kind_flag(kind);
	struct node *node;
	STAILQ_FOREACH (node, &map->children, next) {
		const struct key *key = key_find(path, node->key);
		if (key == NULL || (key->flags & KEY_KINDS) == 0 || (key->flags & own) != 0)
			continue;
		problem_add(&load->problems, node->key_at, "%s.%s: not for a job of kind %s", path,
		            node->key, key_kind_name(kind));
	}
}

/* Those of `aggregate` are needed by one function of mapreduce alone. */
bool
key_is_required(const struct key *key, unsigned kind)
{
	return (key->flags & KEY_REQUIRED) != 0 &&
	       !(kind == JOB_MAPREDUCE && (key->flags & KEY_AGGREGATE) != 0);
}

/* And keys that this kind needs. */
static void
check_kind(struct load *load, struct node *job, enum job_kind kind)
{
	unsigned own = key_kind_flag(kind);
	check_foreign(load, job, "job", kind);
	for (size_t i = 0; i < keys_count; i++)
		if (key_below(&keys[i], "job") && (keys[i].flags & own) != 0 &&
		    key_is_required(&keys[i], kind) && node_get(job, key_name(&keys[i])) == NULL)
			problem_add(&load->problems, job->key_at, "missing key 'job.%s': %s",
			            key_name(&keys[i]), keys[i].meaning);
}

/* A task of kind noop is nothing but its number, and so is one of kind command without input. */
static void
check_tasks(struct load *load, struct node *job)
{
	static const char *const others[] = {"input", "generate", "chunk"};
	struct node *tasks = node_get(job, "tasks");

	if (tasks == NULL)
		problem_add(&load->problems, job->key_at,
		            "missing key 'job.tasks': how many tasks");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]) && tasks != NULL; i++) {
		const struct node *other = node_get(job, others[i]);
		if (other != NULL && load->scenario->job.kind == JOB_COMMAND)
			problem_add(&load->problems, other->key_at,
			            "job.%s: excluded by job.tasks in line %zu", others[i],
			            tasks->key_at.line);
	}
}

const struct key_choice job_choices[] = {{"input", "generate"}, {"chunk", "split"}, {NULL, NULL}};

static void
check_either(struct load *load, const struct node *map, const char *path, const char *first,
             const char *second)
{
	const struct node *a = node_get(map, first), *b = node_get(map, second);
	if (a != NULL && b != NULL)
		problem_add(&load->problems, b->key_at, "%s.%s: excluded by %s.%s in line %zu",
		            path, second, path, first, a->key_at.line);
	if (a == NULL && b == NULL)
		problem_add(&load->problems, map->key_at, "missing key: give %s.%s or %s.%s", path,
		            first, path, second);
}

/* Keys of a map that is there for them alone. */
static void
check_needs(struct load *load, const char *map_path)
{
	const struct node *map = node_find(load->root, map_path);
	if (map == NULL || map->kind != NODE_MAP || map->broken)
		return;
	for (size_t i = 0; i < keys_count; i++)
		if (key_below(&keys[i], map_path) && (keys[i].flags & KEY_REQUIRED) != 0 &&
		    node_get(map, key_name(&keys[i])) == NULL)
			problem_add(&load->problems, map->key_at, "missing key '%s'", keys[i].path);
}

bool
key_choice_is_of(const struct key_choice *choice, unsigned kind_flag)
{
	const struct key *second = key_find("job", choice->second);

	return (second->flags & kind_flag) != 0;
}

static void
check_made(struct load *load, struct node *made, enum job_kind kind)
{
	check_foreign(load, made, "job.generate", kind);
	if (kind == JOB_ETL)
		check_either(load, made, "job.generate", "sales", "events");
	else if (kind == JOB_COMMAND || kind == JOB_MAPREDUCE)
		check_either(load, made, "job.generate", "sales", "weblog");
	else if (kind == JOB_STREAM && node_get(made, "events") == NULL)
		problem_add(&load->problems, made->key_at, "missing key 'job.generate.events'");
	else if (kind != JOB_STREAM && node_get(made, "sales") == NULL)
		problem_add(&load->problems, made->key_at, "missing key 'job.generate.sales'");
}

static void
check_records(struct load *load, const struct node *job)
{
	unsigned own = key_kind_flag(load->scenario->job.kind);
	const struct scenario_job *values = &load->scenario->job;
	struct node *bad = node_find(job, "generate.bad"), *made = node_get(job, "generate");
	for (const struct key_choice *choice = job_choices; choice->first != NULL; choice++)
		if (key_choice_is_of(choice, own))
			check_either(load, job, "job", choice->first, choice->second);
		else if ((key_find("job", choice->first)->flags & own) != 0 &&
		         node_get(job, choice->first) == NULL)
			problem_add(&load->problems, job->key_at, "missing key 'job.%s'",
			            choice->first);
	if (made != NULL && made->kind == NODE_MAP && !made->broken)
		check_made(load, made, load->scenario->job.kind);
	check_needs(load, "job.split");
	if (scenario_generated(values) > 0 && values->generate_bad > scenario_generated(values) &&
	    are_sound(bad, made))
		check_error(load, bad, made, "job.generate.bad is more than there are records");
}

/* What a function of mapreduce needs beside its input, or has no use for. */
static void
check_function_key(struct load *load, struct node *job, const char *name, bool needed, bool allowed)
{
	const struct node *node = node_get(job, name);

	if (node == NULL && needed)
		problem_add(&load->problems, job->key_at,
		            "missing key 'job.%s': this function needs it", name);
	if (node != NULL && !allowed)
		problem_add(&load->problems, node->key_at, "job.%s: not for this function", name);
}

static void
check_function(struct load *load, struct node *job)
{
	struct scenario_job *values = &load->scenario->job;
	const struct node *function = node_get(job, "function");
	bool command = values->function == FUNCTION_COMMAND;
	bool sales = values->function == FUNCTION_SALES;

	if (function == NULL || function->broken)
		return;
	check_function_key(load, job, "map", command, command);
	check_function_key(load, job, "reduce", false, command);
	check_function_key(load, job, "combine", false, command);
	check_function_key(load, job, "key", sales, true);
	check_function_key(load, job, "sum", sales, sales || values->sums == 0);
	if (values->key == NULL)
		values->key = strdup(values->function == FUNCTION_PAGES   ? "page"
		                     : values->function == FUNCTION_WORDS ? "word"
		                                                          : "key");
	if (values->key == NULL)
		check_error_at(load, job, "out of memory");
}

/* A process that does many tasks has no words of one of them. */
static void
check_process(struct load *load, const struct node *job)
{
	static const char *const words[] = {"{task}", "{attempt}", "{from}", "{to}", "{output}"};
	const struct scenario_job *values = &load->scenario->job;
	struct node *command = node_get(job, "command");
	char problem[160];

	if (values->process != PROCESS_PER_WORKER || command == NULL || command->broken)
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (size_t at = 0; at < values->commands; at++) {
			if (strstr(values->command[at], words[i]) == NULL)
				continue;
			snprintf(problem, sizeof(problem),
			         "job.command: %s is of one task, and job.process is per_worker: "
			         "it is told with the line that begins a task",
			         words[i]);
			check_error_at(load, command, problem);
		}
}

static void
check_job(struct load *load)
{
	struct node *job = node_get(load->root, "job"), *kind = node_get(job, "kind");
	if (job == NULL || job->kind != NODE_MAP || job->broken || kind == NULL || kind->broken)
		return;
	check_kind(load, job, load->scenario->job.kind);
	if (load->scenario->job.kind == JOB_GRAPH)
		steps_check(load, job);
	else if (load->scenario->job.kind == JOB_NOOP ||
	         (load->scenario->job.kind == JOB_COMMAND && node_get(job, "tasks") != NULL))
		check_tasks(load, job);
	else
		check_records(load, job);
	if (load->scenario->job.kind == JOB_MAPREDUCE)
		check_function(load, job);
	if (load->scenario->job.kind == JOB_COMMAND)
		check_process(load, job);
}

/* Records that are taken as they come have no row in common. */
static void
check_rows(struct load *load)
{
	const struct scenario *scenario = load->scenario;
	struct node *rows = node_find(load->root, "job.rows");
	char problem[160];

	if (scenario->job.rows != JOB_ROWS_CHUNK || !are_sound(rows, NULL) ||
	    (strategy_flags(scenario->strategy) & STRATEGY_SCATTERED) == 0)
		return;
	snprintf(problem, sizeof(problem),
	         "job.rows: chunk does not go with strategy %s, which "
	         "takes records as they come: say record",
	         strategy_name(scenario->strategy));
	check_error_at(load, rows, problem);
}

/* Windows of event time need an event time. */
static void
check_windows(struct load *load)
{
	const struct scenario *scenario = load->scenario;
	struct node *job = node_get(load->root, "job");
	struct node *strategy = node_find(load->root, "recovery.strategy");
	char problem[160];

	if ((strategy_flags(scenario->strategy) & STRATEGY_EVENT_TIME) == 0 ||
	    (node_get(job, "event_time") != NULL && node_get(job, "source") != NULL))
		return;
	snprintf(problem, sizeof(problem), "strategy %s needs job.event_time and job.source",
	         strategy_name(scenario->strategy));
	if (are_sound(strategy, NULL))
		check_error_at(load, strategy, problem);
}

static void
check_store(struct load *load)
{
	struct scenario *scenario = load->scenario;
	struct node *dsn = node_find(load->root, "job.dsn");
	struct node *kept = node_find(load->root, "recovery.checkpoint_store");
	struct node *store = node_find(load->root, "job.store");
	struct node *lock = node_find(load->root, "recovery.lock");
	unsigned flags = strategy_flags(scenario->strategy);

	if (dsn != NULL && scenario->job.store != JOB_STORE_POSTGRES && are_sound(dsn, NULL))
		check_error_at(load, dsn, "job.dsn is for job.store: postgres");
	if (store != NULL && scenario->job.store == JOB_STORE_POSTGRES &&
	    (flags & STRATEGY_EVENT_TIME) != 0 && are_sound(store, NULL))
		check_error_at(
		    load, store,
		    "windows of event time are kept in run.db alone: say job.store: sqlite");
	if (lock != NULL && scenario->lock == LOCK_REDIS && (flags & STRATEGY_SCATTERED) != 0 &&
	    are_sound(lock, NULL))
		check_error_at(
		    load, lock,
		    "recovery.lock is on tasks, and this strategy takes records of any task");
	if (kept != NULL && scenario->checkpoint_store == CHECKPOINT_REDIS &&
	    scenario->strategy != STRATEGY_ID_CHECKPOINT &&
	    scenario->strategy != STRATEGY_ID_NAIVE_CHECKPOINT && are_sound(kept, NULL))
		check_error_at(
		    load, kept,
		    "recovery.checkpoint_store: redis is for the strategies checkpoint and "
		    "naive-checkpoint: what others keep is more than a cursor");
}

/* What only jobs of kind etl have a choice in. */
static void
check_strategy(struct load *load)
{
	struct scenario *scenario = load->scenario;
	struct node *strategy = node_find(load->root, "recovery.strategy");
	struct node *checkpoint = node_find(load->root, "recovery.checkpoint");
	struct node *watermark = node_find(load->root, "recovery.watermark");
	struct node *ids = node_find(load->root, "job.id");
	unsigned flags = strategy_flags(scenario->strategy);
	char problem[160];

	if (scenario->job.kind == JOB_ETL) {
		scenario->job.durable = (flags & STRATEGY_REPORTED) == 0;
		if (ids != NULL && scenario->job.ids == 0 && are_sound(ids, NULL))
			check_error_at(load, ids,
			               "job.id names no column: nothing would tell "
			               "one record from another");
		check_rows(load);
		check_windows(load);
		check_store(load);
		return;
	}
	snprintf(problem, sizeof(problem), "%s is for jobs of kind etl; this one is of kind %s",
	         strategy_name(scenario->strategy), key_kind_name(scenario->job.kind));
	if (strategy != NULL && scenario->strategy != STRATEGY_ID_CHECKPOINT &&
	    are_sound(strategy, NULL))
		check_error_at(load, strategy, problem);
	if (checkpoint != NULL && scenario->job.kind != JOB_STREAM && are_sound(checkpoint, NULL))
		check_error_at(load, checkpoint,
		               "recovery.checkpoint is for jobs of kind etl and stream");
	if (watermark != NULL && are_sound(watermark, NULL))
		check_error_at(load, watermark, "recovery.watermark is for jobs of kind etl");
}

/* Tasks that last as long as the events come must not wait behind each other. */
static void
check_stream(struct load *load)
{
	struct scenario *scenario = load->scenario;

	struct node *workers = node_find(load->root, "workers.count");
	struct node *pattern = node_find(load->root, "job.pattern");

	if (scenario->job.kind != JOB_STREAM)
		return;
	if (node_find(load->root, "workers.credit") == NULL)
		scenario->core.credit = 1;
	if (scenario->job.pattern == PATTERN_STATELESS && are_sound(workers, pattern) &&
	    scenario->core.workers <= scenario->job.partitions)
		check_error(load, workers, pattern,
		            "workers.count must be more than job.partitions: one is the user "
		            "service, while the others wait for it");
}

/* Stages whose tasks may be done by two workers at a time: what they do is seen once they commit.
 */
static uint32_t
pure_stages(const struct scenario_job *job)
{
	switch (job->kind) {
	case JOB_MAPREDUCE:
		return 1 << 0 | 1 << 1;
	case JOB_AGGREGATE:
	case JOB_COMMAND:
	case JOB_NOOP:
		return job->durable ? 1 : 0;
	default:
		return 0;
	}
}

static void
check_speculation(struct load *load)
{
	struct scenario *scenario = load->scenario;
	struct node *speculate = node_find(load->root, "recovery.speculate");
	char problem[200];

	if (speculate == NULL || !are_sound(speculate, node_find(load->root, "job.kind")))
		return;
	scenario->core.copy_stages = pure_stages(&scenario->job);
	scenario->core.copy_least_ns = scenario->beat_ns;
	if (scenario->core.copy_stages != 0)
		return;
	snprintf(
	    problem, sizeof(problem),
	    "recovery.speculate: not for this job of kind %s: two attempts at a task may be at "
	    "work only where nothing is seen of them before one commits",
	    key_kind_name(scenario->job.kind));
	check_error_at(load, speculate, problem);
}

void
scenario_check(struct load *load)
{
	check_timers(load);
	check_workers(load);
	check_job(load);
	check_strategy(load);
	check_stream(load);
	check_speculation(load);
	torture_check(load);
	faults_check(load, node_get(load->root, "faults"));
	expect_check(load, node_get(load->root, "expect"));
}
