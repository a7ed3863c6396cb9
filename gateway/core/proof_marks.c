/* Reads a text into words and facts. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/proof_parts.h"

struct reading {
    struct arena *arena;
    struct plain plain;
    struct facts facts;
    struct marks *out;
    size_t room, clause, line;
    size_t since; /* words since the last negation */
    bool negated, in_line, sentence;
};

static bool
is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static struct str
folded(struct reading *r, size_t from, size_t to)
{
    char *out = arena_alloc(r->arena, to - from + 1);
    for (size_t i = from; i < to; i++) {
        char c = r->plain.sign[i];
        out[i - from] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return (struct str){out, to - from};
}

static void
add(struct reading *r, struct mark mark, size_t from, size_t to)
{
    if (r->out->n == r->room) {
        return;
    }
    mark.from = r->plain.at[from];
    mark.to = r->plain.at[to];
    mark.clause = r->clause;
    mark.line = r->line;
    mark.first = r->sentence;
    mark.negated = r->negated;
    mark.after_negation = r->in_line;
    r->sentence = false;
    r->since++;
    r->out->mark[r->out->n++] = mark;
}

static bool
is_negation(const struct plain *p, size_t i)
{
    static const char *const words[] = {"không", "chưa", "cấm", "đừng", "hoãn", "hủy", "huỷ", NULL};
    return plain_one_of(p, i, words) > 0;
}

/* "ngừng sử dụng", "tạm dừng nhận hồ sơ", "trừ người …".  Without marks "dung" is "dùng" as well,
 * "tru" is "trụ sở". */
static bool
is_stop(const struct plain *p, size_t i, const struct mark *before)
{
    static const char *const other_dung[] = {"su", "noi", "xay", "ap", "tac", "tieu", "cong", NULL};
    static const char *const other_tru[] = {"thuong", "cu", "luu", "tam", "ban", "noi", NULL};
    static const char *const posts[] = {"trụ sở", "trữ nước", NULL};
    if (before && before->negation) {
        return false;
    }
    if (plain_word(p, i, "dừng") > 0) {
        return p->marked || !before || !mark_one_of(before, other_dung);
    }
    if (plain_word(p, i, "trừ") > 0) {
        return p->marked ||
               !(plain_one_of(p, i, posts) > 0 || (before && mark_one_of(before, other_tru)));
    }
    return plain_word(p, i, "ngừng") > 0;
}

/* Without marks only "khong" is sure: "hoan" is "hoàn" as well, "chua" is "chữa". */
static bool
is_sure(const struct plain *p, size_t i)
{
    return p->marked || plain_word(p, i, "không") > 0;
}

static void
add_word(struct reading *r, size_t from, size_t to)
{
    static const char *const instead_words[] = {"mà", "nhưng", NULL};
    const struct plain *p = &r->plain;
    char first = p->sign[from];
    struct mark mark = {.kind = MARK_WORD, .key = folded(r, from, to)};
    bool number = true, capitals = true;
    for (size_t i = from; i < to; i++) {
        char c = p->sign[i];
        number = number && ((c >= '0' && c <= '9') || c == '.' || c == ',');
        capitals = capitals && c >= 'A' && c <= 'Z';
    }
    mark.kind = number ? MARK_NUMBER : MARK_WORD;
    mark.capital = first >= 'A' && first <= 'Z';
    mark.all_capitals = capitals && to - from > 1;
    const struct mark *before = r->out->n > 0 ? &r->out->mark[r->out->n - 1] : NULL;
    mark.stop = !number && is_stop(p, from, before);
    bool negation = mark.stop || (!number && is_negation(p, from));
    mark.maybe = negation;
    mark.negation = negation && is_sure(p, from);
    bool instead = r->negated && p->marked && plain_one_of(p, from, instead_words) > 0;
    r->clause += instead;
    r->negated = r->negated && !instead; /* "không học ở A mà học tạm ở B" */
    add(r, mark, from, to);
    r->negated = r->negated || negation;
    r->in_line = r->in_line || negation;
    r->since = negation ? 0 : r->since;
}

static struct str
digits_of(struct reading *r, size_t from, size_t to)
{
    char *out = arena_alloc(r->arena, to - from + 1);
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        char c = r->plain.sign[i];
        if (c >= '0' && c <= '9') {
            out[n++] = c;
        }
    }
    return (struct str){out, n};
}

static void
add_fact(struct reading *r, const struct fact *f, size_t from, size_t to)
{
    struct stamp stamp[STAMPS_MOST];
    size_t n = 0;
    if (f->kind == FACT_PHONE) {
        add(r, (struct mark){.kind = MARK_PHONE, .key = digits_of(r, from, to)}, from, to);
    } else if (f->kind == FACT_DOCUMENT) {
        add(r, (struct mark){.kind = MARK_DOCUMENT, .key = folded(r, from, to)}, from, to);
    } else {
        n = stamp_read(&r->plain, from, to, stamp, STAMPS_MOST);
    }
    for (size_t i = 0; i < n; i++) {
        struct mark mark = {.kind = stamp[i].hour >= 0 ? MARK_TIME : MARK_DATE,
                            .key = folded(r, from, to),
                            .stamp = stamp[i],
                            .limit = i > 0};
        add(r, mark, from, to);
    }
}

