/* The program: hands the command line to its subcommand. */
// SPDX-License-Identifier: MIT
#include <libxml/xmlerror.h>

#include "gateway/cli/cli.h"

/* What libxml2 would print of a page that is in no encoding: it is told in our own words. */
static void
say_nothing(void *ctx, const char *format, ...)
{
    (void)ctx;
    (void)format;
}

int
main(int argc, char **argv)
{
    xmlSetGenericErrorFunc(NULL, say_nothing);
    return cli_main(argc, argv);
}
