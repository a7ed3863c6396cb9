/* `loa --version`: ours and those of the libraries that it runs with. */
// SPDX-License-Identifier: MIT
#include <curl/curl.h>
#include <event2/event.h>
#include <jansson.h>
#include <libxml/xmlversion.h>
#include <sodium.h>
#include <stdio.h>
#include <utf8proc.h>
#include <yaml.h>

#include "gateway/cli/cli.h"
#include "gateway/links/smpp/pdu.h"
#include "queue/queue.h"

void
cli_version(void)
{
    (void)printf("loa %s\n", LOA_VERSION);
    (void)printf("libcurl %s\n", curl_version_info(CURLVERSION_NOW)->version);
    char smpp[64];
    pdu_library_version(smpp, sizeof smpp);
    (void)printf("libsmpp34 %s\n", smpp);
    (void)printf("hiredis %s\n", queue_library_version());
    (void)printf("libevent %s\n", event_get_version());
    (void)printf("jansson %s\n", jansson_version_str());
    (void)printf("libyaml %s\n", yaml_get_version_string());
    (void)printf("libxml2 %s\n", LIBXML_DOTTED_VERSION);
    (void)printf("utf8proc %s\n", utf8proc_version());
    (void)printf("libsodium %s\n", sodium_version_string());
}
