/* Annotations on their way from one program's data set to another's.
 *
 * Of each item (a picture, or a region of one) there is one annotation. The strings belong
 * to the data set. */
#ifndef FORMATS_DATASET_H
#define FORMATS_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "formats/pictures.h"
#include "store/labels.h"

#define DATASET_EXAMPLES 3    /* names that are remembered for messages */
#define DATASET_MAX 20000000u /* annotations */

/* What became of the names in a source. */
struct dataset_report {
    size_t by_path, by_base_name; /* annotations matched, and how */
    size_t missing, ambiguous;    /* left out: no such picture; several of that name */
    size_t unlabeled;             /* entries without a class, left out */
    size_t repeated;              /* said again what was said already */
    size_t clipped;               /* regions that reached out of the picture, or had no area */
    bool several;                 /* an item has several classes */
    char examples[DATASET_EXAMPLES][256]; /* names that were left out, "" behind the last */
    char note[256];                       /* what else the user should know of the source, or "" */
};

struct dataset;

/* Matches names to `pictures`, which must outlive it. */
struct dataset *dataset_new(struct pictures *pictures, const char *annotator);
void dataset_free(struct dataset *d);

/* Several annotations of one item are joined with '|'; else they are an error. */
void dataset_join(struct dataset *d);

struct pictures *dataset_pictures(const struct dataset *d);
struct dataset_report *dataset_report(struct dataset *d);
size_t dataset_count(const struct dataset *d);

/* count annotations, in the order in which they were added. Their file_name is relative to
 * the folder of the pictures, and may be replaced by the caller. */
struct annotation *dataset_items(struct dataset *d);

/* A place in a source: "FILE:LINE" or "FILE: LIST[INDEX]". */
struct place {
    const char *file;
    uint64_t line;    /* from 1; 0: none */
    const char *list; /* of a JSON file; NULL: none */
    size_t index;
};

#define PLACE_TEXT_MAX 400
void place_text(const struct place *at, char out[PLACE_TEXT_MAX]);

/* One entry of a source. */
struct sample {
    struct place at;
    const char *name;
    size_t name_len;
    const char *label; /* a class, or several with '|'; blanks at its ends are dropped */
    size_t label_len;
    const double *box;        /* left, top, width, height in pixels; NULL: the whole picture */
    enum label_status status; /* STATUS_UNANSWERED: labeled if there is a label */
    const char *guess;        /* NULL: none */
    size_t guess_len;
    float confidence; /* < 0: none */
};

/* The picture of a name; false, counted as left out, if there is none. */
bool dataset_find(struct dataset *d, const char *name, size_t len, uint32_t *picture);

/* Adds an entry, or counts why it is left out. False if it is not valid: a class name that
 * cannot be one, or two classes for one item. */
bool dataset_add(struct dataset *d, const struct sample *s, struct error *err);
bool dataset_add_to(struct dataset *d, uint32_t picture, const struct sample *s, struct error *err);

/* Adds an annotation as it is, for a source that has all of its values. */
bool dataset_add_annotation(struct dataset *d, const struct annotation *a, struct error *err);

#endif
