/* Between a network in training and its plain form (flat.h). */
#ifndef TRAIN_FOLD_H
#define TRAIN_FOLD_H

#include "flat.h"
#include "net.h"

/* The network as it is after training, for pictures of side x side: each batch
 * norm, by its running moments, goes into the convolution in front of it. */
bool fold_net(const struct net *net, const float *parameters, const float *moments, int side,
              struct flat_net *out, struct error *err);

/* The other way: a network for so many classes that computes what `flat` does,
 * with a batch norm behind each convolution that changes nothing yet. The last
 * layer's weights are those of `flat` where keep_last, else zeros.
 * ERROR_UNSUPPORTED for a structure that layers cannot have. */
bool unfold_net(const struct flat_net *flat, int classes, struct net *net, struct error *err);

/* Its parameters and moments, parameter_count and moment_count values. */
void unfold_parameters(const struct flat_net *flat, const struct net *net, bool keep_last,
                       float *parameters, float *moments);

/* Takes `seen`, the moments of the norms' inputs (slice_measure()), as the
 * running ones, with gammas and betas such that the network still computes the
 * same. Batch norm then goes on from there. */
void unfold_moments(const struct net *net, const float *seen, float *parameters, float *moments);

#endif
