/* The words that an office may edit (templates/ of the repository): files built into the program,
 * and those of a folder in their place. */
#ifndef LOA_BASE_SHARE_H
#define LOA_BASE_SHARE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* A file that was built in; the array ends with a row without a name. */
struct share_file {
    const char *name; /* "messages/default.txt" */
    const char *content;
};
extern const struct share_file share_built_in[];

/* The folder whose files come first: `configured` (the key `templates`), else
 * ../share/loa/templates beside the program's own folder, as `make install` puts it; NULL: none. */
const char *share_folder(const char *configured, struct arena *arena);

/* The content of `name`: the folder's (which may be NULL), else what was built in; into `arena`,
 * `*path` says where it stands.  1: found; 0: there is none; -1: it cannot be read. */
enum { SHARE_FILE_MAX = 1 << 20 };
int share_read(const char *folder, const char *name, struct arena *arena, struct str *content,
               const char **path, struct err *err) MUST_CHECK;

/* Names of the files of a part ("messages/") that end with `ending`, built in or of the folder,
 * each once, by alphabet.  Returns how many, at most `most`. */
size_t share_list(const char *folder, const char *part, const char *ending, struct arena *arena,
                  const char **names, size_t most);

#endif
