/* What an SMS does with the marks of Vietnamese letters: the setting `diacritics`. */
#ifndef LOA_CORE_DIACRITICS_H
#define LOA_CORE_DIACRITICS_H
// SPDX-License-Identifier: MIT

enum diacritics {
    DIACRITICS_STRIP, /* without: GSM-7 */
    DIACRITICS_KEEP,
    DIACRITICS_AUTO, /* the cheaper one that loses nothing */
};

#endif
