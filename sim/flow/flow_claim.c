/* SPDX-License-Identifier: ISC
 *
 * Files of payloads: "claim." and the token, which is the hash, the partition and the sequence.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "sim/disk/disk.h"
#include "sim/fault/point.h"
#include "sim/flow/flow_claim.h"
#include "sim/topic/topic_disk.h"

#define HASH_DIGITS 32
#define NAME_SIZE 96

static void
hash_of(const char *bytes, size_t length, char digits[HASH_DIGITS + 1])
{
	XXH128_hash_t hash = XXH3_128bits(bytes, length);

	snprintf(digits, HASH_DIGITS + 1, "%016" PRIx64 "%016" PRIx64, hash.high64, hash.low64);
}

static int
write_payload(int folder, const char *name, bool sync, const char *bytes, size_t length)
{
	int fd, error;

	/* Of one who was killed in the middle of it. */
	error = disk_remove(folder, name);
	if (error != 0 && error != -ENOENT)
		return error;
	fd = disk_create(folder, name);
	if (fd < 0)
		return fd;
	error = topic_disk_write(fd, bytes, length);
	if (error == 0 && sync)
		error = topic_disk_sync(fd);
	if (close(fd) != 0 && error == 0)
		error = -errno;
	return error;
}

int
flow_claim_store(int folder, bool sync, uint32_t partition, uint64_t sequence, const char *bytes,
                 size_t length, char token[FLOW_TOKEN_SIZE])
{
	char hash[HASH_DIGITS + 1], name[NAME_SIZE], fresh[NAME_SIZE + 4];
	int error;

	hash_of(bytes, length, hash);
	snprintf(token, FLOW_TOKEN_SIZE, "%s.%" PRIu32 ".%" PRIu64, hash, partition, sequence);
	snprintf(name, sizeof(name), FLOW_CLAIM_PREFIX "%s", token);
	snprintf(fresh, sizeof(fresh), "%s.new", name);
	error = write_payload(folder, fresh, sync, bytes, length);
	if (error != 0)
		return error;
	point_reach(POINT_WORKER_BEFORE_PAYLOAD);
	error = disk_rename(folder, fresh, name);
	if (error == 0 && sync)
		error = disk_sync(folder);
	point_reach(POINT_WORKER_AFTER_PAYLOAD);
	return error;
}

/* "claim.TOKEN", if it can be one: it comes out of a log. */
static bool
name_of(const char *token, size_t length, char name[NAME_SIZE])
{
	if (length <= HASH_DIGITS || length >= FLOW_TOKEN_SIZE ||
	    strspn(token, "0123456789abcdef.") < length)
		return false;
	snprintf(name, NAME_SIZE, FLOW_CLAIM_PREFIX "%.*s", (int)length, token);
	return true;
}

static int
read_all(int fd, char **bytes, size_t *length)
{
	struct stat status;
	ssize_t got;

	if (fstat(fd, &status) != 0)
		return -errno;
	*bytes = malloc((size_t)status.st_size + 1);
	if (*bytes == NULL)
		return -ENOMEM;
	got = pread(fd, *bytes, (size_t)status.st_size, 0);
	if (got == status.st_size) {
		*length = (size_t)got;
		return 0;
	}
	free(*bytes);
	return got < 0 ? -errno : -EIO;
}

int
flow_claim_read(int folder, const char *token, size_t token_length, char **bytes, size_t *length)
{
	char name[NAME_SIZE];
	int fd, error;

	if (!name_of(token, token_length, name))
		return -EBADMSG;
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = read_all(fd, bytes, length);
	close(fd);
	return error;
}

bool
flow_claim_fits(const char *token, size_t token_length, const char *bytes, size_t length)
{
	char hash[HASH_DIGITS + 1];

	hash_of(bytes, length, hash);
	return token_length > HASH_DIGITS && memcmp(token, hash, HASH_DIGITS) == 0;
}

int
flow_claim_remove(int folder, const char *token, size_t token_length)
{
	char name[NAME_SIZE];
	int error;

	if (!name_of(token, token_length, name))
		return 0;
	error = disk_remove(folder, name);
	return error == -ENOENT ? 0 : error;
}

int64_t
flow_claim_rest(int folder, bool remove)
{
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	int64_t count = 0;

	if (entries == NULL) {
		error = -errno;
		if (copy >= 0)
			close(copy);
		return error;
	}
	while (error == 0 && (entry = readdir(entries)) != NULL) {
		if (strncmp(entry->d_name, FLOW_CLAIM_PREFIX, strlen(FLOW_CLAIM_PREFIX)) != 0)
			continue;
		count++;
		if (remove)
			error = disk_remove(folder, entry->d_name);
	}
	closedir(entries);
	return error != 0 ? error : count;
}
