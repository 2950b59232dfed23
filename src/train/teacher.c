#include "teacher.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "net.h"
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
    void *input;                     /* of the model */
    float *view;                     /* the picture, height x width x 3 */
    uint8_t *rgb;                    /* the same */
    float *features, *fine, *logits; /* rows */
    int64_t ns;
    char pad[64]; /* each thread writes into its own cache lines */
};

/* Results by the number of the view, a scale and values of 8 bits each. */
enum { PACKED_FEATURES, PACKED_FINE, PACKED_LOGITS, PACKED };
struct view_cache {
    bool *known;
    float *scales;  /* PACKED of each view */
    int8_t *values; /* features, those of the finer map, outputs */
};

struct teacher {
    struct nn_model *model;
    struct nn_image_shape shape;
    struct nn_input_spec spec;
    bool featured; /* has the features of nn/embedding.h */
    size_t features, fine, classes, rows;
    size_t parts;          /* rows of features of a picture: 1 or NET_PARTS */
    float *mean, *inverse; /* of each feature; `inverse` of the standard deviation; those of the
                              finer map follow */
    float spread;          /* variance of the standardised features over the quarters */
    const struct train_teacher *from;
    struct view_cache cache;
    struct worker_buffers *buffers;
    size_t workers;
};

size_t teacher_features(const struct teacher *t)
{
    return t->features;
}

size_t teacher_parts(const struct teacher *t)
{
    return t->parts;
}

size_t teacher_fine_features(const struct teacher *t)
{
    return t->fine;
}

