/* SPDX-License-Identifier: ISC
 *
 * The table of keys.
 */
#include "tui/view/keys.h"
#include "tui/screen/terminal.h"

const struct key_row key_rows[] = {
#define KEY(command, label, hint, help, ...) {{__VA_ARGS__}, command, label, hint, help},
#include "tui/view/keys.def"
#undef KEY
};
const size_t key_row_count = sizeof(key_rows) / sizeof(key_rows[0]);

enum command_key
key_command(uint32_t key)
{
	for (size_t i = 0; i < key_row_count; i++)
		for (size_t j = 0; j < 3; j++)
			if (key != 0 && key_rows[i].key[j] == key)
				return (enum command_key)key_rows[i].command;
	return DO_NOTHING;
}
