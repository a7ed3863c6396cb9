/* Files that a command is given. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli/text.h"

enum { PIECE = 64 * 1024, ANNOUNCEMENT_MOST = 16 << 20 };

int
input_read(const char *file, size_t most, struct buf *out, struct err *err)
{
    buf_init(out, most + 1);
    bool standard = strcmp(file, "-") == 0;
    FILE *f = standard ? stdin : fopen(file, "re");
    if (!f) {
        return err_set(err, ERR_INPUT, text_of("%s cannot be read: %s"), file, strerror(errno));
    }
    char piece[PIECE];
    size_t n = 0;
    while ((n = fread(piece, 1, sizeof piece, f)) > 0 && !out->overflow) {
        buf_add(out, piece, n);
    }
    int why = ferror(f) ? errno : 0;
    if (!standard) {
        (void)fclose(f);
    }
    if (why) {
        return err_set(err, ERR_INPUT, text_of("%s cannot be read: %s"), file, strerror(why));
    }
    if (out->overflow || out->n > most) {
        return err_set(err, ERR_INPUT, text_of("%s is larger than %zu bytes"), file, most);
    }
    return 0;
}

int
input_announcement(const char *file, struct arena *arena, struct announcement *a, struct err *err)
{
    struct buf content;
    int rc = input_read(file, ANNOUNCEMENT_MOST, &content, err);
    if (rc == 0) {
        struct str bytes = buf_str(&content);
        bytes.p = arena_strndup(arena, bytes.p, bytes.n);
        rc = announcement_read(a, arena, file, bytes, err);
        if (rc != 0) {
            (void)err_prefix(err, "%s: ", file);
        }
    }
    buf_deinit(&content);
    return rc;
}
