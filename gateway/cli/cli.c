/* Dispatches the command line: finds the subcommand, reads its options by its table, calls it. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/cli.h"

#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/conf.h"
#include "gateway/base/templates.h"
#include "gateway/cli/help.h"
#include "gateway/cli/text.h"
#include "gateway/core/mem.h"

enum { OPTIONS_MAX = 24, OPT_BASE = 256, OPT_HELP = 1, OPT_JSON = 2 };

int
cli_fail(const struct cli_call *call, int code, const char *format, ...)
{
    char text[TEXT_ERROR], said[TEXT_ERROR];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    (void)fprintf(stderr, "loa %s: %s\n", call->command->name, text_error(text, said));
    va_end(args);
    return code;
}

static void
print_mistake(void *arg, const char *line)
{
    char said[TEXT_ERROR];
    (void)arg;
    (void)fprintf(stderr, "%s\n", text_error(line, said));
}

struct conf *
cli_conf(const struct cli_call *call)
{
    return conf_load(call->config, print_mistake, NULL);
}

struct conf *
cli_conf_words(const struct cli_call *call)
{
    return conf_load_words(call->config, print_mistake, NULL);
}

void
cli_set_zone(const struct conf *conf)
{
    (void)setenv("TZ", conf->timezone, 1);
    tzset();
}

struct template_set *
cli_templates(const struct conf *conf)
{
    return templates_load(conf ? conf->templates : NULL, print_mistake, NULL);
}

/* How many words of the command line name the command: "members import" two. */
static const struct cli_command *
find_command(int argc, char **argv, int *words_n)
{
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        const char *blank = strchr(c->name, ' ');
        if (!blank) {
            continue;
        }
        size_t first_n = (size_t)(blank - c->name);
        if (argc > 2 && strlen(argv[1]) == first_n && strncmp(argv[1], c->name, first_n) == 0 &&
            strcmp(argv[2], blank + 1) == 0) {
            *words_n = 2;
            return c;
        }
    }
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        if (strcmp(argv[1], c->name) == 0) {
            *words_n = 1;
            return c;
        }
    }
    return NULL;
}

/* getopt_long's own tables out of ours. */
struct getopt_tables {
    struct option longs[OPTIONS_MAX + 4];
    char shorts[2 * OPTIONS_MAX + 8];
};

static void
fill_tables(const struct cli_command *command, struct getopt_tables *tables)
{
    memset(tables, 0, sizeof *tables);
    size_t n = 0;
    size_t letters_n = 0;
    memcpy(tables->shorts, ":c:h", 4);
    letters_n = 4;
    tables->longs[n++] = (struct option){"config", required_argument, NULL, 'c'};
    tables->longs[n++] = (struct option){"help", no_argument, NULL, 'h'};
    if (command->json) {
        tables->longs[n++] = (struct option){"json", no_argument, NULL, OPT_JSON};
    }
    for (size_t i = 0; i < command->options_n && i < OPTIONS_MAX; i++) {
        const struct cli_option *o = &command->options[i];
        tables->longs[n++] = (struct option){o->name, o->value ? required_argument : no_argument,
                                             NULL, OPT_BASE + (int)i};
        if (o->letter) {
            tables->shorts[letters_n++] = o->letter;
        }
        if (o->letter && o->value) {
            tables->shorts[letters_n++] = ':';
        }
    }
}

static void
take_option(struct cli_call *call, const struct cli_option *option, char *value)
{
    char *at = (char *)call->options + option->where;
    if (option->value) {
        memcpy(at, &value, sizeof value);
    } else {
        *(bool *)(void *)at = true;
    }
}

static const struct cli_option *
option_of(const struct cli_command *command, int found)
{
    if (found >= OPT_BASE) {
        return &command->options[found - OPT_BASE];
    }
    for (size_t i = 0; i < command->options_n; i++) {
        if (command->options[i].letter == (char)found) {
            return &command->options[i];
        }
    }
    return NULL;
}

static int
bad_option(const struct cli_call *call, int found, char **argv, int index)
{
    const char *word = index > 0 && argv[index] ? argv[index] : "";
    if (found == ':') {
        (void)cli_fail(call, 0, text_of("the option '%s' needs a value"), word);
    } else {
        (void)cli_fail(call, 0, text_of("unknown option '%s'"), word);
        help_nearest_option(call->command, word);
    }
    return help_pointer(call->command);
}

/* Returns 0 when the call may be run, else 1 with `*code` set. */
static int
read_options(struct cli_call *call, int argc, char **argv, int *code)
{
    struct getopt_tables tables;
    fill_tables(call->command, &tables);
    opterr = 0;
    optind = 0; /* glibc: starts afresh */
    int found;
    while ((found = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
        if (found == 'h') {
            help_command(call->command, stdout);
            *code = CLI_DONE;
            return 1;
        }
        const struct cli_option *option = option_of(call->command, found);
        if (found == 'c') {
            call->config = optarg;
            call->config_given = true;
        } else if (found == OPT_JSON) {
            call->json = true;
        } else if (found == '?' || found == ':' || !option) {
            *code = bad_option(call, found, argv, optind - 1);
            return 1;
        } else {
            take_option(call, option, optarg);
        }
    }
    call->operands = argv + optind;
    call->operands_n = argc - optind;
    return 0;
}

static bool
wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

static int
run_command(const struct cli_command *command, int argc, char **argv)
{
    struct cli_call call = {.command = command, .config = getenv("LOA_CONFIG")};
    call.config_given = call.config && *call.config;
    if (!call.config_given) {
        call.config = "/etc/loa/loa.yaml";
    }
    if (command->later) {
        if (wants_help(argc, argv)) {
            help_command(command, stdout);
            return CLI_DONE;
        }
        return command->run(&call);
    }
    call.options = xcalloc(1, command->options_size + 1);
    int code = CLI_USAGE;
    if (read_options(&call, argc, argv, &code) == 0) {
        if (call.operands_n < command->least || call.operands_n > command->most) {
            (void)cli_fail(&call, 0,
                           call.operands_n < command->least ? text_of("something is missing")
                                                            : text_of("that is too much"));
            code = help_pointer(command);
        } else {
            code = command->run(&call);
        }
    }
    free(call.options);
    return code;
}

/* The words before any subcommand: 0 when it was one of them, with `*code`. */
static int
run_global(int argc, char **argv, int *code)
{
    *code = CLI_DONE;
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        cli_version();
        return 0;
    }
    bool word = strcmp(argv[1], "help") == 0;
    if (!word && strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0) {
        return -1;
    }
    int words_n = 0;
    const struct cli_command *command =
        argc > 2 && word ? find_command(argc - 1, argv + 1, &words_n) : NULL;
    if (command) {
        help_command(command, stdout);
    } else {
        help_all(stdout, argc > 2 && word ? argv[2] : NULL);
    }
    return 0;
}

static int
dispatch(int argc, char **argv)
{
    int code = CLI_USAGE;
    if (argc < 2) {
        help_all(stderr, NULL);
        return CLI_USAGE;
    }
    if (run_global(argc, argv, &code) == 0) {
        return code;
    }
    int words_n = 0;
    const struct cli_command *command = find_command(argc, argv, &words_n);
    if (command) {
        return run_command(command, argc - words_n, argv + words_n);
    }
    return help_unknown(argc, argv);
}

int
cli_main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN);
    int code = dispatch(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)fprintf(stderr, "%s\n", text_of("loa: the output could not be written"));
        return code == CLI_DONE ? CLI_FAILED : code;
    }
    return code;
}
