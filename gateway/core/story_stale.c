/* What a correction replaces: an old date, time or place is never told, or never alone. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/story_columns.h"

enum { MOVE_MOST = 18 };

/* Words beside an old date, time or place. */
static const char *const old_words[] = {"thay vì",
                                        "thay cho",
                                        "lịch cũ",
                                        "thông báo cũ",
                                        "trước đây",
                                        "so với lịch",
                                        "so với thông báo",
                                        "so với kế hoạch",
                                        "không còn hiệu lực",
                                        "hết hiệu lực",
                                        "đã qua",
                                        "khi đó",
                                        "trước đó",
                                        "ban đầu",
                                        "đã thông báo",
                                        "chưa chính xác",
                                        "không chính xác",
                                        "không đúng",
                                        "giờ cũ",
                                        "địa điểm cũ",
                                        "ngày cũ",
                                        "thời gian cũ",
                                        "cũ ghi",
                                        "như trước",
                                        "nhầm",
                                        "đã có thông báo",
                                        "đã có giấy mời",
                                        "đã ban hành giấy mời",
                                        "dự kiến trước",
                                        NULL};

/* What else in a text says that something was moved, or replaced, or does not take place. */
static const char *const correction_words[] = {
    "hoãn",          "đính chính", "điều chỉnh",   "thay đổi",     "thay thế",      "chuyển sang",
    "lùi",           "dời",        "thay cho",     "thay vì",      "nay",           "lịch mới",
    "thời gian mới", "đổi",        "địa điểm mới", "cập nhật lại", "thông báo lại", NULL};

static const char *const cancel_words[] = {
    "hủy",      "huỷ",    "không tổ chức", "tạm dừng", "hoãn", "bãi bỏ",
    "tạm hoãn", "hủy bỏ", "đính chính",    "thay thế", NULL};

static bool
unit_has(const struct story_detail *d, const struct story_unit *u, const char *const *words)
{
    for (size_t i = u->from; i < u->to; i++) {
        if (story_one_of(d, i, words) > 0) {
            return true;
        }
    }
    return false;
}

bool
story_tells_old(const struct story_detail *d, size_t from, size_t to)
{
    bool old = false;
    for (size_t i = from; i < to; i++) {
        old = old || story_one_of(d, i, old_words) > 0;
    }
    return old;
}

void
story_set_stale(struct story *story, size_t from, size_t to)
{
    struct story_detail *d = story->detail;
    for (size_t i = from; i < to; i++) {
        d->token[i].stale = true;
    }
    if (from < to && story->stale_n < STORY_STALE) {
        const struct plain *p = &d->plain;
        story->stale[story->stale_n++] =
            (struct story_span){p->at[d->token[from].from], p->at[d->token[to - 1].to]};
    }
}

/* Where the clause that token `i` stands in ends: behind a comma, a semicolon or the unit. */
static size_t
clause_end(const struct story_detail *d, size_t i, size_t to)
{
    while (i < to) {
        char behind = d->plain.sign[d->token[i].to - 1];
        i++;
        if (behind == ',' || behind == ';' || behind == '.') {
            break;
        }
    }
    return i;
}

bool
story_holds_digit(const struct story_detail *d, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (d->token[i].digit) {
            return true;
        }
    }
    return false;
}

/* "chuyển từ 21h00 ngày 14/12 sang 21h00 ngày 17/12": the first of both. */
static void
mark_moves(struct story *story, const struct story_unit *u)
{
    static const char *const from_words[] = {"từ", NULL};
    static const char *const to_words[] = {"sang", "thành", "lùi đến", "chuyển đến", NULL};
    static const char *const moving[] = {"chuyển", "đổi", "dời", "di chuyển", NULL};
    struct story_detail *d = story->detail;
    for (size_t i = u->from; i < u->to; i++) {
        if (story_one_of(d, i, from_words) == 0) {
            continue;
        }
        size_t end = i + 1;
        while (end < u->to && end < i + MOVE_MOST && story_one_of(d, end, to_words) == 0) {
            end++;
        }
        bool moved = i > u->from && story_one_of(d, i - 1, moving) > 0;
        if (end < u->to && end < i + MOVE_MOST && (moved || story_holds_digit(d, i, end))) {
            story_set_stale(story, i, end);
            i = end;
        }
    }
}

