/* Two columns of plain text, the letterhead in one of them. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/furniture_parts.h"
#include "gateway/core/unicode.h"

/* Where the gap between two columns begins: three blanks or a tab between words; the line's length
 * if there is none. */
static size_t
column_gap(struct str line)
{
    for (size_t i = 1; i + 3 < line.n; i++) {
        bool blanks = line.p[i] == ' ' && line.p[i + 1] == ' ' && line.p[i + 2] == ' ';
        if ((blanks || line.p[i] == '\t') && str_trim((struct str){line.p, i}).n > 0) {
            return i;
        }
    }
    return line.n;
}

/* A date alone is none: it may head a row of a schedule. */
static bool
is_of_a_letterhead(struct arena *arena, struct str part)
{
    struct str line = unicode_line(arena, part);
    struct str folded = unicode_fold(arena, line);
    bool letter = false;
    for (size_t i = 0; i < folded.n; i++) {
        letter = letter || (folded.p[i] >= 'a' && folded.p[i] <= 'z');
    }
    bool dated = furniture_is_date(folded) || !letter;
    return line.n > 0 && line.n < JUDGED_BYTES && !dated &&
           (furniture_is_letterhead(arena, line) || furniture_judge(arena, line) != FURNITURE_NONE);
}

struct str
furniture_split_columns(struct arena *arena, struct str text)
{
    struct buf out;
    buf_init(&out, text.n * 2 + 1); /* a line end more a line */
    for (struct str rest = text; rest.p && rest.n > 0;) {
        struct str line = str_cut(&rest, '\n');
        size_t gap = column_gap(line);
        struct str left = {line.p, gap}, right = str_from(line, gap);
        bool split = gap < line.n && line.n < JUDGED_BYTES && right.n > 0 &&
                     (is_of_a_letterhead(arena, left) || is_of_a_letterhead(arena, right));
        buf_add_str(&out, split ? left : line);
        buf_add_z(&out, split ? "\n" : "");
        buf_add_str(&out, split ? right : (struct str){NULL, 0});
        buf_add_z(&out, rest.p ? "\n" : "");
    }
    struct str parted = {arena_strndup(arena, out.p ? out.p : "", out.n), out.n};
    buf_deinit(&out);
    return parted;
}
