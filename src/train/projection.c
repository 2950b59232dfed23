/* The first weights of the layer that foretells the teacher's features, for a network that has
 * been trained before: those that fit best, so that the first steps improve the network instead
 * of undoing it for the sake of random weights. */
#include "projection.h"

#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/mem.h"
#include "matmul.h"

enum { FIT_PICTURES = 4096, PLACE_FIT = 41 /* stream of the random numbers */ };

/* Ridge regression adds this share of the mean variance of the features. */
#define RIDGE 0.01f

struct fit {
    struct trained *trained;
    const struct layer *layer; /* of the projection */
    size_t count, in, out;
    float *features, *targets; /* count x in, count x out */
};

/* Runs the network and the teacher on the views of one slice. */
static void see_slice(void *context, size_t job, size_t worker)
{
    struct fit *f = context;
    struct trained *t = f->trained;
    struct slice *w = t->workspaces[worker];
    size_t first = job * SLICE_PICTURES;
    size_t count = f->count - first < SLICE_PICTURES ? f->count - first : SLICE_PICTURES;
    size_t side = (size_t)t->options.side;

    for (size_t i = 0; i < count; i++) {
        size_t index = (first + i) * t->training.count / f->count;
        struct random random = random_start(t->options.seed + PLACE_FIT, first + i);
        struct teacher_view view = { dataset_picture(&t->training, index), t->training.side,
                                     &t->augment, &random };
        teacher_run(t->teacher, worker, &view, i);
        augment_picture(view.picture, view.side, &t->augment, &random,
                        slice_input(w) + i * side * side * 3, (int)side);
    }
    slice_forward(w, (int)count, (int)side, t->parameters, t->moments, NORM_FROZEN);
    memcpy(f->features + first * f->in, slice_tensor(w, f->layer->in),
           count * f->in * sizeof *f->features);
    memcpy(f->targets + first * f->out, teacher_targets(t->teacher, worker),
           count * f->out * sizeof *f->targets);
}

/* Subtracts the mean of each column from its values. */
static void center(float *x, size_t rows, size_t columns, float *mean)
{
    for (size_t c = 0; c < columns; c++) {
        double sum = 0;
        for (size_t r = 0; r < rows; r++) {
            sum += (double)x[r * columns + c];
        }
        mean[c] = (float)(sum / (double)rows);
        for (size_t r = 0; r < rows; r++) {
            x[r * columns + c] -= mean[c];
        }
    }
}

/* weights[out x in] = Y^T X (X^T X + ridge)^-1 of the centred features X and targets Y. False
 * if that cannot be computed. */
static bool solve(const struct fit *f, float *squares, float *weights)
{
    int n = (int)f->in, failed;
    float trace = 0;

    matmul_tn(f->in, f->in, f->count, f->features, f->features, 0, squares);
    matmul_tn(f->out, f->in, f->count, f->targets, f->features, 0, weights);
    for (size_t i = 0; i < f->in; i++) {
        trace += squares[i * f->in + i];
    }
    for (size_t i = 0; i < f->in; i++) {
        squares[i * f->in + i] += RIDGE * trace / (float)f->in;
    }
    /* By column the upper triangle is the lower one by row. */
    blas()->spotrf("U", &n, squares, &n, &failed, 1);
    if (failed) {
        return false;
    }
    blas()->strsm(CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, (int)f->out, n,
                  1, squares, n, weights, n);
    blas()->strsm(CblasRowMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, (int)f->out, n,
                  1, squares, n, weights, n);
    return true;
}

/* The bias makes up for the means. */
static void set_bias(const struct fit *f, const float *mean, const float *target_mean,
                     const float *weights, float *bias)
{
    for (size_t o = 0; o < f->out; o++) {
        double sum = (double)target_mean[o];
        for (size_t i = 0; i < f->in; i++) {
            sum -= (double)weights[o * f->in + i] * (double)mean[i];
        }
        bias[o] = (float)sum;
    }
}

static void fit_layer(const struct fit *f, float *squares, float *weights, float *means)
{
    float *parameters = f->trained->parameters + f->layer->parameters;

    center(f->features, f->count, f->in, means);
    center(f->targets, f->count, f->out, means + f->in);
    if (solve(f, squares, weights)) {
        memcpy(parameters, weights, f->in * f->out * sizeof *weights);
        set_bias(f, means, means + f->in, weights, parameters + f->in * f->out);
    }
}

bool projection_fit(struct trained *t, struct error *err)
{
    struct fit f = { .trained = t, .count = t->training.count };
    size_t l = 0;

    while (t->net.layers[l].out != t->net.projection) {
        l++;
    }
    f.layer = &t->net.layers[l];
    f.count = f.count < FIT_PICTURES ? f.count : FIT_PICTURES;
    f.in = (size_t)t->net.tensors[f.layer->in].channels;
    f.out = teacher_features(t->teacher);
    f.features = mem_array(f.count * f.in, sizeof *f.features);
    f.targets = mem_array(f.count * f.out, sizeof *f.targets);
    float *squares = mem_array(f.in * f.in, sizeof *squares);
    float *weights = mem_array(f.in * f.out, sizeof *weights);
    float *means = mem_array(f.in + f.out, sizeof *means);
    bool ok = f.features && f.targets && squares && weights && means;
    if (ok) {
        pool_run(t->pool, (f.count + SLICE_PICTURES - 1) / SLICE_PICTURES, see_slice, &f);
        fit_layer(&f, squares, weights, means);
    } else {
        error_nomem(err, f.count * (f.in + f.out) * sizeof *f.targets, "the teacher's features");
    }
    free(f.features);
    free(f.targets);
    free(squares);
    free(weights);
    free(means);
    return ok;
}
