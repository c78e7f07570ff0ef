/* SPDX-License-Identifier: ISC
 *
 * The coordinator's plain parts: chance, backoff, budget, timers, ring and names.
 */
#include "tests/unit/core_driver.h"

#include "core/alarm.h"
#include "core/retry.h"
#include "core/ring.h"
#include "core/rng.h"
#include "core/slotset.h"
#include "core/timer.h"

static void
chance_is_repeatable_and_even(void **state)
{
	struct rng a, b, c;
	unsigned same = 0, box[10] = {0};
	rng_init(&a, 1);
	rng_init(&b, 1);
	rng_init(&c, 2);
	for (int i = 0; i < 10000; i++) {
		uint64_t drawn = rng_upto(&a, 9);
		assert_int_equal(drawn, rng_upto(&b, 9));
		same += drawn == rng_upto(&c, 9);
		assert_true(drawn <= 9);
		box[drawn]++;
	}
	assert_in_range(same, 800, 1200);
	for (int i = 0; i < 10; i++)
		assert_in_range(box[i], 850, 1150);
	assert_int_equal(rng_upto(&a, 0), 0);
}

static void
backoff_doubles_up_to_its_cap(void **state)
{
	assert_int_equal(retry_ceiling_ns(100, 3000, 0), 100);
	assert_int_equal(retry_ceiling_ns(100, 3000, 1), 200);
	assert_int_equal(retry_ceiling_ns(100, 3000, 4), 1600);
	assert_int_equal(retry_ceiling_ns(100, 3000, 5), 3000);
	assert_int_equal(retry_ceiling_ns(100, 3000, 4000000000u), 3000);
	assert_int_equal(retry_ceiling_ns(100, 50, 0), 50);
	assert_int_equal(retry_ceiling_ns(0, 50, 60), 0);
	assert_int_equal(retry_ceiling_ns(1, INT64_MAX, 100), INT64_MAX);
}

static void
backoff_is_full_jitter(void **state)
{
	struct rng rng;
	rng_init(&rng, 3);
	for (unsigned nth = 1; nth <= 12; nth++) {
		int64_t ceiling = retry_ceiling_ns(100 * MS, 30 * SEC, nth - 1), low = 0, high = 0;
		for (int i = 0; i < 400; i++) {
			int64_t delay = retry_backoff_ns(&rng, 100 * MS, 30 * SEC, nth);
			assert_true(delay >= 0 && delay <= ceiling);
			low += delay < ceiling / 10;
			high += delay > ceiling - ceiling / 10;
		}
		/* Both ends of the range are used: about 40 each. */
		assert_in_range(low, 15, 80);
		assert_in_range(high, 15, 80);
	}
}

static void
budget_is_judged_by_cause(void **state)
{
	for (unsigned charged = 1; charged < 4; charged++)
		for (enum cause cause = CAUSE_DATA; cause <= CAUSE_HANG; cause++)
			assert_int_equal(retry_judge(cause, 4, charged, false, false, 0),
			                 VERDICT_AGAIN);
	assert_int_equal(retry_judge(CAUSE_DATA, 4, 4, true, false, 0), VERDICT_ISOLATE);
	assert_int_equal(retry_judge(CAUSE_CRASH, 4, 4, false, false, 0), VERDICT_BURY);
	assert_int_equal(retry_judge(CAUSE_HANG, 4, 4, false, false, 0), VERDICT_BURY);
	/* Three attempts lost to bad data and one to a kill: isolating can still help. */
	assert_int_equal(retry_judge(CAUSE_CRASH, 4, 4, true, false, 0), VERDICT_ISOLATE);
	assert_int_equal(retry_judge(CAUSE_INFRA, 4, 4, false, true, 9), VERDICT_AGAIN);
	assert_int_equal(retry_judge(CAUSE_DATA, 4, 4, true, true, 1), VERDICT_BURY);
	assert_int_equal(retry_judge(CAUSE_CRASH, 4, 4, false, true, 3), VERDICT_AGAIN);
	assert_int_equal(retry_judge(CAUSE_CRASH, 4, 4, false, true, 4), VERDICT_BURY);
	assert_false(retry_charges(CAUSE_INFRA));
	assert_false(retry_charges(CAUSE_SPECULATIVE));
	assert_false(retry_charges(CAUSE_NONE));
}