/* "thay vì chiều thứ Tư", "so với lịch đã thông báo ngày 01/12": to the end of the clause. */
static void
mark_instead(struct story *story, const struct story_unit *u)
{
    static const char *const words[] = {
        "thay vì",         "thay cho",       "so với lịch", "so với thông báo",
        "so với kế hoạch", "chứ không phải", NULL};
    struct story_detail *d = story->detail;
    for (size_t i = u->from; i < u->to; i++) {
        if (!d->token[i].bracketed && story_one_of(d, i, words) > 0) {
            size_t end = clause_end(d, i, u->to);
            story_set_stale(story, i, end);
            i = end - 1;
        }
    }
}

/* "thôi làm việc tại số 88 và chuyển về số 5": where it was until then. */
static void
mark_left(struct story *story, const struct story_unit *u)
{
    enum { MOST = 24 };
    static const char *const leaves[] = {"thôi làm việc tại",
                                         "thôi làm việc ở",
                                         "không còn làm việc tại",
                                         "thôi hoạt động tại",
                                         "rời trụ sở tại",
                                         "ngừng làm việc tại",
                                         NULL};
    static const char *const moves[] = {"và chuyển", "để chuyển", "chuyển", NULL};
    const struct story_detail *d = story->detail;
    for (size_t i = u->from; i < u->to; i++) {
        size_t to = story_one_of(d, i, leaves) > 0 ? i + 2 : u->to;
        while (to < u->to && to < i + MOST && story_one_of(d, to, moves) == 0) {
            to++;
        }
        if (to < u->to && to < i + MOST) {
            story_set_stale(story, i, to + (story_phrase(d, to, "chuyển") > 0 ? 0 : 1));
        }
    }
}

/* "Thông báo số 45 ghi: …; nay sửa lại là: …": what stood in it. */
static void
mark_misprint(struct story *story, const struct story_unit *u)
{
    static const char *const writes[] = {"ghi", "có nêu", "đã nêu", NULL};
    static const char *const slips[] = {"đã in",  "in là",   "in nhầm",   "in sai",   "ghi nhầm",
                                        "đã ghi", "ghi sai", "viết nhầm", "viết sai", "đã viết",
                                        "ghi là", "viết là", "nêu nhầm",  "đã đăng",  NULL};
    static const char *const mends[] = {
        "nay sửa",      "nay đính chính", "nay điều chỉnh", "nay đọc là",  "nay là",  "xin sửa",
        "xin được sửa", "sửa lại",        "sửa thành",      "đọc đúng là", "đúng là", NULL};
    const struct story_detail *d = story->detail;
    const struct story_unit *next = u + 1;
    bool mended = next < d->unit + d->units_n && story_one_of(d, next->from, mends) > 0;
    size_t from = u->from;
    while (from < u->to && story_one_of(d, from, writes) + story_one_of(d, from, slips) == 0) {
        from++;
    }
    bool slip = from < u->to && story_one_of(d, from, slips) > 0;
    size_t to = from; /* "… ghi là 21h00, nay sửa lại là 23h00", or to the end of the sentence */
    while (to < u->to && story_one_of(d, to, mends) == 0) {
        to++;
    }
    if ((to < u->to && slip) || ((to < u->to || mended) && story_holds_digit(d, from, to))) {
        story_set_stale(story, from, to);
    }
}

static bool
tells_time(const struct story *story, const struct story_unit *u)
{
    bool time = false;
    for (size_t k = 0; k < story->facts.n; k++) {
        size_t at = story_token_at(story->detail, story->facts.fact[k].from);
        time = time || (story->facts.fact[k].kind == FACT_TIME && at >= u->from && at < u->to);
    }
    return time;
}

static bool
tells_stale(const struct story_detail *d, const struct story_unit *u)
{
    bool stale = false;
    for (size_t i = u->from; i < u->to; i++) {
        stale = stale || d->token[i].stale;
    }
    return stale;
}

/* "Theo Thông báo số 241, hạn cuối là ngày 18/12. …": under a title that prolongs or moves it, with
 * the new day behind. */
