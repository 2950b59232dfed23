#include "image/decode.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/budget.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#include "formats.h"
#include "levels.h"
#include "orient.h"

const struct image_limits image_limits_default = {
    .file_bytes = (size_t)768 << 20,
    .pixels = 1000 * 1000 * 1000,
    .memory = (size_t)512 << 20,
    .rank = UINT_MAX,
};

/* One budget per process: callers that share the memory do not know each other. */
static struct budget budget = BUDGET_INIT(IMAGE_BUDGET_DEFAULT);

void image_budget_set(uint64_t bytes)
{
    budget_set_limit(&budget, bytes);
}

uint64_t image_budget(void)
{
    return budget_limit(&budget);
}

void image_budget_take(struct budget_lease *lease, uint64_t bytes, unsigned rank)
{
    budget_take(&budget, lease, bytes, rank);
}

void image_budget_give(struct budget_lease *lease)
{
    budget_give(&budget, lease);
}

uint64_t image_budget_peak(void)
{
    return budget_peak(&budget);
}

/* ------------------------------------------------- for the decoders */

static bool over_memory(const struct codec_request *request, int width, int height, uint64_t need,
                        struct error *err)
{
    return error_set(err, ERROR_UNSUPPORTED,
                     "%s: %dx%d pixels need %" PRIu64 " MiB to decode, the limit is %zu MiB",
                     request->format, width, height, (need >> 20) + 1,
                     request->limits->memory >> 20);
}

bool codec_size(const struct codec_request *request, unsigned long width, unsigned long height,
                struct codec_result *out, struct error *err)
{
    if (width == 0 || height == 0) {
        return error_set(err, ERROR_DATA, "%s: invalid size of %lux%lu pixels", request->format,
                         width, height);
    }
    if (width > INT32_MAX || height > INT32_MAX ||
        (uint64_t)width * height > request->limits->pixels) {
        uint64_t limit = request->limits->pixels;
        bool millions = limit % 1000000 == 0;
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: %lux%lu pixels exceed the limit of %" PRIu64 "%s pixels",
                         request->format, width, height, millions ? limit / 1000000 : limit,
                         millions ? " million" : "");
    }
    out->width = (int)width;
    out->height = (int)height;
    return true;
}

static uint64_t need(const struct codec_request *request, int width, int height, int channels,
                     uint64_t extra)
{
    uint64_t pixels = (uint64_t)width * (uint64_t)height * (uint64_t)channels;
    return pixels * (request->turned ? 2 : 1) + extra;
}

bool codec_fits(const struct codec_request *request, int width, int height, int channels,
                uint64_t extra)
{
    return need(request, width, height, channels, extra) <= request->limits->memory;
}

bool codec_memory(const struct codec_request *request, int width, int height, int channels,
                  uint64_t extra, struct error *err)
{
    uint64_t bytes = need(request, width, height, channels, extra);
    if (bytes > request->limits->memory) {
        return over_memory(request, width, height, bytes, err);
    }
    if (!request->again) {
        budget_take(&budget, request->lease, bytes, request->limits->rank);
    }
    return true;
}

bool codec_enough(const struct codec_request *request, int full_width, int full_height, int width,
                  int height)
{
    int want_width = request->want_width;
    int want_height = request->want_height;
    if (want_width == 0 && want_height == 0) {
        return width >= full_width && height >= full_height;
    }
    return (width >= want_width || width >= full_width) &&
           (height >= want_height || height >= full_height);
}

void codec_drop_alpha(struct image *image)
{
    size_t count = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < count; i++) {
        memmove(image->pixels + 3 * i, image->pixels + 4 * i, 3);
    }
    image->channels = 3;
}

/* ------------------------------------------------------------ recognising */

static const struct format *recognise(const uint8_t *bytes, size_t len, struct error *err)
{
    const struct format *format = format_of_bytes(bytes, len);
    if (len == 0) {
        error_set(err, ERROR_DATA, "the file is empty");
        return NULL;
    }
    if (!format) {
        error_set(err, ERROR_DATA, "not a picture of a known format");
        return NULL;
    }
    if (!format->codec) {
        error_set(err, ERROR_UNSUPPORTED, "%s: %s", format->public.name, format->public.refusal);
        return NULL;
    }
    return format;
}

/* --------------------------------------------------------------- decoding */

/* Drops alpha if all pixels are opaque. */
static void drop_opaque_alpha(struct image *image)
{
    if (image->channels != 4) {
        return;
    }
    size_t count = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < count; i++) {
        if (image->pixels[4 * i + 3] != 255) {
            return;
        }
    }
    codec_drop_alpha(image);
}

static int at_least_0(int n)
{
    return n > 0 ? n : 0;
}

static bool decode_with(const struct codec *codec, const struct codec_request *request,
                        int orientation, struct codec_result *result, struct error *err)
{
    if (!codec->decode(request, result, err)) {
        return false;
    }
    drop_opaque_alpha(&result->image);
    if (!result->levels[0]) {
        levels_of_image(&result->image, request->limits->levels, result->levels,
                        sizeof(result->levels));
    }
    return orient_upright(&result->image, orientation, err);
}

