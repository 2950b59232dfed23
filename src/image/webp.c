/* WebP through libwebp. Of an animation the first frame is decoded, at its position on the
 * canvas. */
#ifdef HAVE_LIBWEBP

#include "codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>

/* A picture, or the first frame of an animation. */
struct source {
    const uint8_t *bytes;
    size_t len;
    int x, y;          /* of the frame on the canvas */
    int width, height; /* of the canvas */
    bool clear;        /* the canvas is transparent around the frame, else black */
};

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static int le24(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16;
}

/* The image chunks of the first ANMF chunk, which follow 16 bytes of placement (x and y
 * first, in units of two pixels). libwebp accepts them without a RIFF header. */
static bool first_frame(const uint8_t *bytes, size_t len, struct source *frame)
{
    size_t at = 12;
    while (len >= 8 && at <= len - 8) {
        size_t size = le32(bytes + at + 4);
        if (size > len - at - 8) {
            return false;
        }
        if (memcmp(bytes + at, "ANMF", 4) == 0 && size > 16) {
            frame->bytes = bytes + at + 24;
            frame->len = size - 16;
            frame->x = 2 * le24(bytes + at + 8);
            frame->y = 2 * le24(bytes + at + 11);
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
        return error_set(err, ERROR_UNSUPPORTED,
                         "WebP: uses a feature that libwebp does not support");
    default:
        return error_set(err, ERROR_DATA, "WebP: corrupt data");
    }
}

static bool read_features(struct source *data, WebPDecoderConfig *config, struct error *err)
{
    const WebPBitstreamFeatures *input = &config->input;
    VP8StatusCode status = WebPGetFeatures(data->bytes, data->len, &config->input);
    data->width = input->width;
    data->height = input->height;
    if (status == VP8_STATUS_OK && input->has_animation) {
        data->clear = input->has_alpha;
        if (!first_frame(data->bytes, data->len, data)) {
            return error_set(err, ERROR_DATA, "WebP: the animation contains no complete frame");
        }
        status = WebPGetFeatures(data->bytes, data->len, &config->input);
        if (status == VP8_STATUS_OK &&
            (input->width > data->width - data->x || input->height > data->height - data->y)) {
            return error_set(err, ERROR_DATA,
                             "WebP: the frame of %dx%d pixels at %d,%d exceeds the canvas of %dx%d",
                             input->width, input->height, data->x, data->y, data->width,
                             data->height);
        }
    }
    return status == VP8_STATUS_OK || webp_failed(status, err);
}

/* Divides the size by the largest integer that still satisfies the hint. */
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

/* libwebp decodes lossless pictures and alpha planes at full size. */
static uint64_t work_bytes(const WebPBitstreamFeatures *features)
{
    uint64_t pixels = (uint64_t)features->width * (uint64_t)features->height;
    bool lossy = features->format == 1;
    return ((uint64_t)1 << 20) + pixels * (lossy ? (features->has_alpha ? 5 : 0) : 4);
}

/* A frame that does not fill the canvas is not scaled. */
static bool begin_webp(const struct codec_request *request, const struct source *data,
                       const WebPBitstreamFeatures *input, struct codec_result *out,
                       struct error *err)
{
    int width = data->width;
    int height = data->height;
    int channels = input->has_alpha || data->clear ? 4 : 3;
    if (input->width == width && input->height == height) {
        choose_scale(request, &width, &height);
    }
    return codec_memory(request, width, height, channels, work_bytes(input), err) &&
           image_init(&out->image, width, height, channels, err);
}

static void configure(WebPDecoderConfig *config, const struct source *data, struct image *image)
{
    bool part = config->input.width != data->width || config->input.height != data->height;
    size_t size = image_stride(image) * (size_t)image->height;
    uint8_t *to = image_at(image, data->x, data->y);
    config->options.use_scaling = image->width != data->width || image->height != data->height;
    config->options.scaled_width = image->width;
    config->options.scaled_height = image->height;
    config->output.colorspace = image->channels == 4 ? MODE_RGBA : MODE_RGB;
    config->output.is_external_memory = 1;
    config->output.u.RGBA.rgba = part ? to : image->pixels;
    config->output.u.RGBA.stride = (int)image_stride(image);
    config->output.u.RGBA.size = size - (part ? (size_t)(to - image->pixels) : 0);
}

static bool decode_webp(const struct codec_request *request, struct codec_result *out,
                        struct error *err)
{
    WebPDecoderConfig config;
    struct source data = { .bytes = request->bytes, .len = request->len };
    if (!WebPInitDecoderConfig(&config)) {
        return error_set(err, ERROR_UNSUPPORTED, "WebP: incompatible version of libwebp");
    }
    if (!read_features(&data, &config, err) ||
        !codec_size(request, (unsigned long)data.width, (unsigned long)data.height, out, err) ||
        !begin_webp(request, &data, &config.input, out, err)) {
        return false;
    }
    configure(&config, &data, &out->image);
    VP8StatusCode status = WebPDecode(data.bytes, data.len, &config);
    WebPFreeDecBuffer(&config.output);
    return status == VP8_STATUS_OK || webp_failed(status, err);
}

static void version(char *out, size_t size)
{
    int v = WebPGetDecoderVersion();
    snprintf(out, size, "%d.%d.%d", v >> 16, (v >> 8) & 255, v & 255);
}

const struct codec codec_webp = {
    .name = "libwebp",
    .version = version,
    .decode = decode_webp,
};

#else
typedef int webp_left_out; /* ISO C wants a declaration */
#endif
