/* The error as a sentence: a code that decides what happens, and a text that may be shown as it is.
 */
#ifndef LOA_CORE_ERR_H
#define LOA_CORE_ERR_H
// SPDX-License-Identifier: MIT

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* What the caller does: CONFIG exit 2, INPUT dead letter, AGAIN retry, GONE reconnect, LIMIT
 * refuse. */
enum err_code { ERR_NONE, ERR_CONFIG, ERR_INPUT, ERR_AGAIN, ERR_GONE, ERR_LIMIT };

/* Lives on the caller's stack; `text` is one sentence without a final full stop. */
struct err {
    enum err_code code;
    char text[240];
};

/* Fills `err` (which may be NULL) and returns -1, so that `return err_set(...)` reads well. */
int err_set(struct err *err, enum err_code code, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts "where" before the text that a deeper level set.  Returns -1.  What no longer fits is cut.
 */
int err_prefix(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* clang-tidy sees one file at a time: this tells it what the two return. */
#ifdef __clang_analyzer__
#define err_set(...) (err_set(__VA_ARGS__), -1)
#define err_prefix(...) (err_prefix(__VA_ARGS__), -1)
#endif

#endif
