/* Converts between a network in training and its inference graph (flat.h). */
#ifndef TRAIN_FOLD_H
#define TRAIN_FOLD_H

#include "flat.h"
#include "net.h"

/* The inference graph of a trained network for pictures of side x side: each batch norm,
 * with its running moments, is folded into the convolution before it. */
bool fold_net(const struct net *net, const float *parameters, const float *moments, int side,
              struct flat_net *out, struct error *err);

/* The reverse: a trainable network for `classes` classes with the structure of `flat` and a
 * batch norm after each convolution. ERROR_UNSUPPORTED for a structure that layers cannot
 * express. */
bool unfold_net(const struct flat_net *flat, int classes, struct net *net, struct error *err);

/* Fills in its parameters and moments (parameter_count and moment_count values), such that
 * it computes what `flat` does: each batch norm starts as an identity. The last layer's
 * weights are those of `flat` if keep_last, else zeros. */
void unfold_parameters(const struct flat_net *flat, const struct net *net, bool keep_last,
                       float *parameters, float *moments);

/* Sets the running moments to `seen`, the moments of the norms' inputs (slice_measure()),
 * and adapts gammas and betas so that the network still computes the same. */
void unfold_moments(const struct net *net, const float *seen, float *parameters, float *moments);

#endif
