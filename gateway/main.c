/* The program: hands the command line to its subcommand. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/cli.h"

int
main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
