/* Texts of links over HTTP: rendered once, each member's name put in as they go out. */
// SPDX-License-Identifier: MIT
#include "gateway/links/http/text.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "gateway/core/wording.h"

/* Of so many parts at most, whatever the member's name is. */
static int
most_parts(const struct http_link *l, const struct link_content *content)
{
    if (!l->kind->parts) {
        return 1;
    }
    struct arena *arena = arena_new();
    struct str name = wording_widest_name(content->names == NAMES_ANY);
    struct str text = content->names == NAMES_NONE ? content->text
                                                   : wording_with_name(arena, content->text, name);
    int n = l->kind->parts(l, text);
    arena_free(&arena);
    return n;
}

struct link_text *
http_link_text_new(struct link *link, const struct link_content *content, struct err *err)
{
    struct http_link *l = (struct http_link *)link;
    struct buf payload;
    buf_init(&payload, HTTP_BODY_MOST);
    if (l->kind->prepare(l, content, &payload, err) != 0 || payload.overflow) {
        buf_deinit(&payload);
        return NULL;
    }
    struct http_text *t = xcalloc(1, sizeof *t);
    t->text = (struct link_text){link->ops, most_parts(l, content)};
    t->broadcast = xstrdup(content->broadcast ? content->broadcast : "");
    t->payload = (struct str){payload.p, payload.n}; /* the buffer's memory is the text's now */
    t->named = content->names != NAMES_NONE;
    t->emergency = content->emergency;
    return &t->text;
}

void
http_link_text_free(struct link_text *text)
{
    struct http_text *t = (struct http_text *)text;
    free(t->broadcast);
    free((void *)(uintptr_t)t->payload.p);
    free(t);
}

bool
http_text_is_emergency(const struct link_message *m)
{
    return ((const struct http_text *)m->text)->emergency;
}

void
http_text_put(const struct link_message *m, void (*escape)(struct buf *out, struct str s),
              struct buf *out)
{
    const struct http_text *t = (const struct http_text *)m->text;
    const struct str mark = STR(WORDING_NAME);
    struct str rest = t->payload;
    while (t->named && rest.n > 0) {
        const char *at = memmem(rest.p, rest.n, mark.p, mark.n);
        if (!at) {
            break;
        }
        size_t before = (size_t)(at - rest.p);
        buf_add(out, rest.p, before);
        escape(out, m->name);
        rest = str_from(rest, before + mark.n);
    }
    buf_add_str(out, rest);
}

int
http_text_parts(const struct http_link *l, const struct link_message *m)
{
    const struct http_text *t = (const struct http_text *)m->text;
    if (!t->named || !l->kind->parts) {
        return t->text.parts;
    }
    struct buf said;
    buf_init(&said, HTTP_BODY_MOST);
    http_text_put(m, buf_add_str, &said);
    int n = l->kind->parts(l, buf_str(&said));
    buf_deinit(&said);
    return n < t->text.parts ? n : t->text.parts;
}
