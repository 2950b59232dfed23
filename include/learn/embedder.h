/* Turns pictures into embeddings, from which classes are learned: file in, vector out.
 * An embedder may be shared by threads; each needs an embed_runner of its own, which is
 * freed before its embedder.
 *
 * An embedding is embedder_dims() floats, the concatenation of these blocks:
 *
 *     mean   means over the map that the model's last layer pools; C values
 *     grid   the same over its quarters: upper left, upper right, lower left,
 *            lower right; 4 * C; left out where the map is one position or
 *            there would be more than EMBEDDER_DIMS_MAX values in all
 *     fine   a grid like it over the last map of at least twice the size: what
 *            pictures of other kinds than the model's differ in; 4 * its channels;
 *            left out where there is none or it would be too many values
 *     logits the model's own outputs; only where a model has no features
 *
 * A user's model also gives embedder_outputs() logits, to be a prior where its
 * classes are the user's. */
#ifndef LEARN_EMBEDDER_H
#define LEARN_EMBEDDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/region.h"
#include "image/picture_cache.h"
#include "learn/classifier.h"
#include "learn/head.h"

#define EMBEDDER_DIMS_MAX 4096
#define EMBEDDER_ID_SIZE 33 /* 32 hexadecimal digits and a NUL */

struct embedder;

/* model_path: an int8 .tflite, NULL for the backbone inside the program.
 * options: how pictures become its input; NULL for the defaults. */
struct embedder *embedder_new(const char *model_path, const struct classifier_options *options,
                              struct error *err);
void embedder_free(struct embedder *e);

/* Two embedders with the same id give the same embeddings: a hash over the model, the
 * options and the blocks. */
const char *embedder_id(const struct embedder *e);

/* The picture that the model takes. */
struct nn_image_shape embedder_input(const struct embedder *e);

size_t embedder_dims(const struct embedder *e);    /* 1 to EMBEDDER_DIMS_MAX */
size_t embedder_outputs(const struct embedder *e); /* 0 to EMBEDDER_DIMS_MAX */

/* The blocks of an embedding; index < embedder_block_count(). */
struct embedder_block {
    const char *name;
    size_t offset, dims;
};
size_t embedder_block_count(const struct embedder *e);
struct embedder_block embedder_block(const struct embedder *e, size_t index);

/* The blocks grouped into parts for a head: the mean and grid of the last map, and the
 * blocks of the finer map, which get a smaller weight. */
void embedder_parts(const struct embedder *e, struct head_parts *parts);

/* The buffers of one thread. */
struct embed_runner;

struct embed_runner *embed_runner_new(const struct embedder *e, struct error *err);
void embed_runner_free(struct embed_runner *r);

/* Decodes a region (NULL: all) of a picture file that is in memory and runs the model.
 * embedding: embedder_dims() values; logits: embedder_outputs() values, or NULL. False
 * when the bytes are no readable picture, or the region is outside. */
bool embed_run(struct embed_runner *r, const void *bytes, size_t len, const struct region *region,
               float *embedding, float *logits, struct error *err);

/* The same of a picture that is decoded already, at least at the size of the model's input. */
bool embed_run_picture(struct embed_runner *r, const struct picture *picture,
                       const struct region *region, float *embedding, float *logits,
                       struct error *err);

/* Reads a picture file for embed_run(), out of the budget of memory that all decodes
 * share (image/decode.h); embed_done() when its bytes are gone again, whatever was
 * done with them. */
bool embed_read_file(struct embed_runner *r, const char *path, struct buf *file, struct error *err);
void embed_done(struct embed_runner *r);

/* The same of a file by its path. */
bool embed_run_file(struct embed_runner *r, const char *path, const struct region *region,
                    float *embedding, float *logits, struct error *err);

/* An embedding and its logits, packed as int8: for each block, and the logits, a
 * float `scale` in the machine's byte order; then for each value v the int8
 * rint(v / scale), scale being the block's largest magnitude / 127. */
size_t embedder_packed_bytes(const struct embedder *e);
void embedder_pack(const struct embedder *e, const float *embedding, const float *logits,
                   void *packed);
void embedder_unpack(const struct embedder *e, const void *packed, float *embedding,
                     float *logits /* or NULL */);

#endif
