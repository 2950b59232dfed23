#include "results.h"

#include <stdlib.h>

#include "base/mem.h"

#define RESULTS_MAX 512

static void free_result(struct result *r)
{
    free(r->classes);
    free(r);
}

void results_release(struct results *r)
{
    while (r->newest) {
        struct result *next = r->newest->next;
        free_result(r->newest);
        r->newest = next;
    }
    r->count = 0;
}

const struct result *results_find(const struct results *r, uint32_t id)
{
    const struct result *result = r->newest;
    while (result && result->id != id) {
        result = result->next;
    }
    return result;
}

void results_keep(struct results *r, struct result *result)
{
    struct result **at = &r->newest;
    while (*at && (*at)->id != result->id && ((*at)->next || r->count < RESULTS_MAX)) {
        at = &(*at)->next;
    }
    if (*at) {
        struct result *old = *at;
        *at = old->next;
        free_result(old);
        r->count--;
    }
    result->next = r->newest;
    r->newest = result;
    r->count++;
}

struct result *result_new(size_t class_count, uint32_t id)
{
    struct result *r = calloc(1, sizeof *r);
    float *classes = mem_array(class_count, sizeof *classes);
    if (!r || !classes) {
        free(classes);
        free(r);
        return NULL;
    }
    r->id = id;
    r->count = class_count;
    r->classes = classes;
    return r;
}
