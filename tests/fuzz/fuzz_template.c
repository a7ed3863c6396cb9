/* Template files of any bytes: no crash; what is taken has an end for each condition, and rendered
 * with nothing in the placeholders gives no more than its own text. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "gateway/core/template_set.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
say(void *arg, const char *line)
{
    int *lines = arg;
    *lines += line[0] != '\0';
}

static void
check_parse(struct str text, enum template_form form)
{
    struct arena *arena = arena_new();
    struct template t;
    struct template_mistake why = {0};
    struct buf out;
    buf_init(&out, 1 << 20);
    if (template_parse(text, form, arena, &t, &why) == 0) {
        const struct str nothing[WORDS] = {{NULL, 0}};
        struct str all[WORDS];
        for (int i = 0; i < WORDS; i++) {
            all[i] = STR("x");
        }
        template_render(&t, nothing, &out);
        if (out.n > text.n) {
            abort();
        }
        template_render(&t, all, &out);
    } else if (why.line < 1 || why.err.text[0] == '\0') {
        abort(); /* a mistake says where and what */
    }
    buf_deinit(&out);
    arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    struct str text = {(const char *)data, n};
    struct template_set *set = template_set_new();
    struct template_source source = {STR("fuzz"), "fuzz.txt", text};
    int lines = 0;
    if (template_set_add(set, &source, say, &lines) != 0 && lines == 0) {
        abort();
    }
    template_set_free(&set);
    check_parse(text, TEMPLATE_PLAIN);
    check_parse(text, TEMPLATE_HTML);
    return 0;
}
