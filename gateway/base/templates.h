/* The office's message templates, read from the words of templates/ (share.h). */
#ifndef LOA_BASE_TEMPLATES_H
#define LOA_BASE_TEMPLATES_H
// SPDX-License-Identifier: MIT

#include "gateway/core/template_set.h"

/* Those built in, with the files of `configured`/messages (the key `templates`; NULL: the folder
 * that `make install` made) in their place and beside them.  Every mistake is told as a line
 * "FILE:LINE: …"; NULL if there was any.  Gives it (template_set_free). */
struct template_set *templates_load(const char *configured, template_say *say,
                                    void *arg) MUST_CHECK;

#endif
