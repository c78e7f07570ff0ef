/* SPDX-License-Identifier: ISC
 *
 * Talking to Redis through hiredis.  What must look before it writes is a script: the server does
 * nothing else meanwhile.
 */
#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sink/redis.h"

/* Keys of runs that nobody goes on with end by themselves. */
#define KEPT_S "604800"

struct redis {
	const char *address;
	redisContext *connection; /* NULL: not connected */
	redisReply *reply;
	char error[160];
};

struct redis *
redis_new(const char *address)
{
	struct redis *redis = calloc(1, sizeof(*redis));

	if (redis != NULL)
		redis->address = address;
	return redis;
}

static void
forget_reply(struct redis *redis)
{
	if (redis->reply != NULL)
		freeReplyObject(redis->reply);
	redis->reply = NULL;
}

static int
lose(struct redis *redis, const char *words)
{
	snprintf(redis->error, sizeof(redis->error), "Redis at %s: %s", redis->address, words);
	forget_reply(redis);
	if (redis->connection != NULL)
		redisFree(redis->connection);
	redis->connection = NULL;
	return -ECONNRESET;
}

void
redis_free(struct redis *redis)
{
	if (redis == NULL)
		return;
	lose(redis, "closed");
	free(redis);
}

const char *
redis_error(const struct redis *redis)
{
	return redis->error;
}

static int
connect_to_port(struct redis *redis, struct timeval patience)
{
	const char *colon = strrchr(redis->address, ':'), *wrong = NULL;
	char host[256];
	int port;

	if (colon == NULL || colon - redis->address >= (ptrdiff_t)sizeof(host))
		return lose(redis, "is neither the path of a socket nor host:port");
	port = (int)strtonum(colon + 1, 1, UINT16_MAX, &wrong);
	if (wrong != NULL)
		return lose(redis, "the port is no number from 1 to 65535");
	snprintf(host, sizeof(host), "%.*s", (int)(colon - redis->address), redis->address);
	redis->connection = redisConnectWithTimeout(host, port, patience);
	return 0;
}

static int
connect_up(struct redis *redis)
{
	const struct timeval patience = {.tv_sec = 1};
	int error = 0;

	if (redis->connection != NULL)
		return 0;
	if (redis->address[0] == '/')
		redis->connection = redisConnectUnixWithTimeout(redis->address, patience);
	else
		error = connect_to_port(redis, patience);
	if (error != 0)
		return error;
	if (redis->connection == NULL)
		return lose(redis, "no memory left");
	if (redis->connection->err != 0 || redisSetTimeout(redis->connection, patience) != REDIS_OK)
		return lose(redis, redis->connection->errstr);
	return 0;
}

/* One command, words as redisCommandArgv() takes them; the reply is kept until the next. */
static int
command(struct redis *redis, int words, const char **word)
{
	int error = connect_up(redis);

	if (error != 0)
		return error;
	forget_reply(redis);
	redis->reply = redisCommandArgv(redis->connection, words, word, NULL);
	if (redis->reply == NULL)
		return lose(redis, redis->connection->errstr);
	if (redis->reply->type == REDIS_REPLY_ERROR)
		return lose(redis, redis->reply->str);
	return 0;
}

/* A script over one key, which answers with a number. */
static int
script(struct redis *redis, const char *text, const char *key, const char *first,
       const char *second)
{
	const char *word[] = {"EVAL", text, "1", key, first, second};
	int error = command(redis, 6, word);

	if (error != 0)
		return error;
	return redis->reply->type == REDIS_REPLY_INTEGER && redis->reply->integer == 1;
}

int
redis_ping(struct redis *redis)
{
	const char *word[] = {"PING"};
	int error = command(redis, 1, word);

	return error != 0 ? error : 1;
}

int
redis_get(struct redis *redis, const char *key, char *value, size_t size)
{
	const char *word[] = {"GET", key};
	int error = command(redis, 2, word);

	if (error != 0 || redis->reply->type != REDIS_REPLY_STRING)
		return error;
	snprintf(value, size, "%s", redis->reply->str);
	return 1;
}

int
redis_set(struct redis *redis, const char *key, const char *value)
{
	const char *word[] = {"SET", key, value, "EX", KEPT_S};
	int error = command(redis, 5, word);

	return error != 0 ? error : 1;
}

int
redis_swap(struct redis *redis, const char *key, const char *was, const char *value)
{
	return script(redis,
	              "local v = redis.call('GET', KEYS[1])"
	              " if (v and v:match('^%S+') or '') ~= ARGV[1] then return 0 end"
	              " redis.call('SET', KEYS[1], ARGV[2], 'EX', " KEPT_S ") return 1",
	              key, was, value);
}

int
redis_claim(struct redis *redis, const char *key, const char *value, int64_t ttl_ms)
{
	char ttl[24];
	const char *word[] = {"SET", key, value, "NX", "PX", ttl};
	int error;

	snprintf(ttl, sizeof(ttl), "%lld", (long long)ttl_ms);
	error = command(redis, 6, word);
	return error != 0 ? error : redis->reply->type != REDIS_REPLY_NIL;
}

int
redis_extend(struct redis *redis, const char *key, const char *value, int64_t ttl_ms)
{
	char ttl[24];

	snprintf(ttl, sizeof(ttl), "%lld", (long long)ttl_ms);
	return script(redis,
	              "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end"
	              " return redis.call('PEXPIRE', KEYS[1], ARGV[2])",
	              key, value, ttl);
}

int
redis_drop(struct redis *redis, const char *key, const char *value)
{
	return script(redis,
	              "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end"
	              " return redis.call('DEL', KEYS[1])",
	              key, value, "");
}
