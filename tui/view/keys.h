/* SPDX-License-Identifier: ISC
 *
 * The keys: one table, from which keys are understood, hints are drawn and the help is written.
 */
#ifndef TUI_VIEW_KEYS_H
#define TUI_VIEW_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum command_key {
	DO_NOTHING,
	DO_HELP,
	DO_QUIT,
	DO_PLAY,
	DO_STEP_BACK,
	DO_STEP,
	DO_FAULT_BACK,
	DO_FAULT_NEXT,
	DO_TASK_BACK,
	DO_TASK_NEXT,
	DO_SLOWER,
	DO_FASTER,
	DO_START,
	DO_END,
	DO_TIME,
	DO_PANE_NEXT,
	DO_PANE_BACK,
	DO_PAGE_OVERVIEW,
	DO_PAGE_WORKERS,
	DO_PAGE_TASKS,
	DO_PAGE_STAGES,
	DO_PAGE_EVENTS,
	DO_PAGE_EXPECT,
	DO_PAGE_STORY,
	DO_UP,
	DO_DOWN,
	DO_LEFT,
	DO_RIGHT,
	DO_PAGE_UP,
	DO_PAGE_DOWN,
	DO_OPEN,
	DO_BACK,
	DO_FIND,
	DO_FIND_NEXT,
	DO_FIND_BACK,
	DO_FILTER,
	DO_FORK,
	DO_LEAVE,
	DO_KILL,
	DO_PAUSE,
	DO_CORRUPT,
	DO_SCRIPT,
	DO_SCRIPT_STEP,
	DO_ZOOM_IN,
	DO_ZOOM_OUT,
	DO_COLORS,
	DO_REDRAW
};

struct key_row {
	uint32_t key[3];   /* any of them; 0: none */
	uint8_t command;   /* enum command_key */
	const char *label; /* how it is written */
	const char *hint;  /* for the bottom line; NULL: not there */
	const char *help;
};

/* Rows in the order of the help; those with hints in the order in which hints are shown. */
extern const struct key_row key_rows[];
extern const size_t key_row_count;

/* What the key does; DO_NOTHING if nothing. */
enum command_key key_command(uint32_t key);

#endif
