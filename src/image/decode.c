#include "image/decode.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#include "codec.h"
#include "orient.h"

const struct image_limits image_limits_default = {
    .file_bytes = (size_t)256 << 20,
    .pixels = 200 * 1000 * 1000,
    .memory = (size_t)512 << 20,
};

#ifdef HAVE_LIBJPEG
#define ROW_JPEG &codec_jpeg_turbo
#else
#define ROW_JPEG &absent_jpeg_turbo
static const struct codec absent_jpeg_turbo = { .name = "libjpeg-turbo", .formats = "JPEG" };
#endif
#ifdef HAVE_LIBWEBP
#define ROW_WEBP &codec_webp
#else
#define ROW_WEBP &absent_webp
static const struct codec absent_webp = { .name = "libwebp", .formats = "WebP" };
#endif
#ifdef HAVE_LIBPNG
#define ROW_PNG &codec_png
#else
#define ROW_PNG &absent_png
static const struct codec absent_png = { .name = "libpng", .formats = "PNG" };
#endif

/* stb stands last: TGA has no magic number, so that its match is a guess. */
static const struct codec *const codecs[] = { ROW_JPEG, ROW_PNG, ROW_WEBP, &codec_pnm,
                                              &codec_stb };

/* ------------------------------------------------- what decoders ask for */

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
        return error_set(err, ERROR_DATA, "%s: a size of %lux%lu pixels", request->format, width,
                         height);
    }
    if (width > INT32_MAX || height > INT32_MAX ||
        (uint64_t)width * height > request->limits->pixels) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: %lux%lu pixels are over the limit of %" PRIu64 " pixels",
                         request->format, width, height, request->limits->pixels);
    }
    out->width = (int)width;
    out->height = (int)height;
    return true;
}

bool codec_memory(const struct codec_request *request, int width, int height, int channels,
                  uint64_t extra, struct error *err)
{
    uint64_t pixels = (uint64_t)width * (uint64_t)height * (uint64_t)channels;
    uint64_t need = pixels * (request->turned ? 2 : 1) + extra;
    if (need > request->limits->memory) {
        return over_memory(request, width, height, need, err);
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

struct magic {
    const char *name;
    size_t offset;
    size_t len;
    const char *bytes;
};

/* Formats that no decoder here handles but that deserve their name in the
 * message. */
static const char *foreign_format(const uint8_t *bytes, size_t len)
{
    static const struct magic magics[] = {
        { "WebP", 8, 4, "WEBP" },
        { "TIFF", 0, 4, "II*\0" },
        { "TIFF", 0, 4, "MM\0*" },
        { "AVIF", 4, 8, "ftypavif" },
        { "HEIC", 4, 8, "ftypheic" },
        { "HEIF", 4, 8, "ftypmif1" },
        { "Photoshop", 0, 4, "8BPS" },
        { "JPEG XL", 0, 2, "\xFF\x0A" },
        { "JPEG XL", 4, 4, "JXL " },
        { "JPEG 2000", 4, 4, "jP  " },
        { "Windows icon", 0, 4, "\0\0\1" },
        { "PDF", 0, 5, "%PDF-" },
        { "OpenEXR", 0, 4, "\x76\x2F\x31\x01" },
    };
    for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
        const struct magic *m = &magics[i];
        if (len >= m->offset + m->len && memcmp(bytes + m->offset, m->bytes, m->len) == 0) {
            return m->name;
        }
    }
    return NULL;
}

static const struct codec *recognise(const uint8_t *bytes, size_t len, const char **format,
                                     struct error *err)
{
    if (len == 0) {
        error_set(err, ERROR_DATA, "the file is empty");
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
        *format = codecs[i]->match ? codecs[i]->match(bytes, len) : NULL;
        if (*format) {
            return codecs[i];
        }
    }
    const char *name = foreign_format(bytes, len);
    if (name) {
        error_set(err, ERROR_UNSUPPORTED, "%s pictures cannot be decoded here", name);
    } else {
        error_set(err, ERROR_DATA, "not a picture of a known format");
    }
    return NULL;
}

/* --------------------------------------------------------------- decoding */

/* Lets the alpha go when it says nothing. */
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
    return orient_upright(&result->image, orientation, err);
}

bool image_decode_bytes(const void *bytes, size_t len, const struct image_limits *limits,
                        int want_width, int want_height, struct image *out, struct image_info *info,
                        struct error *err)
{
    const char *format = NULL;
    *out = (struct image)IMAGE_INIT;
    limits = limits ? limits : &image_limits_default;
    if (len > limits->file_bytes) {
        return error_set(err, ERROR_UNSUPPORTED, "%zu bytes are over the limit of %zu", len,
                         limits->file_bytes);
    }
    const struct codec *codec = recognise(bytes, len, &format, err);
    if (!codec) {
        return false;
    }
    int orientation = codec->orientation(bytes, len);
    bool turned = orient_turns(orientation);
    struct codec_request request = {
        .bytes = bytes,
        .len = len,
        .format = format,
        .limits = limits,
        .want_width = at_least_0(turned ? want_height : want_width),
        .want_height = at_least_0(turned ? want_width : want_height),
        .turned = turned,
    };
    struct codec_result result = { .damage = "" };
    if (!decode_with(codec, &request, orientation, &result, err)) {
        image_release(&result.image);
        return false;
    }
    *out = result.image;
    if (info) {
        info->width = turned ? result.height : result.width;
        info->height = turned ? result.width : result.height;
        info->format = format;
        info->orientation = orientation;
        memcpy(info->damage, result.damage, sizeof(info->damage));
    }
    return true;
}

bool image_decode_file(const char *path, const struct image_limits *limits, int want_width,
                       int want_height, struct image *out, struct image_info *info,
                       struct error *err)
{
    struct buf file = BUF_INIT;
    struct error why = { .kind = ERROR_NONE };
    *out = (struct image)IMAGE_INIT;
    limits = limits ? limits : &image_limits_default;
    if (!file_read(path, limits->file_bytes, &file, err)) {
        buf_release(&file);
        return false;
    }
    bool ok =
        image_decode_bytes(file.data, file.len, limits, want_width, want_height, out, info, &why);
    buf_release(&file);
    return ok || error_set(err, why.kind, "%s: %s", path, why.message);
}

bool image_decoder(size_t index, struct image_decoder_info *out)
{
    if (index >= ARRAY_LEN(codecs)) {
        return false;
    }
    const struct codec *codec = codecs[index];
    out->name = codec->name;
    out->formats = codec->formats;
    out->present = codec->decode != NULL;
    out->version[0] = '\0';
    if (codec->version) {
        codec->version(out->version, sizeof(out->version));
    }
    return true;
}
