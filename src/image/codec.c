/* What the decoders share: sizes, and the memory of the whole process. */
#include "codec.h"

#include <inttypes.h>
#include <string.h>

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

/* The size of the whole picture at which a part of it has the wanted size; rounded up. */
static int64_t want_of_whole(int want, int part, int full)
{
    part = part > 0 && part < full ? part : full;
    return ((int64_t)want * full + part - 1) / part;
}

bool codec_enough(const struct codec_request *request, int full_width, int full_height, int width,
                  int height)
{
    int64_t want_width = want_of_whole(request->want_width, request->part_width, full_width);
    int64_t want_height = want_of_whole(request->want_height, request->part_height, full_height);
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
