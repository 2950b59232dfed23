/* A network in float, forward and backward, over a slice of a batch.
 *
 * Activations are N x H x W x C. All parameters lie in one array, all running
 * moments of the batch norms in another, so that optimisers and checkpoints
 * need not know the layers. Batch norm takes its moments over the slice
 * ("ghost batch norm"): slices do not wait for each other, and the result does
 * not depend on the number of threads. */
#ifndef TRAIN_NET_H
#define TRAIN_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define NET_MAX_LAYERS 128
#define NET_NO_TENSOR ((size_t)-1)
#define NET_NORM_EPSILON 1e-3f

/* Rows of LAYER_PARTS: the whole map, then its upper left, upper right, lower left and lower
 * right quarter (the middle row or column of an odd side belongs to both). */
#define NET_PARTS 5

enum layer_kind {
    LAYER_CONV,      /* without bias; parameters: out x kernel x kernel x in */
    LAYER_DEPTHWISE, /* without bias; parameters: kernel x kernel x channels */
    LAYER_NORM,      /* batch norm, + residual, relu; parameters: gamma, beta */
    LAYER_MEAN,      /* over height and width */
    LAYER_PARTS,     /* means over the whole map and over each of its quarters: NET_PARTS rows */
    LAYER_DENSE,     /* parameters: out x in, then the bias */
};

struct layer {
    enum layer_kind kind;
    size_t in, out;  /* tensors */
    size_t residual; /* LAYER_NORM: a tensor that is added; else NET_NO_TENSOR */
    int kernel, stride;
    bool relu;
    size_t parameters; /* index of its first one */
    size_t moments;    /* LAYER_NORM: index of the channels' means; the variances follow */
};

struct tensor {
    int shrink; /* side of the input / its own side, rounded up; 0: 1 x 1 */
    int channels;
    int parts; /* rows of a tensor of 1 x 1: 1, or NET_PARTS */
};

struct net {
    struct layer layers[NET_MAX_LAYERS];
    struct tensor tensors[NET_MAX_LAYERS + 1]; /* 0 is the input */
    size_t logits;                             /* tensor */
    size_t projection;                         /* tensor of net_project(); NET_NO_TENSOR: none */
    size_t fine_projection;                    /* the same of net_project_fine() */
    size_t kept_layers;                        /* layers before the first of net_project() */
    size_t layer_count, tensor_count;
    size_t parameter_count, moment_count;
    int classes;
};

/* Building: net_init() starts a net with an input of `channels` channels; each further
 * function adds a layer and returns the tensor that it writes. */
void net_init(struct net *net, int channels);
size_t net_conv(struct net *net, size_t in, int kernel, int stride, int channels);
size_t net_depthwise(struct net *net, size_t in, int kernel, int stride);
size_t net_norm(struct net *net, size_t in, size_t residual, bool relu);
size_t net_mean(struct net *net, size_t in);
size_t net_dense(struct net *net, size_t in, int classes);

/* Adds, after the net's last layer, a dense layer of `count` outputs that reads what that one
 * reads. parts: it reads the NET_PARTS rows of the map of which that one reads the mean, and
 * gives as many. It serves the training alone: it is neither exported (fold.h) nor counted in
 * net_macs(). */
size_t net_project(struct net *net, int count, bool parts);

/* After net_project(): a dense layer like it, of NET_PARTS rows, over the finer map, which is the
 * last one of twice the side. */
size_t net_project_fine(struct net *net, int count);

/* Whether there is such a finer map. */
bool net_has_finer(const struct net *net);

/* Parameters of a layer, and how many of them are filters or weights (which decay); the
 * rest are gammas, betas and biases. */
size_t layer_parameters(const struct net *net, const struct layer *layer, size_t *filter);

/* Side of a tensor for an input of side x side. */
int tensor_side(const struct tensor *tensor, int side);

/* Parameters without those of the projections. */
size_t net_kept_parameters(const struct net *net);

/* Multiply-accumulates of the forward pass of one picture, without the projections. */
double net_macs(const struct net *net, int side);

/* He's initialisation of filters, gammas 1 (0 where a residual is added, so
 * that blocks start as identities), betas and biases 0; means 0, variances 1.
 * parameters and moments: parameter_count and moment_count values. */
void net_start(const struct net *net, unsigned long long seed, float *parameters, float *moments);

/* The activations and gradients of one slice, and scratch. */
struct slice;

/* For at most `batch` pictures of at most side x side. forward_only: no gradients. */
struct slice *slice_new(const struct net *net, int batch, int side, bool forward_only,
                        struct error *err);
void slice_free(struct slice *slice);

/* The input: batch x side x side x channels values for the caller to fill. */
float *slice_input(struct slice *slice);

/* batch x classes values: results of the forward pass; gradients of the loss
 * for the caller to fill before the backward pass. */
const float *slice_logits(const struct slice *slice);
float *slice_logits_grad(struct slice *slice);

/* The same for a net with a projection: batch x rows x its outputs. */
const float *slice_projection(const struct slice *slice);
float *slice_projection_grad(struct slice *slice);

enum norm_mode {
    NORM_BATCH,  /* use the slice's own moments, which slice_moments() then returns */
    NORM_FROZEN, /* use the running moments */
};

void slice_forward(struct slice *slice, int batch, int side, const float *parameters,
                   const float *moments, enum norm_mode mode);

/* Call it after slice_forward() with the same arguments. Adds to parameter_grad,
 * parameter_count values. Overwrites the activations. */
void slice_backward(struct slice *slice, const float *parameters, float *parameter_grad);

/* moment_count values of the last NORM_BATCH pass. */
const float *slice_moments(const struct slice *slice);

/* The moments that the norms' inputs have in the slice, after a NORM_FROZEN
 * pass that no backward pass has followed: moment_count values. */
void slice_measure(struct slice *slice, float *moments);

/* An activation of the last slice_forward(), and its gradient for the caller to fill, where that
 * is one that nothing else reads. */
const float *slice_tensor(const struct slice *slice, size_t tensor);
float *slice_tensor_grad(struct slice *slice, size_t tensor);

#endif
