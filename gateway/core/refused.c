/* Writes other signs for those that an operator refuses. */
// SPDX-License-Identifier: MIT
#include "gateway/core/refused.h"

#include <string.h>

#include "gateway/core/unicode.h"

static const struct {
    char sign;
    const char *instead, *with_marks; /* NULL: the same */
} table[] = {
    {'&', " va ", " và "},     {'%', " phan tram", " phần trăm"},
    {'#', " so ", " số "},     {'@', " a cong ", " a còng "},
    {'<', " duoi ", " dưới "}, {'>', " tren ", " trên "},
    {'+', " cong ", " cộng "}, {'=', " bang ", " bằng "},
    {'[', "(", NULL},          {']', ")", NULL},
    {'{', "(", NULL},          {'}', ")", NULL},
    {'\\', "/", NULL},         {'_', "-", NULL},
    {'~', "-", NULL},          {'^', " ", NULL},
    {'|', "/", NULL},          {'$', " USD ", NULL},
    {'*', "-", NULL},          {'"', "'", NULL},
    {'\'', "", NULL},          {'`', "", NULL},
    {'!', ".", NULL},          {'?', ".", NULL},
    {';', ",", NULL},
};

static const char *
instead_of(char sign, bool marks)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].sign == sign) {
            return marks && table[i].with_marks ? table[i].with_marks : table[i].instead;
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

/* The first character. */
static struct str
head_of(struct str text)
{
    struct str rest = text;
    (void)utf8_next(&rest);
    return (struct str){text.p, text.n - rest.n};
}

/* Whether letters with marks stand in the text beside what is refused: words for signs then have
 * theirs too.  One without them stays in GSM 03.38. */
static bool
has_marks(struct str text, struct str refused)
{
    while (text.n > 0) {
        struct str sign = head_of(text);
        if (sign.n > 1 && !is_refused(sign, refused)) {
            return true;
        }
        text = str_from(text, sign.n);
    }
    return false;
}

/* What stands for a sign may be refused itself: then nothing does. */
static void
add_instead(struct buf *out, struct str instead, struct str refused)
{
    while (instead.n > 0) {
        struct str sign = head_of(instead);
        if (!is_refused(sign, refused)) {
            buf_add_str(out, sign);
        }
        instead = str_from(instead, sign.n);
    }
}

struct str
refused_replace(struct arena *arena, struct str text, struct str refused)
{
    static const struct str name = {"{name}", 6};
    if (refused.n == 0) {
        return text;
    }
    bool marks = has_marks(text, refused);
    struct buf out;
    buf_init(&out, text.n * 16 + 1);
    while (text.n > 0) {
        bool named = str_starts(text, name);
        struct str sign = named ? name : head_of(text);
        if (!named && is_refused(sign, refused)) {
            bool ascii = (unsigned char)sign.p[0] < 0x80;
            add_instead(&out,
                        ascii ? str_of(instead_of(sign.p[0], marks)) : unicode_strip(arena, sign),
                        refused);
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
