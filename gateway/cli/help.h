/* What `--help` and a misspelt word print, out of the tables of cli.h. */
#ifndef LOA_CLI_HELP_H
#define LOA_CLI_HELP_H
// SPDX-License-Identifier: MIT

#include <stdio.h>

#include "gateway/cli/cli.h"

/* The list of subcommands; with `group` ("members") only its own. */
void help_all(FILE *to, const char *group);
void help_command(const struct cli_command *command, FILE *to);
/* Points to --help on stderr.  Returns CLI_USAGE. */
int help_pointer(const struct cli_command *command);
/* "Did you mean --to?" on stderr when an option is near `word`. */
void help_nearest_option(const struct cli_command *command, const char *word);
/* No such subcommand: names the nearest.  Returns CLI_USAGE, or CLI_DONE for "members --help". */
int help_unknown(int argc, char **argv);

#endif
