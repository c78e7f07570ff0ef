/* SPDX-License-Identifier: ISC
 *
 * Events of each pattern, written in the order in which they are appended.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/rng.h"
#include "sim/flow/flow_generate.h"
#include "sim/flow/flow_input.h"

#define STEP_MS 10 /* from one event to the next */

static void
put_sales(FILE *out, const struct scenario_job *job, struct rng *rng)
{
	for (uint64_t i = 0; i < job->generate_events; i++) {
		/* Uneven: the first keys are had most. */
		uint64_t key = rng_upto(rng, rng_upto(rng, job->generate_keys - 1));

		fprintf(out, "%llu,%llu,%s,p%llu,%llu\n", (unsigned long long)i + 1,
		        (unsigned long long)i * STEP_MS, flow_kind_name(FLOW_SOLD),
		        (unsigned long long)key, (unsigned long long)rng_upto(rng, 99999));
	}
}

/* One event about a product. */
struct part {
	int64_t time_ms;
	uint64_t product;
	uint64_t id;
	enum flow_kind kind;
	bool lost;
};

static int
compare_parts(const void *a, const void *b)
{
	const struct part *first = a, *second = b;

	if (first->time_ms != second->time_ms)
		return first->time_ms < second->time_ms ? -1 : 1;
	return first->id < second->id ? -1 : first->id > second->id;
}

/* Three for each product, in any order; some of them much too late, never, or twice. */
static size_t
draw_parts(const struct scenario_job *job, struct rng *rng, struct part *part)
{
	uint64_t events = job->generate_events, half_ms = (uint64_t)job->join_within_ns / 2000000;

	for (uint64_t i = 0; i < events; i++)
		part[i] = (struct part){
		    .time_ms = (int64_t)(i / 3 * 3 * STEP_MS + rng_upto(rng, half_ms)),
		    .product = i / 3,
		    .id = i + 1,
		    .kind = FLOW_PRODUCT_UPLOADED + (enum flow_kind)(i % 3),
		};
	for (uint64_t i = 0; i < job->generate_late; i++)
		part[rng_upto(rng, events - 1)].time_ms += (int64_t)(6 * half_ms);
	for (uint64_t i = 0; i < job->generate_lost; i++)
		part[rng_upto(rng, events - 1)].lost = true;
	for (uint64_t i = 0; i < job->generate_doubled; i++) {
		part[events + i] = part[rng_upto(rng, events - 1)];
		part[events + i].time_ms += (int64_t)rng_upto(rng, half_ms);
	}
	qsort(part, events + job->generate_doubled, sizeof(*part), compare_parts);
	return events + job->generate_doubled;
}

static int
put_parts(FILE *out, const struct scenario_job *job, struct rng *rng)
{
	struct part *part = calloc(job->generate_events + job->generate_doubled, sizeof(*part));
	size_t parts = part == NULL ? 0 : draw_parts(job, rng, part);

	for (size_t i = 0; i < parts; i++)
		if (!part[i].lost)
			fprintf(out, "%llu,%lld,%s,p%llu,asset-%llu\n",
			        (unsigned long long)part[i].id, (long long)part[i].time_ms,
			        flow_kind_name(part[i].kind), (unsigned long long)part[i].product,
			        (unsigned long long)part[i].id);
	free(part);
	return parts > 0 ? 0 : -ENOMEM;
}

/* Every user has an address before the first mail; one event in eight is a new one. */
static void
put_mails(FILE *out, const struct scenario_job *job, struct rng *rng)
{
	for (uint64_t i = 0; i < job->generate_events; i++) {
		bool update = i < job->generate_keys || rng_upto(rng, 7) == 0;
		uint64_t user = i < job->generate_keys ? i : rng_upto(rng, job->generate_keys - 1);

		fprintf(out, "%llu,%llu,%s,u%llu,", (unsigned long long)i + 1,
		        (unsigned long long)i * STEP_MS,
		        flow_kind_name(update ? FLOW_USER_UPDATED : FLOW_MAIL_REQUESTED),
		        (unsigned long long)user);
		if (update)
			fprintf(out, "u%llu.%llu@mail.example\n", (unsigned long long)user,
			        (unsigned long long)i);
		else
			fputs("Hello\n", out);
	}
}

/* Hexadecimal digits, so that they are on one line. */
static void
put_document(FILE *out, uint64_t size, struct rng *rng)
{
	char digits[17];

	for (; size > 0; size -= size < 16 ? size : 16) {
		snprintf(digits, sizeof(digits), "%016llx", (unsigned long long)rng_next(rng));
		fwrite(digits, size < 16 ? size : 16, 1, out);
	}
}

static void
put_documents(FILE *out, const struct scenario_job *job, struct rng *rng)
{
	for (uint64_t i = 0; i < job->generate_events; i++) {
		fprintf(out, "%llu,%llu,%s,d%llu,", (unsigned long long)i + 1,
		        (unsigned long long)i * STEP_MS, flow_kind_name(FLOW_DOCUMENT_SENT),
		        (unsigned long long)rng_upto(rng, job->generate_keys - 1));
		put_document(out, job->generate_size, rng);
		putc('\n', out);
	}
}

static int
put_all(FILE *out, const struct scenario *scenario)
{
	struct rng rng;

	rng_init(&rng, scenario->seed);
	fputs(FLOW_HEADER "\n", out);
	switch (scenario->job.pattern) {
	case PATTERN_STREAMING:
	case PATTERN_BATCHING:
	case PATTERN_KAPPA:
		put_sales(out, &scenario->job, &rng);
		return 0;
	case PATTERN_STATELESS:
	case PATTERN_STATEFUL:
		put_mails(out, &scenario->job, &rng);
		return 0;
	case PATTERN_CLAIM_CHECK:
		put_documents(out, &scenario->job, &rng);
		return 0;
	case PATTERN_JOIN:
		return put_parts(out, &scenario->job, &rng);
	}
	return -EINVAL;
}

int
flow_generate(const struct scenario *scenario, int fd)
{
	int copy = dup(fd), error;
	FILE *out = copy < 0 ? NULL : fdopen(copy, "w");

	if (out == NULL) {
		error = -errno;
		if (copy >= 0)
			close(copy);
		return error;
	}
	error = put_all(out, scenario);
	if (error == 0 && ferror(out))
		error = -EIO;
	return fclose(out) != 0 && error == 0 ? -errno : error;
}
