/* `loa gateway`: runs the daemon in the foreground. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/text.h"
#include "gateway/daemon.h"

static bool
set_level(const char *word)
{
    static const char *const words[] = {"debug", "info", "warning", "error"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(word, words[i]) == 0) {
            log_set_level((enum log_level)i);
            return true;
        }
    }
    return false;
}

int
cmd_gateway(const struct cli_call *call)
{
    const struct gateway_options *options = call->options;
    daemon_hold_signals();
    if (options->log && !set_level(options->log)) {
        return cli_fail(call, CLI_USAGE,
                        text_of("'%s' is no level; debug, info, warning or error would be right"),
                        options->log);
    }
    struct conf *conf = cli_conf(call);
    if (!conf) {
        return CLI_USAGE;
    }
    cli_set_zone(conf); /* quiet hours are in it */
    int code = daemon_run(conf) == 0 ? CLI_DONE : CLI_FAILED;
    conf_free(&conf);
    return code;
}
