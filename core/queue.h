/* SPDX-License-Identifier: ISC
 *
 * First-in first-out queues of tasks, linked through the tasks themselves: no memory of their own,
 * and a task can be in one queue at a time.
 */
#ifndef CORE_QUEUE_H
#define CORE_QUEUE_H

#include <stdint.h>

struct task;

struct queue {
	uint32_t head;
	uint32_t tail;
	uint32_t count;
};

void queue_init(struct queue *queue);
void queue_push(struct queue *queue, struct task *tasks, uint32_t task);
/* Before all others. */
void queue_push_first(struct queue *queue, struct task *tasks, uint32_t task);
/* Takes the first; the queue must not be empty. */
uint32_t queue_pop(struct queue *queue, struct task *tasks);

#endif
