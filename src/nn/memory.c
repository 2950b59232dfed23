/* The memory of a model. */
#include <stdlib.h>

#include "base/mem.h"
#include "graph.h"

#define MAX_WORK ((size_t)1 << 30)

struct nn_block {
    struct nn_block *next;
    _Alignas(max_align_t) unsigned char bytes[];
};

bool nn_model_charge(struct nn_model *model, size_t bytes, struct error *err)
{
    if (bytes > MAX_WORK - model->work) {
        return error_set(err, ERROR_UNSUPPORTED, "%s: too many constants; the limit is %zu bytes",
                         model->name, MAX_WORK);
    }
    model->work += bytes;
    return true;
}

void *nn_model_alloc(struct nn_model *model, size_t count, size_t size, struct error *err)
{
    size_t bytes;
    if (!mem_mul(count, size, &bytes) || bytes > MAX_WORK) {
        bytes = MAX_WORK + 1;
    }
    if (!nn_model_charge(model, bytes, err)) {
        return NULL;
    }
    struct nn_block *block = calloc(1, sizeof(*block) + bytes);
    if (!block) {
        error_nomem(err, bytes, "the model");
        return NULL;
    }
    block->next = model->blocks;
    model->blocks = block;
    return block->bytes;
}

void *nn_model_alloc_aligned(struct nn_model *model, size_t bytes, struct error *err)
{
    unsigned char *block = nn_model_alloc(model, bytes + NN_ARENA_ALIGN, 1, err);
    return block ? block + NN_ARENA_ALIGN - (uintptr_t)block % NN_ARENA_ALIGN : NULL;
}

void nn_model_release_blocks(struct nn_model *model)
{
    for (struct nn_block *block = model->blocks; block;) {
        struct nn_block *next = block->next;
        free(block);
        block = next;
    }
    model->blocks = NULL;
}

bool nn_need_scratch(struct nn_model *model, size_t bytes)
{
    if (bytes > NN_PACKED_MAX_BYTES) {
        return false;
    }
    bytes = (bytes + NN_ARENA_ALIGN - 1) / NN_ARENA_ALIGN * NN_ARENA_ALIGN;
    if (model->scratch_bytes < bytes) {
        model->scratch_bytes = bytes;
    }
    return true;
}
