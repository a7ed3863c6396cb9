/* What Zalo tells of an approved template (template/info): its parameters and what each lets in.
 * Pure. */
#ifndef LOA_CORE_ZALO_TEMPLATE_H
#define LOA_CORE_ZALO_TEMPLATE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/answer.h"

enum { ZALO_PARAMETERS = 32, ZALO_PARAMETER_NAME = 64 };

/* One parameter; lengths in characters. */
struct zalo_parameter {
    char name[ZALO_PARAMETER_NAME];
    int64_t least, most; /* most 0: not told */
    bool required, may_be_empty;
};
/* Zeroed: nothing is known. */
struct zalo_template {
    struct zalo_parameter at[ZALO_PARAMETERS];
    size_t n;
};

/* False: the answer tells of no template. */
bool zalo_template_read(const struct answer_reply *reply, struct zalo_template *out);
/* NULL: it has none of that name, or nothing is known. */
const struct zalo_parameter *zalo_template_find(const struct zalo_template *t, const char *name);
/* Every name is one of its parameters, and every parameter that it requires is named.  ERR_CONFIG
 * says which is not. */
int zalo_template_check(const struct zalo_template *t, const char *const *names, size_t n,
                        struct err *err) MUST_CHECK;
/* What its parameters take, as one line that stands in Redis for those who have no link: of each
 * the most, the least and `!` for what must not be empty, "501443 title=30:5! note=90".  Whoever
 * finds another template's line, or a name not there, knows nothing (false, and zeroed). */
enum { ZALO_LIMITS = 2048 };
void zalo_limits_write(const struct zalo_template *t, const char *template_id,
                       char out[ZALO_LIMITS]);
bool zalo_limits_find(struct str limits, const char *template_id, const char *name,
                      struct zalo_parameter *out);
/* `value`, or as many of its words as the parameter takes.  ERR_INPUT: it is one word that is too
 * long, or it is too short, or empty where something is required: Zalo would refuse it. */
int zalo_parameter_fit(const struct zalo_parameter *p, struct str value, struct str *out,
                       struct err *err) MUST_CHECK;

#endif
