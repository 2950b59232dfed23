/* Networks by name. */
#ifndef TRAIN_ARCHITECTURES_H
#define TRAIN_ARCHITECTURES_H

#include "base/error.h"
#include "net.h"

/* Builds architecture `name` for so many classes; ERROR_USAGE lists the names
 * for one that is not there. */
bool architecture_build(const char *name, int classes, struct net *net, struct error *err);

#endif
