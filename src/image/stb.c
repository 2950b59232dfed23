/* TGA through stb_image; also JPEG and PNG in a build without libjpeg or libpng. */
#include "codec.h"

#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------- memory */

/* stb_image allocates through macros without a context argument, so the number of bytes
 * that this thread's decode may still allocate is kept here. Set before each call into
 * stb_image, meaningless after it. */
static _Thread_local struct {
    int64_t left;
    bool exceeded;
} budget;

static bool budget_allows(int64_t bytes)
{
    budget.exceeded |= bytes > budget.left;
    return bytes <= budget.left;
}

static void *budget_malloc(size_t bytes)
{
    if (bytes > INT64_MAX || !budget_allows((int64_t)bytes)) {
        return NULL;
    }
    void *block = calloc(1, bytes); /* zeroed, for files that end early */
    budget.left -= (int64_t)malloc_usable_size(block);
    return block;
}

static void budget_free(void *block)
{
    budget.left += (int64_t)malloc_usable_size(block);
    free(block);
}

/* stb_image wants one; the formats that it reads here do not use it. */
__attribute__((unused)) static void *budget_realloc(void *block, size_t bytes)
{
    int64_t had = (int64_t)malloc_usable_size(block);
    if (bytes > INT64_MAX || !budget_allows((int64_t)bytes - had)) {
        return NULL;
    }
    void *moved = realloc(block, bytes);
    if (moved) {
        budget.left += had - (int64_t)malloc_usable_size(moved);
    }
    return moved;
}

#define STBI_MALLOC(bytes) budget_malloc(bytes)
#define STBI_REALLOC(block, bytes) budget_realloc(block, bytes)
#define STBI_FREE(block) budget_free(block)
#include "stb_quiet.h"

/* ------------------------------------------------------------------ reading */

/* Callbacks, unlike reading from memory, reveal that stb_image asked for more than the
 * file contains; stb_image itself continues with zeros. */
struct reader {
    const uint8_t *bytes;
    size_t len;
    size_t at;
    bool ended;
};

static int reader_read(void *user, char *data, int size)
{
    struct reader *r = user;
    size_t left = r->len - r->at;
    size_t wanted = size > 0 ? (size_t)size : 0;
    size_t take = wanted < left ? wanted : left;
    /* Only when stb_image fills its read-ahead buffer may fewer bytes be enough. */
    bool ahead = wanted == sizeof(((stbi__context *)NULL)->buffer_start);
    r->ended |= take == 0 || (take < wanted && !ahead);
    memcpy(data, r->bytes + r->at, take);
    r->at += take;
    return (int)take;
}

static void reader_skip(void *user, int count)
{
    struct reader *r = user;
    size_t left = r->len - r->at;
    size_t skip = (size_t)(count > 0 ? count : 0);
    r->ended |= skip > left;
    r->at += skip < left ? skip : left;
}

static int reader_eof(void *user)
{
    const struct reader *r = user;
    return r->at >= r->len;
}

static const stbi_io_callbacks callbacks = { reader_read, reader_skip, reader_eof };

/* ----------------------------------------------------------------- decoding */

/* Memory of stb_image in addition to the pixels: small tables, and a copy of the
 * compressed bytes in a block that doubles. */
#define FIXED_MEMORY ((uint64_t)1 << 20)
#define BYTES_PER_PIXEL 32

/* The most memory that a picture of that size can need, so that a small picture that
 * inflates endlessly is stopped well before the limit. */
static uint64_t most_memory(const struct codec_request *request, const struct codec_result *out)
{
    return FIXED_MEMORY + (uint64_t)request->len * 3 +
           (uint64_t)out->width * (uint64_t)out->height * BYTES_PER_PIXEL;
}

static bool stb_failed(const struct codec_request *request, const struct codec_result *out,
                       bool ended, struct error *err)
{
    const char *reason = stbi_failure_reason();
    if (!reason ||
        strcmp(reason, "unknown image type") == 0) { /* its only reason for a bad header */
        reason = "corrupt header or unsupported variant";
    } else if (strcmp(reason, "outofdata") == 0) {
        reason = "no more data";
    }
    if (budget.exceeded && request->limits->memory < most_memory(request, out)) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: %dx%d pixels need more than the limit of %zu MiB to decode",
                         request->format, out->width, out->height, request->limits->memory >> 20);
    }
    if (budget.exceeded) {
        return error_set(err, ERROR_DATA, "%s: contains far more data than %dx%d pixels need",
                         request->format, out->width, out->height);
    }
    return error_set(err, ERROR_DATA, "%s: %s%s", request->format,
                     ended ? "the file ends early: " : "", reason);
}

/* Read first, because the memory limit of the decode depends on it. */
static bool read_size(const struct codec_request *request, struct codec_result *out,
                      struct error *err)
{
    struct reader reader = { request->bytes, request->len, 0, false };
    int width = 0;
    int height = 0;
    int channels = 0;
    budget.left = (int64_t)(FIXED_MEMORY + (uint64_t)request->len * 3);
    budget.exceeded = false;
    if (!stbi_info_from_callbacks(&callbacks, &reader, &width, &height, &channels)) {
        return stb_failed(request, out, reader.ended, err);
    }
    return codec_size(request, width > 0 ? (unsigned long)width : 0,
                      height > 0 ? (unsigned long)height : 0, out, err);
}

/* Bit 4 of a TGA's descriptor: pixels run from right to left. stb_image ignores it. */
static bool is_mirrored(const struct codec_request *request)
{
    return strcmp(request->format, "TGA") == 0 && (request->bytes[17] & 0x10);
}

static void mirror(struct image *image)
{
    for (int y = 0; y < image->height; y++) {
        for (int left = 0, right = image->width - 1; left < right; left++, right--) {
            uint8_t keep[4];
            memcpy(keep, image_at(image, left, y), 4);
            memcpy(image_at(image, left, y), image_at(image, right, y), 4);
            memcpy(image_at(image, right, y), keep, 4);
        }
    }
}

static bool decode_stb(const struct codec_request *request, struct codec_result *out,
                       struct error *err)
{
    struct reader reader = { request->bytes, request->len, 0, false };
    struct image *image = &out->image;
    int channels = 0;
    if (!read_size(request, out, err) ||
        !codec_memory(request, out->width, out->height, 4, FIXED_MEMORY, err)) {
        return false;
    }
    uint64_t most = most_memory(request, out);
    budget.left = (int64_t)(most < request->limits->memory ? most : request->limits->memory);
    budget.exceeded = false;
    image->pixels =
        stbi_load_from_callbacks(&callbacks, &reader, &image->width, &image->height, &channels, 4);
    image->channels = 4;
    if (!image->pixels) {
        return stb_failed(request, out, reader.ended, err);
    }
    if (image->width == out->width && is_mirrored(request)) {
        mirror(image);
    }
    if (image->width != out->width || image->height != out->height) {
        return error_set(err, ERROR_DATA,
                         "%s: the size changed from %dx%d to %dx%d pixels while decoding",
                         request->format, out->width, out->height, image->width, image->height);
    }
    if (channels == 1 || channels == 3) {
        codec_drop_alpha(image); /* requested, but not in the file */
    }
    if (reader.ended) {
        snprintf(out->damage, sizeof(out->damage), "the file ends early");
    }
    return true;
}

static void version(char *out, size_t size)
{
    snprintf(out, size, "%d", STBI_VERSION);
}

const struct codec codec_stb = { .name = "stb_image", .version = version, .decode = decode_stb };
