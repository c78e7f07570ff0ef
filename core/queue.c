/* SPDX-License-Identifier: ISC
 *
 * First-in first-out queues of tasks.
 */
#include "queue.h"
#include "state.h"

void
queue_init(struct queue *queue)
{
	*queue = (struct queue){.head = CORE_NO_TASK, .tail = CORE_NO_TASK};
}

void
queue_push(struct queue *queue, struct task *tasks, uint32_t task)
{
	tasks[task].next = CORE_NO_TASK;
	if (queue->count++ == 0)
		queue->head = task;
	else
		tasks[queue->tail].next = task;
	queue->tail = task;
}

void
queue_push_first(struct queue *queue, struct task *tasks, uint32_t task)
{
	tasks[task].next = queue->head;
	if (queue->count++ == 0)
		queue->tail = task;
	queue->head = task;
}

uint32_t
queue_pop(struct queue *queue, struct task *tasks)
{
	CHECK(queue->count > 0);
	uint32_t task = queue->head;
	queue->head = tasks[task].next;
	if (--queue->count == 0)
		queue->tail = CORE_NO_TASK;
	return task;
}
