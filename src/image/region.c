#include "image/region.h"

#include "image/scale.h"

/* What is decoded: bytes in memory, or a file. */
struct source {
    const char *path; /* NULL: the bytes */
    const void *bytes;
    size_t len;
};

static bool decode(const struct source *s, const struct image_limits *limits, int want_width,
                   int want_height, struct image *out, struct image_info *info, struct error *err)
{
    return s->path ? image_decode_file(s->path, limits, want_width, want_height, out, info, err)
                   : image_decode_bytes(s->bytes, s->len, limits, want_width, want_height, out,
                                        info, err);
}

/* A rectangle of the picture in pixels of `copy`, which may be smaller. */
static struct image_rect rect_in(const struct image *copy, const struct image_info *info,
                                 const struct region *r)
{
    double x = (double)copy->width / (double)info->width;
    double y = (double)copy->height / (double)info->height;
    struct image_rect rect = { (int)(r->x * x), (int)(r->y * y), (int)(r->width * x + 0.5),
                               (int)(r->height * y + 0.5) };
    rect.width += rect.width < 1;
    rect.height += rect.height < 1;
    return rect;
}

bool image_crop_region(const struct image *whole, const struct image_info *info,
                       const struct region *region, struct image *out, struct error *err)
{
    struct region part;
    if (region_within(region, info->width, info->height, &part)) {
        return image_crop(whole, rect_in(whole, info, &part), out, err);
    }
    struct buf text = BUF_INIT;
    *out = (struct image)IMAGE_INIT;
    region_add_text(&text, region);
    error_set(err, ERROR_DATA, "the region%s is outside the picture of %dx%d pixels",
              buf_text(&text), info->width, info->height);
    buf_release(&text);
    return false;
}

/* Decodes so much larger than the hint that the region has its size; if that takes too much
 * memory, at the size of the hint. */
static bool decode_region(const struct source *s, const struct region *region,
                          const struct image_limits *limits, int want_width, int want_height,
                          struct image *out, struct error *err)
{
    struct image picture = IMAGE_INIT;
    struct image_info info;
    struct error why = { ERROR_NONE, "" };
    struct image_limits large = limits ? *limits : image_limits_default;
    large.part_width = region->width;
    large.part_height = region->height;
    *out = (struct image)IMAGE_INIT;
    if (!decode(s, &large, want_width, want_height, &picture, &info, NULL) &&
        !decode(s, limits, want_width, want_height, &picture, &info, err)) {
        return false;
    }
    bool ok = image_crop_region(&picture, &info, region, out, &why);
    image_release(&picture);
    return ok || error_set(err, why.kind, "%s%s%s", s->path ? s->path : "", s->path ? ": " : "",
                           why.message);
}

bool image_decode_region(const void *bytes, size_t len, const struct region *region,
                         const struct image_limits *limits, int want_width, int want_height,
                         struct image *out, struct error *err)
{
    if (!region || region_is_whole(region)) {
        return image_decode_bytes(bytes, len, limits, want_width, want_height, out, NULL, err);
    }
    struct source s = { .bytes = bytes, .len = len };
    return decode_region(&s, region, limits, want_width, want_height, out, err);
}

bool image_decode_file_region(const char *path, const struct region *region,
                              const struct image_limits *limits, int want_width, int want_height,
                              struct image *out, struct error *err)
{
    if (!region || region_is_whole(region)) {
        return image_decode_file(path, limits, want_width, want_height, out, NULL, err);
    }
    struct source s = { .path = path };
    return decode_region(&s, region, limits, want_width, want_height, out, err);
}
