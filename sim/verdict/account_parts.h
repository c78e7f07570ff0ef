/* SPDX-License-Identifier: ISC
 *
 * Parts of account.c: one for each kind of job that has a ledger of its own.
 */
#ifndef SIM_VERDICT_ACCOUNT_PARTS_H
#define SIM_VERDICT_ACCOUNT_PARTS_H

#include "sim/verdict/ledger.h"
#include "sim/verdict/verdict.h"

struct account {
	struct run *run;
	struct verdict *verdict;      /* its facts are known, its ledger is what is wanted */
	const struct ledger_gap *gap; /* records that were given up */
	size_t gaps;
	char error[512]; /* in words, where there is more to say than -errno */
};

/* Each fills in account->verdict->ledger.  0 or -errno. */
int account_etl(struct account *account);
int account_graph(struct account *account);
int account_stream(struct account *account);

#endif
