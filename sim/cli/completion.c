/* SPDX-License-Identifier: ISC
 *
 * graveshift completion: the scripts for the shells.  They only pass words on and take them back:
 * what there is, is the program's to say, so that no script can be older than its program.
 */
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/completion.h"
#include "sim/util/fail.h"

/* readline splits words at =, and what it takes back is only the last part. */
static const char bash[] =
    "# bash completion for graveshift: graveshift completion bash\n"
    "_graveshift()\n"
    "{\n"
    "	local program=${COMP_WORDS[0]/#\\~/$HOME} words=() split= word about i\n"
    "	COMPREPLY=()\n"
    "	for ((i = 1; i <= COMP_CWORD; i++)); do\n"
    "		if ((i > 2)) && [[ ${COMP_WORDS[i]} == = || ${COMP_WORDS[i - 1]} == = ]]; then\n"
    "			words[${#words[@]} - 1]+=${COMP_WORDS[i]}\n"
    "		else\n"
    "			words+=(\"${COMP_WORDS[i]}\")\n"
    "		fi\n"
    "	done\n"
    "	word=${words[${#words[@]} - 1]}\n"
    "	[[ $COMP_WORDBREAKS != *=* || $word != *=* ]] || split=${word%=*}=\n"
    "	local typed=${word#\"$split\"}\n"
    "	while IFS=$'\\t' read -r word about; do\n"
    "		case $word in\n"
    "		:files)\n"
    "			compopt -o filenames\n"
    "			while IFS= read -r word; do\n"
    "				COMPREPLY+=(\"$word\")\n"
    "			done < <(compgen -d -- \"$typed\"; compgen -f -X \"!$about\" -- "
    "\"$typed\")\n"
    "			;;\n"
    "		:folders)\n"
    "			compopt -o filenames\n"
    "			while IFS= read -r word; do\n"
    "				COMPREPLY+=(\"$word\")\n"
    "			done < <(compgen -d -- \"$typed\")\n"
    "			;;\n"
    "		*)\n"
    "			[[ $word != *= ]] || compopt -o nospace\n"
    "			COMPREPLY+=(\"${word#\"$split\"}\")\n"
    "			;;\n"
    "		esac\n"
    "	done < <(command \"$program\" completion words -- \"${words[@]}\")\n"
    "} 2>/dev/null\n"
    "complete -F _graveshift graveshift\n";

static const char zsh[] =
    "#compdef graveshift\n"
    "# zsh completion for graveshift: graveshift completion zsh\n"
    "_graveshift()\n"
    "{\n"
    "	local program=${${(Q)words[1]}/#\\~/$HOME} line word\n"
    "	local -a plain open\n"
    "	for line in \"${(@f)$(command \"$program\" completion words -- \"${(@Q)words[2,CURRENT]}\" "
    "2>/dev/null)}\"; do\n"
    "		word=${line%%$'\\t'*}\n"
    "		case $word in\n"
    "		'') ;;\n"
    "		:files) compset -P '--*='; _files -g \"${line#*$'\\t'}\" ;;\n"
    "		:folders) compset -P '--*='; _files -/ ;;\n"
    "		*=) open+=(\"${word//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
    "		*) plain+=(\"${word//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
    "		esac\n"
    "	done\n"
    "	((!$#plain)) || _describe graveshift plain\n"
    "	((!$#open)) || _describe graveshift open -S ''\n"
    "}\n"
    "if [[ ${funcstack[1]} == _graveshift ]]; then\n"
    "	_graveshift \"$@\"\n"
    "elif ((${+functions[compdef]})); then\n"
    "	compdef _graveshift graveshift\n"
    "fi\n";

static const char fish[] =
    "# fish completion for graveshift: graveshift completion fish\n"
    "function __graveshift_words\n"
    "	set -l words (commandline -opc) (commandline -ct)\n"
    "	set -l program (string replace -r '^~' $HOME -- $words[1])\n"
    "	for line in (command $program completion words -- $words[2..] 2>/dev/null)\n"
    "		set -l parts (string split -m 1 \\t -- $line)\n"
    "		switch $parts[1]\n"
    "			case :files\n"
    "				__fish_complete_suffix (commandline -ct) (string replace '*' '' -- "
    "$parts[2])\n"
    "			case :folders\n"
    "				__fish_complete_directories (commandline -ct)\n"
    "			case '*'\n"
    "				printf '%s\\n' $line\n"
    "		end\n"
    "	end\n"
    "end\n"
    "complete -c graveshift -f -a '(__graveshift_words)'\n";

const char *
completion_script(const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		return bash;
	if (strcmp(shell, "zsh") == 0)
		return zsh;
	return strcmp(shell, "fish") == 0 ? fish : NULL;
}

int
command_completion(int argc, char **argv)
{
	struct options options;
	const char *script;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	script = completion_script(options.word[0]);
	if (strcmp(options.word[0], "words") == 0) {
		completion_words(options.word + 1, options.words - 1, stdout);
		return EXIT_MET;
	}
	if (script == NULL || options.words > 1) {
		complain("completion: %s: it is for bash, zsh or fish",
		         options.word[script == NULL ? 0 : 1]);
		return EXIT_USAGE;
	}
	fputs(script, stdout);
	return EXIT_MET;
}
