/* Delivery receipts: TLVs first, then the text of SMPP 3.4 appendix B. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/receipt.h"

#include <string.h>
#include <strings.h>

enum { ESM_TYPE = 0x3C, ESM_RECEIPT = 0x04, ESM_INTERMEDIATE = 0x20, ID_MAX = LINK_ID_SIZE - 1 };

/* Blanks part the fields, some vendors take commas or semicolons. */
static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0' || c == ',' || c == ';';
}

/* The word that `text` begins with; behind a blank only one that is no field of its own. */
static struct str
word_at(struct str text)
{
    size_t blank = 0, n = 0;
    while (blank < text.n && text.p[blank] == ' ') {
        blank++;
    }
    struct str word = str_from(text, blank);
    while (n < word.n && !is_blank(word.p[n])) {
        n++;
    }
    word.n = n;
    return blank > 0 && memchr(word.p, ':', n) ? (struct str){"", 0} : word;
}

/* The word after `key` ("id:"), which begins the text or follows a blank.  False: there is none. */
static bool
find_word(struct str text, const char *key, struct str *word)
{
    size_t key_n = strlen(key);
    for (size_t i = 0; i + key_n <= text.n; i++) {
        if ((i > 0 && !is_blank(text.p[i - 1])) || strncasecmp(text.p + i, key, key_n) != 0) {
            continue;
        }
        *word = word_at(str_from(text, i + key_n));
        return word->n > 0;
    }
    return false;
}

/* An SMSC that marks its receipts by nothing writes them as the standard does. */
static bool
looks_like_receipt(struct str text)
{
    struct str word;
    return text.n > 3 && strncasecmp(text.p, "id:", 3) == 0 && find_word(text, "stat:", &word) &&
           (find_word(text, "dlvrd:", &word) || find_word(text, "date:", &word));
}

bool
receipt_is(const struct pdu *pdu)
{
    int type = pdu->esm_class & ESM_TYPE;
    return type == ESM_RECEIPT || type == ESM_INTERMEDIATE ||
           (type == 0 &&
            (pdu_tlv(pdu, TLV_RECEIPTED_MESSAGE_ID) || looks_like_receipt(pdu_text(pdu))));
}

/* The receipt's own part: what follows "text:" is the member's message, whatever it looks like. */
static struct str
before_text(struct str text)
{
    for (size_t i = 0; i + 5 <= text.n; i++) {
        if ((i == 0 || is_blank(text.p[i - 1])) && strncasecmp(text.p + i, "text:", 5) == 0) {
            return (struct str){text.p, i};
        }
    }
    return text;
}

/* By the beginning of the word, since vendors write it out ("DELIVERED") or cut it. */
static const struct {
    const char *begins;
    enum receipt_state state;
} words[] = {
    {"DELIV", RECEIPT_DELIVERED},      {"ENROUTE", RECEIPT_INTERMEDIATE},
    {"ACCEPT", RECEIPT_INTERMEDIATE},  {"BUFF", RECEIPT_INTERMEDIATE},
    {"SCHEDUL", RECEIPT_INTERMEDIATE},
};

/* message_state of SMPP 3.4 §5.2.28, with two of SMPP 5.0. */
static const struct {
    enum receipt_state state;
    const char *reason;
} states[] = {
    {RECEIPT_INTERMEDIATE, ""},       {RECEIPT_INTERMEDIATE, ""},
    {RECEIPT_DELIVERED, ""},          {RECEIPT_UNDELIVERED, "EXPIRED"},
    {RECEIPT_UNDELIVERED, "DELETED"}, {RECEIPT_UNDELIVERED, "UNDELIV"},
    {RECEIPT_INTERMEDIATE, ""},       {RECEIPT_UNDELIVERED, "UNKNOWN"},
    {RECEIPT_UNDELIVERED, "REJECTD"}, {RECEIPT_UNDELIVERED, "SKIPPED"},
};

static void
set_reason(struct link_receipt *out, struct str word)
{
    size_t n = 0;
    for (size_t i = 0; i < word.n && n < sizeof out->reason - 1; i++) {
        char c = word.p[i];
        if (c >= 'a' && c <= 'z') {
            c = (char)(c - 'a' + 'A');
        }
        if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
            out->reason[n++] = c;
        }
    }
    out->reason[n] = '\0';
}

static void
state_of_word(struct str word, struct link_receipt *out)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i].begins);
        if (word.n >= n && strncasecmp(word.p, words[i].begins, n) == 0) {
            out->state = words[i].state;
            return;
        }
    }
    out->state = RECEIPT_UNDELIVERED;
    set_reason(out, word);
}

static void
read_text(struct str text, struct link_receipt *out)
{
    struct str word;
    if (find_word(text, "id:", &word)) {
        out->id = word;
    }
    if (find_word(text, "stat:", &word)) {
        state_of_word(word, out);
    }
    uint64_t error = 0;
    if (find_word(text, "err:", &word) && str_to_u64(word, 0xffff, &error)) {
        out->error = (int)error;
    }
}

static void
read_tlvs(const struct pdu *pdu, struct link_receipt *out)
{
    const struct pdu_tlv *id = pdu_tlv(pdu, TLV_RECEIPTED_MESSAGE_ID);
    if (id && id->n > 0) {
        const char *p = (const char *)id->value;
        struct str s = {p, strnlen(p, id->n)};
        out->id = s.n > 0 ? s : out->id;
    }
    uint32_t state = 0;
    if (pdu_tlv_uint(pdu, TLV_MESSAGE_STATE, 1, &state) && state < sizeof states / sizeof *states) {
        out->state = states[state].state;
        set_reason(out, str_of(states[state].reason));
    }
    uint32_t reference = 0;
    if (pdu_tlv_uint(pdu, TLV_USER_MESSAGE_REFERENCE, 2, &reference)) {
        out->reference = (int)reference;
    }
    const struct pdu_tlv *error = pdu_tlv(pdu, TLV_NETWORK_ERROR_CODE);
    if (error && error->n == 3) { /* network type, then its code */
        out->error = error->value[1] << 8 | error->value[2];
    }
}

void
receipt_read(const struct pdu *pdu, struct link_receipt *out)
{
    *out = (struct link_receipt){.state = RECEIPT_INTERMEDIATE, .error = -1, .reference = -1};
    read_text(before_text(pdu_text(pdu)), out);
    read_tlvs(pdu, out);
    if ((pdu->esm_class & ESM_TYPE) == ESM_INTERMEDIATE) {
        out->state = RECEIPT_INTERMEDIATE;
    }
    if (out->id.n > ID_MAX) {
        out->id.n = 0; /* no message has such an id */
    }
}
