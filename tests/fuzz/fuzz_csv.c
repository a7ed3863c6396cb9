/* CSV of any bytes: no crash, and what was read and written again is read the same. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "gateway/core/csv.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

enum { CELLS = 8 };

/* Writes what it reads into `out`. */
static void
copy(struct str content, char sep, struct buf *out)
{
    struct csv_reader r;
    struct str cells[CELLS];
    size_t n = 0;
    csv_reader_init(&r, content, sep);
    while (csv_read(&r, cells, CELLS, &n, NULL) == 1) {
        csv_add_row(out, &csv_plain, cells, n);
    }
    csv_reader_deinit(&r);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    struct buf once, twice;
    buf_init(&once, n * 4 + 64);
    buf_init(&twice, n * 8 + 64);
    copy((struct str){(const char *)data, n}, 0, &once);
    copy(buf_str(&once), ',', &twice);
    if (once.overflow || !str_equal(buf_str(&once), buf_str(&twice))) {
        abort();
    }
    buf_deinit(&once);
    buf_deinit(&twice);
    return 0;
}
