/* Writes other signs for those that an operator refuses. */
// SPDX-License-Identifier: MIT
#include "gateway/core/refused.h"

#include <string.h>

#include "gateway/core/unicode.h"

static const struct {
    char sign;
    const char *instead;
} table[] = {
    {'&', " va "},   {'%', " phan tram"}, {'#', " so "}, {'@', " a cong "}, {'[', "("},
    {']', ")"},      {'{', "("},          {'}', ")"},    {'\\', "/"},       {'<', " duoi "},
    {'>', " tren "}, {'_', "-"},          {'~', "-"},    {'^', " "},        {'|', "/"},
    {'$', " USD "},  {'*', "-"},          {'"', "'"},    {'\'', ""},        {'`', ""},
    {'+', " cong "}, {'=', " bang "},     {'!', "."},    {'?', "."},        {';', ","},
};

const char *
refused_instead(char sign)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].sign == sign) {
            return table[i].instead;
        }
    }
    return " ";
}

static bool
is_refused(char c, struct str refused)
{
    return c != '\n' && refused.n > 0 && memchr(refused.p, c, refused.n) != NULL;
}

/* What stands for a sign may be refused itself: then nothing does. */
static void
add_instead(struct buf *out, char sign, struct str refused)
{
    for (const char *c = refused_instead(sign); *c; c++) {
        if (!is_refused(*c, refused)) {
            buf_add_char(out, *c);
        }
    }
}

struct str
refused_replace(struct arena *arena, struct str text, struct str refused)
{
    static const struct str name = {"{name}", 6};
    if (refused.n == 0) {
        return text;
    }
    struct buf out;
    buf_init(&out, text.n * 12 + 1);
    while (text.n > 0) {
        size_t used = str_starts(text, name) ? name.n : 1;
        if (used == 1 && is_refused(text.p[0], refused)) {
            add_instead(&out, text.p[0], refused);
        } else {
            buf_add(&out, text.p, used);
        }
        text = str_from(text, used);
    }
    struct str replaced = unicode_tidy(arena, buf_str(&out));
    buf_deinit(&out);
    return replaced;
}

static bool
has_refused(struct str link, struct str refused)
{
    for (size_t i = 0; i < link.n; i++) {
        if (is_refused(link.p[i], refused)) {
            return true;
        }
    }
    return false;
}

struct str
refused_link(struct str link, struct str refused)
{
    const char *fragment = link.n > 0 ? memchr(link.p, '#', link.n) : NULL;
    struct str without = {link.p, fragment ? (size_t)(fragment - link.p) : link.n};
    if (!has_refused(link, refused)) {
        return link;
    }
    return has_refused(without, refused) ? (struct str){"", 0} : without;
}
