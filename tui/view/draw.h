/* SPDX-License-Identifier: ISC
 *
 * The panes, each drawn into a box of the grid from what the view has at its moment.
 */
#ifndef TUI_VIEW_DRAW_H
#define TUI_VIEW_DRAW_H

#include "tui/view/view.h"

void draw_header(const struct view *view, struct grid *grid, const struct box *box);
void draw_progress(const struct view *view, struct grid *grid, const struct box *box);
void draw_counts(const struct view *view, struct grid *grid, const struct box *box);
void draw_books(const struct view *view, struct grid *grid, const struct box *box);
/* In one row, or with all the numbers if there is room. */
void draw_stages(const struct view *view, struct grid *grid, const struct box *box);
void draw_lanes(const struct view *view, struct grid *grid, const struct box *box);
void draw_tasks(const struct view *view, struct grid *grid, const struct box *box);
void draw_expect(const struct view *view, struct grid *grid, const struct box *box);
void draw_summary(const struct view *view, struct grid *grid, const struct box *box);
void draw_events(const struct view *view, struct grid *grid, const struct box *box);
void draw_story(const struct view *view, struct grid *grid, const struct box *box);
void draw_tape(const struct view *view, struct grid *grid, const struct box *box);
/* Of a run that is told. */
void draw_tale(const struct view *view, struct grid *grid, const struct box *box);
void draw_hints(const struct view *view, struct grid *grid, const struct box *box);
void draw_help(const struct view *view, struct grid *grid);

/* A pane's first row: its title on a line across.  focused: the arrows go there. */
void draw_title(struct grid *grid, const struct box *box, bool focused, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Puts the first of the texts that fits in `width` columns, else what fits of the last one.
 * Returns how many columns it took. */
int draw_first_fit(struct grid *grid, int row, int column, int width, uint32_t look,
                   const char *const *texts, size_t count);
/* Puts as much of the text as fits between words into a row, and returns what is left of it: NULL
 * when nothing is. */
const char *draw_words(struct grid *grid, int row, int column, int width, uint32_t look,
                       const char *text);

/* The boxes for the view's size and page. */
void draw_layout(const struct view *view, struct layout *layout);
/* How many cells the task map has in a row, and how many tasks there are in a cell. */
void map_size(const struct view *view, int64_t *across, int64_t *cell);
/* The scroll position, brought to where the help has lines. */
int help_scroll_within(const struct view *view, int scroll);

/* The record before `before`, or the first from `from` on, that the filter lets through;
 * UINT64_MAX: none. */
uint64_t event_before(const struct view *view, uint64_t before);
uint64_t event_from(const struct view *view, uint64_t from);

#define STAGE_NAME_SIZE 20
/* Stages by their names; "stage 3" if it has none.  Returns name. */
const char *stage_name(const struct view *view, unsigned stage, char name[STAGE_NAME_SIZE]);

#endif
