/* SPDX-License-Identifier: ISC
 *
 * A lesson as plain data, read from its lesson.yaml and checked once.  scenarios/lessons/README.md
 * says how one is made.
 */
#ifndef SIM_LEARN_LESSON_H
#define SIM_LEARN_LESSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/learn/measure.h"
#include "sim/scenario/yaml_tree.h"

#define LESSON_TEXTS_MAX 16
#define LESSON_CASES_MAX 16
#define LESSON_HINTS_MAX 3
#define LESSON_NAME_MAX 64
#define LESSON_FILE_NAME "lesson.yaml"
#define LESSON_TASK_NAME "task.yaml"

enum lesson_kind {
	LESSON_SCENARIO, /* mend the scenario */
	LESSON_SCRIPT,   /* mend the program */
	LESSON_PREDICT,  /* say what the run will come to */
	LESSON_ATTACK,   /* find the one fault that breaks it */
	LESSON_FORENSIC  /* name the fault from a recording */
};

struct lesson_texts {
	const char *text[LESSON_TEXTS_MAX + 1]; /* ends with NULL */
	size_t count;
};

/* One thing more that must hold, and the overrides that bring it about. */
struct lesson_case {
	const char *about;
	struct lesson_texts set;
};

struct lesson {
	const char *name; /* of its folder */
	unsigned number;  /* the name begins with it */
	const char *title;
	uint64_t kind; /* enum lesson_kind */
	struct lesson_texts teaches;
	struct lesson_texts explains; /* topics of `graveshift explain` that it is about */
	const char *edit;  /* file that the learner mends; NULL: there is nothing to mend */
	const char *fails; /* how the line of the verdict begins that is broken as shipped */
	struct lesson_texts change;  /* scenario: what may be changed */
	struct lesson_texts vary;    /* overrides of a question's variant */
	const char *ask;             /* before the first run; NULL: nothing */
	struct lesson_texts wanted;  /* forensic: what the answer names */
	uint64_t fact;               /* enum measure: the number that answers */
	uint64_t within_ppm;         /* an answer so far from it is right */
	struct lesson_texts actions; /* attack: what the fault may do */
	struct lesson_texts command; /* script */
	uint64_t records;            /* script: of its input.csv */
	const char *prove;           /* script: a shell command that judges the outcome */
	uint64_t seeds;              /* hidden runs */
	struct lesson_case hidden[LESSON_CASES_MAX]; /* taken in turn */
	size_t hiddens;
	struct tree tree; /* all texts */
};

/* How many there are. */
size_t lesson_count(void);
/* Their names, index < lesson_count(). */
const char *lesson_name(size_t index);
unsigned lesson_number(const char *name);
/* By its number, its name, or the name without the number; the index, or lesson_count(). */
size_t lesson_search(const char *text);

/* Reads lesson number `index`.  0, or -errno after saying what is wrong with it. */
int lesson_load(struct lesson *lesson, size_t index);
void lesson_fini(struct lesson *lesson);

/* The word of the kind, as lesson.yaml has it. */
const char *lesson_kind_name(const struct lesson *lesson);
/* Is what the learner mends a scenario? */
bool lesson_mends_scenario(const struct lesson *lesson);

#endif
