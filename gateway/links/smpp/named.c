/* Splices names into submit_sm PDUs. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/named.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "gateway/core/septets.h"
#include "gateway/core/splice.h"
#include "gateway/links/smpp/session.h"
#include "gateway/links/smpp/text.h"
#include "gateway/links/smpp/wire.h"

/* Behind the text of a part stand three TLVs (sar_msg_ref_num, sar_total_segments,
 * sar_segment_seqnum), of 6, 5 and 5 octets, and last of all the user_message_reference. */
enum { SAR_OCTETS = 16, SAR_TOTAL = 10, SAR_NUMBER = 15, REFERENCE_OCTETS = 6 };
enum { ALONE, MANY };

struct named {
    const struct conf_link *conf;
    struct splice splice;
    struct pdu_template narrow[2], wide[2]; /* ALONE, MANY */
};

static bool
is_payload(const struct named *named, const struct spliced *s)
{
    return s->parts > 1 && named->conf->long_sms == LONG_SMS_PAYLOAD;
}

struct named *
named_new(const struct conf_link *conf, const struct link_content *content,
          struct segment_form form, struct err *err)
{
    struct named *named = xcalloc(1, sizeof *named);
    const struct splice_text text = {content->text, STR("{name}"), form,
                                     content->names == NAMES_PLAIN};
    named->conf = conf;
    int rc = splice_init(&named->splice, &text, err);
    for (int many = ALONE; rc == 0 && many <= MANY; many++) {
        rc = text_shell(conf, content, form.narrow, many == ALONE, &named->narrow[many], err);
        if (rc == 0) {
            rc = text_shell(conf, content, ENCODING_UCS2, many == ALONE, &named->wide[many], err);
        }
    }
    if (rc != 0) {
        named_free(&named);
    }
    return named;
}

void
named_free(struct named **named)
{
    if (*named) {
        splice_deinit(&(*named)->splice);
        free(*named);
        *named = NULL;
    }
}

int
named_most(const struct named *named)
{
    bool payload = named->splice.most > 1 && named->conf->long_sms == LONG_SMS_PAYLOAD;
    return payload ? 1 : named->splice.most;
}

int
named_parts(const struct named *named, struct str name)
{
    struct spliced s;
    splice_measure(&named->splice, name, &s);
    return is_payload(named, &s) ? 1 : s.parts;
}

/* The octets of a part, as this link packs them behind `header` octets. */
static size_t
take_part(const struct named *named, const struct spliced *s, int part, size_t header, uint8_t *out)
{
    uint8_t packed[SEGMENT_OCTETS + 2];
    size_t n = splice_part(&named->splice, s, part, out);
    if (named->conf->data_coding == CODING_GSM7_PACKED && s->encoding == ENCODING_GSM7) {
        n = septets_pack(out, n, header, packed);
        memcpy(out, packed, n);
    }
    return n;
}

/* Puts octets before the last `behind` of the PDU's `n`. */
static void
insert(uint8_t *out, size_t n, size_t behind, const uint8_t *octets, size_t octets_n)
{
    uint8_t kept[SAR_OCTETS + REFERENCE_OCTETS];
    uint8_t *at = out + n - behind;
    memcpy(kept, at, behind);
    memcpy(at, octets, octets_n);
    memcpy(at + octets_n, kept, behind);
}

static size_t
reference_octets(const struct named *named)
{
    return named->conf->user_message_reference ? REFERENCE_OCTETS : 0;
}

/* All parts as one message_payload, whose head the PDU of `n` octets has. */
static size_t
add_payload(const struct named *named, const struct spliced *s, uint8_t *out, size_t n)
{
    uint8_t whole[SEGMENT_MAX * SEGMENT_OCTETS], packed[sizeof whole + 2];
    const uint8_t *octets = whole;
    size_t text_n = 0;
    for (int part = 0; part < s->parts; part++) {
        text_n += splice_part(&named->splice, s, part, whole + text_n);
    }
    if (named->conf->data_coding == CODING_GSM7_PACKED && s->encoding == ENCODING_GSM7) {
        text_n = septets_pack(whole, text_n, 0, packed);
        octets = packed;
    }
    size_t behind = reference_octets(named);
    insert(out, n, behind, octets, text_n);
    wire_put16(out + n - behind - 2, (uint16_t)text_n);
    return n + text_n;
}

/* One part's text into the PDU of `n` octets, before its TLVs; its numbers. */
static size_t
add_part(const struct named *named, const struct spliced *s, uint32_t part, uint8_t *out, size_t n)
{
    bool sar = s->parts > 1 && named->conf->long_sms == LONG_SMS_SAR;
    bool udh = s->parts > 1 && !sar;
    size_t header = udh ? (size_t)named->splice.form.header : 0;
    size_t behind = (sar ? SAR_OCTETS : 0) + reference_octets(named);
    uint8_t text[SEGMENT_OCTETS];
    size_t text_n = take_part(named, s, (int)part, header, text);
    uint8_t *at = out + n - behind;
    insert(out, n, behind, text, text_n);
    *(at - header - 1) = (uint8_t)(header + text_n); /* sm_length */
    if (udh) {
        at[-2] = (uint8_t)s->parts;
        at[-1] = (uint8_t)(part + 1);
    } else if (sar) {
        at[text_n + SAR_TOTAL] = (uint8_t)s->parts;
        at[text_n + SAR_NUMBER] = (uint8_t)(part + 1);
    }
    return n + text_n;
}

size_t
named_emit(const struct named *named, const struct link_message *m, uint32_t part,
           uint32_t sequence, uint8_t *out)
{
    struct spliced s;
    splice_measure(&named->splice, m->name, &s);
    const struct pdu_template *shells = s.encoding == ENCODING_UCS2 ? named->wide : named->narrow;
    const struct pdu_template *shell = &shells[s.parts > 1 ? MANY : ALONE];
    size_t n = pdu_template_emit(shell, sequence, str_of(m->address), out);
    n = is_payload(named, &s) ? add_payload(named, &s, out, n) : add_part(named, &s, part, out, n);
    wire_put32(out, (uint32_t)n);
    return n;
}
