/* SPDX-License-Identifier: ISC
 *
 * What the parts of the scenario reader share while one file is being read.
 */
#ifndef SIM_SCENARIO_LOAD_H
#define SIM_SCENARIO_LOAD_H

#include "sim/scenario/condition_text.h"
#include "sim/scenario/diagnose.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/yaml_tree.h"

struct load {
	struct scenario *scenario;
	struct problems problems;
	struct source file;
	struct tree tree;
	struct node *root;
	char label[96]; /* of what is being read, for messages: "faults[2].nth" */
};

/* Notes "label: message" at the node and marks it broken. */
void load_error(struct load *load, struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same at `length` bytes of the node's text from byte `offset` on. */
void load_error_within(struct load *load, struct node *node, size_t offset, size_t length,
                       const char *format, ...) __attribute__((format(printf, 5, 6)));
struct place place_within(const struct node *node, size_t offset, size_t length);
/* Sets the label to where.name; either may be "". */
void load_label(struct load *load, const char *where, const char *name);

/* scenario.c: reads a map whose keys are those below `path` into base; `where` is its label. */
void load_read_map(struct load *load, struct node *map, const char *path, const char *where,
                   void *base);
/* One fault more, of which nothing was said yet; NULL when there are too many. */
struct fault *load_add_fault(struct load *load);

/* values.c: reads one value into its field below base (struct scenario, fault or expectation). */
void value_read(struct load *load, const struct key *key, struct node *node, void *base);
/* value_lists.c: texts, and job.split.ranges. */
void value_read_texts(struct load *load, const struct key *key, struct node *list, void *base);
void value_read_ranges(struct load *load, struct node *list);
/* Notes that the text is none of the words ("a|b"), with a guess. */
void value_unknown_word(struct load *load, struct node *node, const char *words);

/* The array of a key of type KEY_TEXTS, and where its count is. */
char **value_texts(const struct key *key, void *base, size_t **count);

/* value_print.c: writes one field as YAML. */
void value_print(const struct key *key, const void *base, FILE *out);
void value_print_text(const char *text, FILE *out);

/* override.c: puts one "key.path=value" of --set into the tree; the source must live as long as the
 * load. */
void override_apply(struct load *load, struct source *source);

/* scenario_check.c: what no single key can tell.  Called when the whole file was read. */
void scenario_check(struct load *load);
/* Keys of a job with records of which there is exactly one; first = NULL ends the list. */
struct key_choice {
	const char *first, *second;
};
extern const struct key_choice job_choices[];
/* Whether there is a choice for that kind of job (its key flag): else the first is required. */
bool key_choice_is_of(const struct key_choice *choice, unsigned kind_flag);

/* fault_values.c */
void fault_read_target(struct load *load, struct node *node, struct fault *fault);
void fault_read_point(struct load *load, struct node *node, struct fault *fault);
const char *fault_target_text(const struct fault *fault, char *text, size_t size);
/* The name of target number `index`; *several: there can be N of them; NULL behind the last. */
const char *fault_target_name(size_t index, bool *several);

/* torture_check.c: what a torture has no use for. */
void torture_check(struct load *load);
/* Whether the key is among that, by its path. */
bool torture_has_no(const char *path);

/* steps.c: what a graph's steps wait for. */
void steps_check(struct load *load, struct node *job);
/* Writes them as they stand in a file. */
void steps_print(const struct scenario_job *job, FILE *out);

/* steps_graph.c: makes scenario->core.graph of them.  0 or -ENOMEM. */
int steps_graph(struct scenario *scenario);

/* fault_record.c: which record of the job, or step of which order, is meant. */
void fault_read_record(struct load *load, struct node *node, struct fault *fault);

/* fault_effects.c */
void fault_read_signal(struct load *load, struct node *node, struct fault *fault);
void fault_read_by(struct load *load, struct node *node, struct fault *fault);
void fault_read_error(struct load *load, struct node *node, struct fault *fault);
void fault_read_frame(struct load *load, struct node *node, struct fault *fault);
void fault_read_step(struct load *load, struct node *node, struct fault *fault);
void fault_read_scale(struct load *load, struct node *node, struct fault *fault);
const char *fault_signal_text(int signal, char *text, size_t size);
const char *fault_frame_text(uint8_t frame, char *text, size_t size);
const char *fault_step_text(int64_t step_ns, char *text, size_t size);

/* fault_state.c: one time, the entry's times, and the condition of when or during. */
void fault_read_time(struct load *load, const struct key *key, struct node *node,
                     struct fault *fault);
void fault_read_times(struct load *load, struct node *entry, struct fault *fault);
void fault_read_condition(struct load *load, struct node *entry, struct fault *fault);
const char *fault_condition_text(const struct fault *fault, char *text, size_t size);
/* Tasks that read records, and all tasks; UINT64_MAX when that is not known yet. */
uint64_t job_chunks(const struct scenario_job *job);
uint64_t job_tasks(const struct scenario_job *job);
/* Records; UINT64_MAX when that is not known yet. */
uint64_t job_records(const struct scenario_job *job);
/* Places that the run may come to use by itself: those of its beginning and of every scale up. */
uint32_t scenario_slots(const struct scenario *scenario);

/* fault_chain.c: puts an entry for each of its terms in the place of every chain. */
void fault_chains_expand(struct load *load);
/* The name of what a term can do, number `index`, and in *argument the key that what stands behind
 * it is the value of, or NULL; NULL behind the last. */
const char *fault_chain_action(size_t index, const char **argument);

/* fault_follows.c */
void faults_check_follows(struct load *load, struct node *list);

/* fault_rules.c: whether the action may be aimed there, and happen then. */
void fault_check_rules(struct load *load, struct node *entry, const struct fault *fault);
/* The same of a fault by hand. */
void fault_check_hand_rules(struct load *load, struct node *entry, struct fault *fault);

/* faults.c: `list` is the file's faults, in the order of scenario->fault. */
void faults_check(struct load *load, struct node *list);
/* The fault `index` of one entry, whose label is set; `place` numbers it if it has no id. */
void fault_check(struct load *load, struct node *entry, size_t index, size_t place);
/* One that is injected by hand. */
void fault_check_by_hand(struct load *load, struct node *entry, struct fault *fault);
/* Whether a key such as "for" goes with this action and this trigger. */
bool fault_takes(const struct fault *fault, const char *name);
/* Whether the action cannot do without it. */
bool fault_needs(enum fault_what what, const char *name);
/* fault_print.c */
void fault_print(const struct scenario *scenario, size_t index, FILE *out);

/* expect.c */
void expect_read_comparison(struct load *load, const struct key *key, struct node *node,
                            struct expectation *expectation);
void expect_check(struct load *load, struct node *list);

/* Reads one fault more from a line: read() adds it to load->scenario.  What is wrong is printed to
 * `errors`, and the scenario is as it was; NULL: nothing is printed, and what can be read of the
 * fault stays.  0, -EINVAL or -ENOMEM. */
int load_fault_line(struct scenario *scenario, const struct source *line,
                    void (*read)(struct load *load, const void *context), const void *context,
                    FILE *errors);

#endif
