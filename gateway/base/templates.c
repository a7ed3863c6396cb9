/* Reads the message templates. */
// SPDX-License-Identifier: MIT
#include "gateway/base/templates.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "gateway/base/share.h"

#define PART "messages/"
#define ENDING ".txt" /* as long as ".tsv" */

static const char *const tables[] = {"abbreviations.tsv", "furniture.tsv", "courtesy.tsv"};

typedef int (*add_to_set)(struct template_set *set, const struct template_source *source,
                          template_say *say, void *arg);

/* "messages/meeting.txt" is "meeting", "furniture.tsv" is "furniture". */
static int
add_file(struct template_set *set, const char *folder, const char *name, template_say *say,
         void *arg)
{
    struct arena *arena = arena_new();
    bool message = strncmp(name, PART, strlen(PART)) == 0;
    const char *begin = message ? name + strlen(PART) : name;
    struct template_source source = {.name = {begin, strlen(begin) - strlen(ENDING)}};
    add_to_set add = message ? template_set_add : template_set_add_table;
    struct err err = {0};
    int found = share_read(folder, name, arena, &source.content, &source.path, &err);
    int rc = found < 0 ? -1 : 0;
    if (found < 0) {
        say(arg, err.text);
    } else if (found > 0) {
        rc = add(set, &source, say, arg);
    }
    arena_free(&arena);
    return rc;
}

/* A folder that the configuration names must be there. */
static int
check_folder(const char *configured, template_say *say, void *arg)
{
    struct stat status;
    char line[4200];
    if (!configured || (stat(configured, &status) == 0 && S_ISDIR(status.st_mode))) {
        return 0;
    }
    (void)snprintf(line, sizeof line, "templates: there is no folder '%.4000s'", configured);
    say(arg, line);
    return -1;
}

struct template_set *
templates_load(const char *configured, template_say *say, void *arg)
{
    struct arena *arena = arena_new();
    const char *names[TEMPLATE_FILES];
    const char *folder = share_folder(configured, arena);
    struct template_set *set = template_set_new();
    int wrong = check_folder(configured, say, arg) != 0;
    size_t n = share_list(folder, PART, ENDING, arena, names, TEMPLATE_FILES);
    for (size_t i = 0; i < n; i++) {
        wrong += add_file(set, folder, names[i], say, arg) != 0;
    }
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        wrong += add_file(set, folder, tables[i], say, arg) != 0;
    }
    arena_free(&arena);
    if (wrong > 0) {
        template_set_free(&set);
    }
    return set;
}
