/* The network inside the program: an int8 .tflite whose features suit any
 * pictures. Its own classes are nobody's and mean nothing. */
#ifndef LEARN_BACKBONE_H
#define LEARN_BACKBONE_H

#include <stddef.h>

/* The file's bytes, aligned to 64; *len is their number. */
const void *backbone_bytes(size_t *len);

#endif
