/* Reads case files. */
// SPDX-License-Identifier: MIT
#include "tests/sim/behaviour.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 12, STATE_DELIVERED = 2 };

/* A line cut into words; a word may stand in double quotes. */
struct words {
    int n;
    char *at[WORDS_MAX];
};

static bool
split(char *line, struct words *words)
{
    words->n = 0;
    for (char *p = line; *p;) {
        p += strspn(p, " \t\r\n");
        if (*p == '\0' || *p == '#') {
            break;
        }
        if (words->n == WORDS_MAX) {
            return false;
        }
        bool quoted = *p == '"';
        p += quoted;
        words->at[words->n++] = p;
        p += strcspn(p, quoted ? "\"" : " \t\r\n");
        if (*p) {
            *p++ = '\0';
        }
    }
    return true;
}

static bool
word_is(const struct words *w, int i, const char *word)
{
    return i < w->n && strcmp(w->at[i], word) == 0;
}

static bool
read_number(const struct words *w, int i, int64_t *out)
{
    char *end = NULL;
    if (i >= w->n) {
        return false;
    }
    *out = strtoll(w->at[i], &end, 0);
    return end != w->at[i] && *out >= 0 && (*end == '\0' || strcmp(end, "/s") == 0);
}

static bool
read_status(const struct words *w, int i, uint32_t *out)
{
    int64_t value = 0;
    if (!read_number(w, i, &value)) {
        return false;
    }
    *out = (uint32_t)value;
    return value > 0 && value <= UINT32_MAX;
}

/* "20ms", "1s", "500us". */
static bool
read_time_text(const char *text, int64_t *out_us)
{
    static const struct {
        const char *unit;
        int64_t us;
    } units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}};
    char *end = NULL;
    int64_t value = strtoll(text, &end, 10);
    for (size_t i = 0; end != text && i < sizeof units / sizeof *units; i++) {
        if (strcmp(end, units[i].unit) == 0) {
            *out_us = value * units[i].us;
            return value >= 0;
        }
    }
    return false;
}

static bool
read_time(const struct words *w, int i, int64_t *out_us)
{
    return i < w->n && read_time_text(w->at[i], out_us);
}

static bool
copy_word(const struct words *w, int i, char *out, size_t room)
{
    if (i >= w->n || strlen(w->at[i]) >= room) {
        return false;
    }
    memcpy(out, w->at[i], strlen(w->at[i]) + 1);
    return true;
}

/* bind ok | never | wrong_sequence | STATUS [times N] */
static bool
on_bind(struct behaviour *b, const struct words *w)
{
    b->bind_times = 0;
    if (word_is(w, 1, "ok")) {
        b->bind = BIND_OK;
    } else if (word_is(w, 1, "never")) {
        b->bind = BIND_NEVER;
    } else if (word_is(w, 1, "wrong_sequence")) {
        b->bind = BIND_ASTRAY;
    } else {
        b->bind = BIND_STATUS;
        if (!read_status(w, 1, &b->bind_status)) {
            return false;
        }
    }
    return !word_is(w, 2, "times") || read_number(w, 3, &b->bind_times);
}

/* system_id NAME, password WORD */
static bool
on_system_id(struct behaviour *b, const struct words *w)
{
    return copy_word(w, 1, b->system_id, sizeof b->system_id);
}

static bool
on_password(struct behaviour *b, const struct words *w)
{
    return copy_word(w, 1, b->password, sizeof b->password);
}

/* latency TIME [to TIME] */
static bool
on_latency(struct behaviour *b, const struct words *w)
{
    bool ok = read_time(w, 1, &b->latency_us);
    b->latency_most_us = b->latency_us;
    return ok && (!word_is(w, 2, "to") || read_time(w, 3, &b->latency_most_us));
}

/* reorder answers */
static bool
on_reorder(struct behaviour *b, const struct words *w)
{
    b->reorder = true;
    return word_is(w, 1, "answers");
}

