/* Pictures with regions as items, for the tests of the layers that list and answer them. */
#ifndef TESTS_SUPPORT_REGION_ITEMS_H
#define TESTS_SUPPORT_REGION_ITEMS_H

#include <string.h>

#include "base/mem.h"
#include "catalog/catalog.h"
#include "listing.h"

/* 1.jpg is whole, 2.jpg has three regions, out of order, and is an item itself, 3.jpg is left
 * out, 4.jpg has one of 2.jpg's regions. */
static const struct region of_2[] = {
    { 9, 40, 5, 5 }, { 20, 7, 64, 48 }, { 0, 0, 0, 0 }, { 3, 7, 64, 48 }
};
static const struct region of_4[] = { { 20, 7, 64, 48 } };
#define ITEMS 6

/* For catalog_source.regions; context: a size_t that counts the calls. */
static inline size_t regions_of(void *context, const char *path, const struct region **list)
{
    const char *slash = strrchr(path, '/');
    size_t *calls = context;

    *calls += 1;
    switch (slash ? slash[1] : path[0]) {
    case '2':
        *list = of_2;
        return ARRAY_LEN(of_2);
    case '3':
        return CATALOG_LEAVE_OUT;
    case '4':
        *list = of_4;
        return ARRAY_LEN(of_4);
    default:
        return 0;
    }
}

/* Names of the pictures and regions of all items, in their order. */
static const char *const titles[ITEMS] = {
    "1.jpg",
    "2.jpg",
    "2.jpg [3,7 64x48]",
    "2.jpg [20,7 64x48]",
    "2.jpg [9,40 5x5]",
    "4.jpg [20,7 64x48]",
};

/* Creates the pictures in a folder. */
static inline void touch_regions(const char *folder)
{
    for (char name[] = "1.jpg"; name[0] <= '4'; name[0]++) {
        touch(folder, name);
    }
}

#endif
