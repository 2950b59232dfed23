/* The layer that foretells the teacher's features from the network's. */
#ifndef TRAIN_PROJECTION_H
#define TRAIN_PROJECTION_H

#include "trainer.h"

/* Sets its weights to those of a ridge regression of the teacher's features on the network's,
 * on augmented views of up to 4096 of the training pictures. The same seed gives the same ones,
 * whatever the threads. False: out of memory. */
bool projection_fit(struct trained *t, struct error *err);

#endif
