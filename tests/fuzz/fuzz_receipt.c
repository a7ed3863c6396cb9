/* Any octets as the text and TLVs of a receipt. */
// SPDX-License-Identifier: MIT
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/links/smpp/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first octets: esm_class, how many of the octets are the id's TLV, and the other TLVs. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 6) {
        return 0;
    }
    struct pdu pdu = {.id = PDU_DELIVER_SM, .esm_class = data[0]};
    size_t rest = size - 6, id_n = data[1] < rest ? data[1] : rest;
    uint8_t *id = malloc(id_n + 1), *text = malloc(rest - id_n + 1);
    if (!id || !text) {
        abort();
    }
    memcpy(id, data + 6, id_n);
    memcpy(text, data + 6 + id_n, rest - id_n);
    if (id_n > 0) {
        pdu.tlvs[pdu.tlvs_n++] = (struct pdu_tlv){TLV_RECEIPTED_MESSAGE_ID, (uint16_t)id_n, id};
    }
    pdu.tlvs[pdu.tlvs_n++] = (struct pdu_tlv){TLV_MESSAGE_STATE, data[2] & 1, data + 3};
    pdu.tlvs[pdu.tlvs_n++] = (struct pdu_tlv){TLV_NETWORK_ERROR_CODE, data[2] >> 1 & 3, data + 3};
    pdu.tlvs[pdu.tlvs_n++] = (struct pdu_tlv){TLV_MESSAGE_PAYLOAD, (uint16_t)(rest - id_n), text};
    struct link_receipt receipt;
    (void)receipt_is(&pdu);
    receipt_read(&pdu, &receipt);
    if (receipt.id.n > 64 || strlen(receipt.reason) > 8 || receipt.error < -1 ||
        receipt.error > 0xffff) {
        abort();
    }
    free(id);
    free(text);
    return 0;
}
