/* The answers in memory: every picture ever named, an entry for each person who
 * ever answered it, the order of the answers, and their counts. A million
 * pictures take about 130 bytes each, their names included.
 *
 * A picture's current answer is the one written last, whoever gave it. An entry
 * that goes back in time (an undo brings back what its person had answered
 * before) goes back in the order too: behind it come, in their order, the
 * picture's answers that are later. So taking back brings back what was current
 * before, and the order is that of the file, which tells it again. */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "row.h"

#define TABLE_NONE UINT32_MAX /* no picture, no entry */

/* An answer without its picture and who gave it; labels as string numbers. All
 * zero but for the two absents: unanswered. */
struct record {
    int64_t labeled_at;
    uint32_t label, guess;
    uint32_t seconds_ms;
    int16_t confidence;
    uint8_t status;
};

struct picture {
    const char *name;
    uint32_t hash;
    uint32_t entries; /* the first one, or TABLE_NONE */
    uint32_t current; /* the answer written last, or TABLE_NONE */
};

/* What one person answered for one picture. */
struct entry {
    uint32_t picture;
    uint32_t annotator;
    uint32_t next;          /* of the same picture, in no order */
    uint32_t before, after; /* neighbours in the order of the answers */
    uint64_t place;         /* grows with that order */
    uint32_t written;       /* the name that stands in the file, if it is another; else 0 */
    uint32_t foreign;       /* what it has in foreign columns */
    bool ordered;           /* in the order: it has an answer, or something to keep */
    bool listed;            /* the file names the picture, with neither label nor status */
    struct record now;
};

struct table_string {
    const char *text;
    uint32_t len;
    uint32_t used; /* pictures whose current answer has this label */
};

struct table {
    struct picture *pictures;
    size_t picture_count, picture_cap;
    struct entry *entries;
    size_t entry_count, entry_cap;
    uint32_t *index;  /* picture number + 1 by hash, 0: free */
    size_t index_cap; /* a power of two, or 0 */
    struct map string_map;
    struct table_string *strings; /* [0] is "" */
    size_t string_count, string_cap;
    char **blocks; /* the bytes of names and strings */
    size_t block_count, block_cap;
    size_t block_used, block_size; /* of the last block */
    uint32_t first, last;          /* of the order, or TABLE_NONE */
    uint64_t places;               /* that were given */
    size_t counts[STATUS_COUNT];   /* of pictures, by their current answers */
};

extern const struct record record_unanswered;

bool record_equal(const struct record *a, const struct record *b);

bool table_init(struct table *t);
void table_release(struct table *t);

/* The number of a picture, new or known; false when memory is out or there
 * are LABELS_ROWS_MAX. */
bool table_add(struct table *t, const char *name, size_t len, uint32_t *picture);

/* TABLE_NONE if it is not known. */
uint32_t table_lookup(const struct table *t, const char *name, size_t len);

/* False when memory is out. */
bool table_record(struct table *t, const struct row *row, struct record *rec);

/* The entry of a person, new or known; false when memory is out. */
bool table_entry(struct table *t, uint32_t picture, uint32_t annotator, uint32_t *entry);

/* TABLE_NONE if there is none. */
uint32_t table_entry_lookup(const struct table *t, uint32_t picture, uint32_t annotator);

/* The entry that a row is about, and what it makes of it. A row that takes back
 * and names nobody, as those of version 0.1.0 do, is about the answer that is
 * current. An entry that is only listed is that of whoever answers first. False
 * when memory is out. */
bool table_place(struct table *t, const struct row *row, uint32_t *entry, struct record *rec);

/* Notes what a row of the file says of an entry besides its answer. False when
 * memory is out. */
bool table_note(struct table *t, uint32_t entry, const struct row *row);

/* Makes rec the entry's answer, the last in the order unless it goes back in
 * time, or takes the entry out of the order. Cannot fail. */
void table_set(struct table *t, uint32_t entry, const struct record *rec);

void table_row(const struct table *t, uint32_t entry, const struct record *rec, struct row *row);
void table_answer(const struct table *t, uint32_t entry, const struct record *rec,
                  struct answer *out);

/* The string's number, new or known; false when memory is out. */
bool table_string(struct table *t, const char *text, size_t len, uint32_t *id);

/* The string's number, or UINT32_MAX. */
uint32_t table_string_lookup(const struct table *t, const char *text, size_t len);

#endif
