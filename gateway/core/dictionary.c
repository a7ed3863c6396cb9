/* Reads the table and looks long forms up. */
// SPDX-License-Identifier: MIT
#include "gateway/core/dictionary.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "gateway/core/tsv.h"
#include "gateway/core/unicode.h"

static const char built_in[] =
#include "gateway/core/abbreviations.inc"
    ;

struct str
dictionary_small(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.n * 4 + 8);
    size_t n = 0;
    while (text.n > 0) {
        int32_t c = utf8_next(&text);
        n += (size_t)utf8proc_encode_char(utf8proc_tolower(c), (utf8proc_uint8_t *)out + n);
    }
    return (struct str){out, n};
}

static int
read_row(struct str row, struct arena *arena, struct dictionary_entry *out, struct err *err)
{
    struct str words = str_trim(str_cut(&row, '\t'));
    struct str brief = str_trim(str_cut(&row, '\t'));
    struct str when = str_trim(row.p ? row : (struct str){"", 0});
    if (words.n == 0 || brief.n == 0) {
        return err_set(err, ERR_CONFIG, "a row is: long form, tab, short form, tab, when");
    }
    if (!str_equal_z(when, "always") && !str_equal_z(when, "tight")) {
        return err_set(err, ERR_CONFIG, "'%.*s' is neither always nor tight", (int)when.n, when.p);
    }
    *out = (struct dictionary_entry){
        .words = dictionary_small(arena, words),
        .brief = brief,
        .when = str_equal_z(when, "always") ? DICTIONARY_ALWAYS : DICTIONARY_TIGHT,
    };
    struct str first = words;
    char sign = plain_sign(utf8_next(&first));
    out->name = sign >= 'A' && sign <= 'Z';
    out->first = out->name ? (char)(sign - 'A' + 'a') : sign;
    return 0;
}

static int
by_length(const void *a, const void *b)
{
    const struct dictionary_entry *x = a;
    const struct dictionary_entry *y = b;
    return x->words.n != y->words.n ? (x->words.n < y->words.n ? 1 : -1)
                                    : (x->words.p < y->words.p ? -1 : 1);
}

int
dictionary_read(struct str tsv, struct arena *arena, struct dictionary *out, struct err *err)
{
    int line = 0;
    struct str row;
    out->n = 0;
    out->entry = arena_alloc(arena, DICTIONARY_MOST * sizeof *out->entry);
    if (tsv_check(tsv, err) != 0) {
        return -1;
    }
    tsv = unicode_nfc(arena, tsv);
    while (tsv_next(&tsv, "long", &line, &row)) {
        if (out->n == DICTIONARY_MOST) {
            return err_set(err, ERR_CONFIG, "%d: more than %d rows", line, DICTIONARY_MOST);
        }
        if (read_row(row, arena, &out->entry[out->n], err) != 0) {
            return err_prefix(err, "%d: ", line);
        }
        out->n++;
    }
    qsort(out->entry, out->n, sizeof *out->entry, by_length);
    return 0;
}

void
dictionary_built_in(struct arena *arena, struct dictionary *out)
{
    int rc = dictionary_read((struct str){built_in, sizeof built_in - 1}, arena, out, NULL);
    assert(rc == 0);
    (void)rc;
}

static bool
names_follow(const struct plain *p, size_t i)
{
    char next = i + 1 < p->n && p->sign[i] == ' ' ? p->sign[i + 1] : '\0';
    size_t digits = 0;
    while (i + 1 + digits < p->n && p->sign[i + 1 + digits] >= '0' &&
           p->sign[i + 1 + digits] <= '9') {
        digits++;
    }
    return (next >= 'A' && next <= 'Z') || digits == 1 || digits == 2;
}

const struct dictionary_entry *
dictionary_find(const struct dictionary *d, const struct plain *p, size_t i,
                enum dictionary_when when, size_t *n)
{
    char here = p->sign[i];
    char small = here >= 'A' && here <= 'Z' ? (char)(here - 'A' + 'a') : here;
    for (size_t k = 0; k < d->n; k++) {
        const struct dictionary_entry *e = &d->entry[k];
        if (e->first != small || e->when > when) {
            continue;
        }
        *n = plain_word(p, i, e->words.p);
        bool stop = e->brief.p[e->brief.n - 1] == '.';
        if (*n > 0 && (!stop || names_follow(p, i + *n))) {
            return e;
        }
    }
    return NULL;
}
