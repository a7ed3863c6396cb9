/* The table of subcommands and their options. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/cli.h"

#include <stdint.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define OPTIONS(table, type) (table), COUNT(table), sizeof(type)
#define NO_OPTIONS NULL, 0, 0
#define AT(type, field) offsetof(struct type, field)

static const struct cli_option send_options[] = {
    {"to", 0, "EXPR", "the audience: a group, a,b (either), a&b (both), a&!b (without); all",
     AT(send_options, to)},
    {"channels", 0, "LIST", "channels in order of preference, e.g. zalo,sms",
     AT(send_options, channels)},
    {"priority", 0, "P", "normal, urgent or emergency", AT(send_options, priority)},
    {"at", 0, "T", "send then: RFC 3339, 'YYYY-MM-DD HH:MM' or +2h", AT(send_options, at)},
    {"expires", 0, "T", "do not send after this time", AT(send_options, expires)},
    {"id", 0, "ID", "the broadcast's ID (made if left out)", AT(send_options, id)},
    {"title", 0, "TEXT", "the title, instead of the file's", AT(send_options, title)},
    {"url", 0, "URL", "the link, instead of the file's", AT(send_options, url)},
    {"by", 0, "NAME", "who sends it (default: the user's name)", AT(send_options, by)},
    {"wait", 'w', NULL, "show progress until it is over; exit 1 if any member was not reached",
     AT(send_options, wait)},
};

static const struct cli_option preview_options[] = {
    {"channel", 0, "C", "only this channel", AT(preview_options, channel)},
    {"facts", 0, NULL, "what was found in the file, and where", AT(preview_options, facts)},
    {"template", 0, "NAME", "the message template, instead of the file's",
     AT(preview_options, template)},
    {"title", 0, "TEXT", "the title, instead of the file's", AT(preview_options, title)},
    {"url", 0, "URL", "the link, instead of the file's", AT(preview_options, url)},
};

static const struct cli_option status_options[] = {
    {"watch", 'w', NULL, "go on showing it until it is over", AT(status_options, watch)},
};

static const struct cli_option stats_options[] = {
    {"watch", 'w', NULL, "go on showing it, every second", AT(status_options, watch)},
};

static const struct cli_option report_options[] = {
    {"csv", 0, NULL, "as CSV, with a header", AT(report_options, csv)},
    {"full", 0, NULL, "whole addresses, not 8490****567", AT(report_options, full)},
    {"excel", 0, NULL, "CSV as Excel opens it: with BOM and semicolons", AT(report_options, excel)},
};

static const struct cli_option import_options[] = {
    {"dry-run", 'n', NULL, "only say what would be done", AT(members_options, dry_run)},
};

static const struct cli_option members_options[] = {
    {"full", 0, NULL, "whole addresses, not 8490****567", AT(members_options, full)},
};

static const struct cli_option consent_options[] = {
    {"channel", 0, "C", "only this channel: sms, zalo or telegram", AT(consent_options, channel)},
};

static const struct cli_option check_options[] = {
    {"deep", 0, NULL, "also look through all that Redis has, and repair what is safe",
     AT(check_options, deep)},
};

static const struct cli_option control_options[] = {
    {"all", 0, NULL, "every broadcast that this can be done with", AT(control_options, all)},
};

static const struct cli_option replies_options[] = {
    {"follow", 'f', NULL, "go on showing what comes in", AT(replies_options, follow)},
    {"full", 0, NULL, "whole addresses, not 8490****567", AT(replies_options, full)},
};

static const struct cli_option trace_options[] = {
    {"seconds", 0, "N", "for so long", AT(trace_options, seconds)},
    {"full", 0, NULL, "with texts and passwords", AT(trace_options, full)},
};

static const struct cli_option gateway_options[] = {
    {"log", 0, "LEVEL", "what is logged: debug, info, warning or error", AT(gateway_options, log)},
};

static const struct cli_option authorize_options[] = {
    {"refresh-token-file", 0, "F", "a file with a refresh token, instead of step by step",
     AT(authorize_options, refresh_token_file)},
};

const struct cli_command cli_commands[] = {
    {"gateway", "", "run the gateway in the foreground; SIGTERM ends it in good order", cmd_gateway,
     OPTIONS(gateway_options, struct gateway_options), 0, 0, false, false,
     "loa gateway -c /etc/loa/loa.yaml"},
    {"check", "", "read the configuration, say every mistake, try every connection", cmd_check,
     OPTIONS(check_options, struct check_options), 0, 0, true, false, "loa check --deep"},
    {"send", "FILE|-", "announce a file (.json, .html, .txt) and print the broadcast's ID",
     cmd_send, OPTIONS(send_options, struct send_options), 1, 1, false, false,
     "loa send notice.html --to 'chibo-3,chibo-7' --wait"},
    {"preview", "FILE|-", "show what each channel would send", cmd_preview,
     OPTIONS(preview_options, struct preview_options), 1, 1, true, false,
     "loa preview notice.html"},
    {"list", "", "the broadcasts, newest first", cmd_list, NO_OPTIONS, 0, 0, true, false,
     "loa list"},
    {"status", "ID", "how far a broadcast is", cmd_status,
     OPTIONS(status_options, struct status_options), 1, 1, true, false, "loa status 7K2M --watch"},
    {"pause", "ID|--all", "stop a broadcast, keep its place", cmd_pause,
     OPTIONS(control_options, struct control_options), 0, 1, true, false, "loa pause 7K2M"},
    {"resume", "ID|--all", "go on with a paused broadcast", cmd_resume,
     OPTIONS(control_options, struct control_options), 0, 1, true, false, "loa resume 7K2M"},
    {"cancel", "ID", "end a broadcast; who was not sent to yet is skipped", cmd_cancel, NO_OPTIONS,
     1, 1, true, false, "loa cancel 7K2M"},
    {"retry", "ID", "send the failed ones again", cmd_retry, NO_OPTIONS, 1, 1, true, false,
     "loa retry 7K2M"},
    {"approve", "ID", "approve a broadcast, as a second person", cmd_later, NO_OPTIONS, 0, 99, true,
     true, "loa approve 7K2M"},
    {"reject", "ID --why TEXT", "refuse a broadcast that waits for approval", cmd_later, NO_OPTIONS,
     0, 99, true, true, "loa reject 7K2M --why 'wrong date'"},
    {"correct", "ID FILE", "stop what is queued, and tell those whose old text left", cmd_later,
     NO_OPTIONS, 0, 99, true, true, "loa correct 7K2M notice.html"},
    {"withdraw", "ID", "stop what is queued, and take back what left", cmd_later, NO_OPTIONS, 0, 99,
     true, true, "loa withdraw 7K2M"},
    {"why", "ID MEMBER", "one sentence: what became of this member's message", cmd_why, NO_OPTIONS,
     2, 2, true, false, "loa why 7K2M m-17"},
    {"report", "ID", "every member's outcome, the skipped too", cmd_report,
     OPTIONS(report_options, struct report_options), 1, 1, true, false,
     "loa report 7K2M --csv > report.csv"},
    {"members import", "FILE.csv|-",
     "read the directory: id,name,phone,zalo_uid,telegram_chat,groups", cmd_members_import,
     OPTIONS(import_options, struct members_options), 1, 1, true, false,
     "loa members import members.csv --dry-run"},
    {"members list", "[EXPR]", "the members, or those of an audience", cmd_members_list,
     OPTIONS(members_options, struct members_options), 0, 1, true, false,
     "loa members list chibo-3"},
    {"members show", "MEMBER", "one member, by id or phone", cmd_members_show,
     OPTIONS(members_options, struct members_options), 1, 1, true, false,
     "loa members show 0900000000"},
    {"members opt-out", "MEMBER", "send this member nothing any more", cmd_members_opt_out,
     OPTIONS(consent_options, struct consent_options), 1, 1, true, false,
     "loa members opt-out m-17"},
    {"members opt-in", "MEMBER", "send to this member again", cmd_members_opt_in,
     OPTIONS(consent_options, struct consent_options), 1, 1, true, false,
     "loa members opt-in m-17"},
    {"members invite", "MEMBER", "an address that brings this member's Telegram chat",
     cmd_members_invite, NO_OPTIONS, 1, 1, true, false, "loa members invite m-17"},
    {"members erase", "MEMBER", "forget this member", cmd_later, NO_OPTIONS, 0, 99, true, true,
     "loa members erase m-17"},
    {"link list", "", "the links and their state", cmd_link_list, NO_OPTIONS, 0, 0, true, false,
     "loa link list"},
    {"link stop", "NAME", "the red switch: nothing more goes out on this link", cmd_link_stop,
     NO_OPTIONS, 1, 1, true, false, "loa link stop viettel"},
    {"link start", "NAME", "let a stopped link go on", cmd_link_start, NO_OPTIONS, 1, 1, true,
     false, "loa link start viettel"},
    {"link trace", "NAME --seconds N", "an SMPP link's PDUs as pcap", cmd_link_trace,
     OPTIONS(trace_options, struct trace_options), 1, 1, false, false,
     "loa link trace viettel --seconds 10 > viettel.pcap"},
    {"link authorize", "NAME",
     "a link's first grant (Zalo, some SMS providers), or one after it was lost",
     cmd_link_authorize, OPTIONS(authorize_options, struct authorize_options), 1, 1, false, false,
     "loa link authorize oa"},
    {"stats", "", "rates, queues, links, errors", cmd_stats,
     OPTIONS(stats_options, struct status_options), 0, 0, true, false, "loa stats --watch"},
    {"replies", "", "what members sent in", cmd_replies,
     OPTIONS(replies_options, struct replies_options), 0, 0, true, false, "loa replies --follow"},
    {"reply", "ID TEXT", "answer a member", cmd_reply, NO_OPTIONS, 2, 2, true, false,
     "loa reply 1795456846000-0 'Da nhan'"},
    {"audit", "", "who did what", cmd_later, NO_OPTIONS, 0, 99, true, true, "loa audit"},
    {"audit verify", "", "prove that nothing was changed or cut off", cmd_later, NO_OPTIONS, 0, 99,
     true, true, "loa audit verify"},
    {NULL, NULL, NULL, NULL, NO_OPTIONS, 0, 0, false, false, NULL},
};
