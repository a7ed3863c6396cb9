/* A text as words and as units that can stand alone. */
// SPDX-License-Identifier: MIT
#include <string.h>
#include <strings.h>

#include "gateway/core/lead.h"
#include "gateway/core/story_parts.h"
#include "gateway/core/unicode.h"

enum {
    CELL_MOST = 25,
    LABEL_MOST = 7,
    SUBTITLE_LEAST = 4,
    SUBTITLE_MOST = 40,
    FOLDED_MOST = 65536
};

/* ---- Looking at tokens. */

/* Tokens that `n` characters take from token `i` on. */
static size_t
tokens_of(const struct story_detail *d, size_t i, size_t n)
{
    size_t k = i;
    while (n > 0 && k < d->tokens_n && d->token[k].core_to < d->token[i].core + n) {
        k++;
    }
    return n > 0 ? k - i + 1 : 0;
}

size_t
story_token_at(const struct story_detail *d, size_t at)
{
    size_t low = 0, high = d->tokens_n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (d->plain.at[d->token[middle].to] <= at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

size_t
story_phrase(const struct story_detail *d, size_t i, const char *phrase)
{
    return i < d->tokens_n ? tokens_of(d, i, plain_word(&d->plain, d->token[i].core, phrase)) : 0;
}

size_t
story_one_of(const struct story_detail *d, size_t i, const char *const *phrases)
{
    return i < d->tokens_n ? tokens_of(d, i, plain_one_of(&d->plain, d->token[i].core, phrases))
                           : 0;
}

bool
story_is_same(const struct story_detail *d, size_t i, size_t k)
{
    const struct story_token *a = &d->token[i];
    const struct story_token *b = &d->token[k];
    size_t n = a->core_to - a->core;
    return n == b->core_to - b->core &&
           strncasecmp(d->plain.sign + a->core, d->plain.sign + b->core, n) == 0;
}

char
story_sign_behind(const struct story_detail *d, size_t i)
{
    const struct story_token *t = &d->token[i];
    return t->core_to < t->to ? d->plain.sign[t->core_to] : '\0';
}

size_t
story_negation(const struct story_detail *d, size_t i)
{
    return d->token[i].negation;
}

static size_t
find_negation(const struct story_detail *d, size_t i)
{
    static const char *const words[] = {"tuyệt đối không",
                                        "không được phép",
                                        "không được",
                                        "không phải",
                                        "không tổ chức",
                                        "không",
                                        "chưa được",
                                        "chưa",
                                        "nghiêm cấm",
                                        "cấm",
                                        "đừng",
                                        "hủy bỏ",
                                        "hủy",
                                        "huỷ",
                                        "hoãn",
                                        "tạm hoãn",
                                        "tạm dừng",
                                        "tạm ngừng",
                                        "bãi bỏ",
                                        "ngừng",
                                        "dừng",
                                        "không còn",
                                        "không thể",
                                        "chẳng",
                                        NULL};
    return story_one_of(d, i, words);
}

/* Words that belong to what follows them. */
static bool
is_bound(const struct story_detail *d, size_t i)
{
    static const char *const words[] = {
        "của",    "và",    "các",  "những", "tại", "trong", "trên",  "từ",   "đến",  "với",
        "cho",    "để",    "do",   "bằng",  "về",  "việc",  "là",    "được", "bị",   "số",
        "ngày",   "tháng", "năm",  "thứ",   "lúc", "vào",   "trước", "sau",  "theo", "hoặc",
        "một",    "hai",   "phải", "cần",   "sẽ",  "đã",    "đang",  "có",   "mỗi",  "từng",
        "phường", "xã",    "tổ",   "khu",   "quý", "khi",   "nếu",   "hết",  "gồm",  "như",
        "qua",    "không", "chưa", "nhà",   "ở",   "thì",   "mà",    "nhằm", "giữa", "ít",
        "tối",    "hơn",   "dưới", "gọi",   "đi",  "lên",   "xuống", NULL};
    return story_one_of(d, i, words) > 0;
}

struct str
story_folded(const struct story_detail *d, struct arena *arena, size_t from, size_t to)
{
    struct buf out;
    buf_init(&out, FOLDED_MOST);
    for (size_t i = from; i < to; i++) {
        buf_add_z(&out, i > from ? " " : "");
        for (size_t c = d->token[i].core; c < d->token[i].core_to; c++) {
            char sign = d->plain.sign[c];
            buf_add_char(&out, sign >= 'A' && sign <= 'Z' ? (char)(sign - 'A' + 'a') : sign);
        }
    }
    struct str all = buf_str(&out);
    struct str kept = {arena_strndup(arena, all.p ? all.p : "", all.n), all.n};
    buf_deinit(&out);
    return kept;
}

/* ---- Tokens. */

static bool
is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool
is_edge(char c)
{
    return is_one_of(c, "()[]{}\".,;:!?'|*+-");
}

static void
find_core(const struct plain *p, struct story_token *t)
{
    t->core = t->from;
    t->core_to = t->to;
    while (t->core < t->to && is_edge(p->sign[t->core])) {
        t->core++;
    }
    while (t->core_to > t->core && is_edge(p->sign[t->core_to - 1])) {
        t->core_to--;
    }
    if (t->core == t->core_to) {
        t->core = t->from;
        t->core_to = t->to;
    }
    char first = p->sign[t->core];
    t->capital = first >= 'A' && first <= 'Z';
    for (size_t i = t->core; i < t->core_to; i++) {
        t->digit = t->digit || (p->sign[i] >= '0' && p->sign[i] <= '9');
    }
}

/* "<3", ":)": behind a text, in no row of a table. */
static bool
is_smile(const struct plain *p, const struct story_token *t)
{
    static const char *const smiles[] = {"<3", ":)", ":))", ":D", "=))", ";)", ":v", "^^"};
    struct str word = {p->sign + t->from, t->to - t->from};
    for (size_t i = 0; i < sizeof smiles / sizeof *smiles && t->ends_line; i++) {
        if (str_equal_z(word, smiles[i])) {
            return true;
        }
    }
    return false;
}

static void
find_tokens(struct story_detail *d, struct arena *arena)
{
    const struct plain *p = &d->plain;
    d->token = arena_alloc(arena, (p->n / 2 + 2) * sizeof *d->token);
    for (size_t i = 0; i < p->n;) {
        if (p->sign[i] == ' ' || p->sign[i] == '\n') {
            i++;
            continue;
        }
        struct story_token t = {.from = i};
        while (i < p->n && p->sign[i] != ' ' && p->sign[i] != '\n') {
            i++;
        }
        t.to = i;
        t.ends_line = i == p->n || p->sign[i] == '\n';
        find_core(p, &t);
        t.needless = t.polite = is_smile(p, &t);
        t.digit = t.digit && !t.polite;
        d->token[d->tokens_n++] = t;
    }
}

/* Marks the last token of every sentence. */
static void
find_sentences(struct story_detail *d, struct str text)
{
    size_t token = 0;
    struct str rest = text;
    while (rest.n > 0 && token < d->tokens_n) {
        struct str sentence = lead_next(&rest);
        if (sentence.n == 0) {
            continue;
        }
        size_t end = (size_t)(sentence.p - text.p) + sentence.n;
        while (token < d->tokens_n && d->plain.at[d->token[token].to] < end) {
            token++;
        }
        if (token < d->tokens_n) {
            d->token[token].ends_sentence = true;
        }
    }
}

/* ---- Units. */

/* "1.", "2)", "a)", "-", "+", "*", "(3)", "Một là,": how many tokens the mark of a list's item has.
 */
static size_t
list_mark(const struct story_detail *d, size_t i, size_t to)
{
    static const char *const spoken[] = {"một là", "hai là", "ba là", "bốn là", "năm là", NULL};
    const struct story_token *t = &d->token[i];
    size_t ordinal = story_one_of(d, i, spoken);
    if (ordinal > 0 && i + ordinal < to && story_sign_behind(d, i + ordinal - 1) != '\0') {
        return ordinal;
    }
    size_t n = t->to - t->from;
    char first = d->plain.sign[t->from], last = d->plain.sign[t->to - 1];
    if (i + 1 >= to || n > 4) {
        return 0;
    }
    if (n == 1 && is_one_of(first, "-+*|")) {
        return 1;
    }
    bool closes = n >= 2 && is_one_of(last, ".)/");
    bool number = t->digit && t->core_to - t->core <= 2 && t->core >= t->from;
    bool letter = n == 2 && t->core_to - t->core == 1 && last == ')';
    return closes && (number || letter) ? 1 : 0;
}

/* Behind "Thời gian:" at the head of a line; `from` if there is no label. */
static size_t
label_end(const struct story_detail *d, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < from + LABEL_MOST; i++) {
        char behind = story_sign_behind(d, i);
        if (d->token[i].digit || is_one_of(behind, ",;.(")) {
            return from;
        }
        if (behind == ':' && i + 1 < to) {
            return i + 1;
        }
    }
    return from;
}

/* Behind "Thời gian niêm yết;" in a row of a table: a first cell that names what the other is;
 * `from` if it is none of these. */
static size_t
row_label_end(const struct story_detail *d, size_t from, size_t to)
{
    static const char *const labels[] = {
        "thời gian", "thời hạn", "thời điểm", "địa điểm",   "địa chỉ",  "nơi",      "hạn",
        "đối tượng", "lệ phí",   "mức thu",   "khai giảng", "khai mạc", "nội dung", NULL};
    for (size_t i = from; i < to && i < from + LABEL_MOST && story_one_of(d, from, labels) > 0;
         i++) {
        if (d->token[i].digit) {
            return from;
        }
        if (d->plain.sign[d->token[i].to - 1] == ';' && i + 1 < to) {
            return i + 1;
        }
    }
    return from;
}

static bool
is_wary(const struct story_detail *d, size_t from, size_t to)
{
    static const char *const words[] = {"đối tượng lừa", "tự xưng",
                                        "giả danh",      "mạo danh",
                                        "thủ đoạn",      "lừa đảo",
                                        "kẻ gian",       "giả mạo",
                                        "chiếm đoạt",    "dụ dỗ",
                                        "các đối tượng", "đối tượng đọc",
                                        "đối tượng gọi", "đối tượng yêu cầu",
                                        "nạn nhân",      NULL};
    static const char *const advice[] = {
        "không",           "đừng",      "báo",       "gọi", "khi", "nếu", "đề nghị", "hãy",
        "tuyệt đối không", "người dân", "trình báo", NULL};
    for (size_t i = from; i < to && story_one_of(d, from, advice) == 0; i++) {
        if (story_one_of(d, i, words) > 0) {
            return true;
        }
    }
    return false;
}

static void
add_unit(struct story_detail *d, enum unit_kind kind, size_t from, size_t to, size_t line)
{
    if (d->units_n == UNITS_MOST || from >= to) {
        return;
    }
    size_t mark = kind == UNIT_SENTENCE ? list_mark(d, from, to) : 0;
    from += mark;
    struct story_unit u = {.kind = kind, .from = from, .to = to, .label_to = from, .line = line};
    u.listed = mark > 0;
    u.label_to = kind == UNIT_ROW ? row_label_end(d, from, to) : from;
    if (kind == UNIT_SENTENCE) {
        u.label_to = label_end(d, from, to);
        char last = d->plain.sign[d->token[to - 1].to - 1];
        bool title = line == 1 && u.label_to == from && d->token[to - 1].ends_line &&
                     !is_one_of(last, ".;:,!?") && to - from >= SUBTITLE_LEAST &&
                     to - from <= SUBTITLE_MOST;
        u.kind = last == ':' ? UNIT_HEADING : (title ? UNIT_SUBTITLE : kind);
    }
    for (size_t i = from; i < to; i++) {
        u.negative = u.negative || story_negation(d, i) > 0;
    }
    u.wary = is_wary(d, from, to);
    d->unit[d->units_n++] = u;
}

/* Cells of a line that came from a table: parted by "; ", short, no full stop at its end. */
static size_t
count_cells(const struct story_detail *d, size_t from, size_t to, bool *numbers)
{
    size_t cells = 1, n = 0;
    *numbers = false;
    for (size_t i = from; i < to; i++) {
        n++;
        *numbers = *numbers || d->token[i].digit;
        if (n > CELL_MOST) {
            return 0;
        }
        if (d->plain.sign[d->token[i].to - 1] == ';' && i + 1 < to) {
            cells++;
            n = 0;
        }
    }
    char last = d->plain.sign[d->token[to - 1].to - 1];
    bool empty_cell = last == ';' && cells > 1;
    return is_one_of(last, ".;:,!?") && !empty_cell ? 0 : cells;
}

static void
split_line(struct story_detail *d, size_t from, size_t to, size_t line, size_t *header_cells)
{
    bool numbers = false;
    size_t cells = count_cells(d, from, to, &numbers);
    if (line > 0 && cells > 1) {
        bool header = *header_cells != cells && !numbers;
        *header_cells = cells;
        if (!header) {
            add_unit(d, UNIT_ROW, from, to, line);
        }
        return;
    }
    *header_cells = 0;
    size_t begin = from;
    for (size_t i = from; i < to; i++) {
        char behind = d->token[i].to > 0 ? d->plain.sign[d->token[i].to - 1] : '\0';
        bool ends = d->token[i].ends_sentence || behind == ';' || i + 1 == to;
        if (ends && line > 0) {
            add_unit(d, UNIT_SENTENCE, begin, i + 1, line);
            begin = i + 1;
        }
    }
    if (line == 0) {
        add_unit(d, UNIT_TITLE, from, to, line);
    }
}

void
story_split(struct story *story, struct arena *arena)
{
    struct story_detail *d = story->detail;
    plain_of(arena, story->text, &d->plain);
    find_tokens(d, arena);
    for (size_t i = 0; i < d->tokens_n; i++) {
        d->token[i].negation = (uint8_t)find_negation(d, i);
        d->token[i].bound = is_bound(d, i);
    }
    find_sentences(d, story->text);
    d->unit = arena_alloc(arena, UNITS_MOST * sizeof *d->unit);
    size_t line = 0, from = 0, header_cells = 0;
    for (size_t i = 0; i < d->tokens_n; i++) {
        if (d->token[i].ends_line) {
            split_line(d, from, i + 1, line, &header_cells);
            from = i + 1;
            line++;
        }
    }
}
