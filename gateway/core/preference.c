/* By which channels a member would rather be told. */
// SPDX-License-Identifier: MIT
#include "gateway/core/preference.h"

#include <string.h>

#include "gateway/core/nearest.h"
#include "gateway/core/unicode.h"

static const char *const names[] = {"sms", "zalo", "telegram"};
enum { NAMES = sizeof names / sizeof *names };

static const char *
name_of(struct str one, struct arena *arena)
{
    struct str folded = unicode_fold(arena, one);
    for (size_t i = 0; i < NAMES; i++) {
        if (str_equal_z(folded, names[i])) {
            return names[i];
        }
    }
    return NULL;
}

static int
refuse(struct str one, struct err *err)
{
    const char *near = nearest_find(one, names, NAMES);
    int n = one.n > 40 ? 40 : (int)one.n;
    if (near) {
        return err_set(err, ERR_INPUT, "prefer: '%.*s': did you mean '%s'?", n, one.p, near);
    }
    return err_set(err, ERR_INPUT, "prefer: '%.*s': the channels are sms, zalo, telegram", n,
                   one.p);
}

/* The next of "a; b,c". */
static struct str
cut_one(struct str *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != ',' && rest->p[n] != ';') {
        n++;
    }
    return str_cut(rest, n < rest->n ? rest->p[n] : ',');
}

int
preference_read(struct str given, struct arena *arena, struct str *out, struct err *err)
{
    enum { ROOM = 32 };
    struct buf kept;
    unsigned seen = 0;
    int result = 0;
    buf_init(&kept, ROOM);
    while (given.p && given.n > 0 && result == 0) {
        struct str one = str_trim(cut_one(&given));
        const char *name = name_of(one, arena);
        if (one.n > 0 && !name) {
            result = refuse(one, err);
        } else if (name && !(seen & 1U << (unsigned char)name[0] % 32)) {
            seen |= 1U << (unsigned char)name[0] % 32;
            buf_add_format(&kept, "%s%s", kept.n > 0 ? "," : "", name);
        }
    }
    *out = (struct str){arena_strndup(arena, kept.p ? kept.p : "", kept.n), kept.n};
    buf_deinit(&kept);
    return result;
}

size_t
preference_letters(struct str kept, char out[PREFERENCE_WIDTH])
{
    size_t n = 0;
    while (kept.p && n < PREFERENCE_WIDTH) {
        struct str one = str_cut(&kept, ',');
        if (one.n > 0) {
            out[n++] = one.p[0];
        }
    }
    return n;
}

bool
preference_order(struct str channels, struct str prefer, uint8_t order[PREFERENCE_WIDTH])
{
    size_t n = channels.n < PREFERENCE_WIDTH ? channels.n : PREFERENCE_WIDTH, done = 0;
    unsigned placed = 0;
    bool differs = false;
    for (size_t i = 0; i < prefer.n + n && done < n; i++) {
        const char *at =
            i < prefer.n ? memchr(channels.p, prefer.p[i], n) : channels.p + (i - prefer.n);
        size_t place = at ? (size_t)(at - channels.p) : n;
        if (place < n && !(placed >> place & 1U)) {
            placed |= 1U << place;
            differs = differs || place != done;
            order[done++] = (uint8_t)place;
        }
    }
    return differs;
}