float teacher_spread(const struct teacher *t)
{
    return t->spread;
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

/* Values that are kept of a picture: of each map, and outputs. */
static size_t map_values(const struct teacher *t)
{
    return t->parts * t->features;
}

static size_t fine_values(const struct teacher *t)
{
    return t->fine ? NET_PARTS * t->fine : 0;
}

static size_t all_values(const struct teacher *t)
{
    return map_values(t) + fine_values(t) + t->classes;
}

static size_t buffers_bytes(const struct teacher *t)
{
    return nn_model_arena_bytes(t->model) + nn_model_input(t->model)->bytes +
           pixels(t) * (sizeof(float) + 1) + t->rows * all_values(t) * sizeof(float);
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
    bool finer = from->finer > 0 && t->featured;
    t->parts = finer && info.height > 1 && info.width > 1 ? NET_PARTS : 1;
    t->fine = finer ? info.fine_channels : 0;
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
    buffers->features = mem_array(t->rows * map_values(t), sizeof *buffers->features);
    buffers->fine = mem_array(t->rows * fine_values(t), sizeof *buffers->fine);
    buffers->logits = mem_array(t->rows * t->classes, sizeof *buffers->logits);
    return (buffers->input && buffers->view && buffers->rgb && buffers->features && buffers->fine &&
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
        t->mean = mem_array(t->features + t->fine, sizeof *t->mean);
        t->inverse = mem_array(t->features + t->fine, sizeof *t->inverse);
        ok = (t->buffers && t->mean && t->inverse) ||
             error_nomem(err, (t->features + t->fine) * sizeof *t->mean, "the teacher");
    }
    for (size_t w = 0; ok && w < workers; w++) {
        ok = make_buffers(t, &t->buffers[w], err);
    }
    if (!ok) {
        teacher_free(t);
        return NULL;
    }
    for (size_t i = 0; i < t->features + t->fine; i++) {
        t->inverse[i] = 1;
    }
    t->spread = 1;
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
        free(t->buffers[w].fine);
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

/* The mean over a finer map, from those over its quarters. */
static void average_quarters(const float *quarters, size_t count, float *mean)
{
    for (size_t i = 0; i < count; i++) {
        mean[i] = 0.25f * (quarters[i] + quarters[i + count] + quarters[i + 2 * count] +
                           quarters[i + 3 * count]);
    }
}

static void standardize(float *values, size_t rows, size_t count, const float *mean,
                        const float *inverse)
{
    for (size_t r = 0; r < rows; r++, values += count) {
        for (size_t i = 0; i < count; i++) {
            values[i] = (values[i] - mean[i]) * inverse[i];
        }
    }
}

void teacher_run(struct teacher *t, size_t worker, const struct teacher_view *view, size_t row)
{
    struct worker_buffers *buffers = &t->buffers[worker];
    int64_t start = clock_monotonic_ns();
    float *features = buffers->features + row * map_values(t);
    float *fine = buffers->fine + row * fine_values(t);
    float *logits = buffers->logits + row * t->classes;
    fill_input(t, buffers, view);
    if (t->featured) {
        nn_run_embedding(
            buffers->context, buffers->input, NULL,
            &(struct nn_embedding){ .mean = features,
                                    .grid = t->parts > 1 ? features + t->features : NULL,
                                    .fine_grid = t->fine ? fine + t->fine : NULL });
        nn_logits(buffers->context, logits);
    } else {
        nn_run(buffers->context, buffers->input, NULL);
        nn_logits(buffers->context, logits);
        memcpy(features, logits, t->features * sizeof *features);
    }
    if (t->fine) {
        average_quarters(fine + t->fine, t->fine, fine);
    }
    standardize(features, t->parts, t->features, t->mean, t->inverse);
    standardize(fine, t->fine ? NET_PARTS : 0, t->fine, t->mean + t->features,
                t->inverse + t->features);
    buffers->ns += clock_monotonic_ns() - start;
}

bool teacher_cache_views(struct teacher *t, size_t views, size_t *memory_left, struct error *err)
{
    size_t each = all_values(t);
    size_t view = each + sizeof *t->cache.known + PACKED * sizeof *t->cache.scales;
    if (views > *memory_left / view) {
        return error_set(err, ERROR_USAGE,
                         "%s: keeping what this teacher says of %zu views needs %zu MiB, and %zu "
                         "MiB are left; raise --memory, or use fewer --views",
                         t->from->name, views, mebibytes(views * view), *memory_left >> 20);
    }
    *memory_left -= views * view;
    t->cache.known = mem_array(views, sizeof *t->cache.known);
    t->cache.scales = mem_array(views, PACKED * sizeof *t->cache.scales);
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
    const struct worker_buffers *buffers = &t->buffers[worker];
    const size_t counts[PACKED] = { map_values(t), fine_values(t), t->classes };
    float *results[PACKED] = { buffers->features + row * counts[PACKED_FEATURES],
                               buffers->fine + row * counts[PACKED_FINE],
                               buffers->logits + row * counts[PACKED_LOGITS] };
    float *scales = t->cache.scales + PACKED * number;
    int8_t *values = t->cache.values + number * all_values(t);
    bool known = t->cache.known[number];
    if (!known) {
        teacher_run(t, worker, view, row);
        t->cache.known[number] = true;
    }
    /* The first time too: a run that resumes has an empty cache, and must learn the same. */
    for (size_t i = 0; i < PACKED; values += counts[i++]) {
        if (!known) {
            scales[i] = pack(results[i], counts[i], values);
        }
        unpack(values, scales[i], counts[i], results[i]);
    }
}

const float *teacher_targets(const struct teacher *t, size_t worker)
{
    return t->buffers[worker].features;
}

const float *teacher_fine_targets(const struct teacher *t, size_t worker)
{
    return t->buffers[worker].fine;
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
    size_t count; /* pictures in all */
    size_t first; /* of those that are seen at once */
    float *seen;  /* AT_ONCE x (map_values() + fine_values()) */
    double *sums; /* of each feature: values, then squares; then the same of the quarters, and
                     of the finer map's quarters */
};

/* Pictures seen at once: more would take more memory. */
#define AT_ONCE 64

static void see_one(void *context, size_t job, size_t worker)
{
    struct standardizing *s = context;
    struct teacher *t = s->teacher;
    size_t picture = s->first + job;
    struct random random = random_start(s->seed + PLACE_STANDARDIZE, picture);
    struct teacher_view view = { dataset_picture(s->data, picture * s->data->count / s->count),
                                 s->data->side, s->augment, &random };
    float *to = s->seen + job * (map_values(t) + fine_values(t));
    teacher_run(t, worker, &view, 0);
    memcpy(to, teacher_targets(t, worker), map_values(t) * sizeof *to);
    memcpy(to + map_values(t), teacher_fine_targets(t, worker), fine_values(t) * sizeof *to);
}

/* Adds rows of `count` features: values, then their squares. */
static void add_moments(const float *values, size_t rows, size_t count, double *sums)
{
    for (size_t r = 0; r < rows; r++, values += count) {
        for (size_t i = 0; i < count; i++) {
            sums[i] += (double)values[i];
            sums[count + i] += (double)values[i] * (double)values[i];
        }
    }
}

/* In the order of the pictures, so that the sums are always the same. */
static void add_pictures(const struct standardizing *s, size_t pictures)
{
    const struct teacher *t = s->teacher;
    const float *values = s->seen;
    for (size_t p = 0; p < pictures; p++) {
        const float *fine = values + map_values(t);
        add_moments(values, 1, t->features, s->sums);
        add_moments(values + t->features, t->parts - 1, t->features, s->sums + 2 * t->features);
        add_moments(fine + t->fine, t->fine ? NET_PARTS - 1 : 0, t->fine,
                    s->sums + 4 * t->features);
        values += map_values(t) + fine_values(t);
    }
}

static void take_moments(const double *sums, size_t count, double rows, float *mean, float *inverse)
{
    for (size_t f = 0; f < count; f++) {
        double middle = sums[f] / rows;
        double deviation = sqrt(fmax(sums[count + f] / rows - middle * middle, 0));
        mean[f] = (float)middle;
        inverse[f] = deviation > 1e-6 * (1 + fabs(middle)) ? (float)(1 / deviation) : 0;
    }
}

/* The variance of the features over the quarters, in units of that of the means. */
static float quarters_spread(const struct teacher *t, const double *sums, double rows)
{
    double all = 0, varying = 0;
    for (size_t f = 0; f < t->features; f++) {
        double middle = sums[f] / rows;
        double inverse = (double)t->inverse[f];
        all += (sums[t->features + f] / rows - middle * middle) * inverse * inverse;
        varying += t->inverse[f] > 0;
    }
    return all > 0 ? (float)(all / varying) : 1;
}

bool teacher_standardize(struct teacher *t, const struct dataset *data,
                         const struct augment *augment, uint64_t seed, struct pool *pool,
                         struct error *err)
{
    struct standardizing s = { .teacher = t, .data = data, .augment = augment, .seed = seed };
    size_t each = map_values(t) + fine_values(t);
    s.count = data->count < STANDARDIZE_PICTURES ? data->count : STANDARDIZE_PICTURES;
    s.seen = mem_array(AT_ONCE * each, sizeof *s.seen);
    s.sums = mem_array(4 * t->features + 2 * t->fine, sizeof *s.sums);
    bool ok = (s.seen && s.sums) ||
              error_nomem(err, AT_ONCE * each * sizeof *s.seen, "the teacher's features");
    while (ok && s.first < s.count) {
        size_t left = s.count - s.first;
        size_t pictures = left < AT_ONCE ? left : AT_ONCE;
        pool_run(pool, pictures, see_one, &s);
        add_pictures(&s, pictures);
        s.first += pictures;
    }
    if (ok) {
        double rows = (double)s.count;
        take_moments(s.sums, t->features, rows, t->mean, t->inverse);
        t->spread =
            t->parts > 1 ? quarters_spread(t, s.sums + 2 * t->features, 4 * rows) : t->spread;
        take_moments(s.sums + 4 * t->features, t->fine, 4 * rows, t->mean + t->features,
                     t->inverse + t->features);
    }
    free(s.seen);
    free(s.sums);
    return ok;
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
