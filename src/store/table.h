/* The annotations in memory: every item ever named, an entry for each annotator who ever
 * answered it, the order of the annotations, and their counts. With a million pictures about
 * 150 bytes per picture, names included.
 *
 * An item's current annotation is the one written last, whoever gave it. If an undo restores
 * an annotator's earlier one, the item's annotations with later times are moved behind it, in
 * their order. So undo makes current what was current before, and the order equals that of
 * the file. An annotation that is replaced by one of the same time was amended: it keeps its
 * place. */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash_table.h"
#include "base/map.h"
#include "row.h"

#define TABLE_NONE HASH_TABLE_NONE /* no item, no entry */

/* An annotation without item and annotator; strings by number. record_unanswered is all zero
 * except for confidence and seconds; without an answer, only the note may differ from it. */
struct record {
    int64_t labeled_at;
    uint32_t label, guess, source, note;
    uint32_t seconds_ms;
    int16_t confidence;
    uint8_t status;
    bool checked;
};

/* A picture, or a region of one. */
struct item {
    const char *name; /* of the picture */
    uint32_t region;  /* 1 + its index in `regions`; 0: the whole picture */
    uint32_t hash;
    uint32_t entries; /* the first one, or TABLE_NONE */
    uint32_t current; /* the answer written last, or TABLE_NONE */
};

/* One annotator's annotation of one item. */
struct entry {
    uint64_t place; /* increases along the order of the answers */
    uint32_t item;
    uint32_t annotator;
    uint32_t next;          /* entry of the same item, unordered */
    uint32_t before, after; /* neighbours in the order of the answers */
    uint32_t written;       /* string: spelling of the name in the file; 0: as usual */
    uint32_t foreign;       /* string: values of the foreign columns; 0: none */
    uint32_t epoch : 30;    /* the last one in which the session wrote a row for it */
    bool ordered : 1;       /* part of the order: has an answer, or data to keep */
    bool listed : 1;        /* keeps a row with neither label nor status when its answer is
                               undone: it has one in the file, or that lists regions, and
                               the item would be lost otherwise */
    struct record now;
};

struct table_string {
    const char *text;
    uint32_t len;
    uint32_t used; /* items whose current annotation has this class */
};

struct table {
    bool multi; /* several classes in a label */
    struct item *items;
    size_t item_count, item_cap;
    struct region *regions; /* one per item that is a region */
    size_t region_count, region_cap;
    struct entry *entries;
    size_t entry_count, entry_cap;
    struct hash_table index; /* of the items, by name and region */
    struct map string_map;
    struct table_string *strings; /* [0] is "" */
    size_t string_count, string_cap;
    char **blocks; /* the bytes of names and strings */
    size_t block_count, block_cap;
    size_t block_used, block_size; /* of the last block */
    uint32_t first, last;          /* of the order, or TABLE_NONE */
    uint64_t places;               /* the last `place` assigned */
    size_t counts[STATUS_COUNT];   /* items by the status of their current annotation */
};

extern const struct record record_unanswered;

bool record_equal(const struct record *a, const struct record *b);

bool table_init(struct table *t, bool multi);
void table_release(struct table *t);

/* The number of a new or known item; false when out of memory or if there are
 * LABELS_ROWS_MAX items. */
bool table_add(struct table *t, const struct span *name, const struct region *region,
               uint32_t *item);

/* The number of an item, or TABLE_NONE. */
uint32_t table_lookup(const struct table *t, const char *name, const struct region *region);

/* The region of an item of the table. */
const struct region *table_region(const struct table *t, const struct item *it);

/* Converts the annotation of a row. False when out of memory. */
bool table_record(struct table *t, const struct row *row, struct record *rec);

/* The entry of an item and annotator, new or known; false when out of memory. */
bool table_entry(struct table *t, uint32_t item, uint32_t annotator, uint32_t *entry);

/* The entry of an item and annotator, or TABLE_NONE. */
uint32_t table_entry_lookup(const struct table *t, uint32_t item, uint32_t annotator);

/* Finds or adds the entry of a row, and converts its annotation. An undo row without an
 * annotator, as version 0.1.0 wrote them, belongs to the current annotation. An entry that is
 * only listed, or predicted, is taken over by the first annotator to answer. False when out of
 * memory. */
bool table_place(struct table *t, const struct row *row, uint32_t *entry, struct record *rec);

/* Keeps what a row of the file has besides the answer: spelling of the name, foreign
 * columns, listed (lists: each row of the file lists its item). False when out of memory. */
bool table_note(struct table *t, uint32_t entry, const struct row *row, bool lists);

/* Sets the entry's annotation and moves it to the end of the order (if its time goes back,
 * before the item's later ones; if it was amended, not at all). An unanswered entry leaves
 * the order, unless it has data to keep. Cannot fail. */
void table_set(struct table *t, uint32_t entry, const struct record *rec);

/* After table_set() by an undo: moves the item's annotations with later times behind it. True
 * if there were any. */
bool table_restore(struct table *t, uint32_t entry);

void table_row(const struct table *t, uint32_t entry, const struct record *rec, struct row *row);
void table_annotation(const struct table *t, uint32_t entry, const struct record *rec,
                      struct annotation *out);

/* The note on an item that has no annotation: the number of a string, 0 if there is none. */
uint32_t table_note_of(const struct table *t, uint32_t item);

/* The number of a new or known string; false when out of memory. */
bool table_string(struct table *t, const char *text, size_t len, uint32_t *id);

/* The same for a label, and for the classes in it. */
bool table_label(struct table *t, const char *label, uint32_t *id);

/* The number of a string, or UINT32_MAX. */
uint32_t table_string_lookup(const struct table *t, const char *text, size_t len);

#endif
