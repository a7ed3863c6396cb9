/* Furniture by its words.  Phrases are folded: no diacritics, lower case. */
// SPDX-License-Identifier: MIT
#include "gateway/core/furniture.h"

#include <string.h>

#include "gateway/core/furniture_parts.h"
#include "gateway/core/unicode.h"

enum { SHORT_LINE = 60, NAMES_MOST = 230, COUNT_MOST = 7, SCRATCH_LINES = 64 };
enum { SIGNATURE_LINES = 4, SIGNATURE_MOST = 30 }; /* lines; bytes of a folded one */

/* templates/furniture.tsv */
static const struct furniture_phrase phrases[] = {
#include "gateway/core/furniture.inc"
};
static const struct furniture_table built_in = {sizeof phrases / sizeof *phrases, phrases};

/* Who signs, in capitals on a line of its own. */
static const char *const offices[] = {
    "bi thu",         "pho bi thu",       "chu tich",        "pho chu tich", "truong ban",
    "pho truong ban", "giam doc",         "pho giam doc",    "hieu truong",  "pho hieu truong",
    "truong phong",   "pho truong phong", "chanh van phong", "to truong",    "truong cong an",
    "thu truong",     "truong khu",       "uy vien",         "thuong truc",  "ban thuong vu",
};

/* How the line of a sender's name begins. */
static const char *const senders[] = {
    "dang bo",  "dang uy",    "chi bo",     "chi uy",   "uy ban",     "ubnd",
    "hdnd",     "hoi dong",   "cong an",    "mat tran", "ban ",       "ubmttq",
    "hoi ",     "doan ",      "so ",        "phong ",   "truong ",    "trung tam ",
    "tram ",    "thanh uy",   "tinh uy",    "quan uy",  "huyen uy",   "phuong ",
    "xa ",      "quan ",      "huyen ",     "tinh ",    "thanh pho ", "to dan pho ",
    "cong ty ", "xi nghiep ", "lien doan ", "bch ",     "bo ",        "cuc ",
    "chi cuc ", "vien ",      "benh vien ", "toa an ",  "ngan hang ", "hop tac xa ",
};

static const char *const kinds[] = {
    "giay moi",       "thong bao",      "ke hoach",       "nghi quyet", "quyet dinh",
    "cong van",       "thu moi",        "chi thi",        "ket luan",   "huong dan",
    "to trinh",       "bao cao",        "canh bao",       "thong cao",  "cong dien",
    "loi keu goi",    "thu ngo",        "thu chuc mung",  "quy dinh",   "chuong trinh",
    "giay trieu tap", "thong bao khan", "cong dien khan",
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool
is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
has_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (is_word_char(s.p[i])) {
            return true;
        }
    }
    return false;
}

static bool
has_letter(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= 'a' && s.p[i] <= 'z') {
            return true;
        }
    }
    return false;
}

/* "(12)" or "12" behind a heading says how many there are. */
static struct str
without_count(struct str rest)
{
    struct str s = str_trim(rest);
    bool bracketed = s.n > 2 && s.p[0] == '(' && s.p[s.n - 1] == ')';
    struct str number = bracketed ? (struct str){s.p + 1, s.n - 2} : s;
    bool count = number.n > 0 && number.n <= COUNT_MOST;
    for (size_t i = 0; i < number.n && count; i++) {
        count = is_digit(number.p[i]);
    }
    return count ? (struct str){s.p, 0} : rest;
}

/* A date, a time ("8h", "8:00", "5/3"), or another sentence behind the first. */
static bool
tells_more(struct str folded)
{
    for (size_t i = 0; i + 1 < folded.n; i++) {
        char c = folded.p[i], next = folded.p[i + 1];
        bool behind_digit = i > 0 && is_digit(folded.p[i - 1]);
        bool clock = behind_digit && (c == 'h' || (strchr("/:", c) && is_digit(next)));
        bool ends = strchr(".!?", c) && next == ' ';
        if (clock || ends) {
            return true;
        }
    }
    return false;
}

