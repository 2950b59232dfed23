#include "learn/embedder.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "classifier_private.h"
#include "image/decode.h"
#include "image/region.h"
#include "image/scale.h"
#include "learn/backbone.h"
#include "nn/embedding.h"

#define BACKBONE_NAME "the backbone"
#define BLOCKS_MAX 8

struct embedder {
    struct buf file; /* of a user's model */
    struct classifier *classifier;
    bool featured; /* has the features of nn/embedding.h */
    struct nn_embedding_info features;
    size_t classes; /* outputs of the model */
    struct embedder_block blocks[BLOCKS_MAX];
    const struct block_kind *kinds[BLOCKS_MAX]; /* of the blocks */
    size_t block_count, dims, outputs;
    char id[EMBEDDER_ID_SIZE];
};

struct embed_runner {
    const struct embedder *embedder;
    struct runner *runner;
    struct nn_embedding features; /* of the last picture */
    struct budget_lease memory;   /* for the current picture and its file */
};

/* ------------------------------------------------------------------ blocks */

/* A part of the embedding. `dims` returns its number of values with this model, 0 for
 * none; `fill` reads them from the runner's last run. Adding or changing a row requires
 * a new VERSION. Consecutive blocks of the same weight are one part to a head. The
 * finer map has the largest weight: that was best over data sets of many kinds. */
struct block_kind {
    const char *name;
    float weight;
    size_t (*dims)(const struct embedder *e);
    void (*fill)(const struct embed_runner *r, float *out);
};

#define VERSION 3

static size_t mean_dims(const struct embedder *e)
{
    return e->featured ? e->features.channels : 0;
}

static void mean_fill(const struct embed_runner *r, float *out)
{
    memcpy(out, r->features.mean, r->embedder->features.channels * sizeof *out);
}

static size_t grid_dims(const struct embedder *e)
{
    bool map = e->featured && e->features.height * e->features.width > 1;
    return map && 5 * e->features.channels <= EMBEDDER_DIMS_MAX ? 4 * e->features.channels : 0;
}

static void grid_fill(const struct embed_runner *r, float *out)
{
    memcpy(out, r->features.grid, 4 * r->embedder->features.channels * sizeof *out);
}

static size_t fine_dims(const struct embedder *e)
{
    size_t dims = e->featured ? 4 * e->features.fine_channels : 0;
    return mean_dims(e) + grid_dims(e) + dims <= EMBEDDER_DIMS_MAX ? dims : 0;
}

static void fine_fill(const struct embed_runner *r, float *out)
{
    memcpy(out, r->features.fine_grid, fine_dims(r->embedder) * sizeof *out);
}

static size_t logits_dims(const struct embedder *e)
{
    return e->featured ? 0 : e->classes;
}

static void logits_fill(const struct embed_runner *r, float *out)
{
    nn_logits(r->runner->context, out);
}

static const struct block_kind kinds[] = {
    { "mean", 1.0f, mean_dims, mean_fill },
    { "grid", 1.0f, grid_dims, grid_fill },
    { "fine", 0.6f, fine_dims, fine_fill },
    { "logits", 1.0f, logits_dims, logits_fill },
};
_Static_assert(ARRAY_LEN(kinds) <= BLOCKS_MAX, "blocks");
_Static_assert(ARRAY_LEN(kinds) <= HEAD_PARTS_MAX, "parts");

/* --------------------------------------------------------------- embedders */

static bool lay_out(struct embedder *e, const char *name, bool foreign, struct error *err)
{
    e->featured = nn_model_embedding(e->classifier->model, &e->features);
    e->classes = classifier_outputs(e->classifier);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        size_t dims = kinds[i].dims(e);
        if (dims) {
            e->kinds[e->block_count] = &kinds[i];
            e->blocks[e->block_count++] = (struct embedder_block){ kinds[i].name, e->dims, dims };
            e->dims += dims;
        }
    }
    if (e->dims > EMBEDDER_DIMS_MAX) {
        return error_set(err, ERROR_UNSUPPORTED, "%s: has %zu features; the limit is %d", name,
                         e->dims, EMBEDDER_DIMS_MAX);
    }
    e->outputs = foreign && e->classes <= EMBEDDER_DIMS_MAX ? e->classes : 0;
    return true;
}

