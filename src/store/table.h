/* The answers in memory: every picture ever named, an entry for each annotator who ever
 * answered it, the order of the answers, and their counts. With a million pictures about
 * 130 bytes per picture, names included.
 *
 * A picture's current answer is the one written last, whoever gave it. If an undo restores
 * an annotator's earlier answer, the picture's answers with later times are moved behind
 * it, in their order. So undo makes current what was current before, and the order equals
 * that of the file. */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "row.h"

#define TABLE_NONE UINT32_MAX /* no picture, no entry */

/* An answer without picture and annotator; strings by number. record_unanswered is all zero
 * except for confidence and seconds. */
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

/* One annotator's answer for one picture. */
struct entry {
    uint32_t picture;
    uint32_t annotator;
    uint32_t next;          /* entry of the same picture, unordered */
    uint32_t before, after; /* neighbours in the order of the answers */
    uint64_t place;         /* increases along that order */
    uint32_t written;       /* string: spelling of the name in the file; 0: as usual */
    uint32_t foreign;       /* string: values of the foreign columns; 0: none */
    bool ordered;           /* part of the order: has an answer, or data to keep */
    bool listed;            /* the file has a row for it with neither label nor status */
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
    uint64_t places;               /* the last `place` assigned */
    size_t counts[STATUS_COUNT];   /* pictures by the status of their current answer */
};

extern const struct record record_unanswered;

bool record_equal(const struct record *a, const struct record *b);

bool table_init(struct table *t);
void table_release(struct table *t);

/* The number of a new or known picture; false when out of memory or if there are
 * LABELS_ROWS_MAX pictures. */
bool table_add(struct table *t, const char *name, size_t len, uint32_t *picture);

/* The number of a picture, or TABLE_NONE. */
uint32_t table_lookup(const struct table *t, const char *name, size_t len);

/* Converts the answer of a row. False when out of memory. */
bool table_record(struct table *t, const struct row *row, struct record *rec);

/* The entry of a picture and annotator, new or known; false when out of memory. */
bool table_entry(struct table *t, uint32_t picture, uint32_t annotator, uint32_t *entry);

/* The entry of a picture and annotator, or TABLE_NONE. */
uint32_t table_entry_lookup(const struct table *t, uint32_t picture, uint32_t annotator);

/* Finds or adds the entry of a row, and converts its answer. An undo row without an
 * annotator, as version 0.1.0 wrote them, belongs to the current answer. An entry that is
 * only listed is taken over by the first annotator. False when out of memory. */
bool table_place(struct table *t, const struct row *row, uint32_t *entry, struct record *rec);

/* Keeps what a row of the file has besides the answer: spelling of the name, foreign
 * columns, listed. False when out of memory. */
bool table_note(struct table *t, uint32_t entry, const struct row *row);

/* Sets the entry's answer and moves it to the end of the order (if its time goes back, before
 * the picture's later answers). An unanswered entry leaves the order, unless it has data
 * to keep. Cannot fail. */
void table_set(struct table *t, uint32_t entry, const struct record *rec);

void table_row(const struct table *t, uint32_t entry, const struct record *rec, struct row *row);
void table_answer(const struct table *t, uint32_t entry, const struct record *rec,
                  struct answer *out);

/* The number of a new or known string; false when out of memory. */
bool table_string(struct table *t, const char *text, size_t len, uint32_t *id);

/* The number of a string, or UINT32_MAX. */
uint32_t table_string_lookup(const struct table *t, const char *text, size_t len);

#endif
