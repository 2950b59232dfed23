#include "network_report.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "learn/backbone.h"
#include "learn/embedder.h"

#define RUNS_MAX 31
#define RUNS_MIN 3
#define RUNS_NS 200000000 /* of all runs together */

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* A PPM of the input's size: nothing to scale, next to nothing to decode. */
static bool make_picture(struct buf *picture, struct nn_image_shape shape)
{
    size_t bytes = (size_t)shape.width * (size_t)shape.height * 3;
    buf_addf(picture, "P6 %d %d 255\n", shape.width, shape.height);
    for (size_t i = 0; i < bytes && !picture->failed; i++) {
        buf_addc(picture, (char)(i % 251));
    }
    return !picture->failed;
}

static bool measure(struct network_report *r, const struct embedder *e, struct error *err)
{
    int64_t times[RUNS_MAX];
    size_t runs = 0;
    struct buf picture = BUF_INIT;
    struct embed_runner *runner = embed_runner_new(e, err);
    float *values = mem_array(embedder_dims(e), sizeof *values);
    bool ok = runner && ((values && make_picture(&picture, embedder_input(e))) ||
                         error_nomem(err, embedder_dims(e) * sizeof *values, "a picture"));
    int64_t start = clock_monotonic_ns();
    while (ok && runs < RUNS_MAX && (runs < RUNS_MIN || clock_monotonic_ns() - start < RUNS_NS)) {
        int64_t before = clock_monotonic_ns();
        ok = embed_run(runner, picture.data, picture.len, NULL, values, NULL, err);
        times[runs++] = clock_monotonic_ns() - before;
    }
    if (ok) {
        qsort(times, runs, sizeof *times, compare_times);
        r->ms = (double)times[runs / 2] / 1e6;
    }
    free(values);
    embed_runner_free(runner);
    buf_release(&picture);
    return ok;
}

static bool examine(struct network_report *r, const char *path, const struct settings *s,
                    struct error *err)
{
    struct stat st;
    struct classifier_options options;
    if (!model_choice_options(&r->choice, s, &options, err)) {
        return false;
    }
    options.input_given &= path != NULL;
    struct embedder *e = embedder_new(path, &options, err);
    if (!e || !measure(r, e, err)) {
        embedder_free(e);
        return false;
    }
    r->width = embedder_input(e).width;
    r->height = embedder_input(e).height;
    r->features = embedder_dims(e);
    embedder_free(e);
    if (!path) {
        backbone_bytes(&r->bytes);
    } else if (stat(path, &st) == 0) {
        r->bytes = (size_t)st.st_size;
    }
    return true;
}

bool network_report_make(struct network_report *r, const struct settings *s, struct error *err)
{
    *r = (struct network_report){ 0 };
    model_choose(&r->choice, s);
    if (r->choice.source == MODEL_NONE) {
        return true;
    }
    if (examine(r, r->choice.path, s, &r->trouble)) {
        r->trouble = (struct error){ ERROR_NONE, "" };
        return true;
    }
    if (r->choice.source == MODEL_NAMED) {
        return true;
    }
    return examine(r, NULL, s, err);
}

void network_report_release(struct network_report *r)
{
    model_choice_release(&r->choice);
}
