/* WebP through libwebp. Of an animation the first frame is decoded. */
#ifdef HAVE_LIBWEBP

#include "codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>

#include "exif.h"

struct span {
    const uint8_t *bytes;
    size_t len;
};

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* The image chunks in the first ANMF chunk, behind 16 bytes of placement;
 * libwebp takes them without a RIFF header. */
static bool first_frame(const uint8_t *bytes, size_t len, struct span *frame)
{
    size_t at = 12;
    while (len >= 8 && at <= len - 8) {
        size_t size = le32(bytes + at + 4);
        if (size > len - at - 8) {
            return false;
        }
        if (memcmp(bytes + at, "ANMF", 4) == 0 && size > 16) {
            *frame = (struct span){ bytes + at + 24, size - 16 };
            return true;
        }
        at += 8 + size + (size & 1);
    }
    return false;
}

static bool webp_failed(VP8StatusCode status, struct error *err)
{
    switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
        return error_set(err, ERROR_IO, "WebP: out of memory");
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
        return error_set(err, ERROR_DATA, "WebP: the file ends early");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return error_set(err, ERROR_UNSUPPORTED, "WebP: uses a feature that libwebp does not know");
    default:
        return error_set(err, ERROR_DATA, "WebP: corrupt data");
    }
}

static bool read_features(struct span *data, WebPDecoderConfig *config, struct error *err)
{
    VP8StatusCode status = WebPGetFeatures(data->bytes, data->len, &config->input);
    if (status == VP8_STATUS_OK && config->input.has_animation) {
        if (!first_frame(data->bytes, data->len, data)) {
            return error_set(err, ERROR_DATA, "WebP: an animation without a whole frame");
        }
        status = WebPGetFeatures(data->bytes, data->len, &config->input);
    }
    return status == VP8_STATUS_OK || webp_failed(status, err);
}

/* The picture over the largest whole number that is still enough. */
static void choose_scale(const struct codec_request *request, int *width, int *height)
{
    int full_width = *width;
    int full_height = *height;
    int shrink = 2;
    for (;; shrink++) {
        int w = (full_width + shrink - 1) / shrink;
        int h = (full_height + shrink - 1) / shrink;
        if (w < 2 || h < 2 || !codec_enough(request, full_width, full_height, w, h)) {
            return;
        }
        *width = w;
        *height = h;
    }
}

/* Lossless pictures and alpha planes are held at full size while decoding. */
static uint64_t work_bytes(const WebPBitstreamFeatures *features)
{
    uint64_t pixels = (uint64_t)features->width * (uint64_t)features->height;
    bool lossy = features->format == 1;
    return ((uint64_t)1 << 20) + pixels * (lossy ? (features->has_alpha ? 5 : 0) : 4);
}

static bool decode(const struct codec_request *request, struct codec_result *out, struct error *err)
{
    WebPDecoderConfig config;
    struct span data = { request->bytes, request->len };
    if (!WebPInitDecoderConfig(&config)) {
        return error_set(err, ERROR_UNSUPPORTED, "WebP: libwebp is of another version");
    }
    if (!read_features(&data, &config, err) ||
        !codec_size(request, (unsigned long)config.input.width, (unsigned long)config.input.height,
                    out, err)) {
        return false;
    }
    int width = out->width;
    int height = out->height;
    int channels = config.input.has_alpha ? 4 : 3;
    choose_scale(request, &width, &height);
    if (!codec_memory(request, width, height, channels, work_bytes(&config.input), err) ||
        !image_init(&out->image, width, height, channels, err)) {
        return false;
    }
    config.options.use_scaling = width != out->width || height != out->height;
    config.options.scaled_width = width;
    config.options.scaled_height = height;
    config.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = out->image.pixels;
    config.output.u.RGBA.stride = (int)image_stride(&out->image);
    config.output.u.RGBA.size = image_stride(&out->image) * (size_t)height;
    VP8StatusCode status = WebPDecode(data.bytes, data.len, &config);
    WebPFreeDecBuffer(&config.output);
    return status == VP8_STATUS_OK || webp_failed(status, err);
}

static const char *match(const uint8_t *bytes, size_t len)
{
    bool webp = len >= 12 && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "WEBP", 4) == 0;
    return webp ? "WebP" : NULL;
}

static void version(char *out, size_t size)
{
    int v = WebPGetDecoderVersion();
    snprintf(out, size, "%d.%d.%d", v >> 16, (v >> 8) & 255, v & 255);
}

const struct codec codec_webp = {
    .name = "libwebp",
    .formats = "WebP",
    .version = version,
    .match = match,
    .orientation = exif_orientation_webp,
    .decode = decode,
};

#else
typedef int webp_left_out; /* ISO C wants a declaration */
#endif
