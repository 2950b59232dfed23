#include "blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static size_t columns(const struct blocks *b)
{
    return ((size_t)b->width + (size_t)b->across - 1) / (size_t)b->across;
}

uint64_t blocks_bytes(int width, int channels, int across)
{
    const struct blocks b = { .width = width, .across = across };
    return (uint64_t)columns(&b) * (uint64_t)channels * sizeof(*b.sums);
}

bool blocks_init(struct blocks *blocks, int width, int channels, int across, struct error *err)
{
    *blocks = (struct blocks){ .width = width, .across = across, .channels = channels };
    blocks->sums = mem_array(columns(blocks), (size_t)channels * sizeof(*blocks->sums));
    return blocks->sums || error_nomem(err, blocks_bytes(width, channels, across), "scaling");
}

void blocks_release(struct blocks *blocks)
{
    free(blocks->sums);
    blocks->sums = NULL;
}

static int columns_at(const struct blocks *b, int x)
{
    return b->width - x < b->across ? b->width - x : b->across;
}

static void add_opaque(struct blocks *b, const uint8_t *from)
{
    uint64_t *sums = b->sums;
    for (int x = 0; x < b->width; x += b->across, sums += 3) {
        const uint8_t *end = from + (size_t)columns_at(b, x) * 3;
        uint64_t red = 0, green = 0, blue = 0;
        for (; from < end; from += 3) {
            red += from[0];
            green += from[1];
            blue += from[2];
        }
        sums[0] += red;
        sums[1] += green;
        sums[2] += blue;
    }
}

static void add_alpha(struct blocks *b, const uint8_t *from)
{
    uint64_t *sums = b->sums;
    for (int x = 0; x < b->width; x += b->across, sums += 4) {
        const uint8_t *end = from + (size_t)columns_at(b, x) * 4;
        for (; from < end; from += 4) {
            uint64_t alpha = from[3];
            sums[0] += from[0] * alpha;
            sums[1] += from[1] * alpha;
            sums[2] += from[2] * alpha;
            sums[3] += alpha;
        }
    }
}

void blocks_add(struct blocks *blocks, const uint8_t *row)
{
    if (blocks->channels == 4) {
        add_alpha(blocks, row);
    } else {
        add_opaque(blocks, row);
    }
    blocks->rows++;
}

void blocks_take(struct blocks *blocks, uint8_t *to)
{
    size_t channels = (size_t)blocks->channels;
    uint64_t *sums = blocks->sums;
    for (int x = 0; x < blocks->width; x += blocks->across, sums += channels, to += channels) {
        uint64_t pixels = (uint64_t)columns_at(blocks, x) * (uint64_t)blocks->rows;
        uint64_t weight = channels == 4 ? sums[3] : pixels;
        for (size_t c = 0; c < 3; c++) {
            to[c] = weight ? (uint8_t)((sums[c] + weight / 2) / weight) : 0;
        }
        if (channels == 4) {
            to[3] = (uint8_t)((sums[3] + pixels / 2) / pixels);
        }
    }
    memset(blocks->sums, 0, columns(blocks) * channels * sizeof(*blocks->sums));
    blocks->rows = 0;
}