static void
timers_come_in_order(void **state)
{
	enum { MANY = 2000 };
	struct timer heap[MANY];
	struct timers timers;
	struct rng rng;
	int64_t due[MANY], last = -1;
	uint32_t before = 0;
	rng_init(&rng, 5);
	timers_init(&timers, heap, MANY);
	timers.sequence = UINT32_MAX - 700; /* wraps on the way */
	assert_int_equal(timers_due(&timers), INT64_MAX);
	for (uint32_t i = 0; i < MANY; i++) {
		due[i] = (int64_t)rng_upto(&rng, 50);
		timers_add(&timers, due[i], i);
	}
	for (uint32_t i = 0; i < MANY; i++) {
		int64_t at = timers_due(&timers);
		uint32_t what = timers_pop(&timers);
		assert_int_equal(due[what], at);
		assert_true(at > last || (at == last && what > before));
		last = at;
		before = what;
	}
	assert_int_equal(timers.count, 0);
}

struct rings {
	struct ring ring;
	uint16_t owner[65536];
	uint32_t first[65537];
	uint32_t points[65 * RING_POINTS];
};

static uint32_t
moved(const struct ring *ring, const uint16_t *before, uint32_t keys, uint16_t slot, bool left)
{
	uint32_t count = 0;
	for (uint32_t key = 0; key < keys; key++) {
		uint16_t now = ring_owner(ring, key);
		if (now == before[key])
			continue;
		/* Only to the one that joins, only from the one that leaves. */
		assert_int_equal(left ? before[key] : now, slot);
		count++;
	}
	return count;
}

static void
ring_moves_only_a_share(void **state)
{
	enum { KEYS = 50000 };
	struct rings *rings = calloc(1, sizeof *rings);
	uint16_t *before = calloc(KEYS, sizeof *before);
	for (uint32_t n = 1; n <= 64; n = n < 4 ? n + 1 : n * 2) {
		ring_init(&rings->ring, 65, n, rings->owner, rings->first, rings->points);
		for (uint32_t key = 0; key < KEYS; key++)
			before[key] = ring_owner(&rings->ring, key);
		ring_join(&rings->ring, 64);
		uint32_t to = moved(&rings->ring, before, KEYS, 64, false);
		/* 128 points a slot: the share is within a third of 1 / (n + 1). */
		assert_true(to <= KEYS / (n + 1) + KEYS / (3 * (n + 1)));
		assert_true(to >= KEYS / (n + 1) - KEYS / (3 * (n + 1)));
		ring_leave(&rings->ring, 64);
		for (uint32_t key = 0; key < KEYS; key++)
			assert_int_equal(ring_owner(&rings->ring, key), before[key]);
		ring_leave(&rings->ring, 0);
		assert_true(moved(&rings->ring, before, KEYS, 0, true) <=
		            KEYS / n + KEYS / (3 * n));
	}
	ring_init(&rings->ring, 65, 0, rings->owner, rings->first, rings->points);
	assert_int_equal(ring_owner(&rings->ring, 3), CORE_NO_SLOT);
	free(before);
	free(rings);
}

/* After any joins and leaves each bucket belongs to the first member from it on. */
static void
ring_stays_true(void **state)
{
	struct rings *rings = calloc(1, sizeof *rings);
	struct ring *ring = &rings->ring;
	uint32_t mask = (1u << ring_bits(65)) - 1;
	struct rng rng;
	rng_init(&rng, 11);
	ring_init(ring, 65, 3, rings->owner, rings->first, rings->points);
	for (unsigned round = 0; round < 400; round++) {
		/* By turns mostly joining and mostly leaving, down to none at all. */
		uint16_t slot = (uint16_t)rng_upto(&rng, 64);
		bool leave = round % 200 >= 60;
		for (uint16_t i = 0; i < 65 && ring_has(ring, slot) != leave; i++)
			slot = (uint16_t)((slot + 1) % 65);
		if (ring_has(ring, slot) != leave)
			continue;
		if (leave)
			ring_leave(ring, slot);
		else
			ring_join(ring, slot);
		for (uint32_t bucket = 0; bucket <= mask; bucket++) {
			uint16_t first = ring_first_member(ring, bucket);
			uint16_t next = ring->owner[(bucket + 1) & mask];
			assert_int_equal(ring->owner[bucket], first != CORE_NO_SLOT ? first : next);
		}
		assert_int_equal(ring_owner(ring, 5) == CORE_NO_SLOT, ring->members == 0);
	}
	free(rings);
}

