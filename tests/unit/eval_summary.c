/* How many of the samples' facts a text keeps: `build/unit/eval_summary`, run by hand.  A row a
 * sample; the share of must_keep (and of also_keep) that stands in the text of 1, 2 and 3 SMS parts
 * with a short link, beside three simpler ways.  `-v` prints the texts and what they miss; a file's
 * name prints that one alone. */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/core/gist.h"
#include "gateway/core/lead.h"
#include "gateway/core/unicode.h"
#include "tests/unit/samples.h"
#include "tests/unit/text_rank.h"

#define SHORT_LINK "https://loa.vn/s/Ab3dE9"

enum { ROOMS = 3 };
enum way { WAY_OURS, WAY_TITLE, WAY_FIRST, WAY_RANK, WAYS };

static const char *const way_names[WAYS] = {"ours", "title only", "title and first sentence",
                                            "TextRank"};
static const size_t rooms[ROOMS] = {160, 306, 459};

struct score {
    double must, also;
    int forbidden;
};
struct sums {
    double must[ROOMS], also[ROOMS];
    int forbidden, n;
};

/* The longest head of `text` that fits, at a blank. */
static struct str
cut_to(struct arena *arena, struct str text, size_t room)
{
    text = unicode_line(arena, unicode_strip(arena, text));
    if (text.n > room) {
        text.n = room;
        while (text.n > 0 && text.p[text.n] != ' ') {
            text.n--;
        }
    }
    return text;
}

static struct str
text_by(enum way way, const struct story *story, size_t room, struct arena *arena)
{
    struct str title = {story->text.p, story->title_n};
    struct str body = str_from(story->text, story->title_n);
    struct gist gist;
    switch (way) {
    case WAY_TITLE:
        return cut_to(arena, title, room);
    case WAY_FIRST: {
        struct str first = lead_next(&body);
        return cut_to(arena, (struct str){title.p, (size_t)(first.p - title.p) + first.n}, room);
    }
    case WAY_RANK:
        return cut_to(arena, text_rank(arena, story->text, room), room);
    case WAY_OURS:
    case WAYS:
        break;
    }
    gist_make(story, &(struct gist_room){.room = room, .unit = GIST_SEPTETS, .strip = true}, arena,
              &gist);
    return gist.text;
}

/* Read once, as the gateway does. */
static const struct phrases *phrases;

static void
print_missed(struct arena *arena, struct str folded, struct str facts)
{
    while (facts.p && facts.n > 0) {
        struct str fact = str_cut(&facts, '|');
        if (!sample_holds(arena, folded, fact)) {
            printf("     missed:%.*s\n", (int)fact.n, fact.p);
        }
    }
}

static struct score
judge(struct arena *arena, struct str row, enum way way, int which, bool print)
{
    struct story *story = sample_story_by(arena, row, phrases);
    struct score score = {0};
    size_t room = rooms[which] - strlen(SHORT_LINK) - 1;
    struct str text = text_by(way, story, room, arena);
    struct str folded = unicode_fold(arena, text);
    if (print) {
        printf("  %zu: %.*s\n", text.n, (int)text.n, text.p);
    }
    score.must = sample_share(arena, folded, sample_column(row, SAMPLE_MUST_KEEP), NULL);
    score.also = sample_share(arena, folded, sample_column(row, SAMPLE_ALSO_KEEP), NULL);
    (void)sample_share(arena, folded, sample_column(row, SAMPLE_MUST_NOT), &score.forbidden);
    if (print) {
        print_missed(arena, folded, sample_column(row, SAMPLE_MUST_KEEP));
    }
    if (score.forbidden && way == WAY_OURS) {
        printf("  FORBIDDEN in %.*s: %.*s\n", 7, row.p, (int)text.n, text.p);
    }
    return score;
}

