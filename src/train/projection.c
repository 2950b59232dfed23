/* The first weights of the layers that foretell the teacher's features, for a network that has
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

/* One layer, and what it is fitted to: `count` rows. */
struct fit {
    const struct layer *layer;
    size_t count, in, out;
    float *features, *targets; /* count x in, count x out */
};

struct views {
    struct trained *trained;
    size_t count;     /* pictures */
    struct fit whole; /* a row of each picture */
    struct fit fine;  /* of the first pictures, a row of each quarter; layer NULL: none */
};

/* Copies what the layer reads and should give for a slice of `count` pictures from picture
 * `first` on: rows `from` to `from` + `rows` of the `parts` of each, as far as there is room. */
static void keep_rows(struct fit *f, const struct slice *w, const float *targets, size_t first,
                      size_t count, size_t parts, size_t from, size_t rows)
{
    const float *features = slice_tensor(w, f->layer->in);
    for (size_t i = 0; i < count && (first + i + 1) * rows <= f->count; i++) {
        size_t row = i * parts + from;
        size_t to = (first + i) * rows;
        memcpy(f->features + to * f->in, features + row * f->in, rows * f->in * sizeof *features);
        memcpy(f->targets + to * f->out, targets + row * f->out, rows * f->out * sizeof *targets);
    }
}

/* Runs the network and the teacher on the views of one slice. */
static void see_slice(void *context, size_t job, size_t worker)
{
    struct views *v = context;
    struct trained *t = v->trained;
    struct slice *w = t->workspaces[worker];
    size_t first = job * SLICE_PICTURES;
    size_t count = v->count - first < SLICE_PICTURES ? v->count - first : SLICE_PICTURES;
    size_t side = (size_t)t->options.side;
    for (size_t i = 0; i < count; i++) {
        size_t index = (first + i) * t->training.count / v->count;
        struct random random = random_start(t->options.seed + PLACE_FIT, first + i);
        struct teacher_view view = { dataset_picture(&t->training, index), t->training.side,
                                     &t->augment, &random };
        teacher_run(t->teacher, worker, &view, i);
        augment_picture(view.picture, view.side, &t->augment, &random,
                        slice_input(w) + i * side * side * 3, (int)side);
    }
    slice_forward(w, (int)count, (int)side, t->parameters, t->moments, NORM_FROZEN);
    keep_rows(&v->whole, w, teacher_targets(t->teacher, worker), first, count,
              teacher_parts(t->teacher), 0, 1);
    if (v->fine.layer) {
        keep_rows(&v->fine, w, teacher_fine_targets(t->teacher, worker), first, count, NET_PARTS, 1,
                  NET_PARTS - 1);
    }
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

/* Sets the layer's weights. Out of memory is false; where they cannot be computed, they stay. */
static bool fit_layer(const struct fit *f, struct trained *t, struct error *err)
{
    float *parameters = t->parameters + f->layer->parameters;
    float *squares = mem_array(f->in * f->in, sizeof *squares);
    float *weights = mem_array(f->in * f->out, sizeof *weights);
    float *means = mem_array(f->in + f->out, sizeof *means);
    bool ok = squares && weights && means;
    if (ok) {
        center(f->features, f->count, f->in, means);
        center(f->targets, f->count, f->out, means + f->in);
        if (solve(f, squares, weights)) {
            memcpy(parameters, weights, f->in * f->out * sizeof *weights);
            set_bias(f, means, means + f->in, weights, parameters + f->in * f->out);
        }
    }
    free(squares);
    free(weights);
    free(means);
    return ok || error_nomem(err, f->in * (f->in + f->out) * sizeof *weights, "the projection");
}

/* Room for `count` rows of the layer that writes `tensor`, which gives `out` values. */
static bool make_fit(struct fit *f, const struct net *net, size_t tensor, size_t count, size_t out,
                     struct error *err)
{
    size_t l = net->kept_layers;
    while (net->layers[l].out != tensor) {
        l++;
    }
    f->layer = &net->layers[l];
    f->count = count;
    f->in = (size_t)net->tensors[f->layer->in].channels;
    f->out = out;
    f->features = mem_array(f->count * f->in, sizeof *f->features);
    f->targets = mem_array(f->count * f->out, sizeof *f->targets);
    return (f->features && f->targets) ||
           error_nomem(err, f->count * (f->in + f->out) * sizeof *f->targets,
                       "the teacher's features");
}

static void fit_release(struct fit *f)
{
    free(f->features);
    free(f->targets);
}

bool projection_fit(struct trained *t, struct error *err)
{
    size_t count = t->training.count < FIT_PICTURES ? t->training.count : FIT_PICTURES;
    size_t quarters = NET_PARTS - 1;
    size_t fine_rows = count * quarters < FIT_PICTURES ? count * quarters : FIT_PICTURES;
    size_t fine = t->net.fine_projection;
    struct views v = { .trained = t, .count = count };
    bool ok =
        make_fit(&v.whole, &t->net, t->net.projection, count, teacher_features(t->teacher), err) &&
        (fine == NET_NO_TENSOR ||
         make_fit(&v.fine, &t->net, fine, fine_rows, teacher_fine_features(t->teacher), err));
    if (ok) {
        pool_run(t->pool, (count + SLICE_PICTURES - 1) / SLICE_PICTURES, see_slice, &v);
        ok = fit_layer(&v.whole, t, err) && (!v.fine.layer || fit_layer(&v.fine, t, err));
    }
    fit_release(&v.whole);
    fit_release(&v.fine);
    return ok;
}
