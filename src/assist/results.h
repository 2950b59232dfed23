/* The newest predictions, of a bounded number of pictures. Used under the guesser's lock. */
#ifndef ASSIST_RESULTS_H
#define ASSIST_RESULTS_H

#include <stddef.h>
#include <stdint.h>

#include "assist/assist.h"

struct result {
    uint32_t id;
    unsigned version; /* of the model that made it */
    unsigned list;    /* the class list that it is for */
    struct guess guess;
    size_t count; /* of classes */
    float *classes;
    struct result *next;
};

struct results {
    struct result *newest;
    size_t count;
};

void results_release(struct results *r);

/* The picture's, or NULL. */
const struct result *results_find(const struct results *r, uint32_t id);

/* Replaces the picture's older result or, if there is none and the list is full, the oldest;
 * owns the new one. */
void results_keep(struct results *r, struct result *result);

/* For a picture and that many classes; NULL when out of memory. */
struct result *result_new(size_t class_count, uint32_t id);

#endif