static void
sets_of_slots_know_the_next(void **state)
{
	enum { SLOTS = CORE_SLOTS_MAX + 1 };
	static uint64_t words[SLOTS / 64 + 1];
	static bool in[SLOTS];
	struct slotset set;
	struct rng rng;
	rng_init(&rng, 3);
	memset(words, 0xff, sizeof words);
	slotset_init(&set, words, SLOTS);
	assert_int_equal(slotset_next(&set, 0), CORE_NO_SLOT);
	for (unsigned round = 0; round < 3000; round++) {
		/* Sparse, so that words and summaries are empty at times. */
		uint16_t slot = (uint16_t)(rng_upto(&rng, 30) * (SLOTS - 1) / 30);
		uint32_t from = (uint32_t)rng_upto(&rng, SLOTS), next = from;
		if (in[slot])
			slotset_remove(&set, slot);
		else
			slotset_add(&set, slot);
		in[slot] = !in[slot];
		while (next < SLOTS && !in[next])
			next++;
		assert_int_equal(slotset_next(&set, from), next < SLOTS ? next : CORE_NO_SLOT);
	}
}

static void
alarms_go_off_in_order(void **state)
{
	enum { SLOTS = 200 };
	struct alarm heap[SLOTS];
	uint16_t at[SLOTS];
	struct alarms alarms;
	struct rng rng;
	int64_t due[SLOTS], last_ns = 0;
	uint16_t last = 0;
	rng_init(&rng, 9);
	alarms_init(&alarms, heap, at, SLOTS);
	assert_int_equal(alarms_due(&alarms), CORE_NEVER);
	for (uint16_t slot = 0; slot < SLOTS; slot++)
		due[slot] = CORE_NEVER;
	for (unsigned round = 0; round < 1000; round++) {
		uint16_t slot = (uint16_t)rng_upto(&rng, SLOTS - 1);
		int64_t asked = (int64_t)rng_upto(&rng, 300);
		alarms_set(&alarms, slot, asked);
		due[slot] = asked < due[slot] ? asked : due[slot]; /* never later */
		assert_int_equal(alarms_of(&alarms, slot), due[slot]);
	}
	while (alarms.count > 0) {
		int64_t now = alarms_due(&alarms);
		uint16_t slot = alarms_take(&alarms);
		assert_int_equal(due[slot], now);
		assert_true(now > last_ns || (now == last_ns && slot >= last));
		assert_int_equal(alarms_of(&alarms, slot), CORE_NEVER);
		last_ns = now;
		last = slot;
	}
}

static void
ring_balances(void **state)
{
	struct rings *rings = calloc(1, sizeof *rings);
	for (uint32_t n = 2; n <= 64; n *= 2) {
		uint32_t count[64] = {0};
		ring_init(&rings->ring, n, n, rings->owner, rings->first, rings->points);
		for (uint32_t key = 0; key < 64000; key++)
			count[ring_owner(&rings->ring, key)]++;
		for (uint32_t slot = 0; slot < n; slot++)
			assert_in_range(count[slot], 64000 / n * 6 / 10, 64000 / n * 14 / 10);
	}
	free(rings);
}

static void
everything_has_a_name(void **state)
{
	for (unsigned kind = 0; kind < CORE_KINDS; kind++)
		assert_string_not_equal(core_kind_name(kind), "?");
	assert_string_equal(core_kind_name(ACT_ASSIGN), "leased");
	assert_string_equal(core_kind_name(CORE_KINDS), "?");
	assert_string_equal(task_state_name(TASK_SKIPPED), "skipped");
	assert_string_equal(task_state_name(TASK_STATES), "?");
	assert_string_equal(cause_name(CAUSE_SPECULATIVE), "speculative");
	assert_string_equal(cause_name(CAUSES), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(chance_is_repeatable_and_even),
	    cmocka_unit_test(backoff_doubles_up_to_its_cap),
	    cmocka_unit_test(backoff_is_full_jitter),
	    cmocka_unit_test(budget_is_judged_by_cause),
	    cmocka_unit_test(timers_come_in_order),
	    cmocka_unit_test(ring_moves_only_a_share),
	    cmocka_unit_test(ring_stays_true),
	    cmocka_unit_test(ring_balances),
	    cmocka_unit_test(sets_of_slots_know_the_next),
	    cmocka_unit_test(alarms_go_off_in_order),
	    cmocka_unit_test(everything_has_a_name),
	};
	return RUN_TAP(tests);
}