static void identify(struct embedder *e, const void *bytes, size_t len)
{
    const struct classifier_options *o = &e->classifier->options;
    char options[256];
    int n = snprintf(options, sizeof options, "%d fit %d mean %a %a %a std %a %a %a outputs %zu",
                     VERSION, (int)o->fit, (double)o->input.mean[0], (double)o->input.mean[1],
                     (double)o->input.mean[2], (double)o->input.std[0], (double)o->input.std[1],
                     (double)o->input.std[2], e->outputs);
    struct hash128 model = hash128(bytes, len, 0);
    struct hash128 both = hash128(options, (size_t)n, model.low ^ model.high);
    snprintf(e->id, sizeof e->id, "%016llx%016llx", (unsigned long long)both.high,
             (unsigned long long)both.low);
}

static bool load_model(struct embedder *e, const char *path,
                       const struct classifier_options *options, struct error *err)
{
    const char *name = path ? path : BACKBONE_NAME;
    size_t len;
    const void *bytes;
    if (path) {
        if (!file_read(path, NN_MODEL_MAX_BYTES, &e->file, err)) {
            return false;
        }
        bytes = e->file.data;
        len = e->file.len;
    } else {
        bytes = backbone_bytes(&len);
    }
    e->classifier = classifier_parse(bytes, len, name, options, err);
    if (!e->classifier || !lay_out(e, name, path != NULL, err)) {
        return false;
    }
    identify(e, bytes, len);
    return true;
}

struct embedder *embedder_new(const char *model_path, const struct classifier_options *options,
                              struct error *err)
{
    struct embedder *e = calloc(1, sizeof *e);
    if (!e) {
        error_nomem(err, sizeof *e, "an embedder");
        return NULL;
    }
    buf_init(&e->file);
    if (!load_model(e, model_path, options, err)) {
        embedder_free(e);
        return NULL;
    }
    return e;
}

void embedder_free(struct embedder *e)
{
    if (e) {
        classifier_free(e->classifier);
        buf_release(&e->file);
        free(e);
    }
}

const char *embedder_id(const struct embedder *e)
{
    return e->id;
}

struct nn_image_shape embedder_input(const struct embedder *e)
{
    return e->classifier->shape;
}

size_t embedder_dims(const struct embedder *e)
{
    return e->dims;
}

size_t embedder_outputs(const struct embedder *e)
{
    return e->outputs;
}

size_t embedder_block_count(const struct embedder *e)
{
    return e->block_count;
}

struct embedder_block embedder_block(const struct embedder *e, size_t index)
{
    return e->blocks[index];
}

void embedder_parts(const struct embedder *e, struct head_parts *parts)
{
    *parts = (struct head_parts){ 0 };
    for (size_t i = 0; i < e->block_count; i++) {
        struct head_part *last = parts->count ? &parts->part[parts->count - 1] : NULL;
        if (!last || last->weight != e->kinds[i]->weight) {
            last = &parts->part[parts->count++];
            last->weight = e->kinds[i]->weight;
        }
        last->dims += e->blocks[i].dims;
    }
}

/* ----------------------------------------------------------------- running */

struct embed_runner *embed_runner_new(const struct embedder *e, struct error *err)
{
    struct embed_runner *r = calloc(1, sizeof *r);
    size_t channels = e->featured ? e->features.channels : 0;
    if (r) {
        r->embedder = e;
        r->features.mean = mem_array(channels, sizeof(float));
        r->features.grid = mem_array(channels, 4 * sizeof(float));
        r->features.fine_grid = fine_dims(e) ? mem_array(fine_dims(e), sizeof(float)) : NULL;
    }
    if (!r || !r->features.mean || !r->features.grid || (fine_dims(e) && !r->features.fine_grid)) {
        embed_runner_free(r);
        error_nomem(err, e->dims * sizeof(float), "a runner");
        return NULL;
    }
    r->runner = runner_new(e->classifier, err);
    if (!r->runner) {
        embed_runner_free(r);
        return NULL;
    }
    return r;
}

void embed_runner_free(struct embed_runner *r)
{
    if (r) {
        runner_free(r->runner);
        free(r->features.mean);
        free(r->features.grid);
        free(r->features.fine_grid);
        free(r);
    }
}

static void take(struct embed_runner *r, float *embedding, float *logits)
{
    const struct embedder *e = r->embedder;
    struct nn_context *context = r->runner->context;
    if (e->featured) {
        nn_run_embedding(context, r->runner->input, NULL, &r->features);
    } else {
        nn_run(context, r->runner->input, NULL);
    }
    for (size_t i = 0; i < e->block_count; i++) {
        e->kinds[i]->fill(r, embedding + e->blocks[i].offset);
    }
    if (logits && e->outputs) {
        nn_logits(context, logits);
    }
}