static bool
recalls_paper(const struct story_detail *d, const struct story_unit *u)
{
    static const char *const papers[] = {"theo thông báo", "theo kế hoạch", "theo giấy mời",
                                         "theo lịch",      "tại thông báo", NULL};
    static const char *const moved[] = {"gia hạn", "điều chỉnh", "thay đổi", "đính chính", "lùi",
                                        "dời",     "hoãn",       "chuyển",   NULL};
    static const char *const anew[] = {"gia hạn", "mới", "nay", "điều chỉnh", "lùi", "dời", NULL};
    bool behind = false;
    for (const struct story_unit *v = u + 1; v < d->unit + d->units_n && !behind; v++) {
        behind = unit_has(d, v, anew) && story_holds_digit(d, v->from, v->to);
    }
    return behind && story_one_of(d, u->from, papers) > 0 && unit_has(d, &d->unit[0], moved) &&
           !unit_has(d, u, anew);
}

/* A sentence that only recalls what was said before, in a text that corrects it; of one whose
 * place alone was replaced the rest holds on, if the text says so of the time. */
static void
mark_recalled(struct story *story, const struct story_unit *u, bool corrected)
{
    const struct story_detail *d = story->detail;
    bool old = false, recalls = recalls_paper(d, u);
    for (size_t i = u->from; i < u->to; i++) {
        bool open = !d->token[i].stale && !d->token[i].bracketed;
        old = old || (open && story_one_of(d, i, old_words) > 0);
    }
    bool keeps = d->time_kept && tells_stale(d, u) && tells_time(story, u);
    if ((recalls || (corrected && old)) && !keeps && u->kind != UNIT_TITLE &&
        !unit_has(d, u, cancel_words)) {
        story_set_stale(story, u->from, u->to);
    }
}

static const char *const planned[] = {"dự kiến",      "theo kế hoạch", "theo lịch", "lẽ ra",
                                      "đã thông báo", "đã mời",        "đã hẹn",    NULL};

/* Token `i` is the "đến" of "từ ngày 12 đến ngày 14/02" that begins at `from` or later. */
static bool
ends_range(const struct story_detail *d, size_t from, size_t i)
{
    static const char *const starts[] = {"từ", NULL}, *const ends[] = {"đến", "tới", NULL};
    bool started = false;
    for (size_t at = from; at < i; at++) {
        started = story_one_of(d, at, starts) > 0 || (started && story_one_of(d, at, ends) == 0);
    }
    return started && story_one_of(d, i, ends) > 0;
}

/* "hoãn buổi họp dự kiến lúc 14h00 ngày 21/11; chuyển sang …": when it would have been, if the text
 * says from token `i` on when it will be. */
static size_t
planned_end(const struct story_detail *d, const struct story_unit *u, size_t plan)
{
    static const char *const anew[] = {"chuyển sang", "chuyển đến",    "sang",     "dời đến",
                                       "dời sang",    "lùi đến",       "lùi sang", "nay",
                                       "đến",         "thời gian mới", "lịch mới", "khai mạc mới",
                                       "mới",         "sửa lại",       NULL};
    enum { NEW_WITHIN = 60 };
    size_t end = plan;
    while (end < u->to && (end == plan || !strchr(";.", d->plain.sign[d->token[end - 1].to - 1])) &&
           (end < plan + 3 || story_one_of(d, end, anew) == 0 || ends_range(d, plan, end))) {
        end++;
    }
    size_t to = end + NEW_WITHIN < d->tokens_n ? end + NEW_WITHIN : d->tokens_n;
    bool known = false;
    for (size_t i = end; i < to && !known; i++) {
        known = story_one_of(d, i, anew) > 0 && story_holds_digit(d, i, i + 6 < to ? i + 6 : to);
    }
    return known ? end : plan;
}

/* "… dự kiến diễn ra lúc 14h00 ngày 21/11 được hoãn": when it would have been. */
static size_t
put_off_from(const struct story_detail *d, size_t plan, size_t put_off)
{
    static const char *const helpers[] = {"được", "phải", "bị", "sẽ", "nay", "tạm", NULL};
    while (put_off > plan && story_one_of(d, put_off - 1, helpers) > 0) {
        put_off--;
    }
    return story_holds_digit(d, plan, put_off) ? put_off : plan;
}

/* "… dự kiến diễn ra ngày 29/11. Tuy nhiên, do mưa, phường hoãn sang ngày 13/12": the sentence
 * behind puts it off to another day, whatever happens. */
