/* SPDX-License-Identifier: ISC
 *
 * What the models say is on disk when the power fails, of small scripts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/util/tree.h"
#include "tests/unit/power_script.h"

#define MEMORY ((size_t)1 << 30)
#define ALL UINT32_MAX
#define TEXT_SIZE 1024

struct scene {
	struct arena *arena;
	struct stage stage;
	struct power *power[POWER_POSIX + 1];
	char path[64];
};

static void
scene_begin(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	strlcpy(scene->path, "/tmp/graveshift-test-power.XXXXXX", sizeof(scene->path));
	assert_non_null(mkdtemp(scene->path));
	scene->stage.folder = open(scene->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scene->arena = arena_new(MEMORY);
	assert_non_null(scene->arena);
}

/* `before` is there and synced, then `script` is recorded. */
static void
scene_play(struct scene *scene, const char *before, const char *script)
{
	static const enum power_fate fate[VERSION_LAYERS] = {FATE_MODEL};
	uint32_t op;

	scene_begin(scene);
	assert_true(stage_script(&scene->stage, before, INT_MAX) >= 0);
	stage_close_all(&scene->stage);
	stage_begin(&scene->stage, scene->arena);
	assert_true(stage_script(&scene->stage, script, INT_MAX) > 0);
	stage_end(&scene->stage);
	for (int model = POWER_EXT4; model <= POWER_POSIX; model++) {
		scene->power[model] = power_new(scene->stage.record, (enum power_model)model, fate);
		assert_non_null(scene->power[model]);
		assert_int_equal(power_replay(scene->power[model], &op), 0);
	}
}

static void
scene_end(struct scene *scene)
{
	close(scene->stage.folder);
	tree_remove(scene->path);
	arena_free(scene->arena);
}

static const char *
after(const struct scene *scene, enum power_model model, struct crash crash)
{
	static char text[TEXT_SIZE];
	struct power_view view;

	assert_int_equal(power_view_init(&view, scene->power[model], &crash), 0);
	tell_view(scene->stage.record->versions, &view.view, text, sizeof(text));
	power_view_fini(&view);
	return text;
}

/* At the end: nothing that need not be, names alone, bytes alone. */
struct extremes {
	const char *nothing, *names, *data;
};

static void
expect_extremes(const struct scene *scene, enum power_model model, const struct extremes *expected)
{
	uint32_t end = scene->stage.record->ops;

	assert_string_equal(after(scene, model, (struct crash){.cut = end}), expected->nothing);
	assert_string_equal(after(scene, model, (struct crash){.cut = end, .names = ALL}),
	                    expected->names);
	assert_string_equal(after(scene, model, (struct crash){.cut = end, .data = ALL}),
	                    expected->data);
}

