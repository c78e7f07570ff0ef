/* SPDX-License-Identifier: ISC
 *
 * The key by which an etl job's row is known, whoever writes it and however often: a hash of what
 * tells it from all others, and of nothing that another attempt would see otherwise.
 */
#ifndef SIM_JOB_ETL_KEY_H
#define SIM_JOB_ETL_KEY_H

#include <stddef.h>
#include <stdint.h>

#define ETL_KEY_VERSION 1
#define ETL_KEY_BYTES 16

struct etl_field {
	const char *text;
	size_t length;
};

struct etl_key_parts {
	const char *date;              /* the run's logical date */
	const char *source;            /* the input's own name */
	const struct etl_field *field; /* the record's job.id columns */
	size_t fields;
	const char *kind; /* of the effect: "row", "chunk" */
};

/* XXH3 128 of: the version as one byte; then date, source, fields and kind, each as its length in
 * eight bytes, least first, and its bytes.  The key is the hash's canonical (big-endian) form. */
void etl_key(const struct etl_key_parts *parts, unsigned char key[ETL_KEY_BYTES]);

#endif
