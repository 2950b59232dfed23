#include "prior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool prior_init(struct prior *p, const char *model_path, size_t outputs,
                const struct nn_labels *names, const struct classes *classes, struct error *err)
{
    *p = (struct prior){ .class_count = classes->count };
    if (!names || !names->count) {
        return true;
    }
    if (outputs != names->count) {
        return error_set(err, ERROR_DATA, "%s: the model has %zu outputs, but %zu class names",
                         model_path, outputs, names->count);
    }
    p->outputs = outputs;
    p->class_of = mem_array(outputs, sizeof *p->class_of);
    p->share = mem_array(outputs, sizeof *p->share);
    if (!p->class_of || !p->share) {
        prior_release(p);
        return error_nomem(err, outputs * sizeof *p->class_of, "the classes of a model");
    }
    for (size_t i = 0; i < outputs; i++) {
        size_t class = classes_find(classes, names->names[i]);
        p->class_of[i] = class < classes->count ? class : PRIOR_NO_CLASS;
        p->known += class < classes->count;
    }
    return true;
}

void prior_release(struct prior *p)
{
    free(p->class_of);
    free(p->share);
    *p = (struct prior){ 0 };
}

void prior_guess(struct prior *p, const float *logits, float *probabilities)
{
    float top = -INFINITY;
    float sum = 0.0f;
    memset(probabilities, 0, p->class_count * sizeof *probabilities);
    for (size_t i = 0; i < p->outputs; i++) {
        top = fmaxf(top, logits[i]);
    }
    for (size_t i = 0; i < p->outputs; i++) {
        p->share[i] = expf(logits[i] - top);
        sum += p->share[i];
    }
    for (size_t i = 0; i < p->outputs; i++) {
        if (p->class_of[i] != PRIOR_NO_CLASS) {
            probabilities[p->class_of[i]] += p->share[i] / sum;
        }
    }
}
