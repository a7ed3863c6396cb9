/* Files of templates/: a folder's, or those built in. */
// SPDX-License-Identifier: MIT
#include "gateway/base/share.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct share_file share_built_in[] = {
#include "gateway/base/share.inc"
    {NULL, NULL},
};

static const char *
joined(struct arena *arena, const char *a, const char *b, const char *c)
{
    size_t n = strlen(a) + strlen(b) + strlen(c);
    char *p = arena_alloc(arena, n + 1);
    (void)snprintf(p, n + 1, "%s%s%s", a, b, c);
    return p;
}

const char *
share_folder(const char *configured, struct arena *arena)
{
    char self[PATH_MAX];
    if (configured && *configured) {
        return configured;
    }
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0) {
        return NULL;
    }
    self[n] = '\0';
    for (int up = 0; up < 2; up++) { /* "/usr/local/bin/loa" → "/usr/local" */
        char *slash = strrchr(self, '/');
        if (!slash) {
            return NULL;
        }
        *slash = '\0';
    }
    const char *folder = joined(arena, self, "/share/loa/templates", "");
    return access(folder, R_OK | X_OK) == 0 ? folder : NULL;
}

static int
read_file(const char *path, struct arena *arena, struct str *content, struct err *err)
{
    FILE *f = fopen(path, "re");
    if (!f) {
        int why = errno;
        return why == ENOENT ? 0 : err_set(err, ERR_CONFIG, "%s: %s", path, strerror(why));
    }
    char *bytes = xmalloc(SHARE_FILE_MAX + 1);
    size_t n = fread(bytes, 1, SHARE_FILE_MAX + 1, f);
    int rc = 1;
    if (ferror(f)) {
        rc = err_set(err, ERR_CONFIG, "%s: %s", path, strerror(errno));
    } else if (n > SHARE_FILE_MAX) {
        rc = err_set(err, ERR_CONFIG, "%s: is larger than 1 MiB", path);
    } else {
        *content = (struct str){arena_strndup(arena, bytes, n), n};
    }
    (void)fclose(f);
    free(bytes);
    return rc;
}

int
share_read(const char *folder, const char *name, struct arena *arena, struct str *content,
           const char **path, struct err *err)
{
    if (folder) {
        *path = joined(arena, folder, "/", name);
        int rc = read_file(*path, arena, content, err);
        if (rc != 0) {
            return rc;
        }
    }
    for (const struct share_file *file = share_built_in; file->name; file++) {
        if (strcmp(file->name, name) == 0) {
            *content = str_of(file->content);
            *path = joined(arena, "templates/", name, " (built in)");
            return 1;
        }
    }
    return 0;
}

/* ---- Lists. */

struct list {
    struct arena *arena;
    const char **names;
    size_t n, most;
};

static void
add_name(struct list *list, const char *name)
{
    size_t at = list->n;
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->names[i], name) == 0) {
            return;
        }
    }
    if (list->n == list->most) {
        return;
    }
    while (at > 0 && strcmp(list->names[at - 1], name) > 0) {
        list->names[at] = list->names[at - 1];
        at--;
    }
    list->names[at] = name;
    list->n++;
}

static bool
ends_with(const char *name, const char *ending)
{
    size_t n = strlen(name), m = strlen(ending);
    return name[0] != '.' && n > m && strcmp(name + n - m, ending) == 0;
}

static void
add_folder(struct list *list, const char *folder, const char *part, const char *ending)
{
    DIR *dir = opendir(joined(list->arena, folder, "/", part));
    if (!dir) {
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (ends_with(entry->d_name, ending)) {
            add_name(list, joined(list->arena, part, entry->d_name, ""));
        }
    }
    (void)closedir(dir);
}

size_t
share_list(const char *folder, const char *part, const char *ending, struct arena *arena,
           const char **names, size_t most)
{
    struct list list = {arena, names, 0, most};
    for (const struct share_file *file = share_built_in; file->name; file++) {
        if (strncmp(file->name, part, strlen(part)) == 0 && ends_with(file->name, ending)) {
            add_name(&list, file->name);
        }
    }
    if (folder) {
        add_folder(&list, folder, part, ending);
    }
    return list.n;
}