static void
judge_row(struct str row, enum way way, bool print, struct sums *sums)
{
    struct arena *arena = arena_new();
    struct score score[ROOMS];
    for (int i = 0; i < ROOMS; i++) {
        score[i] = judge(arena, row, way, i, print);
        sums->must[i] += score[i].must;
        sums->also[i] += score[i].also;
        sums->forbidden += score[i].forbidden;
    }
    sums->n++;
    if (way == WAY_OURS) {
        printf("%-8.*s must_keep %4.0f %4.0f %4.0f   also_keep %4.0f %4.0f %4.0f\n", 7, row.p,
               score[0].must, score[1].must, score[2].must, score[0].also, score[1].also,
               score[2].also);
    }
    arena_free(&arena);
}

static void
print_sums(const char *what, const struct sums *s)
{
    int n = s->n > 0 ? s->n : 1;
    printf("%-36s %3d  must_keep %5.1f %5.1f %5.1f   also_keep %5.1f %5.1f %5.1f   must_not %d\n",
           what, s->n, s->must[0] / n, s->must[1] / n, s->must[2] / n, s->also[0] / n,
           s->also[1] / n, s->also[2] / n, s->forbidden);
}

/* `half`: 0 all rows, 1 those with an odd number, 2 with an even one. */
static void
evaluate(struct str facts, enum way way, int half, bool print, const char *only)
{
    struct sums sums = {0};
    char label[80];
    (void)str_cut(&facts, '\n');
    while (facts.n > 0) {
        struct str row = str_cut(&facts, '\n');
        bool odd = row.n > 1 && (row.p[1] - '0') % 2 == 1;
        if ((half == 1 && !odd) || (half == 2 && odd) || (only && !str_starts(row, str_of(only)))) {
            continue;
        }
        judge_row(row, way, print, &sums);
    }
    (void)snprintf(label, sizeof label, "%s%s", way_names[way],
                   half == 1 ? ", odd numbers" : (half == 2 ? ", even numbers (held out)" : ""));
    print_sums(label, &sums);
}

/* Reading, understanding and wording an announcement for two parts, over and over. */
static void
print_speed(struct str facts)
{
    enum { ROUNDS = 20 };
    int n = 0;
    clock_t begun = clock();
    for (int i = 0; i < ROUNDS; i++) {
        struct str rest = facts;
        (void)str_cut(&rest, '\n');
        while (rest.n > 0) {
            struct arena *arena = arena_new();
            (void)judge(arena, str_cut(&rest, '\n'), WAY_OURS, 1, false);
            arena_free(&arena);
            n++;
        }
    }
    double seconds = (double)(clock() - begun) / CLOCKS_PER_SEC;
    printf("A thousand announcements take %.2f s of one core.\n", seconds / n * 1000);
}

int
main(int argc, char **argv)
{
    struct arena *arena = arena_new();
    bool print = argc > 1;
    phrases = phrases_built_in(arena);
    const char *only = argc > 1 && strcmp(argv[1], "-v") != 0 ? argv[1] : NULL;
    struct str facts = sample_file(arena, STR("facts.tsv"));
    struct str own = sample_file(arena, STR("facts_own.tsv"));
    struct str shown = sample_file(arena, STR("facts_shown.tsv"));
    struct str unseen = sample_file(arena, STR("facts_unseen.tsv"));
    struct str varied = sample_file(arena, STR("facts_varied.tsv"));
    puts("At 1, 2 and 3 SMS parts without diacritics, a link of 23 characters included.");
    evaluate(facts, WAY_OURS, 0, print, only);
    evaluate(own, WAY_OURS, 1, print, only);
    evaluate(own, WAY_OURS, 2, print && only, only);
    evaluate(shown, WAY_OURS, 0, print && only, only);
    evaluate(unseen, WAY_OURS, 0, print && only, only);
    evaluate(varied, WAY_OURS, 0, print && only, only);
    for (enum way way = WAY_TITLE; way < WAYS && !only; way++) {
        evaluate(facts, way, 0, false, NULL);
        evaluate(own, way, 0, false, NULL);
    }
    if (!only) {
        print_speed(own);
    }
    arena_free(&arena);
    return 0;
}
