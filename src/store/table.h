/* The answers in memory: every picture ever named, its current answer, the
 * order of the answers and their counts. A million pictures take about 100
 * bytes each, their names included. */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "row.h"

#define TABLE_NO_PICTURE UINT32_MAX

/* An answer without its picture; labels and the like as string numbers. All
 * zero but for the two absents: unanswered. */
struct record {
    int64_t labeled_at;
    uint32_t label, guess, annotator;
    uint32_t seconds_ms;
    int16_t confidence;
    uint8_t status;
};

struct picture {
    const char *name;
    uint32_t hash;
    uint32_t before, after; /* neighbours in the order of the answers */
    struct record now;
};

struct table_string {
    const char *text;
    uint32_t len;
    uint32_t used; /* current answers with this label */
};

struct table {
    struct picture *pictures;
    size_t picture_count, picture_cap;
    uint32_t *index;  /* picture number + 1 by hash, 0: free */
    size_t index_cap; /* a power of two, or 0 */
    struct map string_map;
    struct table_string *strings; /* [0] is "" */
    size_t string_count, string_cap;
    char **blocks; /* the bytes of names and strings */
    size_t block_count, block_cap;
    size_t block_used, block_size; /* of the last block */
    uint32_t first, last;          /* answered pictures, or TABLE_NO_PICTURE */
    size_t counts[STATUS_COUNT];
};

extern const struct record record_unanswered;

bool record_equal(const struct record *a, const struct record *b);

bool table_init(struct table *t);
void table_release(struct table *t);

/* The number of a picture, new or known; false when memory is out or there
 * are LABELS_ROWS_MAX. */
bool table_add(struct table *t, const char *name, size_t len, uint32_t *picture);

/* TABLE_NO_PICTURE if it is not known. */
uint32_t table_lookup(const struct table *t, const char *name, size_t len);

/* False when memory is out. */
bool table_record(struct table *t, const struct row *row, struct record *rec);

/* Makes rec the picture's answer and the last in the order, or takes the
 * picture out of it. Cannot fail. */
void table_set(struct table *t, uint32_t picture, const struct record *rec);

void table_row(const struct table *t, uint32_t picture, const struct record *rec, struct row *row);
void table_answer(const struct table *t, uint32_t picture, const struct record *rec,
                  struct answer *out);

/* The string's number, or UINT32_MAX. */
uint32_t table_string_lookup(const struct table *t, const char *text, size_t len);

#endif
