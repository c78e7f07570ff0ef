/* SPDX-License-Identifier: ISC
 *
 * The job kind `etl`: each record is taken over into a sink.  etl.c opens it, etl_run.c is the loop
 * that a strategy of recovery (strategy/strategy.h) is plugged into.
 */
#ifndef SIM_JOB_ETL_H
#define SIM_JOB_ETL_H

#include "sim/job/aggregate.h"
#include "sim/strategy/strategy.h"

struct etl {
	const struct scenario *scenario;
	const struct strategy *strategy;
	char *source; /* the input's own name */
	struct batch batch;
	size_t rows_room, deads_room, faileds_room;
	char *text; /* ids whose doubled quotes are undone */
	size_t text_room;
};

/* See struct job_kind_ops. */
int etl_run(struct job *job, const struct task_plan *task, struct work *work,
            struct work_result *result);

/* The key of the record whose job.id fields these are.  0 or -ENOMEM. */
int etl_record_key(struct job *job, const char *date, const struct csv_field *field,
                   unsigned char key[ETL_KEY_BYTES]);

#endif