/* Signs end clauses and sentences; a word goes on over "." and "," between digits. */
static size_t
word_end(const struct plain *p, size_t i)
{
    while (i < p->n) {
        bool digits = i > 0 && i + 1 < p->n && is_one_of(p->sign[i], ".,") &&
                      p->sign[i - 1] >= '0' && p->sign[i - 1] <= '9' && p->sign[i + 1] >= '0' &&
                      p->sign[i + 1] <= '9';
        if (!plain_is_alnum(p, i) && !digits) {
            break;
        }
        i++;
    }
    return i;
}

static void
take_sign(struct reading *r, size_t i)
{
    const struct plain *p = &r->plain;
    char c = p->sign[i];
    bool blank = i + 1 >= p->n || p->sign[i + 1] == ' ' || p->sign[i + 1] == '\n';
    bool after_letter = c == '.' && i > 0 && is_one_of(p->sign[i - 1], "PQXTHK") &&
                        (i == 1 || is_one_of(p->sign[i - 2], " (\n")); /* "P. Tan Lap" */
    if (c == '\n' || (is_one_of(c, ".!?") && blank && !after_letter)) {
        r->line++;
        r->clause++;
        r->negated = r->in_line = false;
        r->sentence = true;
    } else if (is_one_of(c, ",;:()") && (blank || c == '(' || c == ')')) {
        r->clause++;
        r->negated = r->negated && c == ',' && r->since < 2;
        r->sentence = r->sentence || c == ':' || c == ';';
    } else if (c == '"') {
        r->sentence = true;
    } else if (c == '-' && blank && i > 0 && p->sign[i - 1] == ' ') {
        r->clause++;
    }
}

static size_t
link_length(const struct plain *p, size_t i)
{
    bool link = i + 8 < p->n && memcmp(p->sign + i, "http", 4) == 0;
    size_t n = 0;
    while (link && i + n < p->n && !is_one_of(p->sign[i + n], " \n")) {
        n++;
    }
    return n;
}

/* The fact that begins at character `i`, `*next` being the first that may; NULL if none does. */
static const struct fact *
fact_at(const struct reading *r, size_t i, size_t *next)
{
    while (*next < r->facts.n && (r->facts.fact[*next].from < r->plain.at[i] ||
                                  r->facts.fact[*next].kind >= FACT_AMOUNT)) {
        (*next)++;
    }
    bool here = *next < r->facts.n && r->facts.fact[*next].from == r->plain.at[i];
    return here ? &r->facts.fact[*next] : NULL;
}

/* Takes what stands at character `i`; where it ends. */
static size_t
take(struct reading *r, size_t i, size_t *next)
{
    size_t link = link_length(&r->plain, i);
    const struct fact *fact = link > 0 ? NULL : fact_at(r, i, next);
    size_t end = i + link;
    if (link > 0) {
        return end;
    }
    if (fact) {
        while (end < r->plain.n && r->plain.at[end] < fact->to) {
            end++;
        }
        add_fact(r, fact, i, end);
        return end;
    }
    end = word_end(&r->plain, i);
    if (end == i) {
        take_sign(r, i);
        return i + 1;
    }
    add_word(r, i, end);
    return end;
}

void
marks_read(struct arena *arena, struct str text, struct marks *out)
{
    struct reading *r = arena_alloc(arena, sizeof *r);
    *r = (struct reading){.arena = arena, .out = out, .sentence = true};
    plain_of(arena, text, &r->plain);
    facts_find(arena, text, &r->facts);
    r->room = r->plain.n + 1;
    *out = (struct marks){.mark = arena_alloc(arena, r->room * sizeof *out->mark), .text = text};
    size_t next = 0;
    for (size_t i = 0; i < r->plain.n;) {
        i = take(r, i, &next);
    }
}

bool
mark_same(const struct mark *a, const struct mark *b)
{
    bool stamped = a->kind == MARK_DATE || a->kind == MARK_TIME;
    return a->kind == b->kind &&
           (stamped ? stamp_same(&a->stamp, &b->stamp) : str_equal(a->key, b->key));
}

bool
mark_one_of(const struct mark *m, const char *const *words)
{
    for (; *words; words++) {
        if (str_equal_z(m->key, *words)) {
            return true;
        }
    }
    return false;
}

bool
mark_is_filler(const struct mark *m)
{
    static const char *const words[] = {"ngay", "thu",   "hai", "tu",   "nam", "sau",
                                        "bay",  "ba",    "chu", "nhat", "cn",  "luc",
                                        "sang", "chieu", "toi", "vao",  NULL};
    return m->kind == MARK_WORD && mark_one_of(m, words);
}
