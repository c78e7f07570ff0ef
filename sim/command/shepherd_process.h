/* SPDX-License-Identifier: ISC
 *
 * Between the shepherd's two sides: what is asked of it, and its process.
 */
#ifndef SIM_COMMAND_SHEPHERD_PROCESS_H
#define SIM_COMMAND_SHEPHERD_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#define SHEPHERD_TEXT_MAX (96u << 10) /* of all words together */
#define SHEPHERD_WORDS_MAX 64

enum shepherd_request_kind { SHEPHERD_START, SHEPHERD_KILL, SHEPHERD_TIDY };

/* Behind one of kind START: the folder, so many words and so many variables, each with its NUL. */
struct shepherd_request {
	uint32_t kind, words, variables;
	uint64_t file_max;
};

/* Body of the process; fd: its end of the socket, the only descriptor that it keeps. */
_Noreturn void shepherd_main(int fd);

#endif
