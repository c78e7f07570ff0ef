/* SPDX-License-Identifier: ISC
 *
 * The yardstick: sums columns of a CSV file per key, as one would write it without a thought for
 *faults.  The file is mapped, split in two halves at a line end, and each half is read by a process
 *of its own; the results are merged and printed.  No quotes, no bad records, nothing kept if it is
 *killed.
 *
 *	yardstick FILE KEY SUM... > result.csv
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COLUMNS_MAX 64
#define SUMS_MAX 4
#define KEY_MAX 64
#define SLOTS 65536    /* a power of two, well above the number of keys */
#define PLACES 1000000 /* sums are kept in millionths */

struct total {
	char key[KEY_MAX];
	size_t length;
	int64_t records;
	int64_t sum[SUMS_MAX];
};

struct table {
	size_t keys;
	uint32_t slot[SLOTS]; /* number of a total + 1; 0 = free */
	struct total total[SLOTS / 2];
};

static char *names[1 + SUMS_MAX]; /* of the key and the sums */
static size_t column[1 + SUMS_MAX];
static size_t wanted;

static struct total *
table_find(struct table *table, const char *key, size_t length)
{
	uint32_t hash = 2166136261u;
	struct total *total;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)key[i]) * 16777619u;
	for (hash &= SLOTS - 1; table->slot[hash]; hash = (hash + 1) & (SLOTS - 1)) {
		total = &table->total[table->slot[hash] - 1];
		if (total->length == length && memcmp(total->key, key, length) == 0)
			return total;
	}
	if (length >= KEY_MAX || table->keys == SLOTS / 2)
		errx(1, "a key is too long, or there are too many");
	table->slot[hash] = (uint32_t)++table->keys;
	total = &table->total[table->keys - 1];
	memcpy(total->key, key, length);
	total->length = length;
	return total;
}

/* A decimal in millionths. */
static int64_t
number_read(const char *text, const char *end)
{
	int64_t value = 0, place = PLACES;
	int negative = text < end && *text == '-';

	for (text += negative; text < end && *text != '.'; text++)
		value = value * 10 + (*text - '0');
	value *= PLACES;
	for (text++; text < end; text++) {
		place /= 10;
		value += (*text - '0') * place;
	}
	return negative ? -value : value;
}

/* Splits a line into its fields; start[i + 1] - 1 is where field i ends. */
static size_t
line_split(const char *line, const char *end, const char *start[COLUMNS_MAX + 1])
{
	size_t fields = 0;

	start[0] = line;
	for (const char *comma; (comma = memchr(line, ',', (size_t)(end - line))) != NULL;
	     line = comma + 1) {
		if (++fields == COLUMNS_MAX)
			errx(1, "too many columns");
		start[fields] = comma + 1;
	}
	start[++fields] = end + 1;
	return fields;
}

static void
sum_lines(struct table *table, const char *at, const char *end)
{
	const char *start[COLUMNS_MAX + 1];

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		struct total *total;

		if (!newline)
			newline = end;
		line_split(at, newline, start);
		total = table_find(table, start[column[0]],
		                   (size_t)(start[column[0] + 1] - 1 - start[column[0]]));
		total->records++;
		for (size_t i = 1; i < wanted; i++)
			total->sum[i - 1] +=
			    number_read(start[column[i]], start[column[i] + 1] - 1);
		at = newline + 1;
	}
}

static void
columns_find(const char *line, const char *end)
{
	const char *start[COLUMNS_MAX + 1];
	size_t fields = line_split(line, end, start);

	for (size_t i = 0; i < wanted; i++) {
		for (column[i] = 0; column[i] < fields; column[i]++) {
			size_t length = (size_t)(start[column[i] + 1] - 1 - start[column[i]]);

			if (length == strlen(names[i]) &&
			    memcmp(start[column[i]], names[i], length) == 0)
				break;
		}
		if (column[i] == fields)
			errx(1, "no column %s", names[i]);
	}
}

static void
merge(struct table *into, const struct table *from)
{
	for (size_t i = 0; i < from->keys; i++) {
		const struct total *other = &from->total[i];
		struct total *total = table_find(into, other->key, other->length);

		total->records += other->records;
		for (size_t sum = 0; sum < wanted - 1; sum++)
			total->sum[sum] += other->sum[sum];
	}
}

static int
compare(const void *left, const void *right)
{
	return strcmp(((const struct total *)left)->key, ((const struct total *)right)->key);
}

static void
print_sum(int64_t sum)
{
	uint64_t size = sum < 0 ? -(uint64_t)sum : (uint64_t)sum, fraction = size % PLACES;
	int digits = 6;

	for (; digits > 0 && fraction % 10 == 0; digits--)
		fraction /= 10;
	printf(",%s%" PRIu64, sum < 0 ? "-" : "", size / PLACES);
	if (digits > 0)
		printf(".%0*" PRIu64, digits, fraction);
}

static void
print(struct table *table)
{
	qsort(table->total, table->keys, sizeof(table->total[0]), compare);
	printf("%s,records", names[0]);
	for (size_t i = 1; i < wanted; i++)
		printf(",sum(%s)", names[i]);
	putchar('\n');
	for (size_t i = 0; i < table->keys; i++) {
		const struct total *total = &table->total[i];

		printf("%.*s,%" PRId64, (int)total->length, total->key, total->records);
		for (size_t sum = 0; sum < wanted - 1; sum++)
			print_sum(total->sum[sum]);
		putchar('\n');
	}
	if (fflush(stdout) || ferror(stdout))
		err(1, "standard output");
}

static const char *
file_map(const char *path, const char **end)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	const char *bytes;

	if (fd < 0 || fstat(fd, &status) < 0)
		err(1, "%s", path);
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		err(1, "%s", path);
	close(fd);
	*end = bytes + status.st_size;
	return bytes;
}

int
main(int argc, char **argv)
{
	const char *start, *end, *middle;
	struct table *table;
	pid_t child;
	int status;

	if (argc < 3 || argc > 3 + SUMS_MAX)
		errx(2, "usage: yardstick FILE KEY SUM...");
	wanted = (size_t)argc - 2;
	memcpy(names, argv + 2, wanted * sizeof(names[0]));
	start = file_map(argv[1], &end);
	middle = memchr(start, '\n', (size_t)(end - start));
	if (!middle)
		errx(1, "%s: no header", argv[1]);
	columns_find(start, middle);
	start = middle + 1;
	middle = memchr(start + (end - start) / 2, '\n', (size_t)(end - start - (end - start) / 2));
	middle = middle ? middle + 1 : end;

	table = mmap(NULL, 2 * sizeof(*table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	             -1, 0);
	if (table == MAP_FAILED)
		err(1, "mmap");
	child = fork();
	if (child < 0)
		err(1, "fork");
	sum_lines(&table[child == 0], child == 0 ? middle : start, child == 0 ? end : middle);
	if (child == 0)
		_exit(0);
	if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "the second half failed");
	merge(&table[0], &table[1]);
	print(&table[0]);
	return 0;
}
