/* The directory of members: import, look-up, lists, consent.  queue/SCHEMA.md, "Directory". */
#ifndef LOA_QUEUE_MEMBERS_H
#define LOA_QUEUE_MEMBERS_H
// SPDX-License-Identifier: MIT

#include "queue/plan.h"
#include "queue/queue.h"

/* What became of one line of the file; `why` is set for MEMBER_INVALID, and for a member that is
 * taken though its phone cannot be used (`warning`). */
enum member_change { MEMBER_NEW, MEMBER_CHANGED, MEMBER_UNCHANGED, MEMBER_INVALID };
struct member_line {
    int line; /* in the file, from 1 */
    struct str id;
    enum member_change change;
    const char *why; /* a sentence, NULL: nothing to say */
};
typedef void member_line_fn(void *arg, const struct member_line *line);

/* What an import did, or a dry run would do. */
struct import_counts {
    uint64_t lines, added, changed, unchanged, invalid; /* lines: of data */
    uint64_t unusable_phones; /* taken, yet their phone is empty or no valid mobile */
    uint64_t sharing; /* members that share a phone with an earlier one (after the import) */
};
typedef void import_fn(void *arg, const struct import_counts *counts, const struct err *err);
/* Imports `csv` (the whole file; borrowed until the answer).  A wrong header is ERR_INPUT; a wrong
 * line is told to `say` and left out, the others go in.  With `dry_run` nothing is written.
 * Members that the file does not name stay as they are. */
void members_import(struct queue *queue, struct str csv, bool dry_run, member_line_fn *say,
                    import_fn *fn, void *arg);

/* What a member may have opted out of; and their names, in this order. */
enum member_channel { MEMBER_SMS = 1, MEMBER_ZALO = 2, MEMBER_TELEGRAM = 4 };
enum { MEMBER_CHANNELS = 3 };
extern const char *const member_channels[MEMBER_CHANNELS];

/* A member; borrowed during the callback. */
struct member {
    uint32_t number;
    struct str id, name, phone; /* phone: as it was given */
    struct str address;         /* normalised, "" if none can be used */
    struct str zalo_uid, telegram_chat;
    struct str groups;  /* parted by ';' */
    struct str prefer;  /* channels that they would rather be told by, parted by ',' */
    unsigned opted_out; /* of which channels: bits of enum member_channel */
    bool shares;        /* its phone with an earlier member */
};
/* By id, or by phone in any spelling.  `member` is NULL without `err`: there is none. */
typedef void member_fn(void *arg, const struct member *member, const struct err *err);
void members_show(struct queue *queue, const char *id_or_phone, member_fn *fn, void *arg);

/* Which members: those of `only` (borrowed during the call; NULL: all) from directory number `from`
 * on, at most `most` (1,000). */
struct members_page {
    const struct bitmap *only;
    uint32_t from, most;
};
/* Calls `each` for them in the directory's order, then `fn`.  `next` is where to go on, 0: that was
 * the last. */
typedef void member_each_fn(void *arg, const struct member *member);
typedef void members_page_fn(void *arg, uint32_t next, const struct err *err);
void members_list(struct queue *queue, const struct members_page *page, member_each_fn *each,
                  members_page_fn *fn, void *arg);

/* Each group with its size, by name; then `fn`. */
typedef void group_each_fn(void *arg, struct str group, uint64_t members_n);
void members_groups(struct queue *queue, group_each_fn *each, queue_done *fn, void *arg);

/* Which of the directory numbers in `runs` ("0-199,201") have opted out of `channel`: `bits[i]` is
 * 1 for the i-th number of the runs.  Looked at again when a chunk is claimed. */
typedef void opted_out_fn(void *arg, const uint8_t *bits, size_t n, const struct err *err);
void members_opted_out(struct queue *queue, const char *channel, struct str runs, opted_out_fn *fn,
                       void *arg);

/* The names of the directory numbers in `runs`, as the directory has them now: `names[i]` is that
 * of the i-th number, empty if there is none.  Borrowed during the callback. */
typedef void names_fn(void *arg, const struct str *names, size_t n, const struct err *err);
void members_names(struct queue *queue, struct str runs, names_fn *fn, void *arg);

#endif
