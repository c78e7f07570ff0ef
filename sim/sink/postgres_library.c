/* SPDX-License-Identifier: ISC
 *
 * Finding libpq at run time.
 */
#include <dlfcn.h>
#include <stdio.h>

#include "sim/sink/postgres_library.h"

#define LIBRARY "libpq.so.5"

static const char *const names[] = {
#define FUNCTION(name) #name,
#include "sim/sink/postgres_library.def"
#undef FUNCTION
};

static union {
	struct postgres_library library;
	void *function[sizeof(names) / sizeof(names[0])];
} loaded;

_Static_assert(sizeof(loaded.library) == sizeof(loaded.function), "one pointer for each name");

/* What is missing of it, in words; NULL: nothing. */
static const char *
find_functions(void *handle)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		loaded.function[i] = dlsym(handle, names[i]);
		if (loaded.function[i] == NULL)
			return names[i];
	}
	return NULL;
}

const struct postgres_library *
postgres_library_load(char *error, size_t size)
{
	static void *handle;
	const char *missing;

	if (handle != NULL)
		return &loaded.library;
	handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		snprintf(error, size, "%s; Debian has it in libpq5", dlerror());
		return NULL;
	}
	missing = find_functions(handle);
	if (missing == NULL)
		return &loaded.library;
	snprintf(error, size, "%s is too old: it has no %s", LIBRARY, missing);
	dlclose(handle);
	handle = NULL;
	return NULL;
}
