/* command_status: what each means for the message or bind that it answers. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/status.h"

#include <stddef.h>

/* SMPP 3.4 §5.1.3, and those of SMPP 5.0 that SMSCs send. */
static const struct {
    uint32_t status;
    enum status_class class;
    const char *name;
} rows[] = {
    {0x00, STATUS_OK, "no error"},
    {0x01, STATUS_PERMANENT, "invalid message length"},
    {0x02, STATUS_PERMANENT, "invalid command length"},
    {0x03, STATUS_PERMANENT, "invalid command"},
    {0x04, STATUS_TEMPORARY, "wrong bind state"},
    {0x05, STATUS_TEMPORARY, "already bound"},
    {0x06, STATUS_PERMANENT, "invalid priority"},
    {0x07, STATUS_PERMANENT, "invalid registered_delivery"},
    {0x08, STATUS_TEMPORARY, "system error"},
    {0x0A, STATUS_PERMANENT, "invalid source address"},
    {0x0B, STATUS_PERMANENT, "invalid destination address"},
    {0x0C, STATUS_PERMANENT, "invalid message id"},
    {0x0D, STATUS_TEMPORARY, "bind failed"},
    {0x0E, STATUS_PERMANENT, "invalid password"},
    {0x0F, STATUS_PERMANENT, "invalid system_id"},
    {0x11, STATUS_PERMANENT, "cancel failed"},
    {0x13, STATUS_PERMANENT, "replace failed"},
    {0x14, STATUS_THROTTLED, "message queue full"},
    {0x15, STATUS_PERMANENT, "invalid service type"},
    {0x33, STATUS_PERMANENT, "invalid number of destinations"},
    {0x34, STATUS_PERMANENT, "invalid distribution list"},
    {0x40, STATUS_PERMANENT, "invalid destination flag"},
    {0x42, STATUS_PERMANENT, "invalid submit with replace"},
    {0x43, STATUS_PERMANENT, "invalid esm_class"},
    {0x44, STATUS_PERMANENT, "cannot submit to the list"},
    {0x45, STATUS_TEMPORARY, "submit failed"},
    {0x48, STATUS_PERMANENT, "invalid source TON"},
    {0x49, STATUS_PERMANENT, "invalid source NPI"},
    {0x50, STATUS_PERMANENT, "invalid destination TON"},
    {0x51, STATUS_PERMANENT, "invalid destination NPI"},
    {0x53, STATUS_PERMANENT, "invalid system_type"},
    {0x54, STATUS_PERMANENT, "invalid replace flag"},
    {0x55, STATUS_PERMANENT, "invalid number of messages"},
    {0x58, STATUS_THROTTLED, "throttled"},
    {0x61, STATUS_PERMANENT, "invalid delivery time"},
    {0x62, STATUS_PERMANENT, "invalid validity period"},
    {0x63, STATUS_PERMANENT, "invalid predefined message"},
    {0x64, STATUS_TEMPORARY, "temporary application error"},
    {0x65, STATUS_PERMANENT, "permanent application error"},
    {0x66, STATUS_PERMANENT, "rejected by the application"},
    {0x67, STATUS_PERMANENT, "query failed"},
    {0xC0, STATUS_PERMANENT, "broken optional parameters"},
    {0xC1, STATUS_PERMANENT, "optional parameter not allowed"},
    {0xC2, STATUS_PERMANENT, "invalid parameter length"},
    {0xC3, STATUS_PERMANENT, "optional parameter missing"},
    {0xC4, STATUS_PERMANENT, "invalid optional parameter"},
    {0xFE, STATUS_TEMPORARY, "delivery failure"},
    {0xFF, STATUS_TEMPORARY, "unknown error"},
    {0x100, STATUS_PERMANENT, "not authorised for the service"},
    {0x101, STATUS_PERMANENT, "prohibited"},
    {0x102, STATUS_TEMPORARY, "service unavailable"},
    {0x103, STATUS_PERMANENT, "service denied"},
    {0x104, STATUS_PERMANENT, "invalid data coding"},
    {0x105, STATUS_PERMANENT, "invalid source subunit"},
    {0x106, STATUS_PERMANENT, "invalid destination subunit"},
};

enum { ROWS_N = sizeof rows / sizeof *rows };

static size_t
row_of(uint32_t status)
{
    size_t i = 0;
    while (i < ROWS_N && rows[i].status != status) {
        i++;
    }
    return i;
}

enum status_class
status_class(uint32_t status)
{
    size_t row = row_of(status);
    return row < ROWS_N ? rows[row].class : STATUS_TEMPORARY;
}

const char *
status_name(uint32_t status)
{
    size_t row = row_of(status);
    return row < ROWS_N ? rows[row].name : NULL;
}

bool
status_is_credentials(uint32_t status)
{
    return status == 0x0E || status == 0x0F || status == 0x53;
}
