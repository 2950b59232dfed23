#include "image/thumbnails.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cache.h"
#include "base/hash.h"
#include "base/mem.h"
#include "formats.h"
#include "image/encode.h"
#include "image/scale.h"

#define MAGIC "TTTHUMB"
#define VERSION 2
#define BYTE_ORDER_MARK 0x01020304u /* differs on a machine of other byte order */
#define QUALITY 97                  /* full chroma; PSNR of the shown picture 45 dB or more */
#define FILE_MAX ((size_t)64 << 20)
#define FAILURES_MAX 3  /* this many in a row, and no more are written */
#define AHEAD_SHARE 4   /* of the cache's budget: thumbnails of pictures that were not shown yet */
#define PIXELS_A_BYTE 8 /* at most, of a file that is slow to decode */

struct header {
    char magic[8];
    uint32_t version, byte_order;
    struct file_stamp stamp;
    int32_t width, height; /* of the whole picture, upright */
    int32_t orientation;
    uint32_t format; /* its `number` */
    char damage[96];
    uint64_t length; /* of the JPEG that follows */
    uint64_t check;  /* checksum of all the above and of the JPEG */
};

_Static_assert(sizeof(struct header) == 8 + 8 + 32 + 16 + 96 + 16, "no padding: it goes to disk");
_Static_assert(sizeof(((struct image_info *)0)->damage) == 96, "the damage fits");

struct thumbnails {
    struct cache *disk; /* borrowed; NULL: no thumbnails are kept */
    atomic_int failures;
    _Atomic int64_t written; /* bytes */
};

struct thumbnails *thumbnails_new(struct cache *disk, struct error *err)
{
    struct thumbnails *t = calloc(1, sizeof *t);
    if (t) {
        t->disk = disk;
    } else {
        error_nomem(err, sizeof *t, "thumbnails");
    }
    return t;
}

void thumbnails_free(struct thumbnails *t)
{
    free(t);
}

static const int sides[] = { 512, 1024, 2048 };

static int longest(int width, int height)
{
    return width > height ? width : height;
}

/* The smallest side that is enough for a box; 0: none is. */
static int side_for(int want_width, int want_height)
{
    int want = longest(want_width, want_height);
    for (size_t i = 0; want > 0 && i < ARRAY_LEN(sides); i++) {
        if (sides[i] >= want) {
            return sides[i];
        }
    }
    return 0;
}

static struct hash128 name_of(const struct file_stamp *stamp, int side)
{
    return hash128(stamp, sizeof *stamp, (uint64_t)side);
}

/* ----------------------------------------------------------------- reading */

static uint64_t check_of(const struct header *h, const void *jpeg)
{
    return hash64(jpeg, h->length, hash64(h, offsetof(struct header, check), 0));
}

/* NULL: no format that has thumbnails. */
static const struct format *format_numbered(uint32_t number)
{
    const struct format *format;
    for (size_t i = 0; (format = format_at(i)); i++) {
        if (format->thumbnail.shrink && format->thumbnail.number == number) {
            return format;
        }
    }
    return NULL;
}

static bool is_whole(const struct header *h, const struct buf *file, const struct file_stamp *stamp)
{
    return memcmp(h->magic, MAGIC, sizeof MAGIC) == 0 && h->version == VERSION &&
           h->byte_order == BYTE_ORDER_MARK && file_stamp_same(&h->stamp, stamp) &&
           h->length == file->len - sizeof *h && h->check == check_of(h, file->data + sizeof *h) &&
           h->width > 0 && h->height > 0 && h->orientation >= 1 && h->orientation <= 8 &&
           format_numbered(h->format) && !h->damage[sizeof h->damage - 1];
}

/* Checks the size: it may have been made for a smaller box. */
static bool is_enough(const struct header *h, int want, const struct image *picture)
{
    int have = longest(picture->width, picture->height);
    return have >= want || have >= longest(h->width, h->height);
}

static bool decode_thumbnail(const struct buf *file, const struct file_stamp *stamp, int want_width,
                             int want_height, struct image *out, struct image_info *info)
{
    struct header h;
    if (file->len <= sizeof h) {
        return false;
    }
    memcpy(&h, file->data, sizeof h);
    if (!is_whole(&h, file, stamp) ||
        !image_decode_bytes(file->data + sizeof h, file->len - sizeof h, NULL, want_width,
                            want_height, out, NULL, NULL)) {
        return false;
    }
    if (!is_enough(&h, longest(want_width, want_height), out)) {
        image_release(out);
        return false;
    }
    info->width = h.width;
    info->height = h.height;
    info->format = format_numbered(h.format)->public.name;
    info->orientation = h.orientation;
    memcpy(info->damage, h.damage, sizeof info->damage);
    return true;
}

struct thumbnail_key thumbnails_key(const struct thumbnails *t, const struct file_stamp *stamp,
                                    int want_width, int want_height)
{
    bool kept = t && t->disk && stamp->size > 0;
    return (struct thumbnail_key){ *stamp, kept ? side_for(want_width, want_height) : 0 };
}

