/* What an admin reads, in English or Vietnamese, as LC_ALL, LC_MESSAGES or LANG say. */
#ifndef LOA_CLI_TEXT_H
#define LOA_CLI_TEXT_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>

/* True when the locale's language is Vietnamese ("vi", "vi_VN.UTF-8"). */
bool text_is_vietnamese(void);

/* The text in the admin's language; `english` itself when it is not in the catalogue.  It may be a
 * format: the catalogue's texts have the same conversions in the same order (a test compares). */
const char *text_of(const char *english) __attribute__((format_arg(1)));

/* A sentence about an announcement or a template (struct err), in the admin's language: its fixed
 * pieces are translated, what they stand around stays.  `english` itself, or `out`. */
enum { TEXT_ERROR = 1024 };
const char *text_error(const char *english, char out[TEXT_ERROR]);

/* The catalogue, for that test. */
struct text_pair {
    const char *english, *vietnamese;
};
extern const struct text_pair text_catalogue[]; /* ends with a row of NULLs */

#endif
