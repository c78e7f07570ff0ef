/* SPDX-License-Identifier: ISC
 *
 * The model of ext4 held against ext4: small scripts are played on one in a loop device, which is
 * then shut down as if the power had failed and mounted again.  What is there must be among what
 * the model says can be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linux/loop.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "sim/util/tree.h"
#include "tests/unit/power_script.h"

#define MEMORY ((size_t)1 << 30)
#define ALL UINT32_MAX
#define TEXT_SIZE 1024
#define PATH_SIZE 128
#define IMAGE_SIZE ((off_t)16 << 20)
#define SHUTDOWN _IOR('X', 125, uint32_t) /* EXT4_IOC_SHUTDOWN, which no header has */
#define SHUTDOWN_NOLOGFLUSH 2

/* Of what the kernel could have done by itself until the power fails. */
enum luck { LUCK_NOTHING, LUCK_NAMES, LUCK_BYTES, LUCKS };

struct host {
	char path[PATH_SIZE], loop[32], at[PATH_SIZE], work[PATH_SIZE];
	int loop_fd;
	const char *lacks; /* why it cannot be tested here; NULL: nothing */
};

static struct host host = {.loop_fd = -1};

static int
run(const char *const *words)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(words[0], (char *const *)words);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

static int
attach(void)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	int image = memfd_create("graveshift-ext4", MFD_CLOEXEC);
	struct loop_config config = {.fd = (uint32_t)image,
	                             .info = {.lo_flags = LO_FLAGS_AUTOCLEAR}};
	int error = -1;

	snprintf(host.loop, sizeof(host.loop), "/dev/loop%d", number);
	host.loop_fd = number < 0 ? -1 : open(host.loop, O_RDWR | O_CLOEXEC);
	if (host.loop_fd >= 0 && image >= 0 && ftruncate(image, IMAGE_SIZE) == 0)
		error = ioctl(host.loop_fd, LOOP_CONFIGURE, &config);
	close(image);
	close(control);
	return error;
}

static int
make_files(void)
{
	const char *const words[] = {"mkfs.ext4", "-q", "-F", "-b", "4096", host.loop, NULL};

	return run(words);
}

static int
begin(void **state)
{
	const char *below = getenv("TMPDIR");

	snprintf(host.path, sizeof(host.path), "%.64s/graveshift-test-ext4.XXXXXX",
	         below != NULL ? below : "/tmp");
	if (mkdtemp(host.path) == NULL)
		return -1;
	snprintf(host.at, sizeof(host.at), "%.100s/at", host.path);
	snprintf(host.work, sizeof(host.work), "%.100s/at/work", host.path);
	if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		host.lacks = "not root";
	else if (mkdir(host.at, 0700) != 0 || attach() != 0)
		host.lacks = "no loop device";
	else if (make_files() != 0)
		host.lacks = "no mkfs.ext4";
	else if (mount(host.loop, host.at, "ext4", 0, NULL) != 0 || umount(host.at) != 0)
		host.lacks = "no ext4";
	return 0;
}

static int
finish(void **state)
{
	umount(host.at);
	close(host.loop_fd);
	tree_remove(host.path);
	return 0;
}

/* --- the real one */

static void
sync_ranges(unsigned flags)
{
	int work = open(host.work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < SCRIPT_NAMES; i++) {
		int fd = openat(work, script_names[i], O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			sync_file_range(fd, 0, 0, flags);
		close(fd);
	}
	close(work);
}

/* Another file's fsync commits the journal.  What is on its way to the disk already arrives. */
static void
commit_names(void)
{
	char path[PATH_SIZE];
	int fd;

	sync_ranges(SYNC_FILE_RANGE_WAIT_BEFORE);
	snprintf(path, sizeof(path), "%.100s/other", host.at);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && write(fd, "x", 1) == 1 && fsync(fd) == 0);
	close(fd);
}

