/* A line of the directory's CSV file: its columns, its rules, and how it is kept.  Pure. */
#ifndef LOA_CORE_MEMBER_H
#define LOA_CORE_MEMBER_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/number.h"
#include "gateway/core/str.h"

enum member_column {
    MEMBER_ID,
    MEMBER_NAME,
    MEMBER_PHONE,
    MEMBER_ZALO_UID,
    MEMBER_TELEGRAM_CHAT,
    MEMBER_GROUPS,
    MEMBER_PREFER,
    MEMBER_COLUMNS
};

enum { MEMBER_ID_MAX = 64, MEMBER_CELLS_MAX = 32 };

/* Which cell holds which column; -1: the file has no such column. */
struct member_header {
    size_t cells;
    int at[MEMBER_COLUMNS];
};
/* The file's first row: `id` and at least one address must be there, in any order of columns; an
 * unknown or repeated name is ERR_INPUT with the nearest known one.  A Vietnamese name is known, in
 * any case and with or without its marks. */
int member_header_read(const struct str *cells, size_t n, struct member_header *out,
                       struct err *err) MUST_CHECK;

/* A line that is taken; its text in the arena. */
struct member_row {
    /* Trimmed, NFC; groups joined by ';' without blanks, preferred channels by ','. */
    struct str column[MEMBER_COLUMNS];
    char address[NUMBER_ROOM]; /* the normalised phone, "" if it cannot be used */
    enum number_verdict phone;
    const char *warning; /* taken, yet: a sentence; NULL: nothing */
};
/* Text goes into `arena`.  -1 with ERR_INPUT: the line is refused, the sentence says why. */
int member_row_read(const struct member_header *header, const struct str *cells, size_t n,
                    struct arena *arena, struct member_row *out, struct err *err) MUST_CHECK;

/* As the directory keeps it: a JSON object of the first six columns, and of what is preferred if
 * anything is; equal rows give equal bytes. */
void member_row_json(const struct member_row *row, struct buf *out);
/* The directory's column of phones: "84900000001 "; "!" and blanks: no valid mobile; blanks: none.
 */
void member_row_phone(const struct member_row *row, char out[NUMBER_COLUMN]);
/* What members are compared by: the phone, else "z:" and the zalo uid, else "t:" and the chat; ""
 * if there is nothing. */
void member_row_key(const struct member_row *row, struct buf *out);

/* One column of a kept JSON object, into `arena`; false when it is no such object. */
bool member_json_read(struct str json, struct arena *arena, struct str column[MEMBER_COLUMNS]);

/* The name alone, borrowed from the JSON where it stands there as it is: a chunk's names are read
 * while it waits to be sent. */
struct str member_json_name(struct str json, struct arena *arena);

#endif
