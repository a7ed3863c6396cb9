/* A text with names on an SMPP link: the PDU packed once without its text, each member's name put
 * between octets that are encoded already. */
#ifndef LOA_LINKS_SMPP_NAMED_H
#define LOA_LINKS_SMPP_NAMED_H
// SPDX-License-Identifier: MIT

#include "gateway/links/link.h"

struct named;

/* Gives it (named_free).  ERR_INPUT: it needs too many parts. */
struct named *named_new(const struct conf_link *conf, const struct link_content *content,
                        struct segment_form form, struct err *err) MUST_CHECK;
void named_free(struct named **named);

int named_most(const struct named *named);                   /* PDUs with the widest name */
int named_parts(const struct named *named, struct str name); /* PDUs with this one */
/* Writes PDU `part` of `m` to `out` (room for PDU_TEMPLATE_MAX).  Returns its length. */
size_t named_emit(const struct named *named, const struct link_message *m, uint32_t part,
                  uint32_t sequence, uint8_t *out);

#endif
