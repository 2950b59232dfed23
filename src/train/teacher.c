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
#define SETTLE_PICTURES 512

/* Streams of the random numbers. */
enum { PLACE_SETTLE = 21 };

/* The buffers of one thread. */
struct lane {
    struct nn_context *context;
    void *input;              /* of the model */
    float *view;              /* the picture, height x width x 3 */
    uint8_t *rgb;             /* the same */
    float *features, *logits; /* rows */
    int64_t ns;
    char pad[64]; /* each thread writes into its own cache lines */
};

/* Results by the number of the view, a scale and values of 8 bits each. */
struct kept {
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
    struct kept kept;
    struct lane *lanes;
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

static size_t lane_bytes(const struct teacher *t)
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

/* Takes the memory of the model, as a file and unpacked, and of the lanes. */
static bool take_memory(const struct teacher *t, size_t *memory_left, struct error *err)
{
    size_t bytes = 2 * t->from->len + t->workers * lane_bytes(t);
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

static bool make_lane(struct teacher *t, struct lane *lane, struct error *err)
{
    lane->context = nn_context_new(t->model, err);
    if (!lane->context) {
        return false;
    }
    lane->input = malloc(nn_model_input(t->model)->bytes);
    lane->view = mem_array(pixels(t), sizeof *lane->view);
    lane->rgb = malloc(pixels(t));
    lane->features = mem_array(t->rows * t->features, sizeof *lane->features);
    lane->logits = mem_array(t->rows * t->classes, sizeof *lane->logits);
    return (lane->input && lane->view && lane->rgb && lane->features && lane->logits) ||
           error_nomem(err, lane_bytes(t), "the teacher");
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
        t->lanes = mem_array(workers, sizeof *t->lanes);
        t->mean = mem_array(t->features, sizeof *t->mean);
        t->inverse = mem_array(t->features, sizeof *t->inverse);
        ok = (t->lanes && t->mean && t->inverse) ||
             error_nomem(err, t->features * sizeof *t->mean, "the teacher");
    }
    for (size_t w = 0; ok && w < workers; w++) {
        ok = make_lane(t, &t->lanes[w], err);
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
    for (size_t w = 0; t->lanes && w < t->workers; w++) {
        nn_context_free(t->lanes[w].context);
        free(t->lanes[w].input);
        free(t->lanes[w].view);
        free(t->lanes[w].rgb);
        free(t->lanes[w].features);
        free(t->lanes[w].logits);
    }
    free(t->lanes);
    free(t->mean);
    free(t->inverse);
    free(t->kept.known);
    free(t->kept.scales);
    free(t->kept.values);
    nn_model_free(t->model);
    free(t);
}

/* ------------------------------------------------------------------ looking */

static void fill_input(const struct teacher *t, struct lane *lane, const struct teacher_view *view)
{
    struct random random = view->random ? *view->random : random_start(0, 0);
    augment_view(view->picture, view->side, view->augment, view->random ? &random : NULL,
                 lane->view, t->shape.width, t->shape.height);
    for (size_t i = 0; i < pixels(t); i++) {
        lane->rgb[i] = (uint8_t)(lane->view[i] + 0.5f);
    }
    nn_input_from_rgb(t->model, &t->spec, lane->rgb, (size_t)t->shape.width * 3, lane->input, NULL);
}

void teacher_look(struct teacher *t, size_t worker, const struct teacher_view *view, size_t row)
{
    struct lane *lane = &t->lanes[worker];
    int64_t start = clock_monotonic_ns();
    float *features = lane->features + row * t->features;
    float *logits = lane->logits + row * t->classes;
    fill_input(t, lane, view);
    if (t->featured) {
        nn_run_embedding(lane->context, lane->input, NULL,
                         &(struct nn_embedding){ .mean = features });
        nn_logits(lane->context, logits);
    } else {
        nn_run(lane->context, lane->input, NULL);
        nn_logits(lane->context, logits);
        memcpy(features, logits, t->features * sizeof *features);
    }
    for (size_t i = 0; i < t->features; i++) {
        features[i] = (features[i] - t->mean[i]) * t->inverse[i];
    }
    lane->ns += clock_monotonic_ns() - start;
}

bool teacher_keep(struct teacher *t, size_t views, size_t *memory_left, struct error *err)
{
    size_t each = t->features + t->classes;
    size_t view = each + sizeof *t->kept.known + 2 * sizeof *t->kept.scales;
    if (views > *memory_left / view) {
        return error_set(err, ERROR_USAGE,
                         "%s: keeping what this teacher says of %zu views needs %zu MiB, and %zu "
                         "MiB are left; raise --memory, or use fewer --views",
                         t->from->name, views, mebibytes(views * view), *memory_left >> 20);
    }
    *memory_left -= views * view;
    t->kept.known = mem_array(views, sizeof *t->kept.known);
    t->kept.scales = mem_array(views, 2 * sizeof *t->kept.scales);
    t->kept.values = mem_array(views, each);
    return (t->kept.known && t->kept.scales && t->kept.values) ||
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

void teacher_look_once(struct teacher *t, size_t worker, const struct teacher_view *view,
                       size_t row, size_t kept)
{
    float *features = t->lanes[worker].features + row * t->features;
    float *logits = t->lanes[worker].logits + row * t->classes;
    float *scales = t->kept.scales + 2 * kept;
    int8_t *values = t->kept.values + kept * (t->features + t->classes);
    if (!t->kept.known[kept]) {
        teacher_look(t, worker, view, row);
        scales[0] = pack(features, t->features, values);
        scales[1] = pack(logits, t->classes, values + t->features);
        t->kept.known[kept] = true;
    }
    /* The first time too: a run that resumes has nothing kept, and must learn the same. */
    unpack(values, scales[0], t->features, features);
    unpack(values + t->features, scales[1], t->classes, logits);
}

const float *teacher_targets(const struct teacher *t, size_t worker)
{
    return t->lanes[worker].features;
}

const float *teacher_logits(const struct teacher *t, size_t worker)
{
    return t->lanes[worker].logits;
}

int64_t teacher_ns(const struct teacher *t)
{
    int64_t sum = 0;
    for (size_t w = 0; w < t->workers; w++) {
        sum += t->lanes[w].ns;
    }
    return sum;
}

/* ----------------------------------------------------------- standardising */

struct settle {
    struct teacher *teacher;
    const struct dataset *data;
    const struct augment *augment;
    uint64_t seed;
    size_t count;
    float *seen; /* count x features */
};

static void settle_one(void *context, size_t job, size_t worker)
{
    struct settle *s = context;
    struct random random = random_start(s->seed + PLACE_SETTLE, job);
    struct teacher_view view = { dataset_picture(s->data, job * s->data->count / s->count),
                                 s->data->side, s->augment, &random };
    size_t features = s->teacher->features;
    teacher_look(s->teacher, worker, &view, 0);
    memcpy(s->seen + job * features, teacher_targets(s->teacher, worker),
           features * sizeof *s->seen);
}

/* In the order of the pictures, so that the sums are always the same. */
static void take_moments(const struct settle *s, float *mean, float *inverse)
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

bool teacher_settle(struct teacher *t, const struct dataset *data, const struct augment *augment,
                    uint64_t seed, struct pool *pool, struct error *err)
{
    struct settle s = { .teacher = t, .data = data, .augment = augment, .seed = seed };
    s.count = data->count < SETTLE_PICTURES ? data->count : SETTLE_PICTURES;
    s.seen = mem_array(s.count * t->features, sizeof *s.seen);
    if (!s.seen) {
        return error_nomem(err, s.count * t->features * sizeof *s.seen, "the teacher's features");
    }
    pool_run(pool, s.count, settle_one, &s);
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
