/* PNG through libpng. */
#ifdef HAVE_LIBPNG

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>
#include <zlib.h>

#include "encoder.h"

/* The filters and levels below were chosen by measurement on photographs of 480x360, in
 * KB and ms of processor time. 24 bits: filter "average" at level 1 251 KB, 7 ms; Paeth
 * 251, 8; no filter 350, 8; Z_RLE 237 to 307, 6; level 3 240, 13; level 6 231, 45; a
 * filter chosen per row 251, 10. 256 colours: level 3 104, 4; level 1 106, 3; level 6
 * 105, 8. */
#define LEVEL_RGB 1
#define LEVEL_INDEXED 3

struct job {
    png_structp png;
    png_infop info;
    struct buf *out;
    struct error *err;
    const struct png_rows *rows;
};

static void on_write(png_structp png, png_bytep bytes, size_t len)
{
    struct buf *out = png_get_io_ptr(png);
    buf_add(out, bytes, len);
    if (out->failed) {
        png_error(png, "out of memory");
    }
}

static void on_flush(png_structp png)
{
    (void)png;
}

static void on_error(png_structp png, png_const_charp message)
{
    struct job *job = png_get_error_ptr(png);
    error_set(job->err, ERROR_IO, "PNG of %dx%d pixels: %s", job->rows->width, job->rows->height,
              message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void set_up(struct job *job)
{
    const struct png_rows *rows = job->rows;
    png_structp png = job->png;
    png_set_write_fn(png, job->out, on_write, on_flush);
    png_set_IHDR(png, job->info, (png_uint_32)rows->width, (png_uint_32)rows->height, rows->depth,
                 rows->palette ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_mem_level(png, 9);
    if (rows->palette) {
        png_color colors[256];
        for (int i = 0; i < rows->colors; i++) {
            const uint8_t *rgb = rows->palette[i];
            colors[i] = (png_color){ rgb[0], rgb[1], rgb[2] };
        }
        png_set_PLTE(png, job->info, colors, rows->colors);
        png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
        png_set_compression_level(png, LEVEL_INDEXED);
    } else {
        png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_AVG);
        png_set_compression_level(png, LEVEL_RGB);
        png_set_compression_strategy(png, Z_FILTERED);
    }
}

static bool write_png(struct job *job)
{
    job->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, job, on_error, on_warning);
    job->info = job->png ? png_create_info_struct(job->png) : NULL;
    if (!job->info) {
        return error_nomem(job->err, sizeof(png_color) * 256, "a PNG encoder");
    }
    if (setjmp(png_jmpbuf(job->png))) {
        return false;
    }
    set_up(job);
    png_write_info(job->png, job->info);
    for (int y = 0; y < job->rows->height; y++) {
        png_write_row(job->png, job->rows->bytes + (size_t)y * job->rows->stride);
    }
    png_write_end(job->png, NULL);
    return true;
}

static bool encode_png(const struct png_rows *rows, struct buf *out, struct error *err)
{
    struct job job = { .out = out, .err = err, .rows = rows };
    bool ok = write_png(&job);
    png_destroy_write_struct(&job.png, &job.info);
    return ok;
}

const struct encoder encoder_png = { .name = "libpng", .png = encode_png };

#else
typedef int encode_png_left_out; /* ISO C wants a declaration */
#endif
