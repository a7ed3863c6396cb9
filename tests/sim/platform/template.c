/* A Zalo template as the case describes it. */
// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <stdlib.h>

#include "tests/sim/platform/platform.h"

void
template_serve(struct platform *p, const struct request *r)
{
    const struct behaviour *b = &p->behaviour;
    if (b->parameters_n == 0) {
        platform_answer(p, r, 200, "{\"error\":-109,\"message\":\"case\"}", HOW_WHOLE);
        return;
    }
    json_t *list = json_array();
    for (int i = 0; i < b->parameters_n; i++) {
        const struct case_parameter *one = &b->parameters[i];
        json_array_append_new(
            list, json_pack("{s:s, s:b, s:s, s:I, s:I, s:b}", "name", one->name, "require",
                            one->required, "type", "STRING", "maxLength", (json_int_t)one->most,
                            "minLength", (json_int_t)one->least, "acceptNull", !one->required));
    }
    json_t *root = json_pack("{s:i, s:s, s:{s:s, s:o}}", "error", 0, "message", "Success", "data",
                             "status", "ENABLE", "listParams", list);
    char *text = json_dumps(root, JSON_COMPACT);
    platform_answer(p, r, 200, text, HOW_WHOLE);
    free(text);
    json_decref(root);
}

static int64_t
characters(const char *text)
{
    int64_t n = 0;
    for (; *text; text++) {
        n += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return n;
}

int
template_fault(const struct platform *p, const void *data)
{
    const struct behaviour *b = &p->behaviour;
    for (int i = 0; i < b->parameters_n; i++) {
        const struct case_parameter *one = &b->parameters[i];
        const char *value = json_string_value(json_object_get(data, one->name));
        if (!value || !*value) {
            if (one->required) {
                return -1122;
            }
        } else if (characters(value) > one->most) {
            return -1121;
        }
    }
    return 0;
}
