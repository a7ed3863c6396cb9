/* One message template: text with placeholders and conditions, checked when it is read.  Pure.
 *
 *   {title}                          what the announcement has there, nothing if it has none
 *   {if where}…{else}…{end}          only where it has one; {if not where}
 *   {{                               a brace
 */
#ifndef LOA_CORE_TEMPLATE_H
#define LOA_CORE_TEMPLATE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* What may stand between braces. */
enum template_word {
    WORD_TITLE,
    WORD_SUMMARY,
    WORD_MORE, /* of a Zalo template: what {summary} had no room for */
    WORD_WHEN,
    WORD_WHERE,
    WORD_DEADLINE,
    WORD_CONTACT,
    WORD_DOCUMENT,
    WORD_AREA,
    WORD_ACTION,
    WORD_LINK,
    WORD_LINK_PATH,
    WORD_NAME,
    WORD_ISSUER,
    WORD_KIND,
    WORD_ID,
    WORD_PUBLISHED_AT,
    WORD_SEND_AT,
    WORD_EXPIRES_AT,
    WORD_URGENT,
    WORD_EMERGENCY,
    WORDS
};
extern const char *const template_words[WORDS]; /* "title", … */

enum { TEMPLATE_DEPTH = 4, TEMPLATE_PIECES = 500, TEMPLATE_TEXT = 16 * 1024 };

/* Text, a value, or a step of a condition. */
struct template_piece {
    enum template_step { STEP_TEXT, STEP_VALUE, STEP_IF, STEP_ELSE, STEP_END } step;
    struct str text;         /* STEP_TEXT */
    enum template_word word; /* STEP_VALUE, STEP_IF */
    bool negated;            /* STEP_IF */
    size_t jump;             /* STEP_IF: behind its {else} or at its {end}; STEP_ELSE: its {end} */
};

/* A template that was read; in the caller's arena, borrows the text. */
struct template
{
    size_t n;
    struct template_piece *pieces;
    uint32_t uses; /* bit 1 << enum template_word of each value (not of conditions) */
};

/* What is wrong with a template, and in which line of its text (from 1). */
struct template_mistake {
    int line;
    struct err err;
};

/* How a template's own text is read. */
enum template_form {
    TEMPLATE_PLAIN,
    TEMPLATE_HTML /* Telegram's: only its tags, each closed in the branch that opened it */
};

/* `text` is UTF-8 and must live as long as the template. */
int template_parse(struct str text, enum template_form form, struct arena *arena,
                   struct template *out, struct template_mistake *mistake) MUST_CHECK;

bool template_uses(const struct template *t, enum template_word word);

/* Adds the text with these values, as they are; an empty value is one that is not there. */
void template_render(const struct template *t, const struct str values[WORDS], struct buf *out);

#endif
