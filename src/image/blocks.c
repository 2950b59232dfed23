#include "blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

uint64_t blocks_bytes(int columns, int channels)
{
    return 2 * (uint64_t)columns * (uint64_t)channels * sizeof(uint64_t);
}

bool blocks_init(struct blocks *blocks, int width, int height, struct image *out, struct error *err)
{
    *blocks = (struct blocks){ .out = out, .width = width, .height = height };
    size_t samples = image_stride(out);
    blocks->line = mem_array(samples, 2 * sizeof(*blocks->line));
    if (!blocks->line) {
        return error_nomem(err, blocks_bytes(out->width, out->channels), "scaling");
    }
    blocks->sums = blocks->line + samples;
    return true;
}

void blocks_release(struct blocks *blocks)
{
    free(blocks->line);
    blocks->line = NULL;
}

/* Adds `units` of a pixel to the sums. */
static inline void add_pixel(uint64_t *sums, const uint8_t *pixel, uint64_t units, int channels)
{
    uint64_t weight = channels == 4 ? units * pixel[3] : units;
    sums[0] += pixel[0] * weight;
    sums[1] += pixel[1] * weight;
    sums[2] += pixel[2] * weight;
    if (channels == 4) {
        sums[3] += weight;
    }
}

static inline void sum_line(struct blocks *b, const uint8_t *from, int channels)
{
    uint64_t columns = (uint64_t)b->out->width; /* length of a source pixel in units */
    uint64_t width = (uint64_t)b->width;        /* length of a result pixel in units */
    uint64_t *line = b->line;
    uint64_t left = columns; /* units left of the pixel at `from` */
    for (uint64_t i = 0; i < columns; i++, line += channels) {
        uint64_t sums[4] = { 0 };
        uint64_t wanted = width - left;
        add_pixel(sums, from, left, channels);
        from += channels;
        uint64_t inner[4] = { 0 };
        uint64_t whole = wanted / columns;
        for (uint64_t k = 0; k < whole; k++, from += channels) {
            add_pixel(inner, from, 1, channels);
        }
        wanted -= whole * columns;
        if (wanted > 0) {
            add_pixel(sums, from, wanted, channels);
        }
        for (int c = 0; c < channels; c++) {
            line[c] = sums[c] + inner[c] * columns;
        }
        left = columns - wanted;
    }
}

/* Rounds half up, despite the rounding error of the reciprocal. */
static uint8_t mean(uint64_t sum, double reciprocal)
{
    return (uint8_t)((double)(int64_t)sum * reciprocal + (0.5 + 1e-9));
}

static void finish_row(struct blocks *b)
{
    size_t samples = image_stride(b->out);
    uint8_t *to = image_at(b->out, 0, b->done++);
    double all = 1.0 / ((double)b->width * b->filled);
    if (b->out->channels == 3) {
        for (size_t i = 0; i < samples; i++) {
            to[i] = mean(b->sums[i], all);
        }
    } else {
        for (size_t i = 0; i < samples; i += 4) {
            uint64_t alpha = b->sums[i + 3];
            double part = alpha ? 1.0 / (double)(int64_t)alpha : 0.0;
            for (size_t c = 0; c < 3; c++) {
                to[i + c] = mean(b->sums[i + c], part);
            }
            to[i + 3] = mean(alpha, all);
        }
    }
    memset(b->sums, 0, samples * sizeof(*b->sums));
    b->filled = 0;
}

void blocks_add(struct blocks *blocks, const uint8_t *row)
{
    size_t samples = image_stride(blocks->out);
    int left = blocks->out->height; /* units left of this row */
    if (blocks->out->channels == 4) {
        sum_line(blocks, row, 4);
    } else {
        sum_line(blocks, row, 3);
    }
    blocks->added++;
    while (left > 0) {
        int part = blocks->height - blocks->filled;
        part = part < left ? part : left;
        for (size_t i = 0; i < samples; i++) {
            blocks->sums[i] += blocks->line[i] * (uint64_t)part;
        }
        blocks->filled += part;
        left -= part;
        if (blocks->filled == blocks->height) {
            finish_row(blocks);
        }
    }
}

void blocks_end(struct blocks *blocks)
{
    if (blocks->filled > 0) {
        finish_row(blocks);
    }
}
