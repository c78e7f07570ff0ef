/* SPDX-License-Identifier: ISC
 *
 * What a person sees of a run at one moment: where in the history he stands, what he has selected,
 * and the screen drawn from it.  The screen is a function of this state alone: at the same moment
 * it is the same, whichever way one came there.
 */
#ifndef TUI_VIEW_VIEW_H
#define TUI_VIEW_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/screen/grid.h"
#include "tui/view/index.h"
#include "tui/view/layout.h"
#include "tui/view/tale.h"

#define VIEW_TEXT_MAX 64
#define VIEW_LATEST UINT64_MAX
#define VIEW_REQUEST_MAX 64

enum view_filter { FILTER_NOTABLE, FILTER_ALL, FILTER_TASK, FILTER_SLOT, FILTERS };
enum view_prompt { PROMPT_NONE, PROMPT_FIND, PROMPT_TIME, PROMPT_FORK, PROMPT_HAND };
enum view_focus { FOCUS_WORKERS, FOCUS_TASKS, FOCUS_EVENTS, FOCI };

/* Who runs the run, as far as a viewer can see. */
enum view_source {
	SOURCE_LIVE,     /* a director holds it */
	SOURCE_DESERTED, /* nobody does, and it has not ended */
	SOURCE_OVER      /* it has ended, or is replayed: nothing more is to come */
};

struct view {
	struct history *history;
	struct index *index;
	struct tale *tale;           /* NULL: the run is not told */
	const struct moment *moment; /* after record `at` - 1: the history's newest, or `past` */
	struct moment *past;         /* for where no newest one is */
	uint64_t at;                 /* number of the next record */
	int64_t now_ns;              /* run time; not before record `at` - 1 */
	uint64_t *stage_tasks;       /* how many tasks each stage has */

	enum view_source source;
	bool watch;   /* opened to follow a run, not to replay it */
	bool playing; /* watch: follows */
	int speed;    /* doublings; 0: as it was */

	enum page page;
	enum view_focus focus;
	enum view_filter filter;
	uint32_t slot;  /* selected */
	uint32_t task;  /* selected */
	bool of_task;   /* the story is the task's, else the slot's */
	uint64_t event; /* number of the selected record, or VIEW_LATEST */
	int zoom;
	bool color;
	int rows, columns;

	bool help;
	int scroll; /* lines of the help, or of a page that is longer than the screen */
	enum view_prompt prompt;
	char text[VIEW_TEXT_MAX];        /* what is being typed */
	char find[VIEW_TEXT_MAX];        /* what was searched for last */
	char message[4 * VIEW_TEXT_MAX]; /* stands at the bottom until the next key */

	/* Faults by hand: what is asked, of which worker, and what is requested on a yes.  Whoever
	 * runs the loop sends the request to the director, and empties it. */
	bool may_ask;
	char question[2 * VIEW_TEXT_MAX];
	uint32_t asked_slot; /* UINT32_MAX: of none */
	int32_t asked_pid;
	char wish[VIEW_REQUEST_MAX], request[VIEW_REQUEST_MAX];

	/* Branches of a virtual run. */
	bool may_fork;
	unsigned depth;           /* 0: this is no branch */
	char fork[VIEW_TEXT_MAX]; /* the fault that is asked for; whoever runs the loop makes it */
	bool leave;               /* back to where it branches off */

	bool redraw; /* the terminal is to be drawn anew */
	bool quit;
};

/* A view on an open history, which stays the caller's: at its beginning, or watch: at its end.  0
 * or -ENOMEM. */
int view_init(struct view *view, struct history *history, bool watch);
void view_fini(struct view *view);

/* A view on a branch of the run that the other one shows, which looks at the same moment of it in
 * the same way.  0 or -ENOMEM. */
int view_init_branch(struct view *view, const struct view *parent, struct history *history);

/* From now on the run is told, too.  0 or -ENOMEM. */
int view_tell(struct view *view);

void view_resize(struct view *view, int rows, int columns);

/* A key was pressed. */
void view_key(struct view *view, uint32_t key);

/* Takes in what is new in the history.  0 or -errno. */
int view_refresh(struct view *view);

/* So much time went by: follows, or plays.  clock_ns: the clock that the run's log is written by.
 */
void view_tick(struct view *view, int64_t passed_ns, int64_t clock_ns);

/* The moment before record number `at`, or at that run time. */
void view_go(struct view *view, uint64_t at);
void view_go_time(struct view *view, int64_t ns);

/* Draws all of it into a grid of the view's size. */
void view_draw(const struct view *view, struct grid *grid);

#endif
