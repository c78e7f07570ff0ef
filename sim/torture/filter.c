/* SPDX-License-Identifier: ISC
 *
 * The table of calls, and the filter that is made from it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim/torture/filter.h"
#include "sim/util/plant.h"

#if defined(__x86_64__)
#define OUR_MACHINE AUDIT_ARCH_X86_64
#define FOREIGN_FROM 0x40000000u /* calls of x32 */
#elif defined(__aarch64__)
#define OUR_MACHINE AUDIT_ARCH_AARCH64
#define FOREIGN_FROM UINT32_MAX
#else
#define OUR_MACHINE 0 /* whose calls are not known */
#define FOREIGN_FROM UINT32_MAX
#endif

/* Newer than the headers; the same number on all machines. */
#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif
#ifndef __NR_setxattrat
#define __NR_setxattrat 463
#endif
#ifndef __NR_removexattrat
#define __NR_removexattrat 466
#endif

#define NO CALL_NO
#define CWD CALL_CWD
#define ONWARD                  \
	{                       \
		false, false, 0 \
	}
#define OFFSET(n)              \
	{                      \
		true, false, n \
	}
#define POINTED(n)             \
	{                      \
		false, true, n \
	}
#define ALWAYS                   \
	{                        \
		GUARD_ALWAYS, NO \
	}
#define MAKES(n)               \
	{                      \
		GUARD_MAKES, n \
	}
#define STORES                   \
	{                        \
		GUARD_STORES, NO \
	}
#define CLONES                   \
	{                        \
		GUARD_CLONES, NO \
	}
#define AT(dir, path)     \
	{                 \
		dir, path \
	}
#define NONE           \
	{              \
		NO, NO \
	}

const struct call calls[] = {
#define CALL(name, effect, guard, first, second, fd, offset) \
	{#name, __NR_##name, EFFECT_##effect, guard, {first, second}, fd, offset},
#include "sim/torture/calls.def"
#undef CALL
};
const unsigned call_count = sizeof(calls) / sizeof(calls[0]);

#define TMPFILE_BIT (O_TMPFILE & ~O_DIRECTORY)
#define PROGRAM_MAX 1024

struct program {
	struct sock_filter line[PROGRAM_MAX];
	unsigned short used;
};

static void
add(struct program *program, uint16_t code, uint32_t value, uint8_t if_true, uint8_t if_false)
{
	program->line[program->used++] =
	    (struct sock_filter){.code = code, .jt = if_true, .jf = if_false, .k = value};
}

static void
load(struct program *program, size_t offset)
{
	add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* The low half, which has all flags. */
static void
load_argument(struct program *program, int number)
{
	size_t low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;

	load(program, offsetof(struct seccomp_data, args) + 8 * (size_t)number + low);
}

static void
answer(struct program *program, uint32_t action)
{
	add(program, BPF_RET | BPF_K, action, 0, 0);
}

static void
unless_equal(struct program *program, uint32_t value, uint8_t skip)
{
	add(program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip);
}

static void
unless_set(struct program *program, uint32_t bits, uint8_t skip)
{
	add(program, BPF_JMP | BPF_JSET | BPF_K, bits, 0, skip);
}

/* Jumps are relative: each guard knows how long it is. */
static void
add_call(struct program *program, const struct call *call, uint32_t action)
{
	switch (call->guard.kind) {
	case GUARD_ALWAYS:
		unless_equal(program, (uint32_t)call->number, 1);
		break;
	case GUARD_MAKES:
		unless_equal(program, (uint32_t)call->number, 4);
		load_argument(program, call->guard.argument);
		unless_set(program, O_CREAT | O_TRUNC | TMPFILE_BIT, 1);
		answer(program, action);
		action = SECCOMP_RET_ALLOW;
		break;
	case GUARD_STORES:
		unless_equal(program, (uint32_t)call->number, 7);
		load_argument(program, 2);
		unless_set(program, PROT_WRITE, 4);
		load_argument(program, 3);
		unless_set(program, MAP_SHARED, 2);
		add(program, BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 1, 0);
		answer(program, action);
		action = SECCOMP_RET_ALLOW;
		break;
	case GUARD_CLONES:
		unless_equal(program, (uint32_t)call->number, 6);
		load_argument(program, 1);
		add(program, BPF_JMP | BPF_JEQ | BPF_K, FICLONE, 2, 0);
		add(program, BPF_JMP | BPF_JEQ | BPF_K, FICLONERANGE, 1, 0);
		unless_equal(program, FIDEDUPERANGE, 1);
		answer(program, action);
		action = SECCOMP_RET_ALLOW;
		break;
	}
	answer(program, action);
}

static uint32_t
action_at(unsigned row, enum filter filter)
{
	if (calls[row].effect == EFFECT_REFUSED)
		return SECCOMP_RET_ERRNO | ENOSYS;
	if (filter == FILTER_REFUSES)
		return SECCOMP_RET_ALLOW;
	if (calls[row].effect == EFFECT_SYNC && filter == FILTER_KILLS)
		return SECCOMP_RET_ERRNO | 0;
	return SECCOMP_RET_TRACE | row;
}

static void
write_program(struct program *program, enum filter filter)
{
	program->used = 0;
	load(program, offsetof(struct seccomp_data, arch));
	add(program, BPF_JMP | BPF_JEQ | BPF_K, OUR_MACHINE, 1, 0);
	answer(program, SECCOMP_RET_KILL_PROCESS);
	load(program, offsetof(struct seccomp_data, nr));
	add(program, BPF_JMP | BPF_JGE | BPF_K, FOREIGN_FROM, 0, 1);
	answer(program, SECCOMP_RET_KILL_PROCESS);
	for (unsigned row = 0; row < call_count; row++) {
		if (calls[row].effect == EFFECT_RENAME && planted("torture-rename-unseen"))
			continue;
		if (action_at(row, filter) != SECCOMP_RET_ALLOW)
			add_call(program, &calls[row], action_at(row, filter));
	}
	answer(program, SECCOMP_RET_ALLOW);
}

int
filter_install(enum filter filter)
{
	static struct program program;
	struct sock_fprog wanted = {.filter = program.line};

	if (OUR_MACHINE == 0)
		return -ENOTSUP;
	write_program(&program, filter);
	wanted.len = program.used;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &wanted) == 0)
		return 0;
	if (errno != EACCES)
		return -errno;
	/* Without privilege, only for those who will never gain any. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &wanted) != 0)
		return -errno;
	return 0;
}
