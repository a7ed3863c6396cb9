/* A name for this process that the next one of the same place gets again. */
// SPDX-License-Identifier: MIT
#include "gateway/base/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "gateway/core/hash.h"

enum { INSTANCES = 64 };

static const char *
folder(void)
{
    static const char *const variables[] = {"RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value && access(value, W_OK) == 0) {
            return value;
        }
    }
    return "/tmp";
}

static void
host_name(char *out, size_t size)
{
    if (gethostname(out, size) != 0) {
        out[0] = '\0';
    }
    out[size - 1] = '\0';
    for (char *c = out; *c; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("-_.", *c);
        if (!plain) {
            *c = '-';
        }
    }
    if (!out[0]) {
        (void)snprintf(out, size, "host");
    }
}

int
instance_take(struct str place, struct instance *out, struct err *err)
{
    char host[65], prefix[480];
    host_name(host, sizeof host);
    (void)snprintf(prefix, sizeof prefix, "%s/loa-%u-%08x", folder(), (unsigned)getuid(),
                   hash_fnv32(place));
    uint32_t locks = hash_fnv32(str_of(prefix)); /* who cannot see our locks has other names */
    int last = 0;
    for (int number = 1; number <= INSTANCES; number++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s-%d.lock", prefix, number);
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0) {
            last = errno;
            continue;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            out->fd = fd;
            (void)snprintf(out->name, sizeof out->name, "%s-%08x-%d", host, locks, number);
            return 0;
        }
        last = errno;
        (void)close(fd);
    }
    return err_set(err, ERR_LIMIT, "no free instance of %d in %s: %s", INSTANCES, folder(),
                   strerror(last));
}

void
instance_give(struct instance *instance)
{
    if (instance->fd >= 0) {
        (void)close(instance->fd);
        instance->fd = -1;
    }
}
