#include "base/blas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "blas_memory.h"

#define LIBRARY "libopenblas.so.0"

/* The library is loaded once for the whole process. */
static struct {
    pthread_once_t once;
    bool there;
    struct error why;
    struct blas blas;
} loaded = { .once = PTHREAD_ONCE_INIT };

static bool find(void *library, const char *name, void *function, size_t size)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, size);
    return symbol != NULL;
}

static void load_library(void)
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
    if (!blas_room(1, &loaded.why)) {
        return;
    }
    /* Otherwise OpenBLAS starts threads, each of which takes a buffer and has to be joined
     * at exit. */
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    loaded.there = library != NULL;
    for (size_t i = 0; loaded.there && i < ARRAY_LEN(wanted); i++) {
        loaded.there = find(library, wanted[i].name, wanted[i].function, sizeof(void *));
    }
    if (!loaded.there) {
        error_set(&loaded.why, ERROR_IO, "%s (needed for learning)", dlerror());
        return;
    }
    b->set_num_threads(1);
    loaded.there = blas_take_buffer(b, &loaded.why);
}

bool blas_start(struct error *err)
{
    pthread_once(&loaded.once, load_library);
    if (!loaded.there && err) {
        *err = loaded.why;
    }
    return loaded.there;
}

const struct blas *blas(void)
{
    pthread_once(&loaded.once, load_library);
    return &loaded.blas;
}
