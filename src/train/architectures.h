/* The networks that can be trained, by name. */
#ifndef TRAIN_ARCHITECTURES_H
#define TRAIN_ARCHITECTURES_H

#include "base/error.h"
#include "net.h"

/* Builds architecture `name` for `classes` classes. ERROR_USAGE lists the names if there is
 * none of that name. */
bool architecture_build(const char *name, int classes, struct net *net, struct error *err);

#endif
