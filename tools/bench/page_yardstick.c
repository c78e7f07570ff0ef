/* SPDX-License-Identifier: ISC
 *
 * The yardstick for page counts: what a plain program needs that counts the requests of each page
 *in a web log, over mmap, with as many processes as it is told, and promises nothing.
 *
 *	page_yardstick FILE [PROCESSES] > result.csv
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS (1u << 20)
#define PROCESSES_MAX 64

struct page {
	const char *text;
	uint32_t length;
	uint64_t hits;
};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

/* FNV-1a, as one writes it down. */
static void
count(struct page *table, const char *text, uint32_t length, uint64_t hits)
{
	uint64_t hash = 14695981039346656037u;

	for (uint32_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
	for (uint64_t at = hash;; at++) {
		struct page *page = &table[at & (SLOTS - 1)];

		if (page->text == NULL)
			*page = (struct page){.text = text, .length = length};
		if (page->length == length && memcmp(page->text, text, length) == 0) {
			page->hits += hits;
			return;
		}
	}
}

static void
count_lines(struct page *table, const char *at, const char *end)
{
	while (at < end) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		const char *stop = feed != NULL ? feed : end;
		const char *quote = memchr(at, '"', (size_t)(stop - at));
		const char *blank =
		    quote != NULL ? memchr(quote, ' ', (size_t)(stop - quote)) : NULL;
		const char *behind =
		    blank != NULL ? memchr(blank + 1, ' ', (size_t)(stop - blank - 1)) : NULL;

		if (behind != NULL)
			count(table, blank + 1, (uint32_t)(behind - blank - 1), 1);
		at = stop + 1;
	}
}

static struct page *
new_table(void)
{
	struct page *table = mmap(NULL, SLOTS * sizeof(*table), PROT_READ | PROT_WRITE,
	                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (table == MAP_FAILED)
		die("mmap");
	return table;
}

static int
by_text(const void *left, const void *right)
{
	const struct page *a = left, *b = right;
	uint32_t length = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->text, b->text, length);

	return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static void
print_table(struct page *table)
{
	size_t pages = 0;

	for (size_t i = 0; i < SLOTS; i++)
		if (table[i].text != NULL)
			table[pages++] = table[i];
	qsort(table, pages, sizeof(*table), by_text);
	puts("page,records");
	for (size_t i = 0; i < pages; i++)
		printf("%.*s,%llu\n", (int)table[i].length, table[i].text,
		       (unsigned long long)table[i].hits);
}

int
main(int argc, char **argv)
{
	int processes = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 2;
	int fd = argc > 1 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	struct page *table[PROCESSES_MAX];
	struct stat status;
	const char *bytes, *from, *end;

	if (fd < 0 || fstat(fd, &status) != 0 || processes < 1 || processes > PROCESSES_MAX)
		die("page_yardstick FILE [PROCESSES]");
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		die(argv[1]);
	from = bytes;
	end = bytes + status.st_size;
	for (int i = 0; i < processes; i++) {
		const char *to = bytes + status.st_size / processes * (i + 1);
		const char *feed = i < processes - 1 ? memchr(to, '\n', (size_t)(end - to)) : NULL;

		to = feed != NULL ? feed + 1 : end;
		table[i] = new_table();
		if (fork() == 0) {
			count_lines(table[i], from, to);
			_exit(0);
		}
		from = to;
	}
	while (wait(NULL) > 0)
		continue;
	for (int i = 1; i < processes; i++)
		for (size_t j = 0; j < SLOTS; j++)
			if (table[i][j].text != NULL)
				count(table[0], table[i][j].text, table[i][j].length,
				      table[i][j].hits);
	print_table(table[0]);
	return 0;
}
