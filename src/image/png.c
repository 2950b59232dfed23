/* PNG through libpng: every depth and colour type, interlaced or not. A picture much
 * larger than the hint is averaged while it is read. */
#ifdef HAVE_LIBPNG

#include "codec.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "base/mem.h"
#include "levels.h"
#include "rows.h"

/* Memory of libpng in addition to its rows: its structures, zlib's window, the palette.
 * Also the limit for a chunk; only the chunks needed for the pixels are read. */
#define FIXED_MEMORY ((uint64_t)1 << 20)
/* Bytes per column: two rows in libpng of at most 4 samples of 16 bits. */
#define ROW_MEMORY 16

struct job {
    png_structp png;
    png_infop info;
    const struct codec_request *request;
    struct codec_result *out;
    struct error *err;
    struct rows rows;
    struct levels levels; /* of 16-bit samples */
    uint8_t *deep;        /* one row of 16-bit samples; NULL: libpng converts to 8 bits */
    bool grey;            /* one 16-bit sample for all three colours */
    size_t at;            /* bytes read */
    size_t cut;           /* offset of the chunk in which the file ends early, or 0 */
    bool ready;           /* the image is set up: pixels can follow */
    int passes;           /* 7 if interlaced, else 1 */
    char what[56];        /* the first error or warning */
    jmp_buf escape;
};

/* ---------------------------------------------------------------- callbacks */

static void note(struct job *job, const char *message)
{
    if (!job->what[0]) {
        snprintf(job->what, sizeof(job->what), "%.55s", message);
    }
}

static _Noreturn void on_error(png_structp png, png_const_charp message)
{
    struct job *job = png_get_error_ptr(png);
    note(job, message);
    longjmp(job->escape, 1);
}

/* The warnings that can mean damage: wrong checksums (ignored in chunks that are not
 * needed), and data beyond the last row, which is never inflated. */
static void on_warning(png_structp png, png_const_charp message)
{
    if (strstr(message, "CRC error") || strstr(message, "Too much image data")) {
        note(png_get_error_ptr(png), message);
    }
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Finds the chunk in which the file ends. After 8 bytes of signature each chunk has: a
 * big-endian length, type, data, CRC. */
static size_t find_cut(const uint8_t *bytes, size_t len)
{
    size_t at = 8;
    while (at < len && len - at >= 8) {
        size_t size = be32(bytes + at);
        if (size > len - at - 8) {
            return at;
        }
        at += 8 + size;
        at += len - at < 4 ? len - at : 4;
    }
    return 0;
}

/* libpng reads much of a chunk at once. The length of a chunk that ends early is reduced
 * here to what is present, so that libpng decodes all of that. */
static void on_read(png_structp png, png_bytep to, size_t count)
{
    struct job *job = png_get_io_ptr(png);
    size_t left = job->request->len - job->at;
    if (count > left) {
        png_error(png, "the file ends early");
    }
    memcpy(to, job->request->bytes + job->at, count);
    if (job->cut && job->at == job->cut && count >= 4) {
        png_save_uint_32(to, (png_uint_32)(left - 8));
    }
    job->at += count;
}

/* ------------------------------------------------------------------- set-up */

static bool open_png(struct job *job)
{
    job->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, job, on_error, on_warning);
    job->info = job->png ? png_create_info_struct(job->png) : NULL;
    return job->info || error_nomem(job->err, FIXED_MEMORY, "a PNG decoder");
}

static void configure(struct job *job)
{
    png_structp png = job->png;
    png_set_read_fn(png, job, on_read);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* codec_size() checks our limits */
    png_set_chunk_malloc_max(png, FIXED_MEMORY);
    png_set_chunk_cache_max(png, 1);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_crc_action(png, PNG_CRC_WARN_USE, PNG_CRC_QUIET_USE);
#ifdef PNG_IGNORE_ADLER32
    png_set_option(png, PNG_IGNORE_ADLER32, PNG_OPTION_ON); /* each chunk has a CRC */
#endif
}

/* Has libpng convert to 8-bit RGB or RGBA; 16-bit samples stay. Returns the channels. */
static int choose_samples(struct job *job)
{
    png_structp png = job->png;
    png_set_expand(png);
    if (!job->deep) {
        png_set_strip_16(png);
        png_set_gray_to_rgb(png);
    }
    job->passes = png_set_interlace_handling(png);
    png_read_update_info(png, job->info);
    return png_get_channels(png, job->info);
}

static bool prepare(struct job *job)
{
    png_structp png = job->png;
    png_read_info(png, job->info);
    if (!codec_size(job->request, png_get_image_width(png, job->info),
                    png_get_image_height(png, job->info), job->out, job->err)) {
        return false;
    }
    bool alpha = (png_get_color_type(png, job->info) & PNG_COLOR_MASK_ALPHA) ||
                 png_get_valid(png, job->info, PNG_INFO_tRNS);
    bool interlaced = png_get_interlace_type(png, job->info) != PNG_INTERLACE_NONE;
    int channels = alpha ? 4 : 3;
    uint64_t extra = FIXED_MEMORY + (uint64_t)job->out->width * ROW_MEMORY;
    if (!rows_begin(&job->rows, job->request, job->out, channels, interlaced, extra, job->err)) {
        return false;
    }
    size_t row = (size_t)job->out->width * (size_t)channels;
    if (png_get_bit_depth(png, job->info) == 16 && !interlaced) {
        job->deep = mem_array(row, 2);
        if (!job->deep) {
            return error_nomem(job->err, 2 * row, "a row of a picture");
        }
    }
    int given = choose_samples(job);
    job->grey = given < 3;
    if ((job->grey ? given + 2 : given) != channels || (job->grey && !job->deep) ||
        png_get_rowbytes(png, job->info) !=
            (size_t)job->out->width * (size_t)given * (job->deep ? 2 : 1)) {
        return error_set(job->err, ERROR_DATA, "PNG: the row length contradicts the header");
    }
    return true;
}