static bool
is_put_off_behind(const struct story_detail *d, const struct story_unit *u)
{
    static const char *const put_off[] = {"hoãn", "tạm hoãn", "dời", "lùi", NULL};
    static const char *const anew[] = {"sang", "đến", "tới", "vào", NULL};
    static const char *const perhaps[] = {"nếu", "trường hợp", "khi", "có thể", NULL};
    const struct story_unit *v = u + 1;
    bool off = false, to_day = false;
    if (v == d->unit + d->units_n || v->kind != UNIT_SENTENCE || unit_has(d, v, perhaps)) {
        return false;
    }
    for (size_t i = v->from; i < v->to && !to_day; i++) {
        off = off || story_one_of(d, i, put_off) > 0;
        to_day = off && story_one_of(d, i, anew) > 0 &&
                 story_holds_digit(d, i, i + 8 < v->to ? i + 8 : v->to);
    }
    return to_day;
}

static void
mark_postponed(struct story *story, const struct story_unit *u)
{
    static const char *const put_off[] = {"hoãn", "tạm hoãn", "dời", "lùi", "chuyển", NULL};
    struct story_detail *d = story->detail;
    size_t plan = u->to, off = u->to;
    for (size_t i = u->from; i < u->to; i++) {
        bool open = !d->token[i].stale && !d->token[i].bracketed;
        plan = open && plan == u->to && story_one_of(d, i, planned) > 0 ? i : plan;
        off = open && off == u->to && story_one_of(d, i, put_off) > 0 ? i : off;
    }
    bool behind = plan < u->to && off == u->to && story_holds_digit(d, plan, u->to) &&
                  is_put_off_behind(d, u);
    if (behind) {
        story_set_stale(story, plan, u->to);
    }
    if (plan == u->to || off == u->to) {
        return;
    }
    story_set_stale(story, plan, off > plan ? put_off_from(d, plan, off) : planned_end(d, u, plan));
}

/* ---- Places that were moved. */

static const char *const place_nouns[] = {
    "địa điểm",    "nơi họp",   "nơi tổ chức", "nơi bỏ phiếu", "điểm bỏ phiếu", "nơi làm việc",
    "nơi tiếp",    "nơi khám",  "nơi thi",     "điểm thi",     "điểm tiêm",     "nơi nộp",
    "nơi diễn ra", "điểm khám", "phòng họp",   "nơi học",      "điểm họp",      NULL};

/* Whether of what `nouns` name the unit says what `verbs` say, within a few words, not negated;
 * `*at` is the later of both. */
static bool
says_of(const struct story_detail *d, const struct story_unit *u, const char *const *nouns,
        const char *const *verbs, size_t *at)
{
    enum { APART = 8 };
    size_t noun = SIZE_MAX, verb = SIZE_MAX;
    for (size_t i = u->from; i < u->to; i++) {
        bool turned = i > u->from && story_negation(d, i - 1) > 0;
        noun = story_one_of(d, i, nouns) > 0 ? i : noun;
        verb = story_one_of(d, i, verbs) > 0 && !turned ? i : verb;
        *at = noun > verb || verb == SIZE_MAX ? noun : verb;
        size_t first = noun > verb ? verb : noun;
        if (noun != SIZE_MAX && verb != SIZE_MAX && *at - first <= APART) {
            return true;
        }
    }
    return false;
}

/* A place that a text names: tokens [from, to), behind its preposition. */
struct named_place {
    size_t cue, from, to;
};

/* The first place that the unit names behind token `at`; false: it names none. */
static bool
next_place(const struct story *story, const struct story_unit *u, size_t at,
           struct named_place *out)
{
    const struct story_detail *d = story->detail;
    for (size_t i = at; i < u->to; i++) {
        size_t to = story_building(d, u, i, &out->from);
        for (size_t k = 0; k < story->facts.n && to == 0; k++) {
            const struct fact *f = &story->facts.fact[k];
            out->from = story_token_at(d, f->from);
            bool here = f->kind == FACT_PLACE && (out->from == i || out->from == i + 1);
            to = here ? story_token_at(d, f->to - 1) + 1 : 0;
        }
        if (to > i && !d->token[i].stale) {
            out->cue = i;
            out->to = to;
            return true;
        }
    }
    return false;
}