bool embed_run(struct embed_runner *r, const void *bytes, size_t len, const struct region *region,
               float *embedding, float *logits, struct error *err)
{
    const struct nn_image_shape *shape = &r->embedder->classifier->shape;
    struct image picture = IMAGE_INIT;
    struct image_limits limits = image_limits_default;
    limits.lease = &r->memory;
    bool ok = image_decode_region(bytes, len, region, &limits, shape->width, shape->height,
                                  &picture, err) &&
              runner_fill(r->runner, &picture, err);
    image_budget_give(&r->memory);
    if (ok) {
        take(r, embedding, logits);
    }
    image_release(&picture);
    return ok;
}

bool embed_run_picture(struct embed_runner *r, const struct picture *picture,
                       const struct region *region, float *embedding, float *logits,
                       struct error *err)
{
    const struct image *whole = &picture->image;
    struct image_rect all = { 0, 0, whole->width, whole->height };
    struct image copy = IMAGE_INIT;
    struct image shared = *whole; /* opaque pixels are not written to */
    bool ok = true;
    if (!region_is_whole(region)) {
        ok = image_crop_region(whole, &picture->info, region, &copy, err);
    } else if (whole->channels != 3) {
        ok = image_crop(whole, all, &copy, err);
    }
    ok = ok && runner_fill(r->runner, copy.pixels ? &copy : &shared, err);
    if (ok) {
        take(r, embedding, logits);
    }
    image_release(&copy);
    return ok;
}

bool embed_read_file(struct embed_runner *r, const char *path, struct buf *file, struct error *err)
{
    return image_read_file(path, NULL, &r->memory, file, err);
}

void embed_done(struct embed_runner *r)
{
    image_budget_give(&r->memory);
}

bool embed_run_file(struct embed_runner *r, const char *path, const struct region *region,
                    float *embedding, float *logits, struct error *err)
{
    struct buf file = BUF_INIT;
    struct error why = { ERROR_NONE, "" };
    if (!embed_read_file(r, path, &file, err)) {
        buf_release(&file);
        embed_done(r);
        return false;
    }
    bool ok = embed_run(r, file.data, file.len, region, embedding, logits, &why);
    buf_release(&file);
    embed_done(r);
    return ok || error_set(err, why.kind, "%s: %s", path, why.message);
}

/* ----------------------------------------------------------------- packing */

static float pack_block(const float *values, size_t count, int8_t *out)
{
    float top = 0.0f;
    for (size_t i = 0; i < count; i++) {
        top = fmaxf(top, fabsf(values[i]));
    }
    float scale = top / 127.0f;
    float inverse = scale >= FLT_MIN ? 1.0f / scale : 0.0f;
    for (size_t i = 0; i < count; i++) {
        out[i] = (int8_t)rintf(values[i] * inverse);
    }
    return scale;
}

static void unpack_block(float scale, const int8_t *in, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = (float)in[i] * scale;
    }
}

static size_t scale_count(const struct embedder *e)
{
    return e->block_count + (e->outputs > 0);
}

size_t embedder_packed_bytes(const struct embedder *e)
{
    return scale_count(e) * sizeof(float) + e->dims + e->outputs;
}

void embedder_pack(const struct embedder *e, const float *embedding, const float *logits,
                   void *packed)
{
    float scales[BLOCKS_MAX + 1];
    int8_t *out = (int8_t *)packed + scale_count(e) * sizeof(float);
    for (size_t i = 0; i < e->block_count; i++) {
        const struct embedder_block *b = &e->blocks[i];
        scales[i] = pack_block(embedding + b->offset, b->dims, out + b->offset);
    }
    if (e->outputs) {
        scales[e->block_count] = pack_block(logits, e->outputs, out + e->dims);
    }
    memcpy(packed, scales, scale_count(e) * sizeof(float));
}

void embedder_unpack(const struct embedder *e, const void *packed, float *embedding, float *logits)
{
    float scales[BLOCKS_MAX + 1];
    const int8_t *in = (const int8_t *)packed + scale_count(e) * sizeof(float);
    memcpy(scales, packed, scale_count(e) * sizeof(float));
    for (size_t i = 0; i < e->block_count; i++) {
        const struct embedder_block *b = &e->blocks[i];
        unpack_block(scales[i], in + b->offset, b->dims, embedding + b->offset);
    }
    if (e->outputs && logits) {
        unpack_block(scales[e->block_count], in + e->dims, e->outputs, logits);
    }
}
