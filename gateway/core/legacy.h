/* Vietnamese from before Unicode that came as if it were Unicode: readable in its own fonts only.
 * Pure. */
#ifndef LOA_CORE_LEGACY_H
#define LOA_CORE_LEGACY_H
// SPDX-License-Identifier: MIT

#include "gateway/core/str.h"

/* "TCVN3" ("nh©n d©n"), "VNI" ("nhaân daân"), or NULL for text that is what it seems. */
const char *legacy_encoding(struct str text);

#endif