static void
test_extremes(void **state)
{
	static const struct {
		const char *before, *script;
		struct extremes ext4, posix;
	} cases[] = {
	    /* A new file that nobody synced. */
	    {"", "open a, write a 0 3 x", {"", "a:; ", ""}, {"", "a:; ", ""}},
	    /* Synced itself, but not its folder: ext4's journal has the name, too. */
	    {"",
	     "open a, write a 0 3 x, fsync a",
	     {"a: 3*x; ", "a: 3*x; ", "a: 3*x; "},
	     {"", "a: 3*x; ", ""}},
	    {"",
	     "open a, write a 0 3 x, fsync a, fsync .",
	     {"a: 3*x; ", "a: 3*x; ", "a: 3*x; "},
	     {"a: 3*x; ", "a: 3*x; ", "a: 3*x; "}},
	    /* A rename over a file: ext4 writes the bytes first. */
	    {"open a, write a 0 3 o",
	     "open b, write b 0 5 n, rename b a",
	     {"a: 3*o; ", "a: 5*n; ", "a: 3*o; "},
	     {"a: 3*o; ", "a:; ", "a: 3*o; "}},
	    /* To a name that was free it does not. */
	    {"", "open b, write b 0 5 n, rename b a", {"", "a:; ", ""}, {"", "a:; ", ""}},
	    /* Cut and let go: the same; while it is open it is not written. */
	    {"open a, write a 0 3 o",
	     "cut a, write a 0 5 n, close a",
	     {"a: 3*o; ", "a: 5*n; ", "a: 3*o; "},
	     {"a: 3*o; ", "a: 3*o; ", "a: 5*n; "}},
	    {"open a, write a 0 3 o",
	     "cut a, write a 0 5 n",
	     {"a: 3*o; ", "a:; ", "a: 3*o; "},
	     {"a: 3*o; ", "a: 3*o; ", "a: 5*n; "}},
	    /* Written in place. */
	    {"open a, write a 0 5 o",
	     "open a, write a 0 2 n",
	     {"a: 5*o; ", "a: 5*o; ", "a: 2*n 3*o; "},
	     {"a: 5*o; ", "a: 5*o; ", "a: 2*n 3*o; "}},
	    /* Longer within a page that is on disk: ext4 knows the length before the bytes. */
	    {"open a, write a 0 5 o",
	     "open a, write a 5 2 n",
	     {"a: 5*o; ", "a: 5*o 2*0; ", "a: 5*o; "},
	     {"a: 5*o; ", "a: 5*o; ", "a: 5*o 2*n; "}},
	    /* Removed: the file is back, for its folder was not synced. */
	    {"open a, write a 0 5 o",
	     "unlink a",
	     {"a: 5*o; ", "", "a: 5*o; "},
	     {"a: 5*o; ", "", "a: 5*o; "}},
	    /* Syncing another file that has changed commits ext4's journal; posix knows no such. */
	    {"open a, open b",
	     "unlink a, open b, write b 0 1 x, fsync b",
	     {"b: 1*x; ", "b: 1*x; ", "b: 1*x; "},
	     {"a:; b: 1*x; ", "b: 1*x; ", "a:; b: 1*x; "}},
	    /* fdatasync of bytes in place has nothing for the journal. */
	    {"open b, write b 0 5 o, open a",
	     "unlink a, open b, write b 0 1 x, fdatasync b",
	     {"a:; b: 1*x 4*o; ", "b: 1*x 4*o; ", "a:; b: 1*x 4*o; "},
	     {"a:; b: 1*x 4*o; ", "b: 1*x 4*o; ", "a:; b: 1*x 4*o; "}},
	    /* A folder and what is in it. */
	    {"",
	     "mkdir d, open d/a, fsync d/a, fsync d, rename d e",
	     {"d/; d/a:; ", "e/; e/a:; ", "d/; d/a:; "},
	     {"", "e/; e/a:; ", ""}},
	    {"",
	     "open a, write a 0 3 x, sync",
	     {"a: 3*x; ", "a: 3*x; ", "a: 3*x; "},
	     {"a: 3*x; ", "a: 3*x; ", "a: 3*x; "}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene scene;
		scene_play(&scene, cases[i].before, cases[i].script);
		print_message("# case %zu\n", i);
		expect_extremes(&scene, POWER_EXT4, &cases[i].ext4);
		expect_extremes(&scene, POWER_POSIX, &cases[i].posix);
		scene_end(&scene);
	}
}

static const char three_pages[] = "open a, write a 0 12288 o";
static const char first_and_last[] = "open a, write a 0 12288 n";

static void
test_pages_reach_the_disk_in_any_order(void **state)
{
	struct scene scene;
	struct crash crash = {.names = ALL, .data = ALL, .odd = CRASH_PAGES, .odd_pages = 1};

	scene_play(&scene, three_pages, first_and_last);
	crash.cut = scene.stage.record->ops;
	crash.odd_node = versions_find(scene.stage.record->versions, 0, "a");
	for (int model = POWER_EXT4; model <= POWER_POSIX; model++)
		assert_string_equal(after(&scene, (enum power_model)model, crash),
		                    "a: 4096*o 8192*n; ");
	crash.names = crash.data = 0;
	crash.odd_page = 2;
	crash.odd_version = ALL;
	for (int model = POWER_EXT4; model <= POWER_POSIX; model++)
		assert_string_equal(after(&scene, (enum power_model)model, crash),
		                    "a: 8192*o 4096*n; ");
	scene_end(&scene);
}

/* What is new in a file ext4 writes before the file is that long. */
static void
test_only_posix_shows_a_new_page_without_its_bytes(void **state)
{
	struct scene scene;
	struct crash crash = {.names = ALL, .data = ALL, .odd = CRASH_PAGES, .odd_pages = 1};

	scene_play(&scene, "", first_and_last);
	crash.cut = scene.stage.record->ops;
	crash.odd_node = versions_find(scene.stage.record->versions, 0, "a");
	assert_string_equal(after(&scene, POWER_EXT4, crash), "a: 12288*n; ");
	assert_string_equal(after(&scene, POWER_POSIX, crash), "a: 4096*0 8192*n; ");
	scene_end(&scene);
}

static const char two_names[] = "open a, open b, unlink a";

static void
test_names_are_lost_one_by_one(void **state)
{
	struct scene scene;
	struct crash crash = {.names = ALL, .data = ALL, .odd = CRASH_WITHOUT};
	const struct record *record;

	scene_play(&scene, "", two_names);
	record = scene.stage.record;
	crash.cut = record->ops;
	crash.odd_node = versions_find(record->versions, 0, "");
	crash.odd_version = record->op[2].version + 1;
	assert_string_equal(after(&scene, POWER_POSIX, crash), "a:; b:; ");
	crash.odd_version = record->op[1].version + 1;
	assert_string_equal(after(&scene, POWER_POSIX, crash), "");
	crash.odd = CRASH_ONLY;
	crash.names = 0;
	assert_string_equal(after(&scene, POWER_POSIX, crash), "b:; ");
	/* ext4 has them in order: what that says about one is nothing to it. */
	assert_string_equal(after(&scene, POWER_EXT4, crash), "");
	crash.names = record->op[1].version;
	assert_string_equal(after(&scene, POWER_EXT4, crash), "a:; ");
	scene_end(&scene);
}

/* Both names of a rename, or none. */
static void
test_a_rename_in_one_folder_is_one_change(void **state)
{
	static const char before[] = "open a, write a 0 1 x";
	static const char script[] = "rename a b, open c";
	struct scene scene;
	struct crash crash = {.names = ALL, .data = ALL, .odd = CRASH_WITHOUT};

	scene_play(&scene, before, script);
	crash.cut = scene.stage.record->ops;
	crash.odd_node = versions_find(scene.stage.record->versions, 0, "");
	crash.odd_version = scene.stage.record->op[0].version + 1;
	assert_string_equal(after(&scene, POWER_POSIX, crash), "a: 1*x; c:; ");
	crash.odd = CRASH_ONLY;
	crash.names = 0;
	assert_string_equal(after(&scene, POWER_POSIX, crash), "b: 1*x; ");
	scene_end(&scene);
}

static void
test_what_is_synced_later_is_not_yet(void **state)
{
	static const char script[] = "open a, write a 0 1 x, fsync a";
	struct scene scene;

	scene_play(&scene, "", script);
	assert_string_equal(after(&scene, POWER_EXT4, (struct crash){.cut = 2}), "");
	assert_string_equal(after(&scene, POWER_EXT4, (struct crash){.cut = 3}), "a: 1*x; ");
	scene_end(&scene);
}

static void
test_a_replay_that_differs_is_found(void **state)
{
	static const char script[] = "open a, write a 0 1 x";
	struct scene scene;
	uint32_t op;

	scene_play(&scene, "", script);
	scene.stage.record->op[1].sum++;
	assert_int_equal(power_replay(scene.power[POWER_EXT4], &op), -EIO);
	assert_int_equal(op, 1);
	scene_end(&scene);
}

/* Memory is lost whole; what is not looked at is kept whole. */
static void
test_a_layer_can_be_lost_or_kept(void **state)
{
	static const char script[] = "open a";
	static const enum power_fate lost[VERSION_LAYERS] = {FATE_LOST},
				     kept[VERSION_LAYERS] = {FATE_KEPT};
	struct scene scene;

	scene_play(&scene, "", script);
	scene.power[POWER_POSIX] = power_new(scene.stage.record, POWER_POSIX, kept);
	assert_string_equal(after(&scene, POWER_POSIX, (struct crash){.cut = 1}), "a:; ");
	scene.power[POWER_POSIX] = power_new(scene.stage.record, POWER_POSIX, lost);
	assert_string_equal(
	    after(&scene, POWER_POSIX, (struct crash){.cut = 1, .names = ALL, .data = ALL}), "");
	scene_end(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_extremes),
	    cmocka_unit_test(test_pages_reach_the_disk_in_any_order),
	    cmocka_unit_test(test_only_posix_shows_a_new_page_without_its_bytes),
	    cmocka_unit_test(test_names_are_lost_one_by_one),
	    cmocka_unit_test(test_a_rename_in_one_folder_is_one_change),
	    cmocka_unit_test(test_what_is_synced_later_is_not_yet),
	    cmocka_unit_test(test_a_replay_that_differs_is_found),
	    cmocka_unit_test(test_a_layer_can_be_lost_or_kept),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