static bool
follows(struct str rest, enum furniture_follow follow, size_t line_n)
{
    struct str next = str_trim(rest);
    switch (follow) {
    case FURNITURE_ANY:
        return true;
    case FURNITURE_BRIEF:
        return line_n <= SHORT_LINE;
    case FURNITURE_NUMBER:
        return next.n > 0 && (next.p[0] == ':' || is_digit(next.p[0]));
    case FURNITURE_NAMES:
        return line_n < NAMES_MOST && !tells_more(next);
    case FURNITURE_END:
        return !has_word(without_count(rest)) || next.p[0] == ':';
    }
    return false;
}

static enum furniture
judge_phrase(struct str folded, const struct furniture_phrase *phrase)
{
    const char *words = phrase->folded;
    size_t n = 0;
    while (n < folded.n && words[n] != '\0' && words[n] == folded.p[n]) {
        n++; /* mostly it is over at once: no length is taken for that */
    }
    if (words[n] != '\0') {
        return FURNITURE_NONE;
    }
    struct str rest = str_from(folded, n);
    bool word_goes_on = rest.n > 0 && is_word_char(words[n - 1]) && is_word_char(rest.p[0]);
    return !word_goes_on && follows(rest, phrase->follow, folded.n) ? phrase->verdict
                                                                    : FURNITURE_NONE;
}

/* No small letter and at least two capitals. */
static bool
is_capitals(struct arena *arena, struct str line)
{
    struct str bare = unicode_strip(arena, line);
    size_t capitals = 0;
    for (size_t i = 0; i < bare.n; i++) {
        if (bare.p[i] >= 'a' && bare.p[i] <= 'z') {
            return false;
        }
        capitals += bare.p[i] >= 'A' && bare.p[i] <= 'Z';
    }
    return capitals >= 2;
}

static bool
is_office(struct arena *arena, struct str line, struct str folded)
{
    for (size_t i = 0; i < COUNT(offices); i++) {
        if (str_starts(folded, str_of(offices[i])) && folded.n <= strlen(offices[i]) + 12 &&
            is_capitals(arena, line)) {
            return true;
        }
    }
    return false;
}

static enum furniture
judge_by(const struct furniture_table *table, struct str folded)
{
    for (size_t i = 0; i < table->n && folded.n > 0; i++) {
        const struct furniture_phrase *phrase = &table->phrase[i];
        enum furniture verdict =
            phrase->folded[0] == folded.p[0] ? judge_phrase(folded, phrase) : FURNITURE_NONE;
        if (verdict != FURNITURE_NONE) {
            return verdict;
        }
    }
    return FURNITURE_NONE;
}

static enum furniture
judge_words(struct str folded)
{
    return judge_by(&built_in, folded);
}

/* "08/12/2026 | 10:05 | Lượt xem: 57": of the parts one is furniture, and the others no words. */
static bool
is_bar(struct str folded)
{
    bool found = false;
    for (struct str rest = folded; rest.p && rest.n > 0;) {
        struct str part = str_trim(str_cut(&rest, '|'));
        bool furniture = part.n > 0 && judge_words(part) != FURNITURE_NONE;
        if (!furniture && part.n > 0 && !furniture_says_when(part)) {
            return false;
        }
        found = found || furniture;
    }
    return found;
}

/* "Thứ Ba, 24/11/2026, 09:12 Lượt xem: 95": a date with furniture behind it. */
static bool
is_date_and_more(struct str folded)
{
    for (size_t i = 1; folded.n <= SHORT_LINE && i + 1 < folded.n; i++) {
        struct str head = {folded.p, i};
        bool word = folded.p[i] == ' ' && is_word_char(folded.p[i + 1]) &&
                    judge_words(str_from(folded, i + 1)) != FURNITURE_NONE;
        if (word && memchr(head.p, '/', head.n) && furniture_is_date(head)) {
            return true;
        }
    }
    return false;
}

