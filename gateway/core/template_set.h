/* The office's message templates: files by name, in each a text a channel and language.  Pure.
 *
 *   # a comment
 *   kinds: giay-moi, meeting        the announcements that it is for
 *
 *   [sms vi]                        channel and language; without one, for both
 *   {summary} {link}
 *
 * A file's name is the template's: messages/meeting.txt is "meeting".  "default" is for all that
 * no other is for, and for a channel that the one chosen has no text for. */
#ifndef LOA_CORE_TEMPLATE_SET_H
#define LOA_CORE_TEMPLATE_SET_H
// SPDX-License-Identifier: MIT

#include "gateway/core/phrases.h"
#include "gateway/core/template.h"

enum template_channel { TEMPLATE_SMS, TEMPLATE_ZALO, TEMPLATE_TELEGRAM, TEMPLATE_CHANNELS };
enum template_language { TEMPLATE_VI, TEMPLATE_EN, TEMPLATE_LANGUAGES };
enum { TEMPLATE_FILES = 200, TEMPLATE_FILE_MAX = 64 * 1024 };

struct template_set;
struct template_set *template_set_new(void);
void template_set_free(struct template_set **set);

/* Reads one file and keeps it in the place of an earlier one of its name.  Each mistake is told as
 * one line "PATH:LINE: what and what would be right"; -1 if there was any: the earlier one then
 * stays.  Copies the content. */
typedef void template_say(void *arg, const char *line);
struct template_source {
    struct str name;  /* "meeting" */
    const char *path; /* in what is said */
    struct str content;
};
int template_set_add(struct template_set *set, const struct template_source *source,
                     template_say *say, void *arg) MUST_CHECK;

/* Which template: the one `named`, else one for the kind, else "default".  ERR_INPUT: there is none
 * of that name, with the nearest one. */
struct template_choice {
    struct str named, kind; /* either may be empty */
    enum template_channel channel;
    enum template_language language;
};
/* The template borrowed from the set; `*name` (may be NULL) is the file's that it is from. */
const struct template *template_set_choose(const struct template_set *set,
                                           const struct template_choice *choice, struct str *name,
                                           struct err *err) MUST_CHECK;

/* Reads a table of words ("abbreviations" and "courtesy" in place of the one that is built in,
 * "furniture" beside it); mistakes as in template_set_add(): what was there before then stays. */
int template_set_add_table(struct template_set *set, const struct template_source *source,
                           template_say *say, void *arg) MUST_CHECK;

/* The tables of words that stand beside the templates; borrowed. */
const struct phrases *template_set_phrases(const struct template_set *set);

/* The names in the set, by alphabet; borrowed.  Returns how many. */
size_t template_set_names(const struct template_set *set, const char *names[TEMPLATE_FILES]);

/* English if the text has English words and no Vietnamese letters, else Vietnamese. */
enum template_language template_language_of(struct arena *arena, struct str text);

#endif
