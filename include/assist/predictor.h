/* Batch inference: a model applied to many items, on several threads, results in order. */
#ifndef ASSIST_PREDICTOR_H
#define ASSIST_PREDICTOR_H

#include "catalog/catalog.h"
#include "learn/classifier.h"

/* Receives the results in the catalog's order, on the thread that called predict_all().
 * probabilities: classifier_outputs() values, or NULL when the picture could not be read,
 * with the reason in `why`. Return false to stop. */
typedef bool predict_fn(void *context, const char *path, const struct region *region,
                        const float *probabilities, const struct error *why, struct error *err);

struct predict_totals {
    size_t pictures, failed;
    int64_t wall_ns;
    struct runner_times times; /* sums over all threads */
};

/* Predicts every item of a complete catalog with `jobs` >= 1 threads. */
bool predict_all(const struct classifier *classifier, const struct catalog *catalog, int jobs,
                 predict_fn *fn, void *context, struct predict_totals *totals, struct error *err);

#endif
