/* What was accepted of a message in parts. */
// SPDX-License-Identifier: MIT
#include "gateway/kept.h"

#include <stdio.h>
#include <string.h>

bool
kept_is_worth(const struct link_message *m)
{
    return m->parts_n > 1 && m->parts_taken != 0 &&
           (m->result == LINK_TEMPORARY || m->result == LINK_REFUSED);
}

static int
left_of(const struct link_message *m)
{
    int left = 0;
    for (int i = 0; i < m->parts_n; i++) {
        left += (m->parts_taken >> i & 1) == 0;
    }
    return left;
}

size_t
kept_put(const struct link_message *m, uint8_t attempt, int link, char out[KEPT_SIZE])
{
    int n = snprintf(out, KEPT_SIZE, "%u %u %d %d %u ", m->chain ? m->chain : attempt, attempt + 1U,
                     left_of(m), link, m->parts_taken);
    for (int i = 0; i < m->parts_n; i++) {
        bool taken = (m->parts_taken >> i & 1) != 0;
        n += snprintf(out + n, KEPT_SIZE - (size_t)n, "%s;", taken ? m->ids[i] : "");
    }
    return (size_t)n;
}

static bool
read_number(struct str *rest, uint64_t most, uint64_t *value)
{
    return str_to_u64(str_cut(rest, ' '), most, value);
}

void
kept_take(struct str text, uint8_t attempt, int link, struct link_message *m)
{
    uint64_t base = 0, last = 0, left = 0, code = 0, mask = 0;
    struct str rest = text;
    bool whole = read_number(&rest, UINT8_MAX, &base) && read_number(&rest, UINT8_MAX, &last) &&
                 read_number(&rest, SEGMENT_MAX, &left) && read_number(&rest, INT16_MAX, &code) &&
                 read_number(&rest, UINT16_MAX, &mask);
    if (!whole || last != attempt || (int)code != link || mask >> m->parts_n != 0) {
        return;
    }
    m->parts_taken = (uint16_t)mask;
    if (left_of(m) != (int)left || left == 0) {
        m->parts_taken = 0;
        return;
    }
    m->chain = (uint8_t)base;
    for (int i = 0; i < m->parts_n && rest.p; i++) {
        struct str id = str_cut(&rest, ';');
        size_t n = id.n < LINK_ID_SIZE ? id.n : 0;
        memcpy(m->ids[i], n ? id.p : "", n);
        m->ids[i][n] = '\0';
    }
}
