/* SPDX-License-Identifier: ISC
 *
 * The kinds of jobs there are.
 */
#include "sim/job/job.h"

const struct job_kind_ops *
job_kind_find(enum job_kind kind)
{
	return kind == JOB_NOOP ? &job_noop : &job_aggregate;
}
