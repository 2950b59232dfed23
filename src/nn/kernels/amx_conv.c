/* Tiles of CONV_2D: 16 pixels × 16 or 32 channels, up to 64 values of K a step
 * (16 groups); the remaining groups of a run have tiles of their own size. The
 * sums of up to four such tiles are in flight before the first is stored. */
#include "kernels/amx.h"

#include <string.h>

#include "kernels/avx512_conv.h"
#include "kernels/avx512vnni.h"

#define PIXELS 16 /* in a tile register */
#define MOST 64   /* pixels in a call */
#define CHUNK 16  /* groups */

/* Tile registers; gcc's intrinsics want literals. */
#define SUMS_0 0
#define SUMS_1 1
#define PIXELS_WHOLE 2
#define WEIGHTS_WHOLE_0 3
#define WEIGHTS_WHOLE_1 4
#define PIXELS_REST 5
#define WEIGHTS_REST_0 6
#define WEIGHTS_REST_1 7

struct tile_config {
    uint8_t palette;
    uint8_t start_row;
    uint8_t reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

static void begin(size_t run_steps)
{
    struct tile_config config = { .palette = 1 };
    const uint8_t rest = (uint8_t)(run_steps % CHUNK ? run_steps % CHUNK : CHUNK);
    for (int i = 0; i < 8; i++) {
        config.row_bytes[i] = 64;
        config.rows[i] = 16;
    }
    config.row_bytes[PIXELS_REST] = (uint16_t)(4 * rest);
    config.rows[WEIGHTS_REST_0] = config.rows[WEIGHTS_REST_1] = rest;
    _tile_loadconfig(&config);
}

static void end(void)
{
    _tile_release();
}

static void sums_1(const struct nn_tile *t, int first, int32_t *sums)
{
    const ptrdiff_t offset = t->offset + first * t->pixel;
    const char *w = t->weights;
    const size_t whole = t->run_steps / CHUNK * CHUNK, rest = t->run_steps - whole;
    _tile_loadd(SUMS_0, t->bias, 0);
    for (size_t run = 0; run < t->step_count; run += t->run_steps) {
        for (size_t i = 0; i < whole; i += CHUNK, w += 64 * CHUNK) {
            _tile_loadd(PIXELS_WHOLE, t->steps[run + i] + offset, t->pixel);
            _tile_loadd(WEIGHTS_WHOLE_0, w, 64);
            _tile_dpbusd(SUMS_0, PIXELS_WHOLE, WEIGHTS_WHOLE_0);
        }
        if (rest > 0) {
            _tile_loadd(PIXELS_REST, t->steps[run + whole] + offset, t->pixel);
            _tile_loadd(WEIGHTS_REST_0, w, 64);
            _tile_dpbusd(SUMS_0, PIXELS_REST, WEIGHTS_REST_0);
            w += 64 * rest;
        }
    }
    _tile_stored(SUMS_0, sums, 64);
}

static void sums_2(const struct nn_tile *t, int first, int32_t *sums)
{
    const ptrdiff_t offset = t->offset + first * t->pixel;
    const char *w = t->weights;
    const size_t whole = t->run_steps / CHUNK * CHUNK, rest = t->run_steps - whole;
    _tile_loadd(SUMS_0, t->bias, 0);
    _tile_loadd(SUMS_1, t->bias + 16, 0);
    for (size_t run = 0; run < t->step_count; run += t->run_steps) {
        for (size_t i = 0; i < whole; i += CHUNK, w += 128 * CHUNK) {
            _tile_loadd(PIXELS_WHOLE, t->steps[run + i] + offset, t->pixel);
            _tile_loadd(WEIGHTS_WHOLE_0, w, 128);
            _tile_loadd(WEIGHTS_WHOLE_1, w + 64, 128);
            _tile_dpbusd(SUMS_0, PIXELS_WHOLE, WEIGHTS_WHOLE_0);
            _tile_dpbusd(SUMS_1, PIXELS_WHOLE, WEIGHTS_WHOLE_1);
        }
        if (rest > 0) {
            _tile_loadd(PIXELS_REST, t->steps[run + whole] + offset, t->pixel);
            _tile_loadd(WEIGHTS_REST_0, w, 128);
            _tile_loadd(WEIGHTS_REST_1, w + 64, 128);
            _tile_dpbusd(SUMS_0, PIXELS_REST, WEIGHTS_REST_0);
            _tile_dpbusd(SUMS_1, PIXELS_REST, WEIGHTS_REST_1);
            w += 128 * rest;
        }
    }
    _tile_stored(SUMS_0, sums, 128);
    _tile_stored(SUMS_1, sums + 16, 128);
}

static inline __m512i load(const int32_t *from)
{
    return _mm512_load_si512(from);
}

static void tile_1(const struct nn_tile *t)
{
    _Alignas(64) int32_t sums[MOST * 16];
    const struct range512 range = range512(t->range);
    for (int p = 0; p < t->pixels; p += PIXELS) {
        sums_1(t, p, sums + 16 * p);
    }
    for (int p = 0; p < t->pixels; p += 4) {
        const int32_t *s = sums + 16 * p;
        store512_1(t, p, t->pixels - p, &range, load(s), load(s + 16), load(s + 32), load(s + 48));
    }
}

static void tile_2(const struct nn_tile *t)
{
    _Alignas(64) int32_t sums[MOST * 32];
    const struct range512 range = range512(t->range);
    for (int p = 0; p < t->pixels; p += PIXELS) {
        sums_2(t, p, sums + 32 * p);
    }
    for (int p = 0; p < t->pixels; p += 2) {
        const int32_t *s = sums + 32 * p;
        store512_2(t, p, t->pixels - p, &range, load(s), load(s + 16), load(s + 32), load(s + 48));
    }
}

/* One for any number of pixels. */
#define EIGHT(f) f, f, f, f, f, f, f, f
#define MOST_TIMES(f) EIGHT(f), EIGHT(f), EIGHT(f), EIGHT(f), EIGHT(f), EIGHT(f), EIGHT(f), EIGHT(f)

static const nn_tile_fn tiles_1[MOST] = { MOST_TIMES(tile_1) };
static const nn_tile_fn tiles_2[MOST] = { MOST_TIMES(tile_2) };

static const struct nn_conv_isa isa = {
    .begin = begin,
    .end = end,
    .overread = PIXELS,
    .lanes = 16,
    .group = 4,
    .offset = 128,
    .convert = convert512,
    .channel = channel512,
    .most = { MOST, MOST },
    .tiles = { tiles_1, tiles_2 },
};

/* Below this many values of K, passing the sums through memory costs more than the
 * products. */
#define LEAST_VALUES 32

bool nn_amx_conv(struct nn_model *model, struct nn_op *op, struct error *err)
{
    const struct nn_window *w = &op->p.conv.window;
    if ((int64_t)w->kernel_h * w->kernel_w * w->in_c < LEAST_VALUES) {
        return nn_avx512vnni_conv(model, op, err);
    }
    return nn_conv_pack(model, op, &isa, err);
}
