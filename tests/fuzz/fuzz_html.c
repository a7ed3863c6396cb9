/* Files of any bytes, as a page, as text and sniffed: no crash, and what comes out is clean text
 * that can be understood. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "gateway/core/announcement.h"
#include "gateway/core/html.h"
#include "gateway/core/story.h"
#include "gateway/core/unicode.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
check(struct str text)
{
    size_t offset = 0;
    if (!utf8_valid(text, &offset) || (text.n > 0 && memchr(text.p, '\0', text.n))) {
        abort();
    }
}

static void
try_as(const char *name, struct str content)
{
    struct arena *arena = arena_new();
    struct announcement a;
    if (announcement_read(&a, arena, name, content, NULL) == 0) {
        check(a.field[FIELD_TITLE]);
        check(a.field[FIELD_URL]);
        struct story *story = arena_alloc(arena, sizeof *story);
        if (announcement_check(&a, arena, NULL) == 0 &&
            story_read(&a, phrases_built_in(arena), arena, story, NULL) == 0) {
            check(story->text);
        }
    }
    arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    struct str content = {(const char *)data, n};
    try_as("x.html", content);
    try_as("x.txt", content);
    try_as("-", content);
    return 0;
}
