#include "teacher.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "nn/embedding.h"
#include "nn/preprocess.h"
#include "nn/run.h"

/* Pictures that the features' means and standard deviations are measured on. */
#define STANDARDIZE_PICTURES 512

/* Streams of the random numbers. */
enum { PLACE_STANDARDIZE = 21 };

/* The buffers of one thread. */
struct worker_buffers {
    struct nn_context *context;
    void *input;              /* of the model */
    float *view;              /* the picture, height x width x 3 */
    uint8_t *rgb;             /* the same */
    float *features, *logits; /* rows */
    int64_t ns;
    char pad[64]; /* each thread writes into its own cache lines */
};

/* Results by the number of the view, a scale and values of 8 bits each. */
struct view_cache {
    bool *known;
    float *scales;  /* of features and outputs, two a view */
    int8_t *values; /* features, then outputs */
};

struct teacher {
    struct nn_model *model;
    struct nn_image_shape shape;
    struct nn_input_spec spec;
    bool featured; /* has the features of nn/embedding.h */
    size_t features, classes, rows;
    float *mean, *inverse; /* of each feature; `inverse` of the standard deviation */
    const struct train_teacher *from;
    struct view_cache cache;
    struct worker_buffers *buffers;
    size_t workers;
};

size_t teacher_features(const struct teacher *t)
{
    return t->features;
}

size_t teacher_classes(const struct teacher *t)
{
    return t->classes;
}

/* ------------------------------------------------------------------ loading */

static size_t pixels(const struct teacher *t)
{
    return (size_t)t->shape.height * (size_t)t->shape.width * 3;
}

static size_t buffers_bytes(const struct teacher *t)
{
    return nn_model_arena_bytes(t->model) + nn_model_input(t->model)->bytes +
           pixels(t) * (sizeof(float) + 1) + t->rows * (t->features + t->classes) * sizeof(float);
}

static bool check_size(const struct teacher *t, struct error *err)
{
    if (t->shape.width > AUGMENT_SIDE_MAX || t->shape.height > AUGMENT_SIDE_MAX) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: cannot teach: its input is %d x %d pixels; the limit is %d",
                         t->from->name, t->shape.width, t->shape.height, AUGMENT_SIDE_MAX);
    }
    return true;
}

static size_t mebibytes(size_t bytes)
{
    return (bytes >> 20) + 1;
}

/* Takes the memory of the model, as a file and unpacked, and of the buffers. */
static bool take_memory(const struct teacher *t, size_t *memory_left, struct error *err)
{
    size_t bytes = 2 * t->from->len + t->workers * buffers_bytes(t);
    if (bytes > *memory_left) {
        return error_set(err, ERROR_USAGE,
                         "%s: this teacher needs %zu MiB for %zu threads, and %zu MiB are left; "
                         "raise --memory, or use fewer threads (--jobs)",
                         t->from->name, mebibytes(bytes), t->workers, *memory_left >> 20);
    }
    *memory_left -= bytes;
    return true;
}

static bool load(struct teacher *t, const struct train_teacher *from, struct error *err)
{
    struct nn_embedding_info info;
    t->model = nn_model_parse(from->bytes, from->len, from->name, err);
    if (!t->model) {
        return false;
    }
    if (!nn_model_image(t->model, &t->shape)) {
        return error_set(err, ERROR_UNSUPPORTED, "%s: cannot teach: its input is not a picture",
                         from->name);
    }
    t->spec = from->input;
    if (!from->input_given) {
        nn_input_spec_default(t->model, &t->spec);
    }
    t->classes = nn_model_classes(t->model);
    t->featured = nn_model_embedding(t->model, &info);
    t->features = t->featured ? info.channels : t->classes;
    return check_size(t, err);
}

static bool make_buffers(struct teacher *t, struct worker_buffers *buffers, struct error *err)
{
    buffers->context = nn_context_new(t->model, err);
    if (!buffers->context) {
        return false;
    }
    buffers->input = malloc(nn_model_input(t->model)->bytes);
    buffers->view = mem_array(pixels(t), sizeof *buffers->view);
    buffers->rgb = malloc(pixels(t));
    buffers->features = mem_array(t->rows * t->features, sizeof *buffers->features);
    buffers->logits = mem_array(t->rows * t->classes, sizeof *buffers->logits);
    return (buffers->input && buffers->view && buffers->rgb && buffers->features &&
            buffers->logits) ||
           error_nomem(err, buffers_bytes(t), "the teacher");
}

