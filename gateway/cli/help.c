/* What `--help` and a misspelt word print. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/help.h"

#include <string.h>

#include "gateway/cli/text.h"
#include "gateway/core/nearest.h"

enum { NAMES_MAX = 64 };

static bool
in_group(const struct cli_command *command, const char *group)
{
    size_t n = strlen(group);
    return strncmp(command->name, group, n) == 0 && command->name[n] == ' ';
}

static bool
group_exists(const char *group)
{
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        if (in_group(c, group)) {
            return true;
        }
    }
    return false;
}

void
help_all(FILE *to, const char *group)
{
    if (group && !group_exists(group)) {
        group = NULL;
    }
    (void)fprintf(to, "%s: loa %s\n\n", text_of("Usage"), text_of("COMMAND [options]"));
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        if (!group || in_group(c, group)) {
            (void)fprintf(to, "  %-16s %s\n", c->name, text_of(c->help));
        }
    }
    (void)fprintf(to, "\n%s\n%s\n",
                  text_of("'loa COMMAND --help' says more; 'loa --version' names the libraries."),
                  text_of("The configuration is -c FILE, else $LOA_CONFIG, else "
                          "/etc/loa/loa.yaml."));
}

static void
print_option(FILE *to, char letter, const char *name, const char *value, const char *help)
{
    char left[48];
    (void)snprintf(left, sizeof left, "%c%c%s --%s%s%s", letter ? '-' : ' ', letter ? letter : ' ',
                   letter ? "," : " ", name, value ? " " : "", value ? value : "");
    (void)fprintf(to, "  %-22s %s\n", left, text_of(help));
}

void
help_command(const struct cli_command *command, FILE *to)
{
    (void)fprintf(to, "loa %s: %s\n\n%s: loa %s%s%s%s\n", command->name, text_of(command->help),
                  text_of("Usage"), command->name, *command->operands ? " " : "", command->operands,
                  command->later ? "" : text_of(" [options]"));
    (void)fprintf(to, "%s: %s\n\n", text_of("Example"), command->example);
    for (size_t i = 0; i < command->options_n; i++) {
        const struct cli_option *o = &command->options[i];
        print_option(to, o->letter, o->name, o->value, o->help);
    }
    if (command->json) {
        print_option(to, 0, "json", NULL, "print JSON");
    }
    print_option(to, 'c', "config", "FILE", "the configuration");
    print_option(to, 'h', "help", NULL, "this text");
    if (command->later) {
        (void)fprintf(to, "\n%s\n", text_of("This command comes with a later release."));
    }
}

int
help_pointer(const struct cli_command *command)
{
    (void)fprintf(stderr, "%s: loa %s%s%s\n", text_of("Usage"), command->name,
                  *command->operands ? " " : "", command->operands);
    (void)fprintf(stderr, text_of("'loa %s --help' says more.\n"), command->name);
    return CLI_USAGE;
}

void
help_nearest_option(const struct cli_command *command, const char *word)
{
    const char *names[NAMES_MAX] = {"config", "help", "json"};
    size_t n = command->json ? 3 : 2;
    for (size_t i = 0; i < command->options_n && n < NAMES_MAX; i++) {
        names[n++] = command->options[i].name;
    }
    struct str plain = str_of(word);
    while (plain.n > 0 && plain.p[0] == '-') {
        plain = str_from(plain, 1);
    }
    struct str rest = plain;
    const char *near = nearest_find(str_cut(&rest, '='), names, n);
    if (near) {
        (void)fprintf(stderr, text_of("Did you mean --%s?\n"), near);
    }
}

/* The command that was probably meant, "members list" by two words. */
static const char *
nearest_command(int argc, char **argv)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (const struct cli_command *c = cli_commands; c->name && n < NAMES_MAX; c++) {
        names[n++] = c->name;
    }
    char two[NAMES_MAX];
    (void)snprintf(two, sizeof two, "%s %s", argv[1], argc > 2 ? argv[2] : "");
    const char *near = argc > 2 ? nearest_find(str_of(two), names, n) : NULL;
    return near ? near : nearest_find(str_of(argv[1]), names, n);
}

int
help_unknown(int argc, char **argv)
{
    if (group_exists(argv[1])) {
        bool asked = argc > 2 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0);
        if (!asked && argc > 2 && argv[2][0] != '-') {
            (void)fprintf(stderr, text_of("loa: there is no command '%s %s'\n"), argv[1], argv[2]);
        }
        help_all(asked ? stdout : stderr, argv[1]);
        return asked ? CLI_DONE : CLI_USAGE;
    }
    (void)fprintf(stderr, text_of("loa: there is no command '%s'\n"), argv[1]);
    const char *near = nearest_command(argc, argv);
    if (near) {
        (void)fprintf(stderr, text_of("Did you mean 'loa %s'?\n"), near);
    }
    (void)fprintf(stderr, "%s\n", text_of("'loa --help' lists the commands."));
    return CLI_USAGE;
}
