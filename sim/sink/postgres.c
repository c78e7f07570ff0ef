/* SPDX-License-Identifier: ISC
 *
 * Talking to PostgreSQL through libpq without ever being stuck in it.
 */
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sink/postgres.h"
#include "sim/sink/postgres_library.h"
#include "sim/util/clock.h"

#define ANSWER_NS (30 * NS_PER_S) /* a server that is silent for so long is taken for gone */
#define BEAT_MS 20

static const struct postgres_library *pq; /* before any connection is there */

struct postgres {
	struct postgres_wish wish;
	PGconn *connection; /* NULL: lost */
	PGresult *answer;
	bool prepared[PG_STATEMENTS];
	char error[256];
};

static const char *const statements[] = {
#define STATEMENT(id, sql) sql,
#include "sim/sink/postgres_statements.def"
#undef STATEMENT
};

void
postgres_number(struct postgres_values *values, uint64_t number)
{
	uint64_t *place = &values->number[values->count];

	*place = htobe64(number);
	postgres_bytes(values, place, sizeof(*place));
}

void
postgres_bytes(struct postgres_values *values, const void *bytes, size_t length)
{
	values->value[values->count] = bytes;
	values->length[values->count] = (int)length;
	values->count++;
}

const char *
postgres_error(const struct postgres *postgres)
{
	return postgres == NULL ? "not connected" : postgres->error;
}

/* The first line of what the server or the library says. */
static void
keep_words(struct postgres *postgres, const char *words)
{
	strlcpy(postgres->error, words[0] == '\0' ? "connection lost" : words,
	        sizeof(postgres->error));
	postgres->error[strcspn(postgres->error, "\n")] = '\0';
}

static void
forget_answer(struct postgres *postgres)
{
	if (postgres->answer == NULL)
		return;
	pq->PQclear(postgres->answer);
	postgres->answer = NULL;
}

static int
lose(struct postgres *postgres, int error)
{
	forget_answer(postgres);
	pq->PQfinish(postgres->connection);
	postgres->connection = NULL;
	return error;
}

static int
lost(struct postgres *postgres)
{
	keep_words(postgres, pq->PQerrorMessage(postgres->connection));
	return lose(postgres, -ECONNRESET);
}

/* Waits for the socket, with beats.  0 or, with the connection closed, -errno. */
static int
await_socket(struct postgres *postgres, short events, int64_t until_ns)
{
	struct pollfd poll_fd = {.fd = pq->PQsocket(postgres->connection), .events = events};
	int ready;

	for (;;) {
		ready = poll(&poll_fd, 1, BEAT_MS);
		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return lose(postgres, -errno);
		if (postgres->wish.beat != NULL && !postgres->wish.beat(postgres->wish.context))
			return lose(postgres, -EINTR);
		if (clock_now_ns() >= until_ns) {
			strlcpy(postgres->error, "no answer in time", sizeof(postgres->error));
			return lose(postgres, -ECONNRESET);
		}
	}
}

static int
connect_up(struct postgres *postgres)
{
	int64_t until_ns = clock_now_ns() + ANSWER_NS;
	PostgresPollingStatusType step = PGRES_POLLING_WRITING;

	while (step != PGRES_POLLING_OK) {
		int error;

		if (step == PGRES_POLLING_FAILED)
			return lost(postgres);
		error = await_socket(postgres, step == PGRES_POLLING_READING ? POLLIN : POLLOUT,
		                     until_ns);
		if (error != 0)
			return error;
		step = pq->PQconnectPoll(postgres->connection);
	}
	if (pq->PQsetnonblocking(postgres->connection, 1) != 0 ||
	    pq->PQenterPipelineMode(postgres->connection) != 1)
		return lost(postgres);
	return 0;
}

/* What the session is to be like; quotes in the schema's name are the caller's not to use. */
static int
set_up(struct postgres *postgres)
{
	/* What the server knows of tables that are filled and worked off in one go is always of
	 * the past: it would sort all that waits for each claim of a thousand. */
	static const char plans[] =
	    "SELECT set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan',"
	    " 'off', false), set_config('enable_sort', 'off', false), set_config('jit', 'off',"
	    " false)";
	char sql[256];
	int error;

	snprintf(sql, sizeof(sql), "SET search_path TO %s", postgres->wish.schema);
	error = postgres_run_text(postgres, sql);
	if (error == 0)
		error = postgres_run_text(postgres, plans);
	if (error != 0 || postgres->wish.patience_ns == 0)
		return error;
	snprintf(sql, sizeof(sql), "SET idle_in_transaction_session_timeout TO %lld",
	         (long long)(postgres->wish.patience_ns / NS_PER_MS));
	return postgres_run_text(postgres, sql);
}

static void
say_nothing(void *context, const char *notice)
{
}

int
postgres_open(struct postgres **out, const struct postgres_wish *wish)
{
	static const char *const keyword[] = {"fallback_application_name", "dbname", NULL};
	const char *const value[] = {"graveshift", wish->dsn[0] == '\0' ? NULL : wish->dsn, NULL};
	struct postgres *postgres = calloc(1, sizeof(*postgres));
	int error;

	*out = postgres;
	if (postgres == NULL)
		return -ENOMEM;
	postgres->wish = *wish;
	pq = postgres_library_load(postgres->error, sizeof(postgres->error));
	if (pq == NULL)
		return -ENOSYS;
	postgres->connection = pq->PQconnectStartParams(keyword, value, 1);
	if (postgres->connection == NULL)
		return -ENOMEM;
	if (pq->PQstatus(postgres->connection) == CONNECTION_BAD)
		return lost(postgres);
	pq->PQsetNoticeProcessor(postgres->connection, say_nothing, NULL);
	error = connect_up(postgres);
	return error != 0 ? error : set_up(postgres);
}

