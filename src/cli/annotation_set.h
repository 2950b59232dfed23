/* The annotations of several labels files together: who said what of which item.
 *
 * Items are the same if file_name, as the store reads it, and region are. An annotator is a
 * name in a file; a name that is in several files is as many annotators, named "ada (A.csv)",
 * as files of different people may well have the same login name. Rows without an annotator
 * belong to the name of their file. Of a row, "labeled" and "none" are annotations; "skipped"
 * and "unsure" are counted as missing. */
#ifndef CLI_ANNOTATION_SET_H
#define CLI_ANNOTATION_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agree/agreement.h"
#include "base/error.h"
#include "base/map.h"
#include "base/region.h"

struct set_item {
    const char *name; /* as of the store */
    struct region region;
    uint32_t file; /* the first that lists it */
    bool shared;   /* others list it, too */
};

/* What an annotation says: a class, several, or "none". */
struct set_value {
    const char *label;   /* as in a CSV; "" for none. Several classes are sorted */
    size_t first, count; /* its classes, in class_list */
};

struct set_annotator {
    const char *name; /* as in the file, or "" */
    uint32_t file;
    char *title;      /* as shown */
    uint64_t missing; /* skipped or unsure */
};

struct set_file {
    char *path;
    char *title; /* as shown: the last part of the path, or all of it */
    uint64_t items;
    uint64_t alone; /* items that no other file lists */
};

struct annotation_set {
    bool multi;
    struct set_file *files;
    size_t file_count;
    struct set_item *items;
    size_t item_count, item_cap;
    struct set_annotator *annotators;
    size_t annotator_count, annotator_cap;
    struct set_value *values;
    size_t value_count, value_cap;
    const char **classes; /* their names; "(none)" for none */
    size_t class_count, class_cap;
    uint32_t *class_list; /* of the values, one after the other */
    size_t class_list_count, class_list_cap;
    uint32_t none_class; /* index in classes, or UINT32_MAX if nobody said "none" */
    struct rating *ratings;
    size_t rating_count, rating_cap;
    uint64_t missing;
    /* Where the strings are, and the way from text to number. */
    char **blocks;
    size_t block_count, block_cap, block_used, block_size;
    struct map item_map, value_map, class_map;
};

#define CLASS_NONE_NAME "(none)"
#define SET_ANNOTATORS_MAX 100

/* Reads the files, of a folder its labels.csv. '|' in label separates classes if `multi`, or
 * if the class list beside one of the files says so. Release in
 * any case. */
bool annotation_set_read(struct annotation_set *set, char *const *operands, size_t count,
                         bool multi, struct error *err);
void annotation_set_release(struct annotation_set *set);

/* The patterns of the annotations; release with ratings_release() in any case. */
bool annotation_set_ratings(const struct annotation_set *set, struct ratings *r, struct error *err);

/* What is shown for a value: its label, or CLASS_NONE_NAME. */
const char *annotation_set_value(const struct annotation_set *set, uint32_t value);

#endif
