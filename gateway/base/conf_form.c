/* From a link's keys to the form of its parts. */
// SPDX-License-Identifier: MIT
#include "gateway/base/conf_form.h"

#include <stddef.h>

enum { HEADER_8_BIT = 6, HEADER_16_BIT = 7 };

struct segment_form
conf_form(const struct conf_link *link)
{
    static const enum encoding narrow[] = {[CODING_GSM7] = ENCODING_GSM7,
                                           [CODING_GSM7_PACKED] = ENCODING_GSM7,
                                           [CODING_LATIN1] = ENCODING_LATIN1,
                                           [CODING_UCS2] = ENCODING_UCS2};
    struct segment_form form = {ENCODING_GSM7, HEADER_8_BIT};
    if (link && link->kind == LINK_SMPP) {
        form.narrow = narrow[link->data_coding];
        form.header = link->long_sms == LONG_SMS_UDH16 ? HEADER_16_BIT : HEADER_8_BIT;
    }
    return form;
}
