/* A text with a name in it, encoded once but for the names: what each member gets is put together
 * of octets, cut into parts, without being encoded again.  Pure. */
#ifndef LOA_CORE_SPLICE_H
#define LOA_CORE_SPLICE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/segment.h"

enum { SPLICE_NAMES = 8, SPLICE_NAME = 30 }; /* names in a text; characters of a name */

/* The text's octets without the names, and where a name goes. */
struct splice_side {
    uint8_t *octets; /* owned */
    size_t n, names_n;
    size_t at[SPLICE_NAMES];
};

struct splice {
    struct segment_form form;
    bool narrow_fits; /* the text without names has a narrow side */
    struct splice_side narrow, wide;
    int most; /* parts with the widest name of letters */
};

/* What a splice is made of; borrowed. */
struct splice_text {
    struct str text, mark; /* the mark ("{name}") stands wherever the name goes */
    struct segment_form form;
    bool plain_names; /* none has a sign that the narrow encoding lacks */
};
/* ERR_INPUT: more than SPLICE_NAMES names, or more than SEGMENT_MAX parts.  splice_deinit() it in
 * any case. */
int splice_init(struct splice *s, const struct splice_text *text, struct err *err) MUST_CHECK;
void splice_deinit(struct splice *s);

/* One member's text: its name's octets, and where its parts begin. */
struct spliced {
    enum encoding encoding;
    size_t name_n, total; /* octets */
    uint8_t name[SPLICE_NAME * 4];
    int parts;
    uint16_t from[SEGMENT_MAX + 1];
};
/* `name` is UTF-8; what is behind its first SPLICE_NAME characters is left out. */
void splice_measure(const struct splice *s, struct str name, struct spliced *out);
/* Writes part `part` to `out` (SEGMENT_OCTETS of room).  Returns its octets. */
size_t splice_part(const struct splice *s, const struct spliced *m, int part, uint8_t *out);

#endif
