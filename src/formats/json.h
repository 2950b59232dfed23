/* JSON of other programs, one value at a time: only the value that is read lies in memory as a
 * tree, however large the file is. Read by Jansson, which limits the depth (2048) and refuses
 * what is not valid. */
#ifndef FORMATS_JSON_H
#define FORMATS_JSON_H

#include <jansson.h>

#include "format.h"

struct json_item {
    struct place at;     /* "FILE: LIST[INDEX]", or "FILE:LINE" */
    const char *key;     /* of json_each_member(): the member of the outer object; else NULL */
    const char *name;    /* the member of an object in that; NULL: an item of an array */
    const json_t *value; /* until the function returns */
};

typedef bool json_fn(void *context, const struct json_item *item, struct error *err);

/* Calls fn for each value of a file of values, one after another. */
bool json_each_value(const struct source *s, json_fn *fn, void *context, struct error *err);

/* For each item of an array. */
bool json_each_item(const struct source *s, json_fn *fn, void *context, struct error *err);

/* For each item of each array in an object, and each member of each object in it. Other members
 * are passed over. */
bool json_each_member(const struct source *s, json_fn *fn, void *context, struct error *err);

/* The first value of the file, item of its array, or the object itself if it is small (its
 * first 64 KiB); NULL if there is none. For recognising: release it with json_decref(). */
json_t *json_first(const struct source *s, char opening);

/* ERROR_DATA for an item: "PLACE: WHAT". */
bool json_bad(const struct json_item *item, const char *what, struct error *err);

/* A string, or NULL; its bytes without a NUL in between. */
const char *json_text(const json_t *object, const char *key);

/* Numbers of an array of exactly that many. */
bool json_numbers(const json_t *array, size_t count, double *out);

/* A label of a value: a string, a whole number, or an array of them with '|' between. False if
 * it is none. */
bool json_label(const json_t *value, struct buf *out);

/* Appends a string in quotes. */
void json_add(struct buf *out, const char *text, size_t len);

#endif
