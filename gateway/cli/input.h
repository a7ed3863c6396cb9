/* Files that a command is given: "-" is standard input. */
#ifndef LOA_CLI_INPUT_H
#define LOA_CLI_INPUT_H
// SPDX-License-Identifier: MIT

#include "gateway/core/announcement.h"

/* Reads all of it, at most `most` bytes.  `out` is initialised always: buf_deinit() it. */
int input_read(const char *file, size_t most, struct buf *out, struct err *err) MUST_CHECK;

/* Reads an announcement's file (announcement_read); the sentence begins with its name. */
int input_announcement(const char *file, struct arena *arena, struct announcement *a,
                       struct err *err) MUST_CHECK;

#endif
