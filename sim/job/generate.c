/* SPDX-License-Identifier: ISC
 *
 * Made-up input.  Every record is drawn from one 64-bit number, so a record does not depend on how
 * many come after it or on which of them are bad.  Digits and fields are put together by hand, into
 * one large buffer: a printf per record would take longer than everything else together.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/job/generate.h"

#define BUFFER_BYTES (1u << 20)
#define RECORD_BYTES_MAX 1024 /* no record of either kind comes near it */

#define PRODUCTS 500
#define STORES 200
#define DAYS 365
#define DRAWS 16384 /* tickets that the products share by popularity */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct output {
	int fd;
	char *buffer;
	size_t used;
};

/* Numbers of the records that are made bad: one somewhere in each of `bad` equal strata. */
struct bad_plan {
	uint64_t records, bad;
	uint64_t state; /* its own chance: bad records must not shift what the others look like */
	uint64_t done;  /* strata already drawn */
	uint64_t next;  /* number of the next bad record */
};

struct product {
	char text[32]; /* as it stands in the file, quoted if it must be */
	size_t length;
	unsigned cents;
};

struct catalogue {
	struct product product[PRODUCTS];
	uint16_t draw[DRAWS];
	char day[DAYS][10];
	char store[STORES][4];
};

/* A decimal counter kept as text: adding one touches one digit nine times out of ten. */
struct counter {
	char digit[20];
	unsigned first;
};

/* splitmix64, the published mixing function of a counter. */
static uint64_t
mix_next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Takes a number below limit from the lowest `width` bits of *bits and drops those bits. */
static unsigned
draw_below(uint64_t *bits, unsigned width, unsigned limit)
{
	uint64_t part = *bits & (((uint64_t)1 << width) - 1);

	*bits >>= width;
	return (unsigned)(part * limit >> width);
}

static int
output_init(struct output *output, int fd)
{
	*output = (struct output){.fd = fd, .buffer = malloc(BUFFER_BYTES)};
	return output->buffer ? 0 : -ENOMEM;
}

