/* SPDX-License-Identifier: ISC
 *
 * The one table of everything a scenario file may say.  Reading, checking, "did you mean", defaults
 * and printing all go by it, and so does every description of the format.
 */
#ifndef SIM_SCENARIO_KEYS_H
#define SIM_SCENARIO_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/scenario/units.h"

/* Words of values that are more than their number in the list. */
#define KEY_FRAME_WORDS \
	"any|hello|beat|done|failed|fenced|returned|survived|welcome|refused|assign|dismiss"
#define KEY_ERROR_WORDS "EIO|ENOSPC|EDQUOT|EROFS|EFBIG|EACCES|EPERM|ENOMEM|EINTR"
#define KEY_POISON_WORDS "SEGV|KILL|ABRT|memory"
#define KEY_SIGNAL_NAMED 31 /* signals up to this have a name */
#define KEY_SIGNAL_MAX 64

enum key_type {
	KEY_MAP,        /* keys of their own below it */
	KEY_LIST,       /* a list of maps; their keys are "path[].name" */
	KEY_WORD,       /* one of `words`; stored as its number */
	KEY_NUMBER,     /* with `units`, from min to max; or `word`, stored as word_value */
	KEY_SPAN,       /* two numbers, low..high, into the field and the one behind it */
	KEY_TEXT,       /* char * */
	KEY_TEXTS,      /* list of texts, into an array and the count behind it: job.sum */
	KEY_NAME,       /* a-z 0-9 - (and _ in ids), into a char array */
	KEY_DATE,       /* 2026-11-21, into a char array */
	KEY_CHARACTER,  /* one byte of ASCII */
	KEY_RANGES,     /* list of low-high: job.split.ranges */
	KEY_TARGET,     /* process a fault is aimed at */
	KEY_POINT,      /* name of a point */
	KEY_CONDITION,  /* over the run's state: done >= 5 && w2 holds 17 */
	KEY_TIME,       /* duration of a fault, which may go by the recovery timers: lease * 1.05 */
	KEY_FAULT,      /* id of another fault */
	KEY_RECORD,     /* number of a record, or of a graph's step: packing of order 17 */
	KEY_CHAIN,      /* terms that become a fault each: 3*off -> 1*kill */
	KEY_SIGNAL,     /* name or number */
	KEY_BY,         /* duration (slow), or a signal's name or `memory` (poison) */
	KEY_ERROR,      /* name of an errno */
	KEY_FRAME,      /* kind of a message, or any */
	KEY_STEP,       /* step of the clock: +1h, -30s, midnight */
	KEY_SCALE,      /* workers more or fewer: +2, -1 */
	KEY_COMPARISON, /* number with `units`, perhaps <=, >=, <, >, == before it */
	KEY_TYPES
};

enum key_flags {
	KEY_REQUIRED = 1,
	KEY_AGGREGATE = 2, /* only for that kind of job; several: for each of them */
	KEY_NOOP = 4,
	KEY_SPARE = 8,    /* 0 means that it was not given, and is not printed */
	KEY_ACTION = 16,  /* of a fault: exactly one; value = enum fault_what */
	KEY_TRIGGER = 32, /* of a fault: exactly one; value = enum fault_when */
	KEY_COMMAND = 64, /* texts: at least one, and the same may stand there twice */
	KEY_ETL = 128,    /* only for that kind of job */
	KEY_GRAPH = 256,
	KEY_STEPS = 512,  /* texts: ids of a graph's steps */
	KEY_RUNS = 1024,  /* only for jobs of kind command */
	KEY_CODES = 2048, /* texts: exit codes */
	KEY_STREAM = 4096,
	KEY_MAPREDUCE = 8192,
	KEY_TORTURE = 16384,
	KEY_KINDS = KEY_AGGREGATE | KEY_NOOP | KEY_ETL | KEY_GRAPH | KEY_RUNS | KEY_STREAM |
	            KEY_MAPREDUCE | KEY_TORTURE
};

struct key {
	const char *path;
	enum key_type type;
	unsigned flags;
	size_t offset, size; /* of the field in struct scenario, fault or expectation; size 0:
	                        nothing to store */
	uint64_t min, max;
	const struct unit *units;
	const char *words; /* "process|power" */
	const char *word;  /* beside numbers */
	uint64_t word_value;
	const char *fallback; /* as it would be written; NULL: none, or said in the meaning */
	int value;            /* action, trigger, expectation: its enum */
	const char *meaning;
};

/* The flag of the keys of a kind of job. */
unsigned key_kind_flag(unsigned kind);
/* The name of a kind of job. */
const char *key_kind_name(unsigned kind);

/* Whether a job of that kind cannot do without the key. */
bool key_is_required(const struct key *key, unsigned kind);

extern const struct key keys[];
extern const size_t keys_count;

/* The key `name` directly below `parent` ("" = the top level), or NULL. */
const struct key *key_find(const char *parent, const char *name);
/* Whether the key is directly below parent. */
bool key_below(const struct key *key, const char *parent);
/* Last part of its path. */
const char *key_name(const struct key *key);
/* The action, trigger or expectation of that number: its key below parent with one of the flags (0
 * = any). */
const struct key *key_of_value(const char *parent, unsigned flags, int value);
/* "kind, input, key" for messages: the names below parent that have one of the flags (0 = all).
 * Returns text. */
const char *key_names(const char *parent, unsigned flags, char *text, size_t size);

/* key_words.c: what its values are, in words: "a duration from 1ms to 24h", "kill, fence". */
void key_write_type(const struct key *key, FILE *out);
/* One value that may stand there, other than a map or list of maps; "" for these.  Returns text. */
const char *key_sample(const struct key *key, char *text, size_t size);

/* Whether a fault with this action ever takes the key `name`. */
bool key_action_takes(const struct key *action, const char *name);

/* The field as a number, by the key's size. */
uint64_t key_load(const struct key *key, const void *base);
void key_store(const struct key *key, void *base, uint64_t value);

#endif