/* ------------------------------------------------------------------ decoding */

/* Converts a row of 16-bit big-endian samples. Alpha is not stretched. */
static void row_from_deep(struct job *job, uint8_t *to)
{
    int channels = job->rows.image->channels;
    const uint8_t *from = job->deep;
    struct levels levels = job->levels; /* a copy, as `to` might alias the job */
    for (int x = 0; x < job->rows.width; x++, to += channels) {
        for (int c = 0; c < (job->grey ? 1 : 3); c++, from += 2) {
            to[c] = levels_sample(&levels, (uint32_t)from[0] << 8 | from[1], from[0]);
        }
        if (job->grey) {
            to[1] = to[2] = to[0];
        }
        if (channels == 4) {
            to[3] = from[0];
            from += 2;
        }
    }
    job->levels = levels;
}

static void grey_deep(struct job *job)
{
    if (job->deep) {
        memset(job->deep, 128, 2 * (size_t)job->rows.width * (size_t)job->rows.image->channels);
    }
}

/* After the last row libpng reads on to the end of the data and may fail there, although
 * that row is done. Rows are grey before, for what libpng does not write. */
static void read_rows(struct job *job)
{
    struct rows *rows = &job->rows;
    while (rows->added < rows->height) {
        uint8_t *row = rows_next(rows);
        if (rows->added == rows->height - 1) {
            rows_grey(row, (size_t)rows->width, rows->image->channels);
            grey_deep(job);
        }
        png_read_row(job->png, job->deep ? job->deep : row, NULL);
        if (job->deep) {
            row_from_deep(job, row);
        }
        rows_add(rows);
    }
}

/* Each interlace pass fills whole squares with its pixels, so that a picture that ends
 * early is coarse. */
static void read_passes(struct job *job)
{
    const struct image *image = job->rows.image;
    rows_grey(image->pixels, (size_t)image->width * (size_t)image->height, image->channels);
    for (int pass = 0; pass < job->passes; pass++) {
        for (int y = 0; y < image->height; y++) {
            png_read_row(job->png, NULL, image_at(image, 0, y));
            job->rows.added = pass == 0 ? y + 1 : job->rows.added;
        }
    }
}

static void read_pixels(struct job *job)
{
    if (job->passes > 1) {
        read_passes(job);
    } else {
        read_rows(job);
    }
}

static void note_damage(struct job *job, int row)
{
    struct codec_result *out = job->out;
    if (!job->what[0]) {
        return;
    }
    if (job->passes > 1 || row >= out->height) {
        snprintf(out->damage, sizeof(out->damage), "%s", job->what);
    } else {
        snprintf(out->damage, sizeof(out->damage), "%s, at row %d of %d", job->what, row,
                 out->height);
    }
}

/* After an error: true if some pixels have been decoded. */
static bool salvage(struct job *job)
{
    struct rows *rows = &job->rows;
    int row = rows->added;
    if (!job->ready || row == 0) {
        bool memory = strstr(job->what, "memory") != NULL; /* libpng has no error codes */
        return error_set(job->err, memory ? ERROR_IO : ERROR_DATA, "PNG: %s", job->what);
    }
    if (job->passes == 1) {
        if (row == rows->height - 1) {
            if (job->deep) {
                row_from_deep(job, rows_next(rows));
            }
            rows_add(rows);
        }
        rows_end(rows);
    }
    note_damage(job, row);
    return true;
}

static bool read_png(struct job *job)
{
    if (setjmp(job->escape)) {
        return salvage(job);
    }
    if (!open_png(job)) {
        return false;
    }
    configure(job);
    if (!prepare(job)) {
        return false;
    }
    job->ready = true;
    read_pixels(job);
    note_damage(job, job->out->height);
    return true;
}

static bool decode_once(const struct codec_request *request, struct levels *levels,
                        struct codec_result *out, struct error *err)
{
    struct job *job = calloc(1, sizeof(*job));
    if (!job) {
        return error_nomem(err, sizeof(*job), "a PNG decoder");
    }
    job->request = request;
    job->levels = *levels;
    job->out = out;
    job->err = err;
    job->cut = find_cut(request->bytes, request->len);
    bool ok = read_png(job);
    png_destroy_read_struct(&job->png, &job->info, NULL);
    rows_release(&job->rows);
    *levels = job->levels;
    free(job->deep);
    free(job);
    return ok;
}

static bool decode_png(const struct codec_request *request, struct codec_result *out,
                       struct error *err)
{
    return levels_decode(decode_once, request, out, err);
}

static void version(char *out, size_t size)
{
    snprintf(out, size, "%s", png_get_libpng_ver(NULL));
}

const struct codec codec_png = {
    .name = "libpng",
    .version = version,
    .decode = decode_png,
};

#else
typedef int png_left_out; /* ISO C wants a declaration */
#endif