/* "142 Thích Bình luận", "1.024 người quan tâm", "3 bình luận": behind how often. */
static enum furniture
judge_counted(struct str folded)
{
    size_t n = 0;
    while (n < folded.n && (is_digit(folded.p[n]) || strchr(" .,k", folded.p[n]))) {
        n++;
    }
    bool counted = n > 0 && is_digit(folded.p[0]) && folded.n <= SHORT_LINE;
    return counted && judge_words(str_from(folded, n)) != FURNITURE_NONE ? FURNITURE_DROP
                                                                         : FURNITURE_NONE;
}

static enum furniture
judge(struct arena *arena, struct str line, struct str folded)
{
    enum furniture verdict = has_word(folded) ? judge_words(folded) : FURNITURE_DROP;
    verdict = verdict == FURNITURE_NONE ? judge_counted(folded) : verdict;
    if (verdict == FURNITURE_NONE && strchr("([", folded.p[0])) {
        verdict = judge_words(str_from(folded, 1)); /* "(Cập nhật: … - Lượt xem: 341)" */
    }
    if (verdict != FURNITURE_NONE) {
        return verdict;
    }
    if (furniture_is_more_news(folded)) {
        return FURNITURE_STOP;
    }
    bool bar = memchr(folded.p, '|', folded.n) && is_bar(folded);
    return bar || furniture_is_tags(folded) || furniture_is_ago(folded) ||
                   is_date_and_more(folded) || is_office(arena, line, folded)
               ? FURNITURE_DROP
               : FURNITURE_NONE;
}

enum furniture
furniture_judge(struct arena *arena, struct str line)
{
    return judge(arena, line, unicode_fold(arena, utf8_within(line, JUDGED_BYTES)));
}

/* "Chính trị Chính trị": two equal halves with a blank between. */
static bool
is_said_twice(struct str folded)
{
    size_t half = folded.n / 2;
    return folded.n % 2 == 1 && half >= 3 && half <= 50 && folded.p[half] == ' ' &&
           memcmp(folded.p, folded.p + half + 1, half) == 0;
}

/* "Số 09-GM/CB", "Số: 231/TB-UBND". */
static bool
is_number_line(struct str folded)
{
    if (!str_starts(folded, STR("so")) || folded.n > 40) {
        return false;
    }
    size_t i = 2;
    while (i < folded.n && (folded.p[i] == ' ' || folded.p[i] == ':')) {
        i++;
    }
    bool digit = i > 2 && i < folded.n && is_digit(folded.p[i]);
    return digit && memchr(folded.p, '/', folded.n) && memchr(folded.p, '-', folded.n);
}

/* "Đông Thịnh" before ", ngày": a name alone, no "Thời gian: 19h30, thứ Tư". */
static bool
is_place_name(struct str folded)
{
    bool name = folded.n > 0 && !str_starts(folded, STR("thu ")) &&
                !str_starts(folded, STR("chu nhat")) && !str_starts(folded, STR("sang "));
    for (size_t i = 0; i < folded.n && name; i++) {
        name = !is_digit(folded.p[i]) && folded.p[i] != ':';
    }
    return name;
}

/* "Đông Thịnh, ngày 25 tháng 11 năm 2026", "Đông Thịnh, ngày 25/11/2026". */
static bool
is_place_and_date(struct str folded)
{
    const char *day = memmem(folded.p, folded.n, ", ngay ", 7);
    if (!day || folded.n > SHORT_LINE || day - folded.p > 30 ||
        !is_place_name((struct str){folded.p, (size_t)(day - folded.p)})) {
        return false;
    }
    struct str rest = {day + 7, folded.n - (size_t)(day + 7 - folded.p)};
    bool spoken = memmem(rest.p, rest.n, " thang ", 7) && memmem(rest.p, rest.n, " nam ", 5);
    return rest.n > 0 && rest.n <= 25 && is_digit(rest.p[0]) && (spoken || furniture_is_date(rest));
}

static bool
begins_with_any(struct str folded, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_starts(folded, str_of(words[i]))) {
            return true;
        }
    }
    return false;
}

