/* What else a portal has below a text, known by the words of its heading alone; hashtags. */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "gateway/core/furniture_parts.h"

enum { HEADING_MOST = 60 }; /* bytes of a folded line */

static bool
is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Whether it is one of `words`, each between blanks. */
static bool
is_word_of(struct str word, const char *words)
{
    char wanted[16];
    (void)snprintf(wanted, sizeof wanted, " %.*s ", word.n < 12 ? (int)word.n : 12, word.p);
    return strstr(words, wanted) != NULL;
}

/* "Các bản tin đã đưa:", "Bài viết cùng loại": what else the portal has, in nothing but the words
 * for that. */
bool
furniture_is_more_news(struct str folded)
{
    static const char news[] = " tin bai ", about[] = " khac hon dua dang lien truoc cung nhieu ";
    static const char filler[] = " cac nhung mot so tuc viet ban cu moi da tai quan do chuyen muc "
                                 "loai su kien doc xem nhat them ngay trong noi bat ";
    bool said = false, related = false, other = folded.n > HEADING_MOST;
    for (struct str rest = folded; rest.p && rest.n > 0 && !other;) {
        struct str word = str_cut(&rest, ' ');
        while (word.n > 0 && !is_letter(word.p[word.n - 1])) {
            word.n--;
        }
        said = said || is_word_of(word, news);
        related = related || is_word_of(word, about);
        other = word.n > 0 && !is_word_of(word, news) && !is_word_of(word, about) &&
                !is_word_of(word, filler);
    }
    return said && related && !other;
}

/* "#thongbao #diaphuong", "- #thongbao". */
bool
furniture_is_tags(struct str folded)
{
    bool tags = false, other = false;
    for (struct str rest = folded; rest.p && rest.n > 0;) {
        struct str word = str_cut(&rest, ' ');
        tags = tags || (word.n > 1 && word.p[0] == '#');
        other = other || (word.n > 0 && word.p[0] != '#' && !str_equal_z(word, "-"));
    }
    return tags && !other;
}
