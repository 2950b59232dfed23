/* A picture's annotations as an object of JSON: a line of metadata.jsonl, or a file of its own. */
#ifndef FORMATS_JSONL_H
#define FORMATS_JSONL_H

#include "json.h"

/* Which members all objects of an export have, of the same types: readers of tables ask for
 * that. */
struct jsonl_form {
    bool whole, several, regions;
};

struct jsonl_form jsonl_form(const struct export *e);

/* Appends the object of a picture, and a newline. */
void jsonl_add(const struct export *e, const struct export_picture *p,
               const struct jsonl_form *form, struct buf *out);

/* The name of an object's picture; NULL: none. */
const char *jsonl_name(const json_t *entry);

bool jsonl_has_label(const json_t *entry);

/* Adds what an object says to the picture. */
bool jsonl_read_entry(struct dataset *d, uint32_t picture, const struct json_item *item,
                      struct error *err);

#endif
