/* SPDX-License-Identifier: ISC
 *
 * I12: running a finished job again changes nothing.  The run is taken up once more, as by a person
 * who types `graveshift resume`, in a process of its own; its files must be the same afterwards,
 * byte for byte, and so must its verdict, which looks at a sink on a server as well.
 */
#ifndef SIM_CLI_REPEAT_H
#define SIM_CLI_REPEAT_H

#include <stddef.h>

#define AGAIN_PROMISE "I12 running a finished job again changes nothing"

/* code: how the run's last life ended.  EXIT_MET, or EXIT_UNMET with finding[size] saying what has
 * changed; EXIT_INCONCLUSIVE: the job has not ended, so there is nothing to ask; others after
 * saying why. */
int repeat_play(const char *path, int code, char *finding, size_t size);

#endif
