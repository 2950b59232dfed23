/* How near one picture is to another. */
#ifndef BENCH_SIMILARITY_H
#define BENCH_SIMILARITY_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct similarity {
    double psnr;    /* dB */
    double blurred; /* the same behind a blur of sigma 1: dither as the eye sees it */
    double ssim;    /* of luma, windows of sigma 1.5 (Wang et al. 2004) */
};

enum { BLUR_REACH = 4 };

/* A plane along x, then along y; *scratch has its size. Edges are repeated. */
static inline void blur_plane(float *plane, float *scratch, int width, int height, double sigma)
{
    float k[BLUR_REACH + 1];
    double sum = 1.0;
    for (int i = 1; i <= BLUR_REACH; i++) {
        sum += 2.0 * exp(-i * i / (2.0 * sigma * sigma));
    }
    for (int i = 0; i <= BLUR_REACH; i++) {
        k[i] = (float)(exp(-i * i / (2.0 * sigma * sigma)) / sum);
    }
    for (int pass = 0; pass < 2; pass++) {
        const float *from = pass ? scratch : plane;
        float *to = pass ? plane : scratch;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = pass ? y : x;
                int last = (pass ? height : width) - 1;
                ptrdiff_t step = pass ? width : 1;
                const float *p = from + (ptrdiff_t)y * width + x;
                float v = k[0] * *p;
                for (int i = 1; i <= BLUR_REACH; i++) {
                    v += k[i] *
                         (p[-step * (i < at ? i : at)] + p[step * (i < last - at ? i : last - at)]);
                }
                to[(ptrdiff_t)y * width + x] = v;
            }
        }
    }
}

static inline double squared_error(const float *a, const float *b, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        double d = (double)a[i] - (double)b[i];
        sum += d * d;
    }
    return sum;
}

static inline double mean_ssim(const float *a, const float *b, float *const planes[6], int width,
                               int height)
{
    const double c1 = 0.01 * 255.0 * 0.01 * 255.0;
    const double c2 = 0.03 * 255.0 * 0.03 * 255.0;
    size_t count = (size_t)width * (size_t)height;
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        planes[0][i] = a[i];
        planes[1][i] = b[i];
        planes[2][i] = a[i] * a[i];
        planes[3][i] = b[i] * b[i];
        planes[4][i] = a[i] * b[i];
    }
    for (int p = 0; p < 5; p++) {
        blur_plane(planes[p], planes[5], width, height, 1.5);
    }
    for (size_t i = 0; i < count; i++) {
        double ma = (double)planes[0][i];
        double mb = (double)planes[1][i];
        double va = (double)planes[2][i] - ma * ma;
        double vb = (double)planes[3][i] - mb * mb;
        double ab = (double)planes[4][i] - ma * mb;
        sum += (2.0 * ma * mb + c1) * (2.0 * ab + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
    }
    return sum / (double)count;
}

static inline double to_decibels(double squares, size_t count)
{
    return 10.0 * log10(255.0 * 255.0 * (double)count / (squares + 1e-9));
}

/* Two pictures of 3 channels and one size, rows without gaps; false: no memory. */
static inline bool similarity(const uint8_t *a, const uint8_t *b, int width, int height,
                              struct similarity *out)
{
    enum { PLANES = 10 }; /* channel of a, of b, their luma, and six to work with */
    static const float luma[3] = { 0.299f, 0.587f, 0.114f };
    size_t count = (size_t)width * (size_t)height;
    float *memory = calloc(PLANES * count, sizeof *memory);
    float *p[PLANES];
    double plain = 0.0;
    double blurred = 0.0;
    if (!memory) {
        return false;
    }
    for (size_t i = 0; i < PLANES; i++) {
        p[i] = memory + i * count;
    }
    for (size_t c = 0; c < 3; c++) {
        for (size_t i = 0; i < count; i++) {
            p[0][i] = (float)a[3 * i + c];
            p[1][i] = (float)b[3 * i + c];
            p[2][i] += luma[c] * p[0][i];
            p[3][i] += luma[c] * p[1][i];
        }
        plain += squared_error(p[0], p[1], count);
        blur_plane(p[0], p[4], width, height, 1.0);
        blur_plane(p[1], p[4], width, height, 1.0);
        blurred += squared_error(p[0], p[1], count);
    }
    out->psnr = to_decibels(plain, 3 * count);
    out->blurred = to_decibels(blurred, 3 * count);
    out->ssim = mean_ssim(p[2], p[3], p + 4, width, height);
    free(memory);
    return true;
}

#endif
