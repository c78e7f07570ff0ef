/* SPDX-License-Identifier: ISC
 *
 * Evaluating conditions.
 */
#include "sim/scenario/condition.h"
#include "core/check.h"
#include "sim/scenario/compare.h"

bool
condition_holds(const struct condition *condition,
                uint64_t (*ask)(void *context, const struct condition_term *term), void *context)
{
	bool stack[CONDITION_TERMS_MAX];
	unsigned top = 0;

	for (unsigned i = 0; i < condition->terms; i++) {
		const struct condition_term *term = &condition->term[i];
		switch (term->what) {
		case CONDITION_AND:
			CHECK(top >= 2);
			top--;
			stack[top - 1] = stack[top - 1] && stack[top];
			break;
		case CONDITION_OR:
			CHECK(top >= 2);
			top--;
			stack[top - 1] = stack[top - 1] || stack[top];
			break;
		case CONDITION_NOT:
			CHECK(top >= 1);
			stack[top - 1] = !stack[top - 1];
			break;
		default:
			stack[top++] =
			    term->what >= CONDITION_RECOVERY
				? ask(context, term) != 0
				: compare_holds(ask(context, term), term->compare, term->value);
		}
	}
	return top == 0 || stack[top - 1];
}
