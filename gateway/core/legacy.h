/* Vietnamese from before Unicode: TCVN3 (TCVN 5712:1993 VN3) and VNI-Windows, as bytes or shown as
 * if it were Latin text, readable in its own fonts only.  Pure. */
#ifndef LOA_CORE_LEGACY_H
#define LOA_CORE_LEGACY_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* "TCVN3" ("nh©n d©n"), "VNI" ("nhaân daân"), or NULL for text that is what it seems. */
const char *legacy_encoding(struct str text);

/* The text in Unicode (NFC, in `arena`) where it is recognised as one of them, else `text` itself.
 * It must not have been cleaned yet: ư is a soft hyphen in TCVN3.  Bytes that are no UTF-8 are read
 * as Windows-1252 for that.  A font of capitals (.VnTimeH) gives small letters. */
struct str legacy_convert(struct arena *arena, struct str text);

#endif
