/* Any octets as a PDU: decoding never makes libsmpp34 refuse or allocate, and what was decoded and
 * encodes again decodes to the same. */
// SPDX-License-Identifier: MIT
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/links/smpp/pdu.h"

/* Of libsmpp34, declared by hand: pdu.c alone includes it. */
struct smpp34_memory_functions {
    void *(*malloc_fun)(size_t sz);
    void *(*realloc_fun)(void *ptr, size_t sz);
    void (*free_fun)(void *ptr);
};
extern void smpp34_set_memory_functions(const struct smpp34_memory_functions *mf);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *
no_malloc(size_t n)
{
    (void)n;
    abort();
}

static void *
no_realloc(void *p, size_t n)
{
    (void)p;
    (void)n;
    abort();
}

static void
must(bool what)
{
    if (!what) {
        abort();
    }
}

/* The library may be told only before it allocates for the first time. */
static void
forbid_allocations(void)
{
    static const struct smpp34_memory_functions none = {no_malloc, no_realloc, free};
    static bool told;
    if (!told) {
        smpp34_set_memory_functions(&none);
        told = true;
    }
}

static void
encode_again(const struct pdu *pdu)
{
    static uint8_t out[PDU_MAX];
    size_t n = 0;
    enum pdu_fault fault = pdu_encode(pdu, out, sizeof out, &n);
    must(fault != PDU_LIBRARY);
    if (fault != PDU_OK) {
        return;
    }
    struct pdu again;
    must(pdu_decode(&again, out, n) == PDU_OK);
    must(again.id == pdu->id && again.sequence == pdu->sequence && again.status == pdu->status);
    must(strcmp(again.dest, pdu->dest) == 0 && again.message_n == pdu->message_n);
}

static void
decode(const uint8_t *b, size_t n)
{
    struct pdu pdu;
    enum pdu_fault fault = pdu_decode(&pdu, b, n);
    must(fault != PDU_LIBRARY);
    if (n >= PDU_HEADER) {
        must(pdu_answer_id(b, n).n <= 64);
    }
    if (fault != PDU_OK) {
        return;
    }
    must(pdu_text(&pdu).n <= n);
    uint32_t value = 0;
    (void)pdu_tlv_uint(&pdu, TLV_MESSAGE_STATE, 1, &value);
    encode_again(&pdu);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t total = 0;
    forbid_allocations();
    if (pdu_frame(data, size, &total) == 1) {
        must(total <= size);
        uint8_t *exact = malloc(total);
        must(exact != NULL);
        memcpy(exact, data, total);
        decode(exact, total);
        free(exact);
    }
    /* Once more with its length put right, so that bodies are reached. */
    if (size < PDU_HEADER || size > PDU_MAX) {
        return 0;
    }
    uint8_t *whole = malloc(size);
    must(whole != NULL);
    memcpy(whole, data, size);
    whole[0] = whole[1] = 0;
    whole[2] = (uint8_t)(size >> 8);
    whole[3] = (uint8_t)size;
    decode(whole, size);
    free(whole);
    return 0;
}
