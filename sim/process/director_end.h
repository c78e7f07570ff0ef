/* SPDX-License-Identifier: ISC
 *
 * How a director's work on a run comes to its end.
 */
#ifndef SIM_PROCESS_DIRECTOR_END_H
#define SIM_PROCESS_DIRECTOR_END_H

/* The numbers are those of director-ended in the event log: append only. */
enum director_end {
	DIRECTOR_JOB_ENDED, /* done or failed: run.db says which */
	DIRECTOR_BAD_INPUT, /* nothing ran; the reason was said */
	DIRECTOR_DRAINED,   /* stopped on request */
	DIRECTOR_KILLED,    /* stopped at once on a second request */
	DIRECTOR_WALL,      /* the scenario's time limit */
	DIRECTOR_BROKEN     /* graveshift or the system failed; the reason was said */
};

#endif