struct teacher *teacher_new(const struct train_teacher *from, size_t workers, size_t rows,
                            size_t *memory_left, struct error *err)
{
    struct teacher *t = calloc(1, sizeof *t);
    if (!t) {
        error_nomem(err, sizeof *t, "the teacher");
        return NULL;
    }
    t->from = from;
    t->workers = workers;
    t->rows = rows;
    bool ok = load(t, from, err) && take_memory(t, memory_left, err);
    if (ok) {
        t->buffers = mem_array(workers, sizeof *t->buffers);
        t->mean = mem_array(t->features, sizeof *t->mean);
        t->inverse = mem_array(t->features, sizeof *t->inverse);
        ok = (t->buffers && t->mean && t->inverse) ||
             error_nomem(err, t->features * sizeof *t->mean, "the teacher");
    }
    for (size_t w = 0; ok && w < workers; w++) {
        ok = make_buffers(t, &t->buffers[w], err);
    }
    if (!ok) {
        teacher_free(t);
        return NULL;
    }
    for (size_t i = 0; i < t->features; i++) {
        t->inverse[i] = 1;
    }
    return t;
}

void teacher_free(struct teacher *t)
{
    if (!t) {
        return;
    }
    for (size_t w = 0; t->buffers && w < t->workers; w++) {
        nn_context_free(t->buffers[w].context);
        free(t->buffers[w].input);
        free(t->buffers[w].view);
        free(t->buffers[w].rgb);
        free(t->buffers[w].features);
        free(t->buffers[w].logits);
    }
    free(t->buffers);
    free(t->mean);
    free(t->inverse);
    free(t->cache.known);
    free(t->cache.scales);
    free(t->cache.values);
    nn_model_free(t->model);
    free(t);
}

/* ------------------------------------------------------------------ running */

static void fill_input(const struct teacher *t, struct worker_buffers *buffers,
                       const struct teacher_view *view)
{
    struct random random = view->random ? *view->random : random_start(0, 0);
    augment_view(view->picture, view->side, view->augment, view->random ? &random : NULL,
                 buffers->view, t->shape.width, t->shape.height);
    for (size_t i = 0; i < pixels(t); i++) {
        buffers->rgb[i] = (uint8_t)(buffers->view[i] + 0.5f);
    }
    nn_input_from_rgb(t->model, &t->spec, buffers->rgb, (size_t)t->shape.width * 3, buffers->input,
                      NULL);
}

void teacher_run(struct teacher *t, size_t worker, const struct teacher_view *view, size_t row)
{
    struct worker_buffers *buffers = &t->buffers[worker];
    int64_t start = clock_monotonic_ns();
    float *features = buffers->features + row * t->features;
    float *logits = buffers->logits + row * t->classes;
    fill_input(t, buffers, view);
    if (t->featured) {
        nn_run_embedding(buffers->context, buffers->input, NULL,
                         &(struct nn_embedding){ .mean = features });
        nn_logits(buffers->context, logits);
    } else {
        nn_run(buffers->context, buffers->input, NULL);
        nn_logits(buffers->context, logits);
        memcpy(features, logits, t->features * sizeof *features);
    }
    for (size_t i = 0; i < t->features; i++) {
        features[i] = (features[i] - t->mean[i]) * t->inverse[i];
    }
    buffers->ns += clock_monotonic_ns() - start;
}

bool teacher_cache_views(struct teacher *t, size_t views, size_t *memory_left, struct error *err)
{
    size_t each = t->features + t->classes;
    size_t view = each + sizeof *t->cache.known + 2 * sizeof *t->cache.scales;
    if (views > *memory_left / view) {
        return error_set(err, ERROR_USAGE,
                         "%s: keeping what this teacher says of %zu views needs %zu MiB, and %zu "
                         "MiB are left; raise --memory, or use fewer --views",
                         t->from->name, views, mebibytes(views * view), *memory_left >> 20);
    }
    *memory_left -= views * view;
    t->cache.known = mem_array(views, sizeof *t->cache.known);
    t->cache.scales = mem_array(views, 2 * sizeof *t->cache.scales);
    t->cache.values = mem_array(views, each);
    return (t->cache.known && t->cache.scales && t->cache.values) ||
           error_nomem(err, views * view, "the teacher's features");
}