static void
fail_power(enum luck luck)
{
	uint32_t flags = SHUTDOWN_NOLOGFLUSH;
	int fd;

	if (luck == LUCK_NAMES)
		commit_names();
	if (luck == LUCK_BYTES)
		sync_ranges(SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
		            SYNC_FILE_RANGE_WAIT_AFTER);
	fd = open(host.at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(ioctl(fd, SHUTDOWN, &flags), 0);
	close(fd);
}

static void
play_real(const char *before, const char *script, int actions, enum luck luck, char *text)
{
	struct stage stage = {0};

	assert_int_equal(mount(host.loop, host.at, "ext4", 0, NULL), 0);
	tree_remove(host.work);
	assert_int_equal(mkdir(host.work, 0755), 0);
	stage.folder = open(host.work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(stage_script(&stage, before, INT_MAX) >= 0);
	stage_close_all(&stage);
	assert_int_equal(syncfs(stage.folder), 0);
	assert_int_equal(stage_script(&stage, script, actions), actions);
	fail_power(luck);
	stage_close_all(&stage);
	close(stage.folder);
	assert_int_equal(umount(host.at), 0);
	assert_int_equal(mount(host.loop, host.at, "ext4", 0, NULL), 0);
	stage.folder = open(host.work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tell_folder(stage.folder, text, TEXT_SIZE);
	close(stage.folder);
	assert_int_equal(umount(host.at), 0);
}

/* --- the model */

struct scene {
	struct arena *arena;
	struct stage stage;
	struct power *power;
	char path[PATH_SIZE];
};

static void
play_model(struct scene *scene, const char *before, const char *script)
{
	static const enum power_fate fate[VERSION_LAYERS] = {FATE_MODEL};

	memset(scene, 0, sizeof(*scene));
	snprintf(scene->path, sizeof(scene->path), "%.100s/model", host.path);
	assert_int_equal(mkdir(scene->path, 0755), 0);
	scene->stage.folder = open(scene->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scene->arena = arena_new(MEMORY);
	assert_non_null(scene->arena);
	assert_true(stage_script(&scene->stage, before, INT_MAX) >= 0);
	stage_close_all(&scene->stage);
	stage_begin(&scene->stage, scene->arena);
	assert_true(stage_script(&scene->stage, script, INT_MAX) > 0);
	stage_end(&scene->stage);
	scene->power = power_new(scene->stage.record, POWER_EXT4, fate);
	assert_non_null(scene->power);
}

static void
end_model(struct scene *scene)
{
	close(scene->stage.folder);
	tree_remove(scene->path);
	arena_free(scene->arena);
}

static bool
is_like(const struct scene *scene, struct crash crash, const char *real)
{
	char text[TEXT_SIZE];
	struct power_view view;

	assert_int_equal(power_view_init(&view, scene->power, &crash), 0);
	tell_view(scene->stage.record->versions, &view.view, text, sizeof(text));
	power_view_fini(&view);
	return strcmp(text, real) == 0;
}

/* The same, with all bytes of one file or those of one of its pages from any version. */
static bool
can_be_oddly(const struct scene *scene, struct crash crash, uint32_t last, const char *real)
{
	crash.odd_node = versions_find(scene->stage.record->versions, 0, "a");
	crash.odd_pages = 1;
	for (crash.odd_version = 0; crash.odd_version <= last; crash.odd_version++) {
		crash.odd = CRASH_FILE;
		if (crash.odd_node != NULL && is_like(scene, crash, real))
			return true;
		crash.odd = CRASH_PAGES;
		for (crash.odd_page = 0; crash.odd_page < 3; crash.odd_page++)
			if (crash.odd_node != NULL && is_like(scene, crash, real))
				return true;
	}
	return false;
}

/* Names up to any version, and bytes. */
static bool
can_be(const struct scene *scene, uint32_t cut, const char *real)
{
	uint32_t last = power_version(scene->power, cut) + 1;

	for (uint32_t names = 0; names <= last; names++)
		for (uint32_t data = 0; data <= last; data++) {
			struct crash crash = {.cut = cut, .names = names, .data = data};
			if (is_like(scene, crash, real) || can_be_oddly(scene, crash, last, real))
				return true;
		}
	return false;
}

/* --- both */

static const char *const luck_names[LUCKS] = {"nothing", "names", "bytes"};

static void
compare_at(const struct scene *scene, const char *before, const char *script, int actions,
           uint32_t cut)
{
	char real[TEXT_SIZE];

	for (int luck = LUCK_NOTHING; luck < LUCKS; luck++) {
		play_real(before, script, actions, (enum luck)luck, real);
		if (!can_be(scene, cut, real))
			fail_msg("\"%s\" and then \"%s\", cut before the operation %u, %s: ext4 "
			         "has \"%s\", which the model has not",
			         before, script, cut, luck_names[luck], real);
	}
}

/* Cut before each operation but the first, when what is closed before it is closed, and at the end.
 */
static void
compare(const char *before, const char *script)
{
	const char *rest = script, *next;
	struct scene scene;
	struct action action;
	uint32_t cut = 0;

	play_model(&scene, before, script);
	for (int actions = 0; rest != NULL; actions++) {
		next = action_read(rest, &action);
		rest = next;
		if (next != NULL && action.kind == ACT_CLOSE)
			continue;
		if (cut > 0)
			compare_at(&scene, before, script, actions, cut);
		cut++;
	}
	assert_int_equal(cut, scene.stage.record->ops + 1);
	end_model(&scene);
}

static void
test_ext4_does_what_its_model_says(void **state)
{
	static const struct {
		const char *before, *script;
	} cases[] = {
	    {"", "open a, write a 0 3 x, close a, fsync ."},
	    {"open a, write a 0 3 o", "open b, write b 0 5 n, close b, rename b a"},
	    {"", "open b, write b 0 5 n, close b, rename b a, open b, fsync b"},
	    {"open a, write a 0 3 o", "cut a, write a 0 5 n, close a, mkdir d"},
	    {"open a, write a 0 5 o", "open a, write a 5 2 n, write a 7 2 m, close a"},
	    {"open a, write a 0 5000 o", "open a, write a 5000 5000 n, write a 0 10 m"},
	    {"open a, write a 0 5000 o, open b", "unlink b, open a, write a 0 1 x, fdatasync a"},
	    {"open a, write a 0 5000 o, open b", "unlink b, open a, write a 0 1 x, fsync a"},
	    {"open a, write a 0 5000 o, open b", "unlink b, open a, write a 9000 1 x, fdatasync a"},
	    {"open a, write a 0 9000 o", "open a, length a 100, write a 100 9000 n"},
	    {"", "mkdir d, open d/a, write d/a 0 3 x, fsync d/a, close d/a, rename d e, fsync e"},
	    {"open a, write a 0 3 o", "link a b, open a, write a 0 1 x, close a, unlink a"},
	    {"open a, write a 0 9000 o", "open b, write b 0 5000 n, close b, unlink a, fsync ."},
	    {"open a, write a 0 3 o", "open b, write b 0 5 n, fsync b, close b, rename b a"},
	    {"open a, write a 0 9000 o", "cut a, write a 0 3 n, fdatasync a, write a 3 5000 m"},
	    {"open a", "unlink a, open b, fsync b, write b 0 1 x, fdatasync b, open c"},
	};

	if (host.lacks != NULL) {
		print_message("# SKIP %s\n", host.lacks);
		skip();
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		compare(cases[i].before, cases[i].script);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ext4_does_what_its_model_says),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin, finish);
}
