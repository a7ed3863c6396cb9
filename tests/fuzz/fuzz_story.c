/* Announcements of any words: no crash in the finding of facts, and what is made of them fits its
 * room, is clean text and passes the checker. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "gateway/core/gist.h"
#include "gateway/core/proof.h"
#include "gateway/core/unicode.h"

enum { MOST = 8192 };

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
try_room(const struct story *story, struct gist_room room, struct arena *arena)
{
    struct gist gist;
    size_t offset = 0;
    gist_make(story, &room, arena, &gist);
    if (gist.length > room.room || !utf8_valid(gist.text, &offset) ||
        (gist.text.n > 0 && memchr(gist.text.p, '\n', gist.text.n))) {
        abort();
    }
    if (gist.text.n > 0 && proof_check(story, gist.text, arena, NULL) != 0) {
        abort();
    }
}

/* What templates ask for is cut between characters. */
static void
try_fields(const struct story *story)
{
    const struct str fields[] = {story->when,    story->where,    story->deadline,
                                 story->contact, story->document, story->action};
    size_t offset = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!utf8_valid(fields[i], &offset)) {
            abort();
        }
    }
}

/* A text without limits: no longer than what it is made of. */
static void
try_body(const struct story *story, struct arena *arena)
{
    struct str body = story_body(story, arena);
    size_t offset = 0;
    if (!utf8_valid(body, &offset) || body.n > story->text.n * 2 + 16) {
        abort();
    }
}

/* The first line is the title. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    struct str body = {(const char *)data, n < MOST ? n : MOST};
    struct arena *arena = arena_new();
    struct announcement a = {.field = {[FIELD_TITLE] = str_cut(&body, '\n'), [FIELD_BODY] = body}};
    struct story *story = arena_alloc(arena, sizeof *story);
    if (announcement_check(&a, arena, NULL) == 0 &&
        story_read(&a, phrases_built_in(arena), arena, story, NULL) == 0) {
        try_fields(story);
        try_body(story, arena);
        try_room(story, (struct gist_room){.room = 136, .unit = GIST_SEPTETS, .strip = true},
                 arena);
        try_room(story, (struct gist_room){.room = 46, .unit = GIST_UTF16, .strip = false}, arena);
        try_room(story, (struct gist_room){.room = 400, .unit = GIST_CHARACTERS, .strip = false},
                 arena);
        struct err err = {0};
        if (proof_check(story, body, arena, &err) != 0 && err.text[0] == '\0') {
            abort(); /* what is refused is named */
        }
    }
    arena_free(&arena);
    return 0;
}
