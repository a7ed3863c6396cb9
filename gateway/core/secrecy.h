/* Papers that bear a secrecy stamp: they must not pass through the Internet or SMS.  Pure. */
#ifndef LOA_CORE_SECRECY_H
#define LOA_CORE_SECRECY_H
// SPDX-License-Identifier: MIT

#include "gateway/core/str.h"

/* The first stamp in NFC text (`MẬT`, `TỐI MẬT`, `TUYỆT MẬT`), as a part of it; empty: none.  A
 * word of a heading in capitals (`BẢO MẬT`, `MẬT KHẨU`) is no stamp, nor is one in small letters.
 * [Law on Protecting State Secrets, 29/2018/QH14] */
struct str secrecy_stamp(struct str text);

#endif
