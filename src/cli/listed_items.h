/* The items that a CSV lists, pictures and regions of them: for catalog_source.regions, or
 * as a list of pictures by itself. */
#ifndef CLI_LISTED_ITEMS_H
#define CLI_LISTED_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/map.h"
#include "catalog/catalog.h"
#include "store/labels.h"
#include "store/names.h"

enum listed_which { /* flags */
                    LISTED_ALL = 0,
                    LISTED_ANSWERED = 1, /* only items with an answer or a note */
                    LISTED_ALONE =
                        2, /* pictures that the CSV does not name are left out of a listing */
                    LISTED_AS_FILED =
                        4, /* in the CSV's order. Otherwise by name, and those of one picture
                              by region_compare(): an answer moves its row to the end of the
                              CSV, which must not change the order of the next session */
};

struct listed_picture {
    char *name;          /* file_name */
    size_t first, count; /* its items: region[first] … */
};

struct listed_items {
    struct names names; /* from the CSV's folder */
    bool alone;
    struct listed_picture *pictures;
    size_t count, cap;
    struct region *regions;
    size_t region_count;
    struct map by_name; /* index in pictures */
    char **paths;       /* of the pictures, valid in the working folder */
};

/* Copies what it needs from the labels. On failure nothing is to be released. */
bool listed_items_init(struct listed_items *l, const struct labels *labels, const char *csv,
                       unsigned which, struct error *err);
void listed_items_release(struct listed_items *l);

/* Opens a CSV that must exist, to be read only. */
struct labels *open_listed(const char *csv, struct error *err);

/* ERROR_DATA if the CSV lists pictures and none of them exists: its names may be meant for
 * another folder. */
bool listed_items_exist(const struct listed_items *l, const char *csv, struct error *err);

/* For catalog_source.regions; context is the struct listed_items. One thread at a time. */
size_t listed_items_of(void *context, const char *path, const struct region **list);

/* Makes the pictures of the list, existing or not, the source of a catalog. */
void listed_items_source(struct listed_items *l, struct catalog_source *source);

#endif
