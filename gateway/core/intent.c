/* What a member's message wants. */
// SPDX-License-Identifier: MIT
#include "gateway/core/intent.h"

#include <string.h>

#include "gateway/core/mem.h"
#include "gateway/core/unicode.h"

enum { LONGEST = 2000 };

/* What may stand behind the keyword. */
enum tail { TAIL_NONE, TAIL_CODE, TAIL_TEXT };

static const struct {
    const char *keyword; /* folded */
    enum intent intent;
    enum tail tail;
} keywords[] = {
    {"tc", INTENT_STOP, TAIL_NONE},      {"huy", INTENT_STOP, TAIL_NONE},
    {"stop", INTENT_STOP, TAIL_NONE},    {"tu choi", INTENT_STOP, TAIL_NONE},
    {"dk", INTENT_START, TAIL_NONE},     {"dang ky", INTENT_START, TAIL_NONE},
    {"start", INTENT_START, TAIL_NONE},  {"co", INTENT_YES, TAIL_CODE},
    {"1", INTENT_YES, TAIL_NONE},        {"xn", INTENT_YES, TAIL_CODE},
    {"xac nhan", INTENT_YES, TAIL_CODE}, {"ok", INTENT_YES, TAIL_CODE},
    {"khong", INTENT_NO, TAIL_CODE},     {"0", INTENT_NO, TAIL_NONE},
    {"vang", INTENT_NO, TAIL_CODE},      {"2", INTENT_NO, TAIL_NONE},
    {"ko", INTENT_NO, TAIL_CODE},        {"k", INTENT_NO, TAIL_NONE},
    {"gy", INTENT_REPORT, TAIL_TEXT},    {"pa", INTENT_REPORT, TAIL_TEXT},
    {"tg", INTENT_HELP, TAIL_NONE},      {"help", INTENT_HELP, TAIL_NONE},
    {"hd", INTENT_HELP, TAIL_NONE},
};

static bool
is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c < 0;
}

/* Without what is neither letter nor digit at both ends (an octet above ASCII is part of one). */
static struct str
trim_edges(struct str s)
{
    while (s.n > 0 && !is_plain(s.p[0])) {
        s = str_from(s, 1);
    }
    while (s.n > 0 && !is_plain(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

/* One word with a digit in it: "12", "a7". */
static bool
is_code(struct str s)
{
    bool digit = false;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_plain(s.p[i])) {
            return false;
        }
        digit = digit || (s.p[i] >= '0' && s.p[i] <= '9');
    }
    return digit;
}

static bool
tail_fits(enum tail tail, struct str rest)
{
    switch (tail) {
    case TAIL_NONE:
        return false;
    case TAIL_CODE:
        return is_code(trim_edges(rest));
    case TAIL_TEXT:
        return trim_edges(rest).n > 0;
    }
    return false;
}

/* "DỪNG" by its own letters; without accents it is a word for "stop" only where nobody signs so. */
static bool
is_dung(struct str text, struct arena *arena)
{
    struct str word = unicode_nfc(arena, text);
    if (str_equal_z(word, "DUNG") || str_equal_z(word, "dung")) {
        return true;
    }
    static const char *const stops[] = {"DỪNG", "dừng", "Dừng", "DừNG"};
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        if (str_equal_z(word, stops[i])) {
            return true;
        }
    }
    return false;
}

static enum intent
of_folded(struct str folded)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        struct str keyword = str_of(keywords[i].keyword);
        if (!str_starts(folded, keyword)) {
            continue;
        }
        struct str rest = str_from(folded, keyword.n);
        if (rest.n == 0 || (!is_plain(rest.p[0]) && tail_fits(keywords[i].tail, rest))) {
            return keywords[i].intent;
        }
    }
    return INTENT_NONE;
}

enum intent
intent_of(struct str text)
{
    if (text.n > LONGEST) {
        return INTENT_NONE;
    }
    struct arena *arena = arena_new();
    struct str line = trim_edges(unicode_line(arena, text));
    enum intent intent =
        is_dung(line, arena) ? INTENT_STOP : of_folded(trim_edges(unicode_fold(arena, line)));
    arena_free(&arena);
    return intent;
}

const char *
intent_name(enum intent intent)
{
    static const char *const names[] = {
        [INTENT_NONE] = "",     [INTENT_STOP] = "stop", [INTENT_START] = "start",
        [INTENT_YES] = "yes",   [INTENT_NO] = "no",     [INTENT_REPORT] = "report",
        [INTENT_HELP] = "help",
    };
    return names[intent];
}
