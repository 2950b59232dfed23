#include "base/blas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define LIBRARY "libopenblas.so.0"

/* A library can be loaded but once for the whole process. */
static struct {
    pthread_once_t once;
    bool there;
    char why[200];
    struct blas blas;
} loaded = { .once = PTHREAD_ONCE_INIT };

static bool find(void *library, const char *name, void *function, size_t size)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, size);
    return symbol != NULL;
}

static void load(void)
{
    struct blas *b = &loaded.blas;
    const struct {
        const char *name;
        void *function;
    } wanted[] = {
        { "cblas_sgemm", &b->sgemm },
        { "cblas_ssyrk", &b->ssyrk },
        { "cblas_strsm", &b->strsm },
        { "spotrf_", &b->spotrf },
        { "openblas_set_num_threads", &b->set_num_threads },
        { "openblas_get_config", &b->get_config },
        { "openblas_get_corename", &b->get_corename },
    };
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    loaded.there = library != NULL;
    for (size_t i = 0; loaded.there && i < ARRAY_LEN(wanted); i++) {
        loaded.there = find(library, wanted[i].name, wanted[i].function, sizeof(void *));
    }
    if (loaded.there) {
        b->set_num_threads(1);
    } else {
        snprintf(loaded.why, sizeof loaded.why, "%s", dlerror());
    }
}

bool blas_start(struct error *err)
{
    pthread_once(&loaded.once, load);
    return loaded.there || error_set(err, ERROR_IO, "%s (learning needs it)", loaded.why);
}

const struct blas *blas(void)
{
    pthread_once(&loaded.once, load);
    return &loaded.blas;
}
