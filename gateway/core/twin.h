/* An emergency by all channels at once: the broadcast goes by the first of them, and a twin of it
 * by each other one.  Pure. */
#ifndef LOA_CORE_TWIN_H
#define LOA_CORE_TWIN_H
// SPDX-License-Identifier: MIT

#include "gateway/core/str.h"

/* Room for a broadcast's ID and a NUL. */
enum { TWIN_ID_ROOM = 65 };

/* The twin's ID: "tb-118~zalo", which no announcement can have ('~').  Where that would be too long
 * a hash stands for the ID. */
void twin_id(struct str id, const char *channel, char out[TWIN_ID_ROOM]);

/* What is to be said of somebody of whom two letters of outcome are true, one by each channel: told
 * by one is told; still on the way by one is on the way; only then has it failed. */
char twin_letter(char one, char other);

#endif