/* throttle N/s [STATUS] */
static bool
on_throttle(struct behaviour *b, const struct words *w)
{
    return read_number(w, 1, &b->throttle) && (w->n < 3 || read_status(w, 2, &b->throttle_status));
}

static struct rule *
add_rule(struct behaviour *b, const struct words *w, int i, enum rule_kind kind)
{
    if (b->rules_n == BEHAVIOUR_RULES) {
        return NULL;
    }
    struct rule *rule = &b->rules[b->rules_n];
    rule->kind = kind;
    if (!word_is(w, i, "for") || !copy_word(w, i + 1, rule->pattern, sizeof rule->pattern)) {
        return NULL;
    }
    b->rules_n++;
    return rule;
}

/* error STATUS for PATTERN [times N] */
static bool
on_error(struct behaviour *b, const struct words *w)
{
    struct rule *rule = add_rule(b, w, 2, RULE_ERROR);
    return rule && read_status(w, 1, &rule->status) &&
           (!word_is(w, 4, "times") || read_number(w, 5, &rule->times));
}

/* nack STATUS for PATTERN [times N] */
static bool
on_nack(struct behaviour *b, const struct words *w)
{
    bool ok = on_error(b, w);
    if (ok) {
        b->rules[b->rules_n - 1].nack = true;
    }
    return ok;
}

/* answer twice | wrong_sequence for PATTERN [times N] */
static bool
on_answer(struct behaviour *b, const struct words *w)
{
    b->answer_twice = word_is(w, 1, "twice");
    if (b->answer_twice) {
        return true;
    }
    struct rule *rule = word_is(w, 1, "wrong_sequence") ? add_rule(b, w, 2, RULE_ASTRAY) : NULL;
    return rule && (!word_is(w, 4, "times") || read_number(w, 5, &rule->times));
}

/* enquire_answer never [times N] */
static bool
on_enquire_answer(struct behaviour *b, const struct words *w)
{
    b->enquire_mute = INT64_MAX;
    return word_is(w, 1, "never") &&
           (!word_is(w, 2, "times") || read_number(w, 3, &b->enquire_mute));
}

/* freeze after N: that connection is neither read nor written any more, and stays open */
static bool
on_freeze(struct behaviour *b, const struct words *w)
{
    return word_is(w, 1, "after") && read_number(w, 2, &b->freeze_after);
}

/* drip N every TIME */
static bool
on_drip(struct behaviour *b, const struct words *w)
{
    return read_number(w, 1, &b->drip) && b->drip > 0 && word_is(w, 2, "every") &&
           read_time(w, 3, &b->drip_us);
}

/* no_answer for PATTERN | after N */
static bool
on_no_answer(struct behaviour *b, const struct words *w)
{
    if (word_is(w, 1, "after")) {
        return read_number(w, 2, &b->silent_after);
    }
    return add_rule(b, w, 1, RULE_SILENT);
}

static int
state_of(const char *name)
{
    for (int state = 1; behaviour_state_name(state); state++) {
        if (strcmp(behaviour_state_name(state), name) == 0) {
            return state;
        }
    }
    return 0;
}

/* state WORD for PATTERN */
static bool
on_state(struct behaviour *b, const struct words *w)
{
    struct rule *rule = add_rule(b, w, 2, RULE_STATE);
    if (rule) {
        rule->state = state_of(w->at[1]);
    }
    return rule && rule->state;
}

/* drop after N | every N */
static bool
on_drop(struct behaviour *b, const struct words *w)
{
    return word_is(w, 1, "every") ? read_number(w, 2, &b->drop_every)
                                  : word_is(w, 1, "after") && read_number(w, 2, &b->drop_after);
}

/* unbind after N */
static bool
on_unbind(struct behaviour *b, const struct words *w)
{
    return word_is(w, 1, "after") && read_number(w, 2, &b->unbind_after);
}