/* To 8 bits; returns their scale. */
static float pack(const float *values, size_t count, int8_t *out)
{
    float top = 0;
    for (size_t i = 0; i < count; i++) {
        top = fmaxf(top, fabsf(values[i]));
    }
    float inverse = top > FLT_MIN * 127 ? 127 / top : 0;
    for (size_t i = 0; i < count; i++) {
        out[i] = (int8_t)rintf(values[i] * inverse);
    }
    return top / 127;
}

static void unpack(const int8_t *in, float scale, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = (float)in[i] * scale;
    }
}

void teacher_run_cached(struct teacher *t, size_t worker, const struct teacher_view *view,
                        size_t row, size_t number)
{
    float *features = t->buffers[worker].features + row * t->features;
    float *logits = t->buffers[worker].logits + row * t->classes;
    float *scales = t->cache.scales + 2 * number;
    int8_t *values = t->cache.values + number * (t->features + t->classes);
    if (!t->cache.known[number]) {
        teacher_run(t, worker, view, row);
        scales[0] = pack(features, t->features, values);
        scales[1] = pack(logits, t->classes, values + t->features);
        t->cache.known[number] = true;
    }
    /* The first time too: a run that resumes has an empty cache, and must learn the same. */
    unpack(values, scales[0], t->features, features);
    unpack(values + t->features, scales[1], t->classes, logits);
}

const float *teacher_targets(const struct teacher *t, size_t worker)
{
    return t->buffers[worker].features;
}

const float *teacher_logits(const struct teacher *t, size_t worker)
{
    return t->buffers[worker].logits;
}

int64_t teacher_ns(const struct teacher *t)
{
    int64_t sum = 0;
    for (size_t w = 0; w < t->workers; w++) {
        sum += t->buffers[w].ns;
    }
    return sum;
}

/* ----------------------------------------------------------- standardising */

struct standardizing {
    struct teacher *teacher;
    const struct dataset *data;
    const struct augment *augment;
    uint64_t seed;
    size_t count;
    float *seen; /* count x features */
};

static void standardize_one(void *context, size_t job, size_t worker)
{
    struct standardizing *s = context;
    struct random random = random_start(s->seed + PLACE_STANDARDIZE, job);
    struct teacher_view view = { dataset_picture(s->data, job * s->data->count / s->count),
                                 s->data->side, s->augment, &random };
    size_t features = s->teacher->features;
    teacher_run(s->teacher, worker, &view, 0);
    memcpy(s->seen + job * features, teacher_targets(s->teacher, worker),
           features * sizeof *s->seen);
}

/* In the order of the pictures, so that the sums are always the same. */
static void take_moments(const struct standardizing *s, float *mean, float *inverse)
{
    size_t features = s->teacher->features;
    for (size_t f = 0; f < features; f++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < s->count; i++) {
            sum += (double)s->seen[i * features + f];
        }
        double middle = sum / (double)s->count;
        for (size_t i = 0; i < s->count; i++) {
            double away = (double)s->seen[i * features + f] - middle;
            squares += away * away;
        }
        double deviation = sqrt(squares / (double)s->count);
        mean[f] = (float)middle;
        inverse[f] = deviation > 1e-6 * (1 + fabs(middle)) ? (float)(1 / deviation) : 0;
    }
}

bool teacher_standardize(struct teacher *t, const struct dataset *data,
                         const struct augment *augment, uint64_t seed, struct pool *pool,
                         struct error *err)
{
    struct standardizing s = { .teacher = t, .data = data, .augment = augment, .seed = seed };
    s.count = data->count < STANDARDIZE_PICTURES ? data->count : STANDARDIZE_PICTURES;
    s.seen = mem_array(s.count * t->features, sizeof *s.seen);
    if (!s.seen) {
        return error_nomem(err, s.count * t->features * sizeof *s.seen, "the teacher's features");
    }
    pool_run(pool, s.count, standardize_one, &s);
    take_moments(&s, t->mean, t->inverse);
    free(s.seen);
    return true;
}

uint64_t teacher_identity(const struct train_teacher *from)
{
    uint64_t h = hash64(from->bytes, from->len, 0);
    if (from->input_given) {
        h = hash64(from->input.mean, sizeof from->input.mean, h);
        h = hash64(from->input.std, sizeof from->input.std, h);
    }
    return h ? h : 1;
}
