/* The samples of tests/data/announcements, for tests of texts. */
#ifndef LOA_TESTS_SAMPLES_H
#define LOA_TESTS_SAMPLES_H
// SPDX-License-Identifier: MIT

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/story.h"
#include "gateway/core/unicode.h"

#define SAMPLES "tests/data/announcements/"

/* Columns of the tables of facts. */
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
sample_story_by(struct arena *arena, struct str row, const struct phrases *phrases)
{
    struct announcement a = {0};
    struct story *story = arena_alloc(arena, sizeof *story);
    struct err err = {.text = ""};
    struct str name = sample_column(row, 0);
    const char *file = arena_strndup(arena, name.p, name.n);
    if (announcement_read(&a, arena, file, sample_file(arena, name), &err) != 0 ||
        announcement_check(&a, arena, &err) != 0 ||
        story_read(&a, phrases, arena, story, &err) != 0) {
        (void)fprintf(stderr, "%s: %s\n", file, err.text);
        exit(1);
    }
    return story;
}

static inline struct story *
sample_story(struct arena *arena, struct str row)
{
    return sample_story_by(arena, row, phrases_built_in(arena));
}

/* Whether one of a fact's spellings, parted by "~", stands in the folded text. */
static inline bool
sample_holds(struct arena *arena, struct str folded, struct str fact)
{
    while (fact.p) {
        struct str one = unicode_fold(arena, str_trim(str_cut(&fact, '~')));
        if (one.n > 0 && memmem(folded.p, folded.n, one.p, one.n)) {
            return true;
        }
    }
    return false;
}

/* How many of a hundred of the cell's facts stand in the folded text; `held`, if not NULL: how
 * many. */
static inline double
sample_share(struct arena *arena, struct str folded, struct str facts, int *held)
{
    int n = 0, kept = 0;
    while (facts.p && facts.n > 0) {
        kept += sample_holds(arena, folded, str_cut(&facts, '|'));
        n++;
    }
    if (held) {
        *held = kept;
    }
    return n > 0 ? 100.0 * kept / n : 100.0;
}

#endif