bool thumbnails_find(const struct thumbnails *t, const struct thumbnail_key *key, int want_width,
                     int want_height, struct image *out, struct image_info *info)
{
    bool found = false;
    *out = (struct image)IMAGE_INIT;
    for (size_t i = 0; key->side && !found && i < ARRAY_LEN(sides); i++) {
        struct buf file = BUF_INIT;
        found = sides[i] >= key->side &&
                cache_read_file(t->disk, CACHE_THUMBNAILS, name_of(&key->stamp, sides[i]), FILE_MAX,
                                &file) &&
                decode_thumbnail(&file, &key->stamp, want_width, want_height, out, info);
        buf_release(&file);
    }
    return found;
}

/* ----------------------------------------------------------------- writing */

/* NULL: no format that has thumbnails. */
static const struct format *format_named(const char *name)
{
    const struct format *format;
    for (size_t i = 0; (format = format_at(i)); i++) {
        if (format->thumbnail.shrink && strcmp(format->public.name, name) == 0) {
            return format;
        }
    }
    return NULL;
}

/* Pictures with alpha get no thumbnail: JPEG has none. */
static bool is_worth_it(const struct image *picture, const struct image_info *info, int side,
                        const struct format *format)
{
    int64_t pixels = (int64_t)info->width * info->height;
    int w, h;
    image_fit(info->width, info->height, side, side, false, &w, &h);
    return picture->channels == 3 && !info->levels[0] && format &&
           pixels >= format->thumbnail.pixels &&
           pixels >= format->thumbnail.shrink * (int64_t)w * h;
}

/* Appends the picture, scaled down to `side`, as a JPEG. */
static bool add_jpeg(struct buf *file, const struct image *picture, int side)
{
    struct image small = IMAGE_INIT;
    int w, h;
    image_fit(picture->width, picture->height, side, side, false, &w, &h);
    if (w == picture->width && h == picture->height) {
        return image_encode_jpeg(picture, QUALITY, file, NULL);
    }
    bool ok = image_scale(picture, w, h, IMAGE_FILTER_LANCZOS, &small, NULL) &&
              image_encode_jpeg(&small, QUALITY, file, NULL);
    image_release(&small);
    return ok;
}

static bool make_file(struct buf *file, const struct thumbnail_key *key,
                      const struct image *picture, const struct image_info *info,
                      const struct format *format)
{
    struct header h = {
        .magic = MAGIC,
        .version = VERSION,
        .byte_order = BYTE_ORDER_MARK,
        .stamp = key->stamp,
        .width = info->width,
        .height = info->height,
        .orientation = info->orientation,
        .format = format->thumbnail.number,
    };
    memcpy(h.damage, info->damage, sizeof h.damage);
    buf_add(file, &h, sizeof h);
    if (!add_jpeg(file, picture, key->side) || file->failed || file->len > FILE_MAX) {
        return false;
    }
    h.length = file->len - sizeof h;
    h.check = check_of(&h, file->data + sizeof h);
    memcpy(file->data, &h, sizeof h);
    return true;
}

bool thumbnails_wanted_ahead(const struct thumbnails *t, const char *path,
                             const struct thumbnail_key *key)
{
    const struct image_format *named = key->side ? image_format_of_name(path) : NULL;
    const struct format *format = named ? format_named(named->name) : NULL;
    return format && format->thumbnail.shrink == 1 &&
           key->stamp.size >= format->thumbnail.pixels / PIXELS_A_BYTE &&
           atomic_load(&t->failures) < FAILURES_MAX &&
           atomic_load(&t->written) < cache_max_bytes(t->disk) / AHEAD_SHARE &&
           cache_file_size(t->disk, CACHE_THUMBNAILS, name_of(&key->stamp, key->side)) < 0;
}

void thumbnails_keep(struct thumbnails *t, const char *path, const struct thumbnail_key *key,
                     const struct image *picture, const struct image_info *info)
{
    struct buf file = BUF_INIT;
    if (!key->side || atomic_load(&t->failures) >= FAILURES_MAX) {
        return;
    }
    const struct format *format = format_named(info->format);
    if (!is_worth_it(picture, info, key->side, format) || !file_stamp_settled(path, &key->stamp)) {
        return;
    }
    if (make_file(&file, key, picture, info, format)) {
        bool ok = cache_write_file(t->disk, CACHE_THUMBNAILS, name_of(&key->stamp, key->side),
                                   file.data, file.len);
        atomic_store(&t->failures, ok ? 0 : atomic_load(&t->failures) + 1);
        atomic_fetch_add(&t->written, ok ? (int64_t)file.len : 0);
    }
    buf_release(&file);
}

/* ---------------------------------------------------------------- removing */

bool thumbnails_of(struct cache *disk, const struct file_stamp *stamp, bool removing, size_t *count,
                   int64_t *bytes, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
        struct hash128 name = name_of(stamp, sides[i]);
        int64_t size = cache_file_size(disk, CACHE_THUMBNAILS, name);
        if (size < 0) {
            continue;
        }
        if (removing && !cache_remove_file(disk, CACHE_THUMBNAILS, name, err)) {
            return false;
        }
        ++*count;
        *bytes += size;
    }
    return true;
}
