/* Sentences and safe cuts. */
// SPDX-License-Identifier: MIT
#include "gateway/core/lead.h"

#include <string.h>

#include "gateway/core/unicode.h"

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_stop(char c)
{
    return c == '.' || c == '!' || c == '?';
}

/* Length of what closes at the head of `s`: a quote or bracket behind a full stop. */
static size_t
closing_length(struct str s)
{
    static const char *const closing[] = {"\"", "'", ")", "]", "”", "’", "»"};
    for (size_t i = 0; i < sizeof closing / sizeof *closing; i++) {
        if (str_starts(s, str_of(closing[i]))) {
            return strlen(closing[i]);
        }
    }
    return 0;
}

/* The word that ends right before `at`. */
static struct str
word_before(struct str line, size_t at)
{
    size_t from = at;
    while (from > 0 && line.p[from - 1] != ' ') {
        from--;
    }
    return (struct str){line.p + from, at - from};
}

/* "1", "TP", "P", "Q": short and without a small letter; at the line's head any number. */
static bool
is_abbreviation(struct str line, struct str word)
{
    bool digits = word.n > 0;
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] >= 'a' && word.p[i] <= 'z') {
            return false;
        }
        digits = digits && is_digit(word.p[i]);
    }
    return digits ? word.p == line.p : word.n <= 3;
}

/* Bytes of the first sentence of a line. */
static size_t
sentence_length(struct str line)
{
    for (size_t i = 0; i < line.n; i++) {
        if (!is_stop(line.p[i])) {
            continue;
        }
        size_t end = i + 1;
        end += closing_length(str_from(line, end));
        bool blank = end < line.n && line.p[end] == ' ';
        if (blank && !(line.p[i] == '.' && is_abbreviation(line, word_before(line, i)))) {
            return end;
        }
    }
    return line.n;
}

struct str
lead_next(struct str *text)
{
    *text = str_trim(*text);
    const char *end = text->n > 0 ? memchr(text->p, '\n', text->n) : NULL;
    struct str line = {text->p, end ? (size_t)(end - text->p) : text->n};
    line.n = line.n > 0 ? sentence_length(line) : 0;
    text->p += line.n;
    text->n -= line.n;
    return str_trim(line);
}

void
lead_split(struct str text, struct lead *out)
{
    out->n = 0;
    while (out->n < LEAD_PIECES) {
        struct str piece = lead_next(&text);
        if (piece.n == 0) {
            return;
        }
        out->piece[out->n++] = piece;
    }
}

static bool
has_digit(struct str word)
{
    for (size_t i = 0; i < word.n; i++) {
        if (is_digit(word.p[i])) {
            return true;
        }
    }
    return false;
}

/* Words that turn round what follows, or that announce a number or a name. */
static bool
is_bound_to_next(struct str word)
{
    static const char *const bound[] = {
        "không", "khong", "KHÔNG", "KHONG", "Không", "Khong", "chưa", "chua", "CHƯA", "CHUA",
        "cấm",   "cam",   "CẤM",   "CAM",   "Cấm",   "Cam",   "đừng", "dung", "ngày", "ngay",
        "tháng", "thang", "năm",   "nam",   "số",    "so",    "thứ",  "thu",  "lúc",  "luc",
        "từ",    "tu",    "đến",   "den",   "trước", "truoc", "sau",  "quý",  "quy",  "-",
        "và",    "va",    "của",   "cua",   "tại",   "tai",   "hoặc", "hoac", "các",  "cac",
    };
    for (size_t i = 0; i < sizeof bound / sizeof *bound; i++) {
        if (str_equal_z(word, bound[i])) {
            return true;
        }
    }
    return false;
}

static bool
is_capital(struct str word)
{
    struct str rest = word;
    int32_t c = word.n > 0 ? utf8_next(&rest) : 0;
    return (c >= 'A' && c <= 'Z') || c == 0x110 || (c >= 0xC0 && c <= 0xDD);
}

/* Between the words on both sides of the blank at `at`. */
static bool
is_safe(struct str piece, size_t at)
{
    struct str before = word_before(piece, at);
    struct str after = {piece.p + at + 1, piece.n - at - 1};
    const char *blank = memchr(after.p, ' ', after.n);
    after.n = blank ? (size_t)(blank - after.p) : after.n;
    char last = before.n > 0 ? before.p[before.n - 1] : ' ';
    if (last == ';' || (last == ',' && !has_digit(before) && !has_digit(after))) {
        return true;
    }
    bool name = is_capital(before) && is_capital(after);
    return !has_digit(before) && !has_digit(after) && !is_bound_to_next(before) && !name;
}

static struct str
without_tail(struct str s)
{
    while (s.n > 0 && strchr(" ,;:-.(\"'", s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

struct str
lead_cut(struct str piece, size_t most, bool anywhere)
{
    size_t at = piece.n < most ? piece.n : most;
    while (at > 0) {
        at--;
        if (piece.p[at] == ' ' && (anywhere || is_safe(piece, at))) {
            return without_tail((struct str){piece.p, at});
        }
    }
    return (struct str){piece.p, 0};
}

struct str
lead_clause(struct str cut)
{
    for (size_t at = cut.n; at > 0 && at >= cut.n * 2 / 3; at--) {
        if (at < cut.n && is_digit(cut.p[at])) {
            return cut;
        }
        bool sign = at < cut.n && cut.p[at] == ' ' && strchr(",;", cut.p[at - 1]);
        if (sign && is_safe(cut, at)) {
            return without_tail((struct str){cut.p, at});
        }
    }
    return cut;
}

bool
lead_ends(struct str piece)
{
    static const char *const ends[] = {".", "!", "?", ":", ";", ",", "…", ".\"", ".”"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (piece.n >= n && memcmp(piece.p + piece.n - n, ends[i], n) == 0) {
            return true;
        }
    }
    return false;
}
