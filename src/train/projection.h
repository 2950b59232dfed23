/* The layers that foretell the teacher's features from the network's. */
#ifndef TRAIN_PROJECTION_H
#define TRAIN_PROJECTION_H

#include "trainer.h"

/* Sets their weights to those of ridge regressions of the teacher's features on the network's, on
 * augmented views of up to 4096 of the training pictures (of the finer map: up to 4096 quarters).
 * The same seed gives the same ones, whatever the threads. False: out of memory. */
bool projection_fit(struct trained *t, struct error *err);

#endif