static bool
is_same_place(const struct story_detail *d, struct arena *arena, const struct named_place *a,
              const struct named_place *b)
{
    struct str x = story_folded(d, arena, a->from, a->to);
    struct str y = story_folded(d, arena, b->from, b->to);
    return memmem(x.p, x.n, y.p, y.n) || memmem(y.p, y.n, x.p, x.n);
}

/* Behind the parts of an address that follow a place: ", số 5 phố Cây Sấu". */
static size_t
address_end(const struct story_detail *d, const struct story_unit *u, size_t to)
{
    static const char *const parts[] = {"số",      "phố", "đường", "thôn", "xóm",    "tổ",
                                        "khu phố", "ngõ", "tầng",  "xã",   "phường", "ấp",
                                        "bản",     "khu", "khóm",  NULL};
    while (to < u->to && to > u->from && d->plain.sign[d->token[to - 1].to - 1] == ',' &&
           story_one_of(d, to, parts) > 0) {
        to = clause_end(d, to, u->to);
    }
    return to;
}

/* Marks the places of a unit before the correction that are not the new one. */
static void
mark_old_places(struct story *story, struct arena *arena, const struct story_unit *u,
                const struct named_place *anew)
{
    const struct story_detail *d = story->detail;
    struct named_place old;
    bool event = story_holds_digit(d, u->from, u->to) || unit_has(d, u, place_nouns);
    for (size_t at = u->from; event && next_place(story, u, at, &old); at = old.to) {
        size_t to = address_end(d, u, old.to < u->to ? old.to : u->to);
        if (!is_same_place(d, arena, &old, anew)) {
            story_set_stale(story, old.cue, to);
        }
    }
}

/* The unit that tells the new place, and that place: the one that says that it was moved, or one of
 * the next `ahead`; false: none was moved. */
static bool
find_new_place(const struct story *story, size_t ahead, size_t *unit, struct named_place *anew)
{
    static const char *const moving[] = {"thay đổi",   "đổi", "chuyển", "dời",  "di dời",
                                         "điều chỉnh", "mới", "thay",   "sang", NULL};
    const struct story_detail *d = story->detail;
    bool found = false;
    for (size_t i = 0; i < d->units_n && !found; i++) {
        size_t at = 0;
        bool moved = says_of(d, &d->unit[i], place_nouns, moving, &at);
        for (size_t k = i > 0 ? i : 1; moved && !found && k <= i + ahead && k < d->units_n; k++) {
            const struct story_unit *u = &d->unit[k];
            *unit = k;
            found = !story_tells_old(d, u->from, u->to) &&
                    next_place(story, u, k == i ? at : u->from, anew);
        }
    }
    return found;
}

/* "họp tại A … nay chuyển địa điểm sang B": A is never told. */
static void
mark_moved_place(struct story *story, struct arena *arena)
{
    enum { AHEAD = 3 };
    static const char *const times[] = {"thời gian", "giờ", "ngày", NULL};
    static const char *const kept[] = {"không đổi",  "không thay đổi", "giữ nguyên",
                                       "vẫn như cũ", "như cũ",         NULL};
    struct story_detail *d = story->detail;
    struct named_place anew;
    size_t unit = 0, at = 0;
    if (story->urgent ||
        !(find_new_place(story, 0, &unit, &anew) || find_new_place(story, AHEAD, &unit, &anew))) {
        return;
    }
    d->place_moved = true;
    for (size_t i = 0; i < d->units_n; i++) {
        d->time_kept = d->time_kept || says_of(d, &d->unit[i], times, kept, &at);
    }
    for (size_t i = 1; i < unit; i++) {
        mark_old_places(story, arena, &d->unit[i], &anew);
    }
}

void
story_stale(struct story *story, struct arena *arena)
{
    struct story_detail *d = story->detail;
    size_t corrections = 0;
    for (size_t i = 0; i < d->units_n; i++) {
        corrections += unit_has(d, &d->unit[i], correction_words);
        mark_moves(story, &d->unit[i]);
        mark_instead(story, &d->unit[i]);
        mark_left(story, &d->unit[i]);
    }
    mark_moved_place(story, arena);
    story_columns(story);
    for (size_t i = 0; i < d->units_n; i++) {
        const struct story_unit *u = &d->unit[i];
        size_t others = corrections - (unit_has(d, u, correction_words) ? 1 : 0);
        mark_postponed(story, u);
        mark_misprint(story, u);
        mark_recalled(story, u, others > 0);
    }
}