static bool decode_bytes(const void *bytes, size_t len, const struct image_limits *limits,
                         struct budget_lease *lease, int want_width, int want_height,
                         struct image *out, struct image_info *info, struct error *err)
{
    *out = (struct image)IMAGE_INIT;
    limits = limits ? limits : &image_limits_default;
    if (len > limits->file_bytes) {
        return error_set(err, ERROR_UNSUPPORTED, "the file has %zu bytes, the limit is %zu", len,
                         limits->file_bytes);
    }
    const struct format *format = recognise(bytes, len, err);
    if (!format) {
        return false;
    }
    int orientation = format->orientation ? format->orientation(bytes, len) : 1;
    bool turned = orient_turns(orientation);
    struct codec_request request = {
        .bytes = bytes,
        .len = len,
        .format = format->public.name,
        .limits = limits,
        .want_width = at_least_0(turned ? want_height : want_width),
        .want_height = at_least_0(turned ? want_width : want_height),
        .turned = turned,
        .lease = lease,
    };
    struct codec_result result = { .damage = "" };
    if (!decode_with(format->codec, &request, orientation, &result, err)) {
        image_release(&result.image);
        return false;
    }
    *out = result.image;
    if (info) {
        info->width = turned ? result.height : result.width;
        info->height = turned ? result.width : result.height;
        info->format = format->public.name;
        info->orientation = orientation;
        memcpy(info->damage, result.damage, sizeof(info->damage));
        memcpy(info->levels, result.levels, sizeof(info->levels));
    }
    return true;
}

bool image_decode_bytes(const void *bytes, size_t len, const struct image_limits *limits,
                        int want_width, int want_height, struct image *out, struct image_info *info,
                        struct error *err)
{
    struct budget_lease own = { 0 };
    struct budget_lease *lease = limits && limits->lease ? limits->lease : &own;
    bool ok = decode_bytes(bytes, len, limits, lease, want_width, want_height, out, info, err);
    budget_give(&budget, &own);
    return ok;
}

/* The most bytes that reading the file can take; 0 if it will be refused or is no regular file. */
static uint64_t file_bytes(const char *path, const struct image_limits *limits)
{
    struct stat st;
    bool regular = stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
    uint64_t size = regular ? (uint64_t)st.st_size : 0;
    return size < limits->file_bytes ? size : 0; /* too large: will be refused */
}

bool image_read_file(const char *path, const struct image_limits *limits,
                     struct budget_lease *lease, struct buf *out, struct error *err)
{
    limits = limits ? limits : &image_limits_default;
    budget_take(&budget, lease, file_bytes(path, limits), limits->rank);
    return file_read(path, limits->file_bytes, out, err);
}

bool image_decode_file(const char *path, const struct image_limits *limits, int want_width,
                       int want_height, struct image *out, struct image_info *info,
                       struct error *err)
{
    struct buf file = BUF_INIT;
    struct error why = { .kind = ERROR_NONE };
    *out = (struct image)IMAGE_INIT;
    limits = limits ? limits : &image_limits_default;
    struct budget_lease own = { 0 };
    struct budget_lease *lease = limits->lease ? limits->lease : &own;
    bool there = image_read_file(path, limits, lease, &file, err);
    bool ok = there && decode_bytes(file.data, file.len, limits, lease, want_width, want_height,
                                    out, info, &why);
    buf_release(&file);
    budget_give(&budget, &own);
    if (there && !ok) {
        error_set(err, why.kind, "%s: %s", path, why.message);
    }
    return ok;
}

/* ------------------------------------------------------------- for doctor */

static const struct {
    const char *name;
    const char *formats; /* shown if the library is not in this build */
} libraries[] = {
    { "libjpeg-turbo", "JPEG" }, { "libpng", "PNG" }, { "libwebp", "WebP" },
    { "built in", "" },          { "stb_image", "" },
};

/* The codec of that name if any format uses it, else NULL. Lists its formats. */
static const struct codec *find_library(const char *name, char *formats, size_t size)
{
    const struct codec *found = NULL;
    const struct format *format;
    for (size_t i = 0; (format = format_at(i)); i++) {
        if (format->codec && strcmp(format->codec->name, name) == 0) {
            size_t used = strlen(formats);
            snprintf(formats + used, size - used, "%s%s", found ? ", " : "", format->public.name);
            found = format->codec;
        }
    }
    return found;
}

bool image_decoder(size_t index, struct image_decoder_info *out)
{
    if (index >= ARRAY_LEN(libraries)) {
        return false;
    }
    *out = (struct image_decoder_info){ .name = libraries[index].name };
    const struct codec *codec = find_library(out->name, out->formats, sizeof(out->formats));
    out->present = codec != NULL;
    if (codec) {
        codec->version(out->version, sizeof(out->version));
    } else {
        snprintf(out->formats, sizeof(out->formats), "%s", libraries[index].formats);
    }
    return true;
}
