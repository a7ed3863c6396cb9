/* `loa gateway`: runs the daemon in the foreground. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/cli.h"
#include "gateway/daemon.h"

int
cmd_gateway(const struct cli_call *call)
{
    struct conf *conf = cli_conf_redis(call);
    if (!conf) {
        return CLI_USAGE;
    }
    int code = daemon_run(conf) == 0 ? CLI_DONE : CLI_FAILED;
    conf_free(&conf);
    return code;
}
