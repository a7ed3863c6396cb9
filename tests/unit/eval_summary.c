/* How many of the samples' facts an SMS keeps: `build/unit/eval_summary`, run by hand.  A row a
 * sample; at 1, 2 and 3 parts the share of must_keep (and of also_keep) that stands in the text. */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/summary.h"
#include "gateway/core/unicode.h"

#define DATA "tests/data/announcements/"
#define SHORT_LINK "https://loa.vn/s/Ab3dE9"

enum { MUST_KEEP = 1, MUST_NOT = 2, ALSO_KEEP = 7, FILE_MOST = 65536 };
enum way { WAY_OURS, WAY_TITLE };

struct score {
    double must, also;
    int parts, forbidden;
};

static struct str
read_file(struct arena *arena, struct str name)
{
    char path[128];
    (void)snprintf(path, sizeof path, DATA "%.*s", (int)name.n, name.p);
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        exit(1);
    }
    char *p = arena_alloc(arena, FILE_MOST);
    size_t n = fread(p, 1, FILE_MOST, f);
    (void)fclose(f);
    return (struct str){p, n};
}

static struct str
column(struct str row, int wanted)
{
    struct str cell = str_cut(&row, '\t');
    for (int i = 0; i < wanted; i++) {
        cell = str_cut(&row, '\t');
    }
    return cell;
}

/* Whether one of a fact's spellings, parted by "~", stands in the folded text. */
static bool
holds_fact(struct arena *arena, struct str folded, struct str fact)
{
    while (fact.p) {
        struct str one = unicode_fold(arena, str_trim(str_cut(&fact, '~')));
        if (one.n > 0 && memmem(folded.p, folded.n, one.p, one.n)) {
            return true;
        }
    }
    return false;
}

static double
share(struct arena *arena, struct str folded, struct str facts, int *kept)
{
    int n = 0;
    *kept = 0;
    while (facts.p && facts.n > 0) {
        *kept += holds_fact(arena, folded, str_cut(&facts, '|'));
        n++;
    }
    return n > 0 ? 100.0 * *kept / n : 100.0;
}

static struct score
judge(struct arena *arena, struct str row, enum way way, int parts, bool print)
{
    struct announcement a = {0};
    struct summary s;
    struct err err = {.text = ""};
    struct summary_rules rules = {SUMMARY_STRIP, parts};
    struct str name = column(row, 0);
    const char *file = arena_strndup(arena, name.p, name.n);
    struct score score = {0};
    int kept = 0;
    if (announcement_read(&a, arena, file, read_file(arena, name), &err) != 0 ||
        announcement_check(&a, arena, &err) != 0) {
        (void)fprintf(stderr, "%s: %s\n", file, err.text);
        exit(1);
    }
    a.field[FIELD_URL] = STR(SHORT_LINK);
    a.field[FIELD_BODY] = way == WAY_TITLE ? STR("") : a.field[FIELD_BODY];
    if (summary_sms(&a, &rules, arena, &s, &err) != 0) {
        (void)fprintf(stderr, "%s: %s\n", file, err.text);
        exit(1);
    }
    struct str folded = unicode_fold(arena, s.text);
    score.must = share(arena, folded, column(row, MUST_KEEP), &kept);
    score.also = share(arena, folded, column(row, ALSO_KEEP), &kept);
    (void)share(arena, folded, column(row, MUST_NOT), &score.forbidden);
    score.parts = s.segments.n;
    if (print) {
        printf("  %d: %.*s\n", s.segments.n, (int)s.text.n, s.text.p);
    }
    return score;
}

static void
evaluate(struct str facts, enum way way, bool print)
{
    double must[3] = {0};
    double also[3] = {0};
    int forbidden = 0;
    int n = 0;
    (void)str_cut(&facts, '\n');
    while (facts.n > 0) {
        struct str row = str_cut(&facts, '\n');
        struct arena *arena = arena_new();
        struct score score[3];
        for (int i = 0; i < 3; i++) {
            score[i] = judge(arena, row, way, i + 1, print);
            must[i] += score[i].must;
            also[i] += score[i].also;
            forbidden += score[i].forbidden;
        }
        printf(
            "%-8.*s  must_keep %4.0f %4.0f %4.0f   also_keep %4.0f %4.0f %4.0f   parts %d %d %d\n",
            7, row.p, score[0].must, score[1].must, score[2].must, score[0].also, score[1].also,
            score[2].also, score[0].parts, score[1].parts, score[2].parts);
        arena_free(&arena);
        n++;
    }
    n = n > 0 ? n : 1;
    printf("mean      must_keep %4.1f %4.1f %4.1f   also_keep %4.1f %4.1f %4.1f   must_not: %d\n",
           must[0] / n, must[1] / n, must[2] / n, also[0] / n, also[1] / n, also[2] / n, forbidden);
}

/* With any argument the texts are printed as well. */
int
main(int argc, char **argv)
{
    (void)argv;
    struct arena *arena = arena_new();
    struct str facts = read_file(arena, STR("facts.tsv"));
    printf("title only, at 1, 2 and 3 parts\n");
    evaluate(facts, WAY_TITLE, false);
    printf("summary\n");
    evaluate(facts, WAY_OURS, argc > 1);
    arena_free(&arena);
    return 0;
}
