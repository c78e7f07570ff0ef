/* SPDX-License-Identifier: ISC
 *
 * The history of a run, as viewers and reports see it: its event log from the first record to the
 * last, its plan, its attempts as spans, and its state at any record.  Read only; it may be opened
 * while other processes write the run, and takes in what is new when asked to.
 *
 * Records have numbers from 0.  "Moment i" is the state before record i: moment 0 is the beginning,
 * moment history_count() the newest.
 */
#ifndef SIM_HISTORY_HISTORY_H
#define SIM_HISTORY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/history/moment.h"
#include "sim/history/plan.h"
#include "sim/history/span.h"
#include "sim/rundir/eventlog.h"
#include "sim/scenario/scenario.h"

struct history;

/* Opens the log and the store of a run; scenario stays the caller's and outlives the history.  A
 * run without store or log yet has no records; with db "", the store is left alone, and nothing is
 * known of single tasks.  0 or -errno (-EBADMSG: no event log of our
 * version). */
int history_open(struct history **history, const struct scenario *scenario, const char *events,
                 const char *db);
/* The same of a run without a store: the plan is given, and becomes the history's. */
int history_open_planned(struct history **history, const struct scenario *scenario,
                         const char *events, struct plan *plan);
void history_close(struct history *history); /* NULL: nothing is open */

/* Who follows a run has learn() called before a record is taken in that is about a fault beyond
 * those of the scenario: it is to add those that were injected by hand since. */
void history_learn_faults(struct history *history, void (*learn)(void *context), void *context);

/* Takes in what was written since.  The number of new records, or -errno, and then it may be asked
 * again.  Moments of the caller's have to be sought anew afterwards: the plan may have grown. */
int64_t history_refresh(struct history *history);

uint64_t history_count(const struct history *history);
/* Record i, i < history_count(); valid until the next refresh. */
const struct logged *history_record(const struct history *history, uint64_t i);
/* Its run time: nanoseconds since record 0, never less than the one before it. */
int64_t history_time(const struct history *history, uint64_t i);
/* Run time of the last record; 0 without any. */
int64_t history_end(const struct history *history);

const struct scenario *history_scenario(const struct history *history);
const struct plan *history_plan(const struct history *history);
const struct spans *history_spans(const struct history *history);

/* The moment the newest record has led to; the history's, valid until the next refresh. */
const struct moment *history_newest(const struct history *history);

/* Makes *moment the state before record i (i <= history_count(); more is cut), from wherever it is.
 * *moment NULL: makes one, to be freed with moment_free.  0 or -ENOMEM. */
int history_seek(const struct history *history, struct moment **moment, uint64_t i);

/* How many records happened up to that run time: the moment to seek. */
uint64_t history_at(const struct history *history, int64_t ns);

/* Number of the next such record from i on, or the last before i; UINT64_MAX if there is none. */
uint64_t history_next_fault(const struct history *history, uint64_t i);
uint64_t history_previous_fault(const struct history *history, uint64_t i);
uint64_t history_next_of_task(const struct history *history, uint64_t i, uint32_t task);
uint64_t history_previous_of_task(const struct history *history, uint64_t i, uint32_t task);

/* All faults that were noted, in order: numbers of their records, and how many. */
const uint64_t *history_faults(const struct history *history, size_t *count);
/* Run time at which the fault of such a record was injected, which may be before it was noted. */
int64_t history_fault_time(const struct history *history, uint64_t i);

#endif
