/* Stands in for libFuzzer in `make test`: hands a fuzz target the files named on the command line,
 * and every beginning of each of them. */
// SPDX-License-Identifier: MIT
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As many beginnings of one file are tried as keep a big file from taking longer than a small. */
enum { BEGINNINGS = 2000, FILE_MAX = 1 << 20 };

/* Each input in its own allocation, so that ASan sees a read past its end. */
static void
try_beginning(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static size_t
replay_file(const char *path, uint8_t *room)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        exit(2);
    }
    size_t size = fread(room, 1, FILE_MAX, f), step = size / BEGINNINGS + 1, tried = 1;
    (void)fclose(f);
    for (size_t n = 0; n < size; n += step, tried++) {
        try_beginning(room, n);
    }
    try_beginning(room, size);
    return tried;
}

int
main(int argc, char **argv)
{
    size_t tried = 1;
    uint8_t *room = calloc(1, FILE_MAX);
    if (room == NULL) {
        abort();
    }
    try_beginning(room, 0);
    for (int i = 1; i < argc; i++) {
        tried += replay_file(argv[i], room);
    }
    free(room);
    printf("%d files, %zu inputs\n", argc - 1, tried);
    return 0;
}