void
postgres_close(struct postgres *postgres)
{
	if (postgres == NULL)
		return;
	forget_answer(postgres);
	if (postgres->connection != NULL)
		pq->PQfinish(postgres->connection);
	free(postgres);
}

bool
postgres_is_lost(const struct postgres *postgres)
{
	return postgres == NULL || postgres->connection == NULL;
}

/* Until the next result can be had without blocking. */
static int
await_result(struct postgres *postgres)
{
	int64_t until_ns = clock_now_ns() + ANSWER_NS;

	for (;;) {
		int unsent = pq->PQflush(postgres->connection), error;

		if (unsent < 0)
			return lost(postgres);
		if (pq->PQisBusy(postgres->connection) == 0)
			return 0;
		error = await_socket(postgres, unsent > 0 ? POLLIN | POLLOUT : POLLIN, until_ns);
		if (error != 0)
			return error;
		if (pq->PQconsumeInput(postgres->connection) != 1)
			return lost(postgres);
	}
}

/* Keeps what the server says; -errno. */
static int
failure_of(struct postgres *postgres, const PGresult *result)
{
	const char *state = pq->PQresultErrorField(result, PG_DIAG_SQLSTATE);

	keep_words(postgres, pq->PQresultErrorMessage(result));
	if (state != NULL && strcmp(state, "53100") == 0)
		return -ENOSPC;
	if (state != NULL &&
	    strncmp(state, "40", 2) == 0) /* rolled back so that others can go on */
		return -EAGAIN;
	return state != NULL && strncmp(state, "57P", 3) == 0 ? -ECONNRESET : -EIO;
}

/* Takes the results up to the end of the pipeline; the last statement's stays as the answer. */
static int
take_results(struct postgres *postgres)
{
	int error = 0, waited;

	forget_answer(postgres);
	for (;;) {
		PGresult *result;
		ExecStatusType status;

		waited = await_result(postgres);
		if (waited != 0)
			return waited;
		result = pq->PQgetResult(postgres->connection);
		status = pq->PQresultStatus(result);
		if (status == PGRES_PIPELINE_SYNC) {
			pq->PQclear(result);
			/* What was prepared behind an error was not: a new connection knows. */
			return error == 0 ? 0 : lose(postgres, error);
		}
		if (result != NULL && status == PGRES_FATAL_ERROR && error == 0)
			error = failure_of(postgres, result);
		if (pq->PQstatus(postgres->connection) == CONNECTION_BAD) {
			pq->PQclear(result);
			return error != 0 ? lose(postgres, -ECONNRESET) : lost(postgres);
		}
		if (result == NULL) /* the end of one statement's */
			continue;
		pq->PQclear(postgres->answer);
		postgres->answer = result;
	}
}

int
postgres_settle(struct postgres *postgres)
{
	if (postgres_is_lost(postgres))
		return -ECONNRESET;
	if (pq->PQpipelineSync(postgres->connection) != 1)
		return lost(postgres);
	return take_results(postgres);
}

int
postgres_run_text(struct postgres *postgres, const char *sql)
{
	if (postgres_is_lost(postgres))
		return -ECONNRESET;
	if (pq->PQsendQueryParams(postgres->connection, sql, 0, NULL, NULL, NULL, NULL, 1) != 1)
		return lost(postgres);
	return postgres_settle(postgres);
}

int
postgres_send(struct postgres *postgres, enum postgres_statement id,
              const struct postgres_values *values)
{
	static const int binary[POSTGRES_VALUES_MAX] = {1, 1, 1, 1, 1, 1, 1, 1};
	static const struct postgres_values none;
	char name[16];

	if (postgres_is_lost(postgres))
		return -ECONNRESET;
	if (values == NULL)
		values = &none;
	snprintf(name, sizeof(name), "s%d", (int)id);
	if (!postgres->prepared[id] &&
	    pq->PQsendPrepare(postgres->connection, name, statements[id], 0, NULL) != 1)
		return lost(postgres);
	postgres->prepared[id] = true;
	if (pq->PQsendQueryPrepared(postgres->connection, name, values->count, values->value,
	                            values->length, binary, 1) != 1)
		return lost(postgres);
	return 0;
}

int
postgres_run(struct postgres *postgres, enum postgres_statement id,
             const struct postgres_values *values)
{
	int error = postgres_send(postgres, id, values);

	return error != 0 ? error : postgres_settle(postgres);
}

int
postgres_commit(struct postgres *postgres)
{
	return postgres_run(postgres, PG_COMMIT, NULL);
}

size_t
postgres_rows(const struct postgres *postgres)
{
	return (size_t)pq->PQntuples(postgres->answer);
}

uint64_t
postgres_changed(const struct postgres *postgres)
{
	return strtoull(pq->PQcmdTuples(postgres->answer), NULL, 10);
}

uint64_t
postgres_read_number(const struct postgres *postgres, size_t row, int column)
{
	uint64_t number = 0;

	if (pq->PQgetlength(postgres->answer, (int)row, column) == sizeof(number))
		memcpy(&number, pq->PQgetvalue(postgres->answer, (int)row, column), sizeof(number));
	return be64toh(number);
}

bool
postgres_read_bool(const struct postgres *postgres, size_t row, int column)
{
	return pq->PQgetlength(postgres->answer, (int)row, column) == 1 &&
	       pq->PQgetvalue(postgres->answer, (int)row, column)[0] != 0;
}

const void *
postgres_read_bytes(const struct postgres *postgres, size_t row, int column, size_t *length)
{
	*length = (size_t)pq->PQgetlength(postgres->answer, (int)row, column);
	return pq->PQgetisnull(postgres->answer, (int)row, column)
	           ? NULL
	           : pq->PQgetvalue(postgres->answer, (int)row, column);
}
