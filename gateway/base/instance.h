/* A name for this process that the next one of the same place gets again: host and a number, held
 * by a lock file, so that a restarted gateway takes its own chunks at once. */
#ifndef LOA_BASE_INSTANCE_H
#define LOA_BASE_INSTANCE_H
// SPDX-License-Identifier: MIT

#include <stddef.h>

#include "gateway/core/err.h"
#include "gateway/core/str.h"

enum { INSTANCE_NAME = 80 };

/* Owns the lock; it ends with the process however that ends. */
struct instance {
    int fd;
    char name[INSTANCE_NAME]; /* "host-0a1b2c3d-1": letters, digits, '-', '_', '.' */
};

/* Takes the lowest free number among the processes of this host that share `place` (the address of
 * their Redis).  The files stand in $RUNTIME_DIRECTORY, $XDG_RUNTIME_DIR or /tmp; where they stand
 * is part of the name, as those who lock elsewhere would take the same numbers. */
int instance_take(struct str place, struct instance *out, struct err *err) MUST_CHECK;
void instance_give(struct instance *instance);

#endif
