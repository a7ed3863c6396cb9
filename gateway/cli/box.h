/* A frame with a text in it, as a phone shows one. */
#ifndef LOA_CLI_BOX_H
#define LOA_CLI_BOX_H
// SPDX-License-Identifier: MIT

#include <stdio.h>

#include "gateway/core/str.h"

/* Prints `text` in lines of `cells`, broken at blanks where there are any; `head`, if not empty,
 * stands above a line of its own. */
void box_print(FILE *to, struct str head, struct str text, size_t cells);

#endif
