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
        .part_width = turned ? limits->part_height : limits->part_width,
        .part_height = turned ? limits->part_width : limits->part_height,
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
    image_budget_give(&own);
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
    image_budget_take(lease, file_bytes(path, limits), limits->rank);
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
    image_budget_give(&own);
    if (there && !ok) {
        error_set(err, why.kind, "%s: %s", path, why.message);
    }
    return ok;
}

/* ------------------------------------------------------------- for doctor */

static bool wants(const struct format *format, const char *library)
{
    return format->public.library && strcmp(format->public.library, library) == 0;
}

/* In this build. */
static bool has(const struct format *format, const char *library)
{
    return format->codec && strcmp(format->codec->name, library) == 0;
}

/* The first format for which that is true, or NULL. */
static const struct format *first(bool (*is)(const struct format *, const char *),
                                  const char *library)
{
    const struct format *format;
    size_t i = 0;
    while ((format = format_at(i)) && !is(format, library)) {
        i++;
    }
    return format;
}

/* The library of that index, each once, in the order of the formats; NULL past the last. */
static const char *library_at(size_t index)
{
    const struct format *format;
    for (size_t i = 0; (format = format_at(i)); i++) {
        const char *library = format->public.library;
        if (library && first(wants, library) == format && index-- == 0) {
            return library;
        }
    }
    return NULL;
}

bool image_decoder(size_t index, struct image_decoder_info *out)
{
    const char *library = library_at(index);
    if (!library) {
        return false;
    }
    const struct format *read = first(has, library), *format;
    *out = (struct image_decoder_info){ .name = library, .present = read };
    if (read) {
        read->codec->version(out->version, sizeof(out->version));
    }
    for (size_t i = 0, used = 0; (format = format_at(i)); i++) {
        if (read ? has(format, library) : wants(format, library)) {
            used += (size_t)snprintf(out->formats + used, sizeof(out->formats) - used, "%s%s",
                                     used ? ", " : "", format->public.name);
        }
    }
    return true;
}
