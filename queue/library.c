/* The Function library as it stands in queue/ (loa.lua and then the other .lua files). */
// SPDX-License-Identifier: MIT
#include "queue/handle.h"

const char queue_library[] =
#include "queue/library.inc"
    ;
