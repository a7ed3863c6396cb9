/* How a link cuts its texts into parts, by its configuration. */
#ifndef LOA_BASE_CONF_FORM_H
#define LOA_BASE_CONF_FORM_H
// SPDX-License-Identifier: MIT

#include "gateway/base/conf_link.h"
#include "gateway/core/segment.h"

/* NULL: an SMPP link with the defaults. */
struct segment_form conf_form(const struct conf_link *link);

#endif