/* close_after_bind [times N] */
static bool
on_close_after_bind(struct behaviour *b, const struct words *w)
{
    b->close_after_bind = INT64_MAX;
    return !word_is(w, 1, "times") || read_number(w, 2, &b->close_after_bind);
}

/* receipts none | final [after TIME] [twice] [elsewhere] */
static bool
on_receipts(struct behaviour *b, const struct words *w)
{
    b->receipts = word_is(w, 1, "final");
    bool ok = b->receipts || word_is(w, 1, "none");
    for (int i = 2; ok && i < w->n; i++) {
        if (word_is(w, i, "after")) {
            ok = read_time(w, ++i, &b->receipts_us);
        } else if (word_is(w, i, "twice")) {
            b->receipt_twice = true;
        } else {
            b->receipt_elsewhere = ok = word_is(w, i, "elsewhere");
        }
    }
    return ok;
}

/* receipt before answer */
static bool
on_receipt(struct behaviour *b, const struct words *w)
{
    b->receipts = b->receipt_first = true;
    return word_is(w, 1, "before") && word_is(w, 2, "answer");
}

/* tlv_receipt only | none | both */
static bool
on_tlv_receipt(struct behaviour *b, const struct words *w)
{
    bool only = word_is(w, 1, "only"), none = word_is(w, 1, "none");
    b->receipt_form = only ? RECEIPT_TLV : none ? RECEIPT_TEXT : RECEIPT_BOTH;
    return only || none || word_is(w, 1, "both");
}

/* receipt_window N */
static bool
on_receipt_window(struct behaviour *b, const struct words *w)
{
    return read_number(w, 1, &b->receipt_window) && b->receipt_window > 0 &&
           b->receipt_window <= 512;
}

static struct happening *
add_happening(struct behaviour *b, const struct words *w, int i)
{
    struct happening *h = &b->happenings[b->happenings_n];
    h->before_bind = word_is(w, i, "before") && word_is(w, i + 1, "bind");
    bool known = h->before_bind || (word_is(w, i, "after") && read_number(w, i + 1, &h->after));
    if (b->happenings_n == BEHAVIOUR_RULES || !known) {
        return NULL;
    }
    b->happenings_n++;
    return h;
}

/* mo "TEXT" from NUMBER after N */
static bool
on_mo(struct behaviour *b, const struct words *w)
{
    struct happening *h = add_happening(b, w, 4);
    return h && word_is(w, 2, "from") && copy_word(w, 3, h->from, sizeof h->from) &&
           copy_word(w, 1, h->text, sizeof h->text);
}

static int
hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* inject HEX after N | before bind: raw octets to the peer */
static bool
on_inject(struct behaviour *b, const struct words *w)
{
    struct happening *h = add_happening(b, w, 2);
    if (!h || strlen(w->at[1]) % 2 || strlen(w->at[1]) / 2 > sizeof h->raw) {
        return false;
    }
    for (const char *p = w->at[1]; *p; p += 2) {
        int high = hex_digit(p[0]), low = hex_digit(p[1]);
        if (high < 0 || low < 0) {
            return false;
        }
        h->raw[h->raw_n++] = (uint8_t)(high * 16 + low);
    }
    return h->raw_n > 0;
}

static bool
read_form(const struct words *w, enum id_form *out)
{
    static const char *const forms[IDS_FORMS] = {"hex",  "decimal", "uuid",
                                                 "none", "upper",   "padded"};
    int form = 0;
    while (form < IDS_FORMS && !word_is(w, 1, forms[form])) {
        form++;
    }
    *out = (enum id_form)form;
    return form < IDS_FORMS;
}

/* ids hex | upper | padded (hex with zeros before) | decimal | uuid | none (answers without body)
 */
static bool
on_ids(struct behaviour *b, const struct words *w)
{
    return read_form(w, &b->ids);
}

/* receipt_ids FORM: another than the answers have */
static bool
on_receipt_ids(struct behaviour *b, const struct words *w)
{
    return read_form(w, &b->receipt_ids);
}

