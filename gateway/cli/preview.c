/* `loa preview`: what each channel would send. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/cli.h"

int
cmd_preview(const struct cli_call *call)
{
    return cmd_later(call);
}
