/* What in a Vietnamese text must not be lost or changed, and where it stands.  Pure. */
#ifndef LOA_CORE_FACTS_H
#define LOA_CORE_FACTS_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

enum fact_kind {
    FACT_DOCUMENT, /* 37-KH/ĐU, 91/2020/NĐ-CP */
    FACT_DATE,     /* 02/12/2026, 03, 10, 17/12, ngày 25 tháng 11, tháng 12/2026 */
    FACT_TIME,     /* 19h30, 8 giờ đến 11 giờ 30 */
    FACT_PHONE,    /* 024.1000.2137, gọi 112 */
    FACT_AMOUNT,   /* 21.000 đồng, 0,03%, 2,5 tấn */
    FACT_DEADLINE, /* trước 17h00 ngày 07/11; holds its date and time */
    FACT_PLACE,    /* what stands behind "địa điểm:" or "tại" */
};
enum { FACT_KINDS = 7, FACTS_MAX = 512 };

/* "document", "date", … */
const char *fact_kind_name(enum fact_kind kind);

struct fact {
    enum fact_kind kind;
    size_t from, to; /* bytes of the text */
};

struct facts {
    size_t n;
    struct fact fact[FACTS_MAX]; /* in the text's order; one that holds others stands before them */
};

/* The first FACTS_MAX facts of `text` (UTF-8, NFC), with or without diacritics.  A range ("7h30 -
 * 11h00", "07-09/12", "27/11/2026 đến hết ngày 11/12/2026") is one fact.  What only looks like one
 * (24/7, 24/24h, 2026-2030, 180 m3/s as a document) is none. */
void facts_find(struct arena *arena, struct str text, struct facts *out);

#endif
