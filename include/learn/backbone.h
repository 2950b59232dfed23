/* The built-in backbone: an int8 .tflite whose features suit pictures of any kind.
 * The classes it was pre-trained on are not used. */
#ifndef LEARN_BACKBONE_H
#define LEARN_BACKBONE_H

#include <stddef.h>

/* The file's bytes, aligned to 64; *len is their number. */
const void *backbone_bytes(size_t *len);

#endif
