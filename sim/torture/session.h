/* SPDX-License-Identifier: ISC
 *
 * What the parts of a torture know of each other: made once, by the command's own process, before
 * those are forked that play its parts.
 */
#ifndef SIM_TORTURE_SESSION_H
#define SIM_TORTURE_SESSION_H

#include "sim/torture/arena.h"
#include "sim/torture/listing.h"
#include "sim/torture/op.h"
#include "sim/torture/spawn.h"
#include "sim/torture/torture.h"
#include "sim/torture/world.h"
#include "sim/util/scratch.h"

#define WHY_SIZE 256
#define SAID_SIZE 2048

enum judged {
	JUDGED_NOT,    /* not played */
	JUDGED_MISSED, /* the point did not come when the command was run again */
	JUDGED_PASS,
	JUDGED_LITTER, /* right, and something is left that should not be there */
	JUDGED_FAIL,
	JUDGED_STUCK,  /* the recovery did not end */
	JUDGED_UNKNOWN /* the check gave no answer */
};

/* What came of one state, or of one part of the gates. */
struct outcome {
	enum judged judged;
	struct running recovery, check;
	char why[WHY_SIZE];   /* what is wrong, in a line */
	char said[SAID_SIZE]; /* the beginning of what recovery and check have printed */
	char litter[DIFFERENCE_SIZE];
	int64_t rerun_ns; /* the command took, when it was run again and traced, but not recorded */
	bool is_recovered; /* the recovery was run, and then the check */
	bool by_class;     /* the point was looked for by its class, for its name did not come */
	bool is_broken;    /* it could not be played, for a reason of ours */
};

struct closure;
struct closure_part;
struct crash;
struct power;

enum part_kind {
	PART_SETUP,   /* the folders before the command, and what the setup makes of them */
	PART_RECORD,  /* the command, traced */
	PART_CLEAN,   /* the command again; what differs is loose */
	PART_CHECK,   /* the check, on the end of the recorded run */
	PART_DAMAGED, /* the check, on damaged copies of that */
	PART_STATE,   /* recovery and check on a state */
	PART_CLOSURE, /* the same on a state that a recovery had */
	/* Of a case that was saved: its end is the record's, its state the last version. */
	PART_LIST_END,
	PART_REPLAY,
	PART_SHELL,
	PART_KEEP_STATE,
	PART_KEEP_END
};

/* How a state comes about: it is made from what was recorded; or the command is run once more and
 * all of it killed at the point; or only the process that is about to do the operation is; or the
 * power fails there. */
enum engine { ENGINE_SAVED, ENGINE_REAL, ENGINE_ONE, ENGINE_POWER };

/* A state: the moment before an operation, or the end; or that with a part of the operation done.
 */
struct candidate {
	uint32_t point; /* ops: the end */
	enum engine engine;
	int64_t torn_end; /* of the write that it is torn in; 0: it is not */
	uint64_t sum;
	const struct crash *crash; /* what a loss of power leaves; NULL: it is a kill */
	bool is_acknowledged;      /* the job has said what it has done, so it is not run again */
};

struct session {
	const struct torture_options *options;
	struct world world;
	struct scratch scratch;
	struct arena *arena;
	struct record *record;
	struct listing *before, *golden; /* the work folders before and after the command */
	uint32_t loose;                  /* paths that differ between two clean runs */
	char first_loose[DIFFERENCE_SIZE];
	const char *keep_to;  /* the folder of a small test */
	int keep_fd;          /* of the part that is copied there */
	const char *lack;     /* of what a world needs; NULL: nothing */
	bool damage_seen;     /* by the check */
	bool is_acknowledged; /* of a case: as a candidate */
	bool is_offline;      /* worlds have a network of their own each, with nothing but lo */
	struct running clean;
	struct candidate *candidate;
	uint32_t candidates;
	struct power *power;                           /* NULL: it does not fail */
	uint32_t power_cuts, power_states, power_left; /* moments; states, and those left out */
	struct outcome *outcome;                       /* one for each candidate, shared */
	struct closure *closure;                       /* shared; NULL: recoveries are not killed */
	int64_t until_ns;                              /* no state is begun after that */
	int64_t deadline_ns;                           /* nor that, for nothing is concluded then */
	struct outcome gate;                           /* of the part played last */
};

/* Finds out what can be done here, and makes everything that the parts need.  EXIT_MET, or an exit
 * code after saying what is wrong. */
int session_init(struct session **session, const struct torture_options *options);
/* The same, after a look at the command, and with the setup done. */
int torture_begin(struct session **session, const struct torture_options *options);
void session_fini(struct session *session);

/* Plays one part in a process of its own.  EXIT_MET, or the exit code after saying what is wrong.
 */
int session_play(struct session *session, enum part_kind kind);
/* Plays the candidates in order, side by side, until the budget is used up. */
int session_play_states(struct session *session);
/* And those of their recoveries. */
int session_play_closure(struct session *session);

/* In the process that plays it: fills in the outcome.  An exit code. */
int part_play(struct session *session, enum part_kind kind, uint32_t index, unsigned lane);

/* In the world of a state: the check alone; the same for the end; recovery and check, in which the
 * recovery is traced if `part` is not NULL; the check on damaged files. */
void outcome_check(struct session *session, const struct candidate *candidate,
                   struct outcome *outcome);
void outcome_of_end(struct session *session, struct outcome *outcome);
void outcome_of_state(struct session *session, const struct candidate *candidate,
                      struct closure_part *part, struct outcome *outcome);
void outcome_of_damage(struct session *session, struct outcome *outcome);

#endif
