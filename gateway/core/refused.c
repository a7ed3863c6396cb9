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

/* `sign` is one character: its octets stand in valid UTF-8 only where it stands. */
static bool
is_refused(struct str sign, struct str refused)
{
    return sign.p[0] != '\n' && refused.n > 0 &&
           memmem(refused.p, refused.n, sign.p, sign.n) != NULL;
}

/* What stands for a sign may be refused itself: then nothing does. */
static void
add_instead(struct buf *out, struct str sign, struct arena *arena, struct str refused)
{
    bool ascii = (unsigned char)sign.p[0] < 0x80;
    struct str instead = ascii ? str_of(refused_instead(sign.p[0])) : unicode_strip(arena, sign);
    for (size_t i = 0; i < instead.n; i++) {
        if (!is_refused((struct str){instead.p + i, 1}, refused)) {
            buf_add_char(out, instead.p[i]);
        }
    }
}

/* The first character. */
static struct str
head_of(struct str text)
{
    struct str rest = text;
    (void)utf8_next(&rest);
    return (struct str){text.p, text.n - rest.n};
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
        bool named = str_starts(text, name);
        struct str sign = named ? name : head_of(text);
        if (!named && is_refused(sign, refused)) {
            add_instead(&out, sign, arena, refused);
        } else {
            buf_add_str(&out, sign);
        }
        text = str_from(text, sign.n);
    }
    struct str replaced = unicode_tidy(arena, buf_str(&out));
    buf_deinit(&out);
    return replaced;
}

static bool
has_refused(struct str link, struct str refused)
{
    for (size_t i = 0; i < link.n; i++) {
        if (is_refused((struct str){link.p + i, 1}, refused)) {
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