/* user_message_reference echoed: receipts have that of their submit */
static bool
on_reference(struct behaviour *b, const struct words *w)
{
    b->echo_reference = word_is(w, 1, "echoed");
    return b->echo_reference;
}

/* enquire every TIME */
static bool
on_enquire(struct behaviour *b, const struct words *w)
{
    return word_is(w, 1, "every") && read_time(w, 2, &b->enquire_us) && b->enquire_us > 0;
}

/* kill every TIME: one connection after the other is closed */
static bool
on_kill(struct behaviour *b, const struct words *w)
{
    return word_is(w, 1, "every") && read_time(w, 2, &b->kill_us) && b->kill_us > 0;
}

/* window N: more submits without an answer are a fault of the peer */
static bool
on_window(struct behaviour *b, const struct words *w)
{
    return read_number(w, 1, &b->window);
}

static const struct {
    const char *word;
    bool (*read)(struct behaviour *b, const struct words *w);
} settings[] = {
    {"bind", on_bind},
    {"system_id", on_system_id},
    {"password", on_password},
    {"latency", on_latency},
    {"reorder", on_reorder},
    {"throttle", on_throttle},
    {"error", on_error},
    {"nack", on_nack},
    {"no_answer", on_no_answer},
    {"answer", on_answer},
    {"enquire_answer", on_enquire_answer},
    {"freeze", on_freeze},
    {"drip", on_drip},
    {"state", on_state},
    {"drop", on_drop},
    {"unbind", on_unbind},
    {"close_after_bind", on_close_after_bind},
    {"receipts", on_receipts},
    {"receipt", on_receipt},
    {"tlv_receipt", on_tlv_receipt},
    {"receipt_window", on_receipt_window},
    {"mo", on_mo},
    {"inject", on_inject},
    {"ids", on_ids},
    {"receipt_ids", on_receipt_ids},
    {"user_message_reference", on_reference},
    {"enquire", on_enquire},
    {"kill", on_kill},
    {"window", on_window},
};

static bool
read_line(struct behaviour *b, char *line)
{
    struct words words;
    if (!split(line, &words)) {
        return false;
    }
    for (size_t i = 0; words.n && i < sizeof settings / sizeof *settings; i++) {
        if (strcmp(settings[i].word, words.at[0]) == 0) {
            return settings[i].read(b, &words);
        }
    }
    return words.n == 0;
}

int
behaviour_read(struct behaviour *b, const char *file, char *why, unsigned room)
{
    *b = (struct behaviour){
        .throttle_status = 0x58, .receipt_window = 256, .receipt_ids = IDS_FORMS};
    FILE *in = file ? fopen(file, "r") : NULL;
    if (file && !in) {
        snprintf(why, room, "%s: %s", file, strerror(errno));
        return -1;
    }
    char line[1024], copy[1024];
    int number = 0;
    bool ok = true;
    while (in && ok && fgets(line, sizeof line, in)) {
        number++;
        memcpy(copy, line, sizeof copy);
        copy[strcspn(copy, "\n")] = '\0';
        ok = read_line(b, line);
    }
    if (in) {
        fclose(in);
    }
    if (!ok) {
        snprintf(why, room, "%s:%d: not understood: %.100s", file, number, copy);
    }
    return ok ? 0 : -1;
}

const struct rule *
behaviour_rule(const struct behaviour *b, enum rule_kind kind, const char *number)
{
    for (int i = 0; i < b->rules_n; i++) {
        const struct rule *rule = &b->rules[i];
        if (rule->kind == kind && fnmatch(rule->pattern, number, 0) == 0) {
            return rule;
        }
    }
    return NULL;
}

const char *
behaviour_state_name(int state)
{
    static const char *const names[] = {NULL,      "ENROUTE", "DELIVRD", "EXPIRED", "DELETED",
                                        "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"};
    return state > 0 && state < (int)(sizeof names / sizeof *names) ? names[state] : NULL;
}
