/* SPDX-License-Identifier: ISC
 *
 * vis(3), byte by byte, so that cutting off never splits an escape.
 */
#include <string.h>

/* vis.h wants a choice between two signatures of strnvis, which is not used here. */
#define LIBBSD_NETBSD_VIS 1
#include <vis.h>

#include "sim/util/safe_text.h"

const char *
safe_text(char *out, size_t size, const char *bytes, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		char shown[8];
		size_t width;

		vis(shown, bytes[i],
		    VIS_OCTAL | VIS_CSTYLE | VIS_NL | VIS_TAB | VIS_NOSLASH | VIS_NOLOCALE,
		    i + 1 < length ? bytes[i + 1] : 0);
		width = strlen(shown);
		if (used + width >= size)
			break;
		memcpy(out + used, shown, width);
		used += width;
	}
	if (size > 0)
		out[used] = '\0';
	return out;
}
