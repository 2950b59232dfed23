/* Numbers that exporters write in front of class names. */
#ifndef NN_LABEL_INDEX_H
#define NN_LABEL_INDEX_H

#include "nn/labels.h"

/* Takes them off where every line has one, and no two names are the same then:
 *   the line's number from 0, as Teachable Machine writes it: "0 cat", "1 dog",
 *     also "0: cat", "0, cat", "0. cat", "0) cat", "0 - cat", "0=cat", and all but
 *     the first of these from 1
 *   WordNet's number, as ImageNet's lists have it: "n02123045 tabby"
 * Else nothing is changed: "2 euro" may be a name. False when memory is out. */
bool nn_labels_take_index_off(struct nn_labels *labels);

#endif
