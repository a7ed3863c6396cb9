/* The samples of tests/data/announcements, for tests of texts. */
#ifndef LOA_TESTS_SAMPLES_H
#define LOA_TESTS_SAMPLES_H
// SPDX-License-Identifier: MIT

#include <stdio.h>
#include <stdlib.h>

#include "gateway/core/story.h"

#define SAMPLES "tests/data/announcements/"

/* Columns of facts.tsv and facts_own.tsv. */
enum { SAMPLE_MUST_KEEP = 1, SAMPLE_MUST_NOT, SAMPLE_KIND, SAMPLE_GIST, SAMPLE_ALSO_KEEP = 7 };
enum { SAMPLE_FILE_MOST = 65536 };

static inline struct str
sample_file(struct arena *arena, struct str name)
{
    char path[128];
    (void)snprintf(path, sizeof path, SAMPLES "%.*s", (int)name.n, name.p);
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        exit(1);
    }
    char *p = arena_alloc(arena, SAMPLE_FILE_MOST);
    size_t n = fread(p, 1, SAMPLE_FILE_MOST, f);
    (void)fclose(f);
    return (struct str){p, n};
}

static inline struct str
sample_column(struct str row, int wanted)
{
    struct str cell = str_cut(&row, '\t');
    for (int i = 0; i < wanted; i++) {
        cell = str_cut(&row, '\t');
    }
    return cell;
}

/* Takes the next row of a table that begins with a line of names; empty at its end. */
static inline struct str
sample_row(struct str *table)
{
    struct str row = str_cut(table, '\n');
    return str_starts(row, STR("file\t")) ? str_cut(table, '\n') : row;
}

/* The announcement of a row, read as the gateway reads it. */
static inline struct story *
sample_story(struct arena *arena, struct str row)
{
    struct announcement a = {0};
    struct story *story = arena_alloc(arena, sizeof *story);
    struct err err = {.text = ""};
    struct str name = sample_column(row, 0);
    const char *file = arena_strndup(arena, name.p, name.n);
    if (announcement_read(&a, arena, file, sample_file(arena, name), &err) != 0 ||
        announcement_check(&a, arena, &err) != 0 ||
        story_read(&a, phrases_built_in(arena), arena, story, &err) != 0) {
        (void)fprintf(stderr, "%s: %s\n", file, err.text);
        exit(1);
    }
    return story;
}

#endif
