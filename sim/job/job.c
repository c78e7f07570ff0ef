/* SPDX-License-Identifier: ISC
 *
 * The kinds of jobs there are.
 */
#include "sim/job/job.h"

const struct job_kind_ops *
job_kind_find(enum job_kind kind)
{
	static const struct job_kind_ops *const kinds[] = {[JOB_AGGREGATE] = &job_aggregate,
	                                                   [JOB_NOOP] = &job_noop,
	                                                   [JOB_ETL] = &job_etl,
	                                                   [JOB_GRAPH] = &job_graph,
	                                                   [JOB_COMMAND] = &job_command,
	                                                   [JOB_STREAM] = &job_stream,
	                                                   [JOB_MAPREDUCE] = &job_mapreduce};

	return kinds[kind];
}

bool
job_kind_has_result(enum job_kind kind)
{
	return job_kind_find(kind)->combine != NULL;
}
