/* SPDX-License-Identifier: ISC
 *
 * What a strategy remembers, in PostgreSQL.
 */
#include <errno.h>

#include "sim/sink/sink_postgres.h"

/* Columns of MARK_FIND and MARK_EACH. */
enum { ITEM, A, B, BLOB };

static void
read_mark(const struct postgres *postgres, size_t row, struct sink_mark *mark)
{
	mark->a = postgres_read_number(postgres, row, A);
	mark->b = postgres_read_number(postgres, row, B);
	mark->blob = postgres_read_bytes(postgres, row, BLOB, &mark->length);
}

int
sink_postgres_mark_find(struct sink *sink, uint32_t task, int64_t item, struct sink_mark *mark)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	struct postgres_values values = {0};
	int error = sink_postgres_connect_reader(this);

	postgres_number(&values, task);
	postgres_number(&values, (uint64_t)item);
	if (error == 0)
		error = postgres_run(this->postgres, PG_MARK_FIND, &values);
	if (error != 0 || postgres_rows(this->postgres) == 0)
		return error;
	read_mark(this->postgres, 0, mark);
	return 1;
}

int
sink_postgres_mark_each(struct sink *sink, uint32_t task, int64_t from,
                        int (*each)(void *context, int64_t item, const struct sink_mark *mark),
                        void *context)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	struct postgres_values values = {0};
	int stopped = sink_postgres_connect_reader(this);

	postgres_number(&values, task);
	postgres_number(&values, (uint64_t)from);
	if (stopped == 0)
		stopped = postgres_run(this->postgres, PG_MARK_EACH, &values);
	for (size_t i = 0; stopped == 0 && i < postgres_rows(this->postgres); i++) {
		struct sink_mark mark;

		read_mark(this->postgres, i, &mark);
		stopped =
		    each(context, (int64_t)postgres_read_number(this->postgres, i, ITEM), &mark);
	}
	return stopped;
}

/* How many rows it has changed, or -errno. */
static int
write_mark(struct sink *sink, enum postgres_statement id, uint32_t task, int64_t item,
           const struct sink_mark *mark, const uint64_t *was)
{
	struct postgres *postgres = sink_postgres_own(sink)->postgres;
	struct postgres_values values = {0};
	int error;

	postgres_number(&values, task);
	postgres_number(&values, (uint64_t)item);
	postgres_number(&values, mark->a);
	postgres_number(&values, mark->b);
	postgres_bytes(&values, mark->blob, mark->length);
	if (was != NULL)
		postgres_number(&values, *was);
	error = postgres_run(postgres, id, &values);
	return error != 0 ? error : (int)postgres_changed(postgres);
}

int
sink_postgres_mark_add(struct sink *sink, uint32_t task, int64_t item, const struct sink_mark *mark)
{
	int added = write_mark(sink, PG_MARK_ADD, task, item, mark, NULL);

	if (added == 0)
		return -EEXIST;
	return added < 0 ? added : 0;
}

int
sink_postgres_mark_move(struct sink *sink, uint32_t task, int64_t item, uint64_t was,
                        const struct sink_mark *mark)
{
	return write_mark(sink, PG_MARK_MOVE, task, item, mark, &was);
}

int
sink_postgres_mark_put(struct sink *sink, uint32_t task, int64_t item, const struct sink_mark *mark)
{
	int put = write_mark(sink, PG_MARK_PUT, task, item, mark, NULL);

	return put < 0 ? put : 0;
}