/* Whether a line in capitals goes on behind the name: "XÃ TÂN AN KÍNH MỜI …" is a sentence. */
static bool
says_what_it_does(struct str line, struct str folded)
{
    static const char *const deeds[] = {" kinh moi",  " tran trong", " de nghi",  " yeu cau",
                                        " to chuc ",  " ve viec",    " xin moi",  " moi cac ",
                                        " moi toan ", " moi nhan ",  " moi quy ", " moi ba con"};
    bool says = memmem(line.p, line.n, " MỜI ", strlen(" MỜI ")) != NULL;
    for (size_t i = 0; i < COUNT(deeds) && !says; i++) {
        says = memmem(folded.p, folded.n, deeds[i], strlen(deeds[i])) != NULL;
    }
    return says || strchr(".!?;", line.p[line.n - 1]) != NULL;
}

/* A sender's name in capitals that says nothing of a kind of document. */
static bool
is_sender(struct arena *arena, struct str line, struct str folded)
{
    if (folded.n > 100 || !begins_with_any(folded, senders, COUNT(senders)) ||
        !is_capitals(arena, line) || says_what_it_does(line, folded)) {
        return false;
    }
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (memmem(folded.p, folded.n, kinds[i], strlen(kinds[i]))) {
            return false;
        }
    }
    return true;
}

bool
furniture_is_letterhead(struct arena *arena, struct str line)
{
    struct str folded = unicode_fold(arena, utf8_within(line, JUDGED_BYTES));
    return is_said_twice(folded) || is_number_line(folded) || furniture_is_date(folded) ||
           is_place_and_date(folded) || is_sender(arena, line, folded);
}

bool
furniture_is_kind(struct arena *arena, struct str line)
{
    struct str folded = unicode_fold(arena, utf8_within(line, JUDGED_BYTES));
    while (folded.n > 0 && !is_word_char(folded.p[folded.n - 1])) {
        folded.n--;
    }
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (str_equal_z(folded, kinds[i])) {
            return true;
        }
    }
    return false;
}

/* "(Cổng TTĐT) - " at the head of an article. */
static struct str
without_source(struct str line)
{
    const char *close = line.n > 2 && line.p[0] == '(' ? memchr(line.p, ')', line.n) : NULL;
    if (!close || close - line.p > SHORT_LINE) {
        return line;
    }
    struct str rest = str_trim((struct str){close + 1, line.n - (size_t)(close + 1 - line.p)});
    bool dash = str_starts(rest, STR("-")) || str_starts(rest, STR("–"));
    if (!dash) {
        return line;
    }
    size_t n = rest.p[0] == '-' ? 1 : STR("–").n;
    return str_trim(str_from(rest, n));
}

/* Two to four words, each with a capital, without a digit or a sign: somebody's name. */
static bool
is_name(struct arena *arena, struct str line)
{
    if (line.n > SHORT_LINE) {
        return false;
    }
    struct str rest = unicode_strip(arena, line);
    int words = 0;
    while (rest.n > 0) {
        struct str word = str_cut(&rest, ' ');
        bool well = word.n > 0 && word.p[0] >= 'A' && word.p[0] <= 'Z';
        for (size_t i = 1; i < word.n && well; i++) {
            well = word.p[i] >= 'a' && word.p[i] <= 'z';
        }
        if (!well) {
            return false;
        }
        words++;
    }
    return words >= 2 && words <= 4;
}

/* "Phó Chủ tịch", "TRƯỞNG TRẠM": a short line of letters alone, in capitals or an office. */
static bool
is_signature(struct arena *arena, struct str line)
{
    struct str folded = unicode_fold(arena, line);
    bool plain = folded.n > 0 && folded.n <= SHORT_LINE && has_letter(folded);
    for (size_t i = 0; i < folded.n && plain; i++) {
        plain = !is_digit(folded.p[i]) && !strchr(":;!?", folded.p[i]);
    }
    if (!plain) {
        return false;
    }
    for (size_t i = 0; i < COUNT(offices); i++) {
        struct str office = str_of(offices[i]);
        if (str_starts(folded, office) && folded.n <= office.n + 12) {
            return true;
        }
    }
    return folded.n <= SIGNATURE_MOST && is_capitals(arena, line);
}

