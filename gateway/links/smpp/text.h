/* A text made ready for an SMPP link: a packed submit_sm for each part. */
#ifndef LOA_LINKS_SMPP_TEXT_H
#define LOA_LINKS_SMPP_TEXT_H
// SPDX-License-Identifier: MIT

#include "gateway/links/kind.h"
#include "gateway/links/smpp/pdu.h"

struct link_text *text_new(struct link *link, const struct link_content *content,
                           struct err *err) MUST_CHECK;
void text_free(struct link_text *text);
enum { TEXT_PDU_MAX = PDU_TEMPLATE_MAX + 16 }; /* and a schedule_delivery_time */
/* Writes part `part` for `m` to `out` (room for TEXT_PDU_MAX), without its reference where
 * `referenced` is false.  Returns its length. */
size_t text_emit(const struct link_message *m, uint32_t part, uint32_t sequence, bool referenced,
                 uint8_t *out);
int text_parts(const struct link_message *m); /* of this message */

/* A submit_sm with all but its text: alone, or (not `alone`) one of several, whose numbers are
 * still to be written. */
int text_shell(const struct conf_link *conf, const struct link_content *content,
               enum encoding encoding, bool alone, struct pdu_template *out,
               struct err *err) MUST_CHECK;

#endif
