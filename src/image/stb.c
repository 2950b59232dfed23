/* PNG, GIF, BMP, TGA, PNM through stb_image; JPEG where libjpeg is absent. */
#include "codec.h"

#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exif.h"

/* ------------------------------------------------------------------- memory */

/* stb_image takes memory through macros that carry no context, so the bytes
 * that the decode running in this thread may still take have to stand here.
 * It is set before and is meaningless after each call into stb_image. */
static _Thread_local struct {
    size_t left;
    bool exceeded;
} budget;

static bool budget_take(size_t bytes)
{
    if (bytes > budget.left) {
        budget.exceeded = true;
        return false;
    }
    budget.left -= bytes;
    return true;
}

static void *budget_malloc(size_t bytes)
{
    if (!budget_take(bytes)) {
        return NULL;
    }
    void *block = calloc(1, bytes); /* what a file that ends early leaves unset is black */
    if (!block) {
        budget.left += bytes;
        return NULL;
    }
    budget_take(malloc_usable_size(block) - bytes);
    return block;
}

static void budget_free(void *block)
{
    if (block) {
        budget.left += malloc_usable_size(block);
        free(block);
    }
}

static void *budget_realloc(void *block, size_t bytes)
{
    if (!block) {
        return budget_malloc(bytes);
    }
    size_t had = malloc_usable_size(block);
    if (bytes > had && !budget_take(bytes - had)) {
        return NULL;
    }
    void *moved = realloc(block, bytes);
    if (!moved) {
        budget.left += bytes > had ? bytes - had : 0;
    }
    return moved;
}