static int
output_flush(struct output *output)
{
	size_t done = 0;

	while (done < output->used) {
		ssize_t n = write(output->fd, output->buffer + done, output->used - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	output->used = 0;
	return 0;
}

/* Where the next record may be written: RECORD_BYTES_MAX bytes are free there.  NULL: *error says
 * why. */
static char *
output_room(struct output *output, int *error)
{
	if (output->used > BUFFER_BYTES - RECORD_BYTES_MAX) {
		*error = output_flush(output);
		if (*error)
			return NULL;
	}
	return output->buffer + output->used;
}

static void
output_advance(struct output *output, const char *end)
{
	output->used = (size_t)(end - output->buffer);
}

static void
bad_plan_draw(struct bad_plan *plan)
{
	unsigned __int128 records = plan->records;
	uint64_t low, high;

	if (plan->done == plan->bad) {
		plan->next = UINT64_MAX;
		return;
	}
	low = (uint64_t)(records * plan->done / plan->bad);
	high = (uint64_t)(records * (plan->done + 1) / plan->bad);
	plan->next = low + mix_next(&plan->state) % (high - low);
	plan->done++;
}

static void
bad_plan_init(struct bad_plan *plan, uint64_t records, uint64_t seed, uint64_t bad)
{
	*plan = (struct bad_plan){.records = records, .bad = bad, .state = ~seed};
	bad_plan_draw(plan);
}

/* Whether this record is to be bad; *turn counts them from 0.  Asked once for each record, in
 * order. */
static bool
bad_plan_is(struct bad_plan *plan, uint64_t record, uint64_t *turn)
{
	if (record != plan->next)
		return false;
	*turn = plan->done - 1;
	bad_plan_draw(plan);
	return true;
}

static char *
put_bytes(char *at, const char *bytes, size_t length)
{
	memcpy(at, bytes, length);
	return at + length;
}

static char *
put_text(char *at, const char *text)
{
	return put_bytes(at, text, strlen(text));
}

static char *
put_number(char *at, uint64_t number)
{
	char digit[20];
	size_t first = sizeof(digit);

	do {
		digit[--first] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	return put_bytes(at, digit + first, sizeof(digit) - first);
}

static char *
put_two_digits(char *at, unsigned number)
{
	*at++ = (char)('0' + number / 10 % 10);
	*at++ = (char)('0' + number % 10);
	return at;
}

static void
counter_init(struct counter *counter, uint64_t number)
{
	counter->first = sizeof(counter->digit);
	do {
		counter->digit[--counter->first] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
}

static void
counter_increment(struct counter *counter)
{
	unsigned at = sizeof(counter->digit) - 1;

	while (at >= counter->first && counter->digit[at] == '9')
		counter->digit[at--] = '0';
	if (at < counter->first)
		counter->digit[--counter->first] = '1';
	else
		counter->digit[at]++;
}

/* Two for each letter, so that every range of first letters has something to do. */
static const char *const nouns[] = {
    "Anvil",   "Apron",     "Bench",  "Bucket", "Candle", "Clock",   "Desk",   "Drill",   "Easel",
    "Eyelet",  "Fan",       "Flask",  "Globe",  "Glue",   "Hammer",  "Hinge",  "Inkwell", "Iron",
    "Jar",     "Jigsaw",    "Kettle", "Knife",  "Ladder", "Lamp",    "Mirror", "Mug",     "Nail",
    "Notepad", "Oilcan",    "Oven",   "Pen",    "Plate",  "Quill",   "Quilt",  "Rope",    "Ruler",
    "Scale",   "Stapler",   "Table",  "Tape",   "Urn",    "Utensil", "Vase",   "Vise",    "Wallet",
    "Wrench",  "Xerograph", "Xyloid", "Yarn",   "Yoke",   "Zester",  "Zipper",
};

/* The rare ones, at the end of the catalogue: other first bytes, and fields that need quotes. */
static const char *const oddities[] = {
    "3-hole Punch",
    "9V Battery",
    "2x4 Beam",
    "eraser",
    "ink refill",
    "usb hub",
    "\xc3\x84pfelkiste",
    "\xc3\xa9ponge",
    "\xe7\xad\x86 Brush",
    "\"Desk, folding\"",
    "\"Lamp, brass\"",
    "\"Screen 24\"\"\"",
    "\"Rope, 10\"\" \"\"fine\"\"\"",
};

#define ORDINARY (PRODUCTS - COUNT(oddities))

/* How many products are more popular.  211 and the number of ordinary products have no common
 * divisor, so popularity is scattered over the letters and no two share a rank. */
static unsigned
product_rank(unsigned product)
{
	return product < ORDINARY ? product * 211 % ORDINARY : product;
}

static void
catalogue_fill_products(struct catalogue *catalogue)
{
	uint64_t chance = 0;

	for (unsigned i = 0; i < PRODUCTS; i++) {
		struct product *product = &catalogue->product[i];

		if (i < ORDINARY)
			snprintf(product->text, sizeof(product->text), "%s %03u",
			         nouns[i % COUNT(nouns)], i);
		else
			snprintf(product->text, sizeof(product->text), "%s",
			         oddities[i - ORDINARY]);
		product->length = strlen(product->text);
		product->cents = 99 + (unsigned)(mix_next(&chance) % 40000);
	}
}

/* Shares the tickets out by 1/(rank + 20): the most popular product sells about 25 times as often
 * as the least. */
static void
catalogue_fill_draws(struct catalogue *catalogue)
{
	uint64_t weight[PRODUCTS], total = 0, sum = 0;
	unsigned ticket = 0;

	for (unsigned i = 0; i < PRODUCTS; i++) {
		weight[i] = 1000000 / (product_rank(i) + 20);
		total += weight[i];
	}
	for (unsigned i = 0; i < PRODUCTS; i++) {
		sum += weight[i];
		while (ticket < sum * DRAWS / total)
			catalogue->draw[ticket++] = (uint16_t)i;
	}
}

static void
catalogue_fill_days(struct catalogue *catalogue)
{
	static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned day = 0;

	for (unsigned month = 0; month < COUNT(days); month++)
		for (unsigned i = 0; i < days[month]; i++, day++) {
			char *at = put_text(catalogue->day[day], "2026-");

			at = put_two_digits(at, month + 1);
			*at++ = '-';
			put_two_digits(at, i + 1);
		}
}

static void
catalogue_init(struct catalogue *catalogue)
{
	catalogue_fill_products(catalogue);
	catalogue_fill_draws(catalogue);
	catalogue_fill_days(catalogue);
	for (unsigned i = 0; i < STORES; i++) {
		catalogue->store[i][0] = 'S';
		catalogue->store[i][1] = (char)('0' + i / 100);
		put_two_digits(catalogue->store[i] + 2, i % 100);
	}
}

enum sale_fault { SALE_BAD_QTY, SALE_SHORT, SALE_STRAY_QUOTE, SALE_FAULTS, SALE_GOOD };

static char *
put_sale(char *at, const struct catalogue *catalogue, const struct counter *order, uint64_t bits,
         enum sale_fault fault)
{
	const struct product *product =
	    &catalogue->product[catalogue->draw[draw_below(&bits, 14, DRAWS)]];
	unsigned day = draw_below(&bits, 16, DAYS);
	unsigned store = draw_below(&bits, 8, STORES);
	unsigned qty = 1 + draw_below(&bits, 4, 9);
	unsigned cents = product->cents + draw_below(&bits, 10, 1000);
	bool returned = draw_below(&bits, 6, 64) == 0;

	at = put_bytes(at, order->digit + order->first, sizeof(order->digit) - order->first);
	*at++ = ',';
	at = put_bytes(at, catalogue->day[day], sizeof(catalogue->day[day]));
	*at++ = ',';
	at = put_bytes(at, catalogue->store[store], sizeof(catalogue->store[store]));
	if (fault == SALE_STRAY_QUOTE)
		*at++ = '"';
	*at++ = ',';
	at = put_bytes(at, product->text, product->length);
	*at++ = ',';
	if (fault == SALE_BAD_QTY)
		at = put_text(at, "n/a");
	else
		*at++ = (char)('0' + qty);
	if (fault != SALE_SHORT) {
		*at++ = ',';
		if (returned)
			*at++ = '-';
		at = put_number(at, cents / 100);
		*at++ = '.';
		at = put_two_digits(at, cents % 100);
	}
	*at++ = '\n';
	return at;
}

int
generate_sales(int fd, uint64_t records, uint64_t seed, uint64_t bad)
{
	static const char header[] = "order_id,date,store,product,qty,price\n";
	struct catalogue *catalogue = NULL;
	struct output output = {0};
	struct bad_plan plan;
	struct counter order;
	uint64_t state = seed, turn;
	int error;

	if (bad > records)
		return -EINVAL;
	error = output_init(&output, fd);
	catalogue = malloc(sizeof(*catalogue));
	if (error || !catalogue) {
		error = -ENOMEM;
		goto out;
	}
	catalogue_init(catalogue);
	bad_plan_init(&plan, records, seed, bad);
	counter_init(&order, 10000000);
	output_advance(&output, put_text(output.buffer, header));
	for (uint64_t i = 0; i < records; i++) {
		char *at = output_room(&output, &error);
		enum sale_fault fault = SALE_GOOD;

		if (!at)
			goto out;
		if (bad_plan_is(&plan, i, &turn))
			fault = (enum sale_fault)(turn % SALE_FAULTS);
		at = put_sale(at, catalogue, &order, mix_next(&state), fault);
		output_advance(&output, at);
		counter_increment(&order);
	}
	error = output_flush(&output);
out:
	free(catalogue);
	free(output.buffer);
	return error;
}

static const char *const paths[] = {
    "/",
    "/index.html",
    "/favicon.ico",
    "/robots.txt",
    "/style.css",
    "/images/logo.png",
    "/images/banner.jpg",
    "/about",
    "/contact",
    "/products",
    "/products/lamp",
    "/products/desk",
    "/products/rope",
    "/cart",
    "/checkout",
    "/search?q=lamp",
    "/search?q=a%20rope",
    "/blog/2026/stocktaking",
    "/blog/2026/night-shift",
    "/feed.xml",
    "/api/v1/orders",
    "/api/v1/stock",
    "/login",
    "/downloads/catalogue.pdf",
};

static const char *const referrers[] = {
    "-",
    "http://www.example.com/",
    "http://www.example.com/products",
    "https://search.example.org/?q=lamp",
};

static const char *const agents[] = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0",
    "curl/7.88.1",
    "ExampleBot/2.1 (+http://bot.example.net/)",
};

enum hit_fault { HIT_OPEN_TIME, HIT_OPEN_REQUEST, HIT_BAD_STATUS, HIT_CUT, HIT_FAULTS, HIT_GOOD };

static char *
put_time(char *at, time_t when)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm;

	gmtime_r(&when, &tm);
	at = put_two_digits(at, (unsigned)tm.tm_mday);
	*at++ = '/';
	at = put_bytes(at, months + 3 * tm.tm_mon, 3);
	*at++ = '/';
	at = put_number(at, 1900u + (unsigned)tm.tm_year);
	*at++ = ':';
	at = put_two_digits(at, (unsigned)tm.tm_hour);
	*at++ = ':';
	at = put_two_digits(at, (unsigned)tm.tm_min);
	*at++ = ':';
	at = put_two_digits(at, (unsigned)tm.tm_sec);
	return put_text(at, " +0000");
}

static char *
put_address(char *at, uint64_t *bits)
{
	at = put_number(at, 11 + draw_below(bits, 8, 200));
	for (int i = 0; i < 3; i++) {
		*at++ = '.';
		at = put_number(at, draw_below(bits, 5, 32) * 7);
	}
	return at;
}

static unsigned
draw_status(uint64_t *bits)
{
	static const unsigned rare[] = {301, 302, 304, 304, 403, 404, 404, 500};
	unsigned drawn = draw_below(bits, 6, 64);

	return drawn < COUNT(rare) ? rare[drawn] : 200;
}

static char *
put_hit(char *at, time_t when, uint64_t bits, enum hit_fault fault)
{
	unsigned status = draw_status(&bits);

	at = put_address(at, &bits);
	at = put_text(at, " - - [");
	at = put_time(at, when);
	at = put_text(at, fault == HIT_OPEN_TIME ? " \"" : "] \"");
	at = put_text(at, draw_below(&bits, 3, 8) == 0 ? "POST " : "GET ");
	at = put_text(at, paths[draw_below(&bits, 8, COUNT(paths))]);
	at = put_text(at, fault == HIT_OPEN_REQUEST ? " HTTP/1.1 " : " HTTP/1.1\" ");
	if (fault == HIT_CUT)
		goto out;
	at = fault == HIT_BAD_STATUS ? put_text(at, "2OO") : put_number(at, status);
	*at++ = ' ';
	at = status == 304 ? put_text(at, "-") : put_number(at, 200 + draw_below(&bits, 14, 60000));
	at = put_text(at, " \"");
	at = put_text(at, referrers[draw_below(&bits, 3, COUNT(referrers))]);
	at = put_text(at, "\" \"");
	at = put_text(at, agents[draw_below(&bits, 3, COUNT(agents))]);
	*at++ = '"';
out:
	*at++ = '\n';
	return at;
}

int
generate_weblog(int fd, uint64_t records, uint64_t seed, uint64_t bad)
{
	struct output output;
	struct bad_plan plan;
	uint64_t state = seed, turn;
	time_t when = 1767225600; /* 2026-01-01 00:00:00 UTC */
	int error;

	if (bad > records)
		return -EINVAL;
	error = output_init(&output, fd);
	if (error)
		return error;
	bad_plan_init(&plan, records, seed, bad);
	for (uint64_t i = 0; i < records; i++) {
		uint64_t bits = mix_next(&state);
		char *at = output_room(&output, &error);
		enum hit_fault fault = HIT_GOOD;

		if (!at)
			goto out;
		if (bad_plan_is(&plan, i, &turn))
			fault = (enum hit_fault)(turn % HIT_FAULTS);
		when += draw_below(&bits, 2, 3);
		at = put_hit(at, when, bits, fault);
		output_advance(&output, at);
	}
	error = output_flush(&output);
out:
	free(output.buffer);
	return error;
}
