/* SPDX-License-Identifier: ISC
 *
 * Which record a fault is about: its number, or in a graph the step of an order, which is a task
 * and a record at once: "packing of order 17".
 */
#include <inttypes.h>
#include <string.h>

#include "sim/scenario/guess.h"
#include "sim/scenario/load.h"

static const char of_order[] = " of order ";

static void
read_step(struct load *load, struct node *node, const char *of, struct fault *fault)
{
	const struct scenario_job *job = &load->scenario->job;
	char id[sizeof(job->step[0].id)], guessed[80], message[160];
	struct guess guess;
	uint64_t order;
	enum unit_error error = unit_parse(unit_none, of + strlen(of_order), &order);

	snprintf(id, sizeof(id), "%.*s", (int)(of - node->text), node->text);
	guess_init(&guess, id);
	for (size_t i = 0; i < job->steps; i++) {
		guess_try(&guess, job->step[i].id);
		if (strcmp(job->step[i].id, id) != 0)
			continue;
		if (error != UNIT_OK)
			load_error(load, node, "%s",
			           unit_explain(unit_none, error, of + strlen(of_order), message,
			                        sizeof(message)));
		else if (order >= job->orders)
			load_error(load, node,
			           "there is no order %" PRIu64 ": the job has %" PRIu64 ", from 0",
			           order, job->orders);
		else
			fault->record = order * job->steps + i;
		return;
	}
	load_error(load, node, "there is no step '%s'%s", id,
	           guess_text(&guess, guessed, sizeof(guessed)));
}

void
fault_read_record(struct load *load, struct node *node, struct fault *fault)
{
	const char *of = strstr(node->text, of_order);
	char message[160];
	enum unit_error error;

	if (load->scenario->job.kind == JOB_GRAPH && of != NULL) {
		read_step(load, node, of, fault);
		return;
	}
	error = unit_parse(unit_none, node->text, &fault->record);
	if (error != UNIT_OK)
		load_error(load, node, "%s%s",
		           unit_explain(unit_none, error, node->text, message, sizeof(message)),
		           load->scenario->job.kind == JOB_GRAPH ? "; or say 'STEP of order N'"
		                                                 : "");
}

const char *
scenario_record_text(const struct scenario_job *job, uint64_t record, char *text, size_t size)
{
	if (job->kind == JOB_GRAPH && job->steps > 0)
		snprintf(text, size, "%s%s%" PRIu64, job->step[record % job->steps].id, of_order,
		         record / job->steps);
	else
		snprintf(text, size, "%" PRIu64, record);
	return text;
}
