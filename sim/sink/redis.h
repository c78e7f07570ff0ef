/* SPDX-License-Identifier: ISC
 *
 * The few things that are asked of a Redis server.  It connects when it is needed and again after a
 * failure; a server that does not answer within a second is taken for gone.
 *
 * Functions return -ECONNRESET when it is (redis_error() says why), else 1 or 0 as they say.
 */
#ifndef SIM_SINK_REDIS_H
#define SIM_SINK_REDIS_H

#include <stddef.h>
#include <stdint.h>

#define REDIS_DEFAULT "127.0.0.1:6379"

struct redis;

/* address: "/path/of/a/socket" or "host:port"; it must outlive what is returned.  NULL: no memory.
 */
struct redis *redis_new(const char *address);
void redis_free(struct redis *redis);
const char *redis_error(const struct redis *redis);

int redis_ping(struct redis *redis);
/* 1: value holds it; 0: there is none. */
int redis_get(struct redis *redis, const char *key, char *value, size_t size);
/* Whatever was there; 1. */
int redis_set(struct redis *redis, const char *key, const char *value);
/* Sets it if what is there begins with the word `was` ("": if nothing is): 1, else 0. */
int redis_swap(struct redis *redis, const char *key, const char *was, const char *value);
/* Sets it for so long, if nothing is there: 1, else 0. */
int redis_claim(struct redis *redis, const char *key, const char *value, int64_t ttl_ms);
/* It stays for so long from now on, if it is still this one: 1, else 0. */
int redis_extend(struct redis *redis, const char *key, const char *value, int64_t ttl_ms);
/* Takes it away if it is still this one: 1, else 0. */
int redis_drop(struct redis *redis, const char *key, const char *value);

#endif