/* Takes the last line off `text`; its length without line ends. */
static struct str
last_line(struct str text)
{
    size_t at = text.n;
    while (at > 0 && text.p[at - 1] != '\n') {
        at--;
    }
    return str_from(text, at);
}

/* Where furniture_remove() is. */
struct cleaning {
    struct arena *scratch; /* what a line's judgement takes, freed every so often */
    struct buf out;
    bool head, stopped;
};

/* A number alone above a line of tools counts how often. */
static void
drop_count(struct buf *out)
{
    size_t n = out->n > 0 ? out->n - 1 : 0, from = n;
    while (from > 0 && is_digit(out->p[from - 1])) {
        from--;
    }
    bool alone = from < n && from > 0 && out->p[from - 1] == '\n';
    out->n = alone ? from : out->n;
}

static void
take_line(struct cleaning *c, struct str line, bool near_end)
{
    struct str folded = unicode_fold(c->scratch, utf8_within(line, JUDGED_BYTES));
    enum furniture verdict = line.n > 0 ? judge(c->scratch, line, folded) : FURNITURE_NONE;
    bool heading = c->head && (furniture_is_date(folded) || is_said_twice(folded));
    bool dated = (c->head || near_end) && is_place_and_date(folded);
    if (verdict == FURNITURE_STOP && c->out.n > 0) {
        c->stopped = true;
    }
    if (verdict != FURNITURE_NONE) {
        drop_count(&c->out);
    }
    if (verdict == FURNITURE_NONE && !heading && !dated) {
        buf_add_str(&c->out, c->head ? without_source(line) : line);
        buf_add_char(&c->out, '\n');
        c->head = c->head && line.n < SHORT_LINE;
    }
}

struct str
furniture_remove(struct arena *arena, struct str text)
{
    struct cleaning c = {.scratch = arena_new(), .head = true};
    size_t lines = 0;
    buf_init(&c.out, text.n + 1);
    for (struct str rest = text; rest.p && rest.n > 0 && !c.stopped;) {
        struct str line = str_cut(&rest, '\n');
        take_line(&c, line, rest.n < SHORT_LINE);
        if (++lines % SCRATCH_LINES == 0) {
            arena_free(&c.scratch);
            c.scratch = arena_new();
        }
    }
    struct str kept = str_trim(buf_str(&c.out));
    for (size_t i = 0; i < SIGNATURE_LINES; i++) {
        struct str last = last_line(kept);
        if (last.n == kept.n || !(is_name(c.scratch, last) || is_signature(c.scratch, last))) {
            break;
        }
        kept.n -= last.n;
        kept = str_trim(kept);
    }
    kept = unicode_tidy(arena, kept);
    buf_deinit(&c.out);
    arena_free(&c.scratch);
    return kept;
}

bool
furniture_is_built_in(const struct furniture_phrase *phrase)
{
    for (size_t i = 0; i < built_in.n; i++) {
        const struct furniture_phrase *o = &built_in.phrase[i];
        if (strcmp(o->folded, phrase->folded) == 0 && o->follow == phrase->follow &&
            o->verdict == phrase->verdict) {
            return true;
        }
    }
    return false;
}

struct str
furniture_remove_by(const struct furniture_table *table, struct arena *arena, struct str text)
{
    struct buf out;
    if (table->n == 0) {
        return text;
    }
    buf_init(&out, text.n + 1);
    for (struct str rest = text; rest.p && rest.n > 0;) {
        struct str line = str_cut(&rest, '\n');
        enum furniture verdict =
            judge_by(table, unicode_fold(arena, utf8_within(line, JUDGED_BYTES)));
        if (verdict == FURNITURE_STOP && out.n > 0) {
            break;
        }
        if (verdict == FURNITURE_NONE) {
            buf_add_str(&out, line);
            buf_add_char(&out, '\n');
        }
    }
    struct str kept = str_trim(buf_str(&out));
    kept = (struct str){arena_strndup(arena, kept.p ? kept.p : "", kept.n), kept.n};
    buf_deinit(&out);
    return kept;
}
