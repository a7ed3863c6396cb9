/* Subcommands that are known and come with a later release. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/cli.h"
#include "gateway/cli/text.h"

int
cmd_later(const struct cli_call *call)
{
    return cli_fail(call, CLI_FAILED, "%s",
                    text_of("this command comes with a later release of loa"));
}
