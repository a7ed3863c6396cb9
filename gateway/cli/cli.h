/* The command line: a table of subcommands, each with the table of its options.  Parsing, --help
 * and the tests all read these tables. */
#ifndef LOA_CLI_CLI_H
#define LOA_CLI_CLI_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>

#include "gateway/core/err.h"
#include "gateway/core/version.h"

/* Exit codes: scripts rely on them. */
enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/* One option.  `value` is the word that help shows for its value, NULL for a flag.  `where` is the
 * field of the command's own options struct: a bool for a flag, else a const char *. */
struct cli_option {
    const char *name;
    char letter; /* '\0': none */
    const char *value;
    const char *help;
    size_t where;
};

/* What a subcommand is handed.  All borrowed from the command line. */
struct cli_call {
    const struct cli_command *command;
    void *options; /* the command's own struct, filled in */
    char **operands;
    int operands_n;
    const char *config; /* -c, else $LOA_CONFIG, else /etc/loa/loa.yaml */
    bool config_given;  /* -c or $LOA_CONFIG */
    bool json;
};

/* A subcommand: its words, its options and what runs it. */
struct cli_command {
    const char *name;     /* "send", "members import" */
    const char *operands; /* "FILE|-" */
    const char *help;     /* one line */
    int (*run)(const struct cli_call *call);
    const struct cli_option *options;
    size_t options_n;
    size_t options_size; /* of the command's own struct */
    int least, most;     /* operands */
    bool json;           /* takes --json */
    bool later;          /* known, yet finished by a later release */
    const char *example;
};

/* Ends with a row without a name. */
extern const struct cli_command cli_commands[];

/* The whole program: dispatches, returns the exit code. */
int cli_main(int argc, char **argv);

/* Prints "loa NAME: sentence" on stderr and returns `code`. */
int cli_fail(const struct cli_call *call, int code, const char *format, ...) PRINTF_LIKE(3, 4);

/* The configuration of this call, or NULL after every mistake was printed on stderr: then return
 * CLI_USAGE.  Gives it (conf_free). */
struct conf;
struct conf *cli_conf(const struct cli_call *call) MUST_CHECK;
/* The same without its secrets: for any user. */
struct conf *cli_conf_words(const struct cli_call *call) MUST_CHECK;
/* The message templates of a configuration (NULL: those built in), or NULL after every mistake was
 * printed on stderr: then return CLI_USAGE.  Gives them (template_set_free). */
struct template_set;
struct template_set *cli_templates(const struct conf *conf) MUST_CHECK;
/* Times are read and shown in its zone from now on. */
void cli_set_zone(const struct conf *conf);

int cmd_gateway(const struct cli_call *call);
int cmd_check(const struct cli_call *call);
int cmd_send(const struct cli_call *call);
int cmd_preview(const struct cli_call *call);
int cmd_list(const struct cli_call *call);
int cmd_status(const struct cli_call *call);
int cmd_report(const struct cli_call *call);
int cmd_members_import(const struct cli_call *call);
int cmd_members_list(const struct cli_call *call);
int cmd_members_show(const struct cli_call *call);
int cmd_members_opt_out(const struct cli_call *call);
int cmd_members_invite(const struct cli_call *call);
int cmd_members_opt_in(const struct cli_call *call);
int cmd_replies(const struct cli_call *call);
int cmd_reply(const struct cli_call *call);
int cmd_stats(const struct cli_call *call);
int cmd_pause(const struct cli_call *call);
int cmd_resume(const struct cli_call *call);
int cmd_cancel(const struct cli_call *call);
int cmd_retry(const struct cli_call *call);
int cmd_link_authorize(const struct cli_call *call);
int cmd_link_list(const struct cli_call *call);
int cmd_link_stop(const struct cli_call *call);
int cmd_link_start(const struct cli_call *call);
int cmd_link_trace(const struct cli_call *call);
int cmd_why(const struct cli_call *call);
int cmd_later(const struct cli_call *call);
void cli_version(void);

/* The options that more than one file knows, filled by the tables of commands.c. */
struct send_options {
    const char *to, *channels, *priority, *at, *expires, *id, *title, *url, *by;
    bool wait;
};
struct preview_options {
    const char *channel, *title, *url, *template;
    bool facts;
};
struct status_options {
    bool watch;
};
struct report_options {
    bool csv, full, excel;
};
struct check_options {
    bool deep;
};
struct control_options {
    bool all;
};
struct gateway_options {
    const char *log;
};
struct replies_options {
    bool follow, full;
};
struct authorize_options {
    const char *refresh_token_file;
};
struct trace_options {
    const char *seconds;
    bool full;
};
struct members_options {
    bool dry_run, full;
};

struct consent_options {
    const char *channel; /* NULL: all */
};

#endif
