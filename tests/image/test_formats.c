/* Kinds within formats, as Pillow shows them: orientation tags of every type, BMP
 * and GIF as old and odd programs write them, and the names of what is not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "image/decode.h"
#include "image/format.h"
#include "jpeg_writer.h"
#include "picture.h"

/* From a copy of its own length, so that reads beyond the end are seen. */
static bool try_decode(const struct buf *file, struct image *image, struct image_info *info,
                       struct error *err)
{
    assert_false(file->failed);
    uint8_t *copy = malloc(file->len ? file->len : 1);
    assert_non_null(copy);
    memcpy(copy, file->data, file->len);
    bool ok = image_decode_bytes(copy, file->len, NULL, 0, 0, image, info, err);
    free(copy);
    return ok;
}

static struct image decoded(const struct buf *file, struct image_info *info, const char *what)
{
    struct image image;
    struct error err = { .message = "" };
    if (!try_decode(file, &image, info, &err)) {
        fail_msg("%s: %s", what, err.message);
    }
    return image;
}

static void add_number(struct buf *out, uint64_t n, size_t bytes, bool big)
{
    for (size_t i = 0; i < bytes; i++) {
        buf_addc(out, (char)(n >> 8 * (big ? bytes - 1 - i : i)));
    }
}

/* ------------------------------------------------------------- orientation */

#define EXTRA_AT 26 /* behind a directory of one entry */

struct tag_case {
    unsigned type;
    uint32_t count;
    uint64_t value; /* in the entry, `bytes` of it */
    size_t bytes;
    const char *extra; /* at EXTRA_AT */
    size_t extra_bytes;
    int orientation;
};

static const struct tag_case tags[] = {
    { 3, 1, 6, 2, NULL, 0, 6 },           /* SHORT */
    { 4, 1, 6, 4, NULL, 0, 6 },           /* LONG */
    { 8, 1, 8, 2, NULL, 0, 8 },           /* SSHORT */
    { 9, 1, 3, 4, NULL, 0, 3 },           /* SLONG */
    { 6, 1, 5, 1, NULL, 0, 5 },           /* SBYTE */
    { 13, 1, 7, 4, NULL, 0, 7 },          /* IFD */
    { 11, 1, 0x40C00000, 4, NULL, 0, 6 }, /* FLOAT: 6.0 */
    { 1, 1, 6, 1, NULL, 0, 1 },           /* BYTE: bytes, not a number */
    { 2, 1, '6', 1, NULL, 0, 1 },         /* ASCII */
    { 7, 1, 6, 1, NULL, 0, 1 },           /* UNDEFINED */
    { 0, 1, 6, 2, NULL, 0, 1 },
    { 99, 1, 6, 2, NULL, 0, 1 },
    { 3, 0, 6, 2, NULL, 0, 1 },                  /* no value */
    { 3, 2, 6, 2, NULL, 0, 6 },                  /* one too many, still in the entry */
    { 3, 3, EXTRA_AT, 4, "\6\6\6\6\6\6", 6, 1 }, /* 0x0606 */
    { 1, 9, EXTRA_AT, 4, "\6\6\6\6\6\6\6\6\6", 9, 1 },
    { 3, 3, EXTRA_AT, 4, "\6\0", 2, 1 }, /* two of three are not there */
    { 3, 0xFFFFFFFF, 6, 2, NULL, 0, 1 },
    { 3, 1, 0, 2, NULL, 0, 1 },
    { 3, 1, 9, 2, NULL, 0, 1 },
    { 9, 1, 0xFFFFFFFF, 4, NULL, 0, 1 },
    { 11, 1, 0x7FC00000, 4, NULL, 0, 1 }, /* not a number */
};

static void add_tag(struct buf *out, unsigned tag, const struct tag_case *t, bool big)
{
    add_number(out, tag, 2, big);
    add_number(out, t->type, 2, big);
    add_number(out, t->count, 4, big);
    add_number(out, t->value, t->bytes, big);
    buf_add(out, "\0\0\0\0", 4 - t->bytes);
}

static void add_header(struct buf *out, bool big, uint32_t directory)
{
    buf_adds(out, big ? "MM" : "II");
    add_number(out, 42, 2, big);
    add_number(out, directory, 4, big);
}

static void make_exif(struct buf *out, const struct tag_case *t, bool big)
{
    add_header(out, big, 8);
    add_number(out, 1, 2, big);
    add_tag(out, 0x0112, t, big);
    add_number(out, 0, 4, big);
    if (t->extra) {
        buf_add(out, t->extra, t->extra_bytes);
    }
}

/* A PNG of 2x1 pixels with that chunk. */
static void png_with(struct buf *out, const char *type, const struct buf *data)
{
    static const uint8_t row[6] = { 1, 1, 1, 2, 2, 2 };
    const struct png_chunk chunk = { type, data->data, data->len };
    picture_png(out, &(struct png_spec){ 2, 1, 8, PNG_RGB, row, 1, 6, &chunk, 1 });
}

static void assert_orientation(const char *chunk, const struct buf *data, int orientation,
                               const char *what)
{
    struct buf file = BUF_INIT;
    struct image_info info;
    png_with(&file, chunk, data);
    struct image image = decoded(&file, &info, what);
    if (info.orientation != orientation || image.width != (orientation >= 5 ? 1 : 2)) {
        fail_msg("%s: orientation %d, %d pixels wide; not %d", what, info.orientation, image.width,
                 orientation);
    }
    image_release(&image);
    buf_release(&file);
}

static void test_D3_orientation_of_any_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_LEN(tags); i++) {
        const struct tag_case *t = &tags[i / 2];
        struct buf exif = BUF_INIT;
        char what[64];
        snprintf(what, sizeof what, "type %u, count %u, %s", t->type, t->count,
                 i % 2 ? "big-endian" : "little-endian");
        make_exif(&exif, t, i % 2);
        assert_orientation("eXIf", &exif, t->orientation, what);
        buf_release(&exif);
    }
}

/* The picture's own directory counts, whatever is amiss around it. */
static void test_D3_orientation_among_damage(void **state)
{
    (void)state;
    static const struct tag_case turned = { 4, 1, 6, 4, NULL, 0, 6 };
    static const struct tag_case other = { 3, 1, 3, 2, NULL, 0, 3 };
    struct buf exif = BUF_INIT;
    /* A second directory, the thumbnail's, says otherwise. */
    add_header(&exif, false, 8);
    add_number(&exif, 1, 2, false);
    add_tag(&exif, 0x0131, &other, false);
    add_number(&exif, 26, 4, false);
    add_number(&exif, 1, 2, false);
    add_tag(&exif, 0x0112, &turned, false);
    assert_orientation("eXIf", &exif, 1, "of the thumbnail");
    /* More entries than there are, and no end. */
    buf_clear(&exif);
    add_header(&exif, true, 10);
    add_number(&exif, 0xFFFFFF00FF, 4, true); /* two bytes between, 255 entries */
    add_tag(&exif, 0xFFFF, &(struct tag_case){ 77, 1, 1, 4, NULL, 0, 0 }, true);
    add_tag(&exif, 0x0112, &turned, true);
    assert_orientation("eXIf", &exif, 6, "many entries");
    exif.len -= 1;
    assert_orientation("eXIf", &exif, 1, "an entry that is cut off");
    /* With the prefix of JPEG, and 42 in the other byte order. */
    buf_clear(&exif);
    buf_add(&exif, "Exif\0\0II\0*\10\0\0\0\1\0", 16);
    add_tag(&exif, 0x0112, &turned, false);
    assert_orientation("eXIf", &exif, 6, "a prefix");
    buf_release(&exif);
}

static void test_D3_orientation_in_xmp(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int orientation;
    } rows[] = {
        { "<rdf:Description tiff:Orientation=\"6\"/>", 6 },
        { "<tiff:Orientation>8</tiff:Orientation>", 8 },
        { "tiff:Orientation tiff:Orientation='3' tiff:Orientation=\"3\"", 3 },
        { "tiff:Orientation=\"9\"", 1 },
        { "tiff:Orientation=\"", 1 },
        { "tiff:Orientation", 1 },
        { "", 1 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf text = BUF_INIT;
        buf_add(&text, "XML:com.adobe.xmp\0\0\0en\0\0", 24);
        buf_adds(&text, rows[i].text);
        assert_orientation("iTXt", &text, rows[i].orientation, rows[i].text);
        buf_release(&text);
    }
}

/* -------------------------------------------------------------------- JPEG */

#ifdef HAVE_LIBJPEG

/* Puts bytes before those found in the file, or at its end. */
static void insert(struct buf *file, const char *before, size_t before_len, const char *bytes,
                   size_t len)
{
    struct buf out = BUF_INIT;
    uint8_t *at = memmem(file->data, file->len, before, before_len);
    assert_non_null(at);
    size_t head = (size_t)((char *)at - (char *)file->data);
    buf_add(&out, file->data, head);
    buf_add(&out, bytes, len);
    buf_add(&out, at, file->len - head);
    buf_release(file);
    *file = out;
}

/* What libjpeg remarks on, and only sometimes is damage. */
static void test_D4_a_remark_is_no_damage(void **state)
{
    (void)state;
    static const struct {
        const char *what, *before, *bytes;
        size_t before_len, len;
        bool damage;
    } rows[] = {
        { "Adobe transform 2", "\xFF\xDB",
          "\xFF\xEE\0\x0E"
          "Adobe\0\x64\0\0\0\0\2",
          2, 16, false },
        { "Adobe transform 9", "\xFF\xDB",
          "\xFF\xEE\0\x0E"
          "Adobe\0\x64\0\0\0\0\x9",
          2, 16, false },
        { "JFIF 3", "\xFF\xDB", "\xFF\xE0\0\x10JFIF\0\3\0\0\0\1\0\1\0\0", 2, 18, false },
        { "bytes before the picture", "\xFF\xDA", "\x11\x22\x33", 2, 3, false },
        { "zeros behind it", "\xFF\xD9", "\0\0\0\0\0\0\0\0\0\0", 2, 10, false },
        { "bytes behind it", "\xFF\xD9", "\x11\x22\x33\x11\x22\x33\x11\x22\x33", 2, 9, true },
    };
    uint8_t rgb[16 * 16 * 3];
    memset(rgb, 99, sizeof rgb);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf file = BUF_INIT;
        struct image_info info;
        jpeg_write(&file, &(struct jpeg_spec){ 16, 16, 3, JCS_UNKNOWN, rgb, .quality = 90,
                                               .progressive = true });
        insert(&file, rows[i].before, rows[i].before_len, rows[i].bytes, rows[i].len);
        struct image image = decoded(&file, &info, rows[i].what);
        if ((info.damage[0] != '\0') != rows[i].damage) {
            fail_msg("%s: damage '%s'", rows[i].what, info.damage);
        }
        image_release(&image);
        buf_release(&file);
    }
}

static void test_D2_kinds_that_are_not_read_are_named(void **state)
{
    (void)state;
    uint8_t rgb[16 * 16 * 3];
    memset(rgb, 99, sizeof rgb);
    static const struct {
        size_t at; /* behind the marker of the frame */
        uint8_t value;
        const char *says;
    } rows[] = {
        { 1, 0xC3, "lossless" },
        { 4, 12, "a sample depth other than 8 bits" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf file = BUF_INIT;
        struct image image;
        struct error err;
        jpeg_write(&file, &(struct jpeg_spec){ 16, 16, 3, JCS_UNKNOWN, rgb, .quality = 90 });
        uint8_t *frame = memmem(file.data, file.len, "\xFF\xC0\0\x11", 4);
        assert_non_null(frame);
        frame[rows[i].at] = rows[i].value;
        assert_false(try_decode(&file, &image, NULL, &err));
        assert_int_equal(err.kind, ERROR_UNSUPPORTED);
        assert_non_null(strstr(err.message, rows[i].says));
        buf_release(&file);
    }
}

#else
static void no_libjpeg(void **state)
{
    (void)state;
    skip();
}
#define test_D4_a_remark_is_no_damage no_libjpeg
#define test_D2_kinds_that_are_not_read_are_named no_libjpeg
#endif

/* --------------------------------------------------------------------- BMP */

struct bmp_case {
    const char *what;
    uint32_t header, width, height, bits, compression, colors;
    const char *masks;
    size_t mask_bytes;
    const char *pixels;
    size_t pixel_bytes;
    const char *expected; /* letters: Black, White, Red, Green, blUe, dark rEd, ? grey */
    const char *damage;
};

/* Palette entries 0 to 3. */
static const char palette[] = "\0\0\0\0\xFF\xFF\xFF\0\0\0\xFF\0\0\xFF\0\0";
#define TOP_DOWN(n) (0u - (n))
#define M(bytes) bytes, sizeof(bytes) - 1
#define RGB_565 "\0\xF8\0\0\xE0\7\0\0\x1F\0\0\0"
#define RGBA_32 "\xFF\0\0\0\0\xFF\0\0\0\0\xFF\0\0\0\0\xFF"

static const struct bmp_case bmps[] = {
    { "1 bit", 40, 4, 2, 1, 0, 2, NULL, 0, M("\x50\0\0\0\xA0\0\0\0"), "WBWBBWBW", "" },
    { "2 bits", 40, 4, 1, 2, 0, 4, NULL, 0, M("\x1B\0\0\0"), "BWRG", "" },
    { "4 bits", 40, 3, 1, 4, 0, 4, NULL, 0, M("\x12\x30\0\0"), "WRG", "" },
    { "8 bits", 40, 2, 2, 8, 0, 4, NULL, 0, M("\0\1\0\0\2\3\0\0"), "RGBW", "" },
    { "8 bits, top down", 40, 2, TOP_DOWN(2), 8, 0, 4, NULL, 0, M("\0\1\0\0\2\3\0\0"), "BWRG", "" },
    { "an index too high", 40, 2, 1, 8, 0, 4, NULL, 0, M("\x63\1\0\0"), "BW", "" },
    { "OS/2, 1 bit", 12, 4, 1, 1, 0, 0, NULL, 0, M("\x50\0\0\0"), "BWBW", "" },
    { "OS/2, 8 bits", 12, 2, 1, 8, 0, 0, NULL, 0, M("\2\3\0\0"), "RG", "" },
    { "OS/2, 24 bits", 12, 1, 1, 24, 0, 0, NULL, 0, M("\0\0\xFF\0"), "R", "" },
    { "OS/2 2, short", 16, 1, 1, 24, 0, 0, NULL, 0, M("\0\0\xFF\0"), "R", "" },
    { "OS/2 2", 64, 1, 1, 24, 0, 0, NULL, 0, M("\0\0\xFF\0"), "R", "" },
    { "version 2", 52, 1, 1, 24, 0, 0, NULL, 0, M("\0\0\xFF\0"), "R", "" },
    { "version 3", 56, 1, 1, 24, 0, 0, NULL, 0, M("\0\0\xFF\0"), "R", "" },
    { "version 4", 108, 1, 1, 24, 0, 0, NULL, 0, M("\0\0\xFF\0"), "R", "" },
    { "version 5", 124, 1, 1, 24, 0, 0, NULL, 0, M("\0\0\xFF\0"), "R", "" },
    { "32 bits, no alpha", 40, 2, 1, 32, 0, 0, NULL, 0, M("\0\0\xFF\0\xFF\0\0\x7F"), "RU", "" },
    { "16 bits", 40, 2, 1, 16, 0, 0, NULL, 0, M("\0\x7C\x1F\0"), "RU", "" },
    { "565 behind the header", 40, 2, 1, 16, 3, 0, M(RGB_565), M("\0\xF8\xE0\7"), "RG", "" },
    { "565 in the header", 52, 2, 1, 16, 3, 0, M(RGB_565), M("\0\xF8\xE0\7"), "RG", "" },
    { "32 bits with alpha", 56, 2, 1, 32, 3, 0, M(RGBA_32), M("\xFF\0\0\xFF\0\0\xFF\xFF"), "RU",
      "" },
    { "RLE8", 40, 4, 2, 8, 1, 4, NULL, 0, M("\4\1\0\0\2\2\2\3\0\0\0\1"), "RRGGWWWW", "" },
    { "RLE8, plain", 40, 4, 1, 8, 1, 4, NULL, 0, M("\0\3\1\2\3\0\1\1\0\1"), "WRGW", "" },
    { "RLE8, a jump", 40, 4, 2, 8, 1, 4, NULL, 0, M("\1\1\0\2\1\1\2\2\0\1"), "BBRRWBBB", "" },
    { "RLE8, an early end", 40, 2, 2, 8, 1, 4, NULL, 0, M("\2\1\0\1"), "BBWW", "" },
    { "RLE8, too long a row", 40, 2, 2, 8, 1, 4, NULL, 0, M("\x9\1\0\0\2\2\0\1"), "RRWW", "" },
    { "RLE8, rows too many", 40, 1, 1, 8, 1, 4, NULL, 0, M("\1\1\0\0\1\2\0\0\1\2\0\1"), "W", "" },
    { "RLE8, a jump out", 40, 2, 2, 8, 1, 4, NULL, 0, M("\2\1\0\2\xFF\xFF\1\2\0\1"), "BBWW", "" },
    { "RLE8, cut off", 40, 2, 2, 8, 1, 4, NULL, 0, M("\2\1\0\0\1"), "??WW",
      "the file ends early, with 1 of 2 rows" },
    { "RLE4", 40, 4, 2, 4, 2, 4, NULL, 0, M("\4\x12\0\0\3\x33\1\0\0\1"), "GGGBWRWR", "" },
    { "RLE4, plain", 40, 5, 1, 4, 2, 4, NULL, 0, M("\0\3\x12\x30\2\0\0\1"), "WRGBB", "" },
    { "rows missing", 40, 1, 3, 24, 0, 0, NULL, 0, M("\0\0\xFF\0\0\xFF\0\0"), "?GR",
      "the file ends early, with 2 of 3 rows" },
};

static void make_bmp(struct buf *out, const struct bmp_case *t)
{
    bool core = t->header == 12;
    struct buf head = BUF_INIT;
    add_number(&head, t->header, 4, false);
    add_number(&head, t->width, core ? 2 : 4, false);
    add_number(&head, t->height, core ? 2 : 4, false);
    add_number(&head, 1, 2, false);
    add_number(&head, t->bits, 2, false);
    add_number(&head, t->compression, 4, false);
    for (int i = 0; i < 3; i++) {
        add_number(&head, 0, 4, false);
    }
    add_number(&head, t->colors, 4, false);
    add_number(&head, 0, 4, false);
    head.len = t->header < head.len ? t->header : head.len;
    if (t->masks) {
        buf_add(&head, t->masks, t->mask_bytes);
    }
    while (head.len < t->header) {
        buf_addc(&head, 0);
    }
    size_t entries = t->bits > 8 ? 0 : t->colors ? t->colors : (size_t)1 << t->bits;
    for (size_t i = 0; i < entries; i++) {
        buf_add(&head, i < 4 ? palette + 4 * i : "\0\0\0\0", core ? 3 : 4);
    }
    buf_add(out, "BM", 2);
    add_number(out, 0, 8, false);
    add_number(out, 14 + head.len, 4, false);
    buf_add(out, head.data, head.len);
    buf_add(out, t->pixels, t->pixel_bytes);
    buf_release(&head);
}

static char letter_of(const uint8_t *p)
{
    static const struct {
        char letter;
        uint8_t rgb[3];
    } letters[] = {
        { 'B', { 0, 0, 0 } },   { 'W', { 255, 255, 255 } }, { 'R', { 255, 0, 0 } },
        { 'G', { 0, 255, 0 } }, { 'U', { 0, 0, 255 } },     { '?', { 128, 128, 128 } }
    };
    for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
        if (memcmp(p, letters[i].rgb, 3) == 0) {
            return letters[i].letter;
        }
    }
    return '!';
}

static void assert_letters(const struct image *image, const char *expected, const char *what)
{
    char got[64] = "";
    size_t count = (size_t)image->width * (size_t)image->height;
    assert_true(count < sizeof got);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *p = image->pixels + i * (size_t)image->channels;
        got[i] = image->channels == 4 && p[3] == 0 ? '.' : letter_of(p);
    }
    if (strcmp(got, expected) != 0) {
        fail_msg("%s: %s, not %s", what, got, expected);
    }
}

static void test_D4_bmp_of_all_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bmps); i++) {
        const struct bmp_case *t = &bmps[i];
        struct buf file = BUF_INIT;
        struct image_info info;
        make_bmp(&file, t);
        struct image image = decoded(&file, &info, t->what);
        assert_string_equal(info.format, "BMP");
        assert_string_equal(info.damage, t->damage);
        assert_int_equal(image.width, t->width);
        assert_letters(&image, t->expected, t->what);
        image_release(&image);
        if (t->header >= 40 && t->header != 64 && t->bits != 2) { /* as a DIB */
            memmove(file.data, file.data + 14, file.len - 14);
            file.len -= 14;
            image = decoded(&file, &info, t->what);
            assert_letters(&image, t->expected, t->what);
            image_release(&image);
        }
        buf_release(&file);
    }
}

static void test_D4_bmp_that_is_refused(void **state)
{
    (void)state;
    static const struct {
        struct bmp_case bmp;
        enum error_kind kind;
        const char *says;
    } rows[] = {
        { { "", 40, 1, 1, 8, 4, 4, NULL, 0, M("...."), "", "" },
          ERROR_UNSUPPORTED,
          "compression 4" },
        { { "", 40, 1, 1, 7, 0, 4, NULL, 0, M("...."), "", "" }, ERROR_UNSUPPORTED, "7 bits" },
        { { "", 40, 0, 1, 8, 0, 4, NULL, 0, M("...."), "", "" }, ERROR_DATA, "0x1" },
        { { "", 40, 1, 1, 8, 0, 4, NULL, 0, M(""), "", "" }, ERROR_DATA, "before the first pixel" },
        { { "", 40, 40000, 40000, 8, 1, 4, NULL, 0, M("\1\1\0\1"), "", "" },
          ERROR_UNSUPPORTED,
          "40000x40000" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf file = BUF_INIT;
        struct image image;
        struct error err;
        make_bmp(&file, &rows[i].bmp);
        assert_false(try_decode(&file, &image, NULL, &err));
        if (err.kind != rows[i].kind || !strstr(err.message, rows[i].says)) {
            fail_msg("'%s' does not say '%s'", err.message, rows[i].says);
        }
        buf_release(&file);
    }
}

/* --------------------------------------------------------------------- GIF */

struct gif_case {
    const char *what;
    unsigned screen_w, screen_h, x, y, width, height;
    int transparent; /* -1: none */
    bool interlaced, local;
    const char *indices;
    const char *expected; /* as for BMP; . transparent */
    unsigned result_w;
};

/* The local palette has the colours in the order G R W B. */
static const struct gif_case gifs[] = {
    { "plain", 2, 2, 0, 0, 2, 2, -1, false, false, "0123", "BWRG", 2 },
    { "no screen", 0, 0, 0, 0, 2, 2, -1, false, false, "0123", "BWRG", 2 },
    { "no screen, off the corner", 0, 0, 1, 0, 1, 2, -1, false, false, "12", "BWBR", 2 },
    { "larger than its screen", 1, 1, 0, 0, 2, 2, -1, false, false, "0123", "BWRG", 2 },
    { "beside its screen", 1, 1, 1, 1, 1, 1, -1, false, false, "2", "BBBR", 2 },
    { "smaller than its screen", 3, 2, 1, 1, 1, 1, -1, false, false, "2", "BBBBRB", 3 },
    { "transparent around it", 3, 1, 1, 0, 1, 1, 1, false, false, "2", ".R.", 3 },
    { "transparent", 2, 2, 0, 0, 2, 2, 2, false, false, "0123", "BW.G", 2 },
    { "a palette of its own", 2, 2, 0, 0, 2, 2, -1, false, true, "0123", "GRWB", 2 },
    /* Rows 0, 8, 4, 2, 6, 1, 3, 5, 7. */
    { "interlaced", 1, 9, 0, 0, 1, 9, -1, true, false, "012331122", "BWGWRRGRW", 1 },
};

/* A code of 3 bits a pixel and no compression: the table is cleared in time. */
static void add_codes(struct buf *out, const char *indices)
{
    uint32_t bits = 0;
    unsigned count = 0;
    struct buf codes = BUF_INIT;
    size_t len = strlen(indices);
    for (size_t i = 0; i <= 2 * len; i++) {
        unsigned code = i == 2 * len ? 5u : i % 2 ? (unsigned)(indices[i / 2] - '0') : 4u;
        bits |= code << count;
        count += 3;
        for (; count >= 8; count -= 8, bits >>= 8) {
            buf_addc(&codes, (char)bits);
        }
    }
    buf_addc(&codes, (char)bits);
    buf_addc(out, 2);
    buf_addc(out, (char)codes.len);
    buf_add(out, codes.data, codes.len);
    buf_addc(out, 0);
    buf_release(&codes);
}

static void make_gif(struct buf *out, const struct gif_case *t)
{
    static const char global[] = "\0\0\0\xFF\xFF\xFF\xFF\0\0\0\xFF\0";
    static const char local[] = "\0\xFF\0\xFF\0\0\xFF\xFF\xFF\0\0\0";
    buf_adds(out, "GIF89a");
    add_number(out, t->screen_w, 2, false);
    add_number(out, t->screen_h, 2, false);
    buf_add(out, "\x81\3\0", 3); /* four colours, background 3 */
    buf_add(out, global, 12);
    buf_add(out, "!\xFE\2hi\0", 6);
    if (t->transparent >= 0) {
        buf_add(out, "!\xF9\4\1\0\0", 6);
        buf_addc(out, (char)t->transparent);
        buf_addc(out, 0);
    }
    buf_addc(out, ',');
    add_number(out, t->x, 2, false);
    add_number(out, t->y, 2, false);
    add_number(out, t->width, 2, false);
    add_number(out, t->height, 2, false);
    buf_addc(out, (char)((t->interlaced ? 0x40 : 0) | (t->local ? 0x81 : 0)));
    if (t->local) {
        buf_add(out, local, 12);
    }
    add_codes(out, t->indices);
    buf_addc(out, ';');
}

static void test_D4_gif_of_all_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(gifs); i++) {
        const struct gif_case *t = &gifs[i];
        struct buf file = BUF_INIT;
        struct image_info info;
        make_gif(&file, t);
        struct image image = decoded(&file, &info, t->what);
        assert_string_equal(info.damage, "");
        assert_int_equal(image.width, t->result_w);
        assert_letters(&image, t->expected, t->what);
        image_release(&image);
        buf_release(&file);
    }
}

/* A GIF that ends early is shown as far as it goes. */
static void test_D4_gif_that_ends_early(void **state)
{
    (void)state;
    struct gif_case t = gifs[0];
    struct buf file = BUF_INIT;
    struct image image;
    struct image_info info;
    struct error err;
    make_gif(&file, &t);
    for (size_t len = 0; len < file.len; len++) {
        struct buf part = { .data = file.data, .len = len };
        bool ok = try_decode(&part, &image, &info, &err);
        assert_true(ok || err.message[0]);
        assert_true(!ok || (image.width == 2 && image.height == 2));
        image_release(&image);
    }
    file.len -= 4; /* of four bytes of codes two are gone, with the ends */
    image = decoded(&file, &info, "cut off");
    assert_string_equal(info.damage, "the data end early, at row 1 of 2");
    assert_letters(&image, "BW??", "cut off");
    image_release(&image);
    buf_release(&file);
}

/* --------------------------------------------------------------------- PAM */

static void test_D4_pam(void **state)
{
    (void)state;
#define HEAD "P7\n# a comment\nWIDTH 2\nHEIGHT 1\n\nMAXVAL 255\nDEPTH "
    static const struct {
        const char *bytes;
        size_t len;
        const char *expected;
    } rows[] = {
        { M(HEAD "1\nTUPLTYPE GRAYSCALE\nENDHDR\n\0\xFF"), "BW" },
        { M(HEAD "2\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n\0\0\xFF\xFF"), ".W" },
        { M(HEAD "3\nENDHDR\n\xFF\0\0\0\xFF\0"), "RG" },
        { M(HEAD "4\nENDHDR\n\xFF\0\0\xFF\0\xFF\0\0"), "R." },
        { M("P7\nWIDTH 2\nHEIGHT 1\nMAXVAL 65535\nDEPTH 1\nENDHDR\n\0\0\xFF\xFF"), "BW" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf file = BUF_INIT;
        struct image_info info;
        buf_add(&file, rows[i].bytes, rows[i].len);
        struct image image = decoded(&file, &info, "PAM");
        assert_string_equal(info.format, "PAM");
        assert_letters(&image, rows[i].expected, "PAM");
        image_release(&image);
        buf_release(&file);
    }
}

/* ------------------------------------------------------------------ levels */

struct levels_case {
    const char *what;
    enum image_levels mode;
    uint16_t samples[4];
    uint8_t expected[4];
    const char *note;
};

static const struct levels_case levels[] = {
    { "12 bits", IMAGE_LEVELS_AUTO, { 0, 1024, 2048, 4095 }, { 0, 64, 128, 255 }, "levels ×16" },
    { "12 bits, not all used",
      IMAGE_LEVELS_AUTO,
      { 9, 1024, 2048, 3000 },
      { 1, 64, 128, 187 },
      "levels ×16" },
    { "10 bits", IMAGE_LEVELS_AUTO, { 0, 256, 512, 1023 }, { 0, 64, 128, 255 }, "levels ×64" },
    { "8 bits", IMAGE_LEVELS_AUTO, { 0, 64, 128, 255 }, { 0, 64, 128, 255 }, "levels ×256" },
    { "a mask", IMAGE_LEVELS_AUTO, { 0, 1, 2, 3 }, { 0, 85, 170, 255 }, "levels ×16384" },
    { "all levels", IMAGE_LEVELS_AUTO, { 0, 257, 32896, 65535 }, { 0, 1, 128, 255 }, "" },
    { "dark, but to be seen", IMAGE_LEVELS_AUTO, { 0, 0, 0, 9000 }, { 0, 0, 0, 35 }, "" },
    { "faint",
      IMAGE_LEVELS_AUTO,
      { 30000, 30100, 30200, 30500 },
      { 0, 51, 102, 255 },
      "levels 30000 to 30500" },
    { "noise on nothing",
      IMAGE_LEVELS_AUTO,
      { 30000, 30001, 30015, 30003 },
      { 117, 117, 117, 117 },
      "" },
    { "nothing", IMAGE_LEVELS_AUTO, { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, "" },
    { "one level", IMAGE_LEVELS_AUTO, { 300, 300, 300, 300 }, { 1, 1, 1, 1 }, "" },
    { "as they are", IMAGE_LEVELS_PLAIN, { 0, 1024, 2048, 4095 }, { 0, 4, 8, 15 }, "" },
    { "to the full",
      IMAGE_LEVELS_FULL,
      { 1000, 2000, 3000, 21000 },
      { 0, 13, 26, 255 },
      "levels 1000 to 21000" },
    { "full already", IMAGE_LEVELS_FULL, { 0, 257, 32896, 65535 }, { 0, 1, 128, 255 }, "" },
};

static void add_grey_png(struct buf *out, const struct levels_case *t)
{
    uint8_t row[8];
    for (size_t i = 0; i < 4; i++) {
        row[2 * i] = (uint8_t)(t->samples[i] >> 8);
        row[2 * i + 1] = (uint8_t)t->samples[i];
    }
    picture_png(out, &(struct png_spec){ 4, 1, 16, PNG_GREY, row, 1, 8, NULL, 0 });
}

static void add_pgm(struct buf *out, const struct levels_case *t)
{
    buf_adds(out, "P5 4 1 65535\n");
    for (size_t i = 0; i < 4; i++) {
        add_number(out, t->samples[i], 2, true);
    }
}

static void add_pam(struct buf *out, const struct levels_case *t)
{
    buf_adds(out, "P7\nWIDTH 4\nHEIGHT 1\nDEPTH 2\nMAXVAL 65535\nENDHDR\n");
    for (size_t i = 0; i < 4; i++) {
        add_number(out, t->samples[i], 2, true);
        add_number(out, 65535, 2, true); /* alpha: no level */
    }
}

static void check_levels(const struct levels_case *t,
                         void (*add)(struct buf *, const struct levels_case *))
{
    struct buf file = BUF_INIT;
    struct image image;
    struct image_info info;
    struct error err = { .message = "" };
    struct image_limits limits = image_limits_default;
    limits.levels = t->mode;
    add(&file, t);
    if (!image_decode_bytes(file.data, file.len, &limits, 0, 0, &image, &info, &err)) {
        fail_msg("%s: %s", t->what, err.message);
    }
    if (strcmp(info.levels, t->note) != 0) {
        fail_msg("%s: '%s', not '%s'", t->what, info.levels, t->note);
    }
    for (int i = 0; i < 4; i++) {
        if (abs(image_at(&image, i, 0)[1] - t->expected[i]) > 1) {
            fail_msg("%s: sample %d is %d, not %d", t->what, i, image_at(&image, i, 0)[1],
                     t->expected[i]);
        }
    }
    image_release(&image);
    buf_release(&file);
}

static void test_D6_levels_that_would_not_be_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
#ifdef HAVE_LIBPNG
        check_levels(&levels[i], add_grey_png);
#else
        (void)add_grey_png;
#endif
        check_levels(&levels[i], add_pgm);
        check_levels(&levels[i], add_pam);
    }
}

/* Those of 8 bits by hand only; what is transparent is no level. */
static void test_D6_levels_of_8_bits(void **state)
{
    (void)state;
    static const uint8_t row[12] = { 50, 60, 70, 255, 90, 100, 110, 255, 0, 255, 0, 0 };
    struct buf file = BUF_INIT;
    struct image image;
    struct image_info info;
    picture_png(&file, &(struct png_spec){ 3, 1, 8, PNG_RGBA, row, 1, 12, NULL, 0 });
    for (int mode = 0; mode < IMAGE_LEVELS_COUNT; mode++) {
        struct image_limits limits = image_limits_default;
        limits.levels = (enum image_levels)mode;
        assert_true(image_decode_bytes(file.data, file.len, &limits, 0, 0, &image, &info, NULL));
        bool full = mode == IMAGE_LEVELS_FULL;
        assert_string_equal(info.levels, full ? "levels 50 to 110" : "");
        assert_int_equal(image_at(&image, 0, 0)[0], full ? 0 : 50);
        assert_int_equal(image_at(&image, 1, 0)[2], full ? 255 : 110);
        assert_int_equal(image_at(&image, 1, 0)[3], 255);
        image_release(&image);
    }
    buf_release(&file);
}

/* ------------------------------------------------------------------- names */

#define FTYP(brands)                                                                               \
    "\0\0\0\x18"                                                                                   \
    "ftyp" brands
#define TIFF_OF(maker)                                                                             \
    "II*\0\10\0\0\0\2\0"                                                                           \
    "\xFE\0\4\0\1\0\0\0\1\0\0\0"                                                                   \
    "\x0F\1\2\0\7\0\0\0\x26\0\0\0"                                                                 \
    "\0\0\0\0" maker "\0\0\0\0"

static const struct {
    const char *bytes;
    size_t len;
    const char *name;
} foreign[] = {
    { M(FTYP("heic\0\0\0\0mif1heic")), "HEIC" },
    { M(FTYP("heix\0\0\0\0mif1heix")), "HEIC" },
    { M(FTYP("hevc\0\0\0\0msf1hevc")), "HEIC" },
    { M(FTYP("mif1\0\0\0\0mif1heic")), "HEIC" },
    { M(FTYP("mif1\0\0\0\0mif1avif")), "AVIF" },
    { M(FTYP("avis\0\0\0\0msf1avis")), "AVIF" },
    { M(FTYP("avif\0\0\0\0mif1miaf")), "AVIF" },
    { M(FTYP("msf1\0\0\0\0msf1xxxx")), "HEIF" },
    { M(FTYP("crx \0\0\0\1crx isom")), "Canon CR3" },
    { M(FTYP("qt  \0\0\0\0qt  qt  ")), "MP4 or QuickTime video" },
    { M(FTYP("isom\0\0\0\0isommp41")), "MP4 or QuickTime video" },
    { M("\0\0\0\x0CJXL \r\n\x87\n"), "JPEG XL" },
    { M("\xFF\x0A\0\0"), "JPEG XL" },
    { M("\0\0\0\x0CjP  \r\n\x87\n"), "JPEG 2000" },
    { M("\xFF\x4F\xFF\x51"), "JPEG 2000" },
    { M("II*\0\x10\0\0\0CR\2\0"), "Canon CR2" },
    { M(TIFF_OF("NIKON\0")), "Nikon NEF" },
    { M(TIFF_OF("SONY\0\0")), "Sony ARW" },
    { M(TIFF_OF("PENTAX")), "Pentax PEF" },
    { M(TIFF_OF("nobody")), "TIFF" },
    { M("II*\0\10\0\0\0\1\0\x12\xC6\1\0\4\0\0\0\1\4\0\0\0\0\0\0"), "Adobe DNG" },
    { M("MM\0*\0\0\0\10\0\0"), "TIFF" },
    { M("II+\0\10\0\0\0"), "BigTIFF" },
    { M("IIRO\10\0\0\0"), "Olympus ORF" },
    { M("IIU\0\30\0\0\0"), "Panasonic RW2" },
    { M("FUJIFILMCCD-RAW 0201"), "Fujifilm RAF" },
    { M("8BPS\0\1"), "Photoshop PSD" },
    { M("\0\0\1\0\1\0"), "Windows icon" },
    { M("%PDF-1.4\n"), "PDF" },
    { M("<svg xmlns='x'>"), "SVG" },
    { M("\xEF\xBB\xBF<?xml version='1.0'?>\n<!-- a > b -->\n<svg>"), "SVG" },
    { M("<!DOCTYPE html><html>404</html>"), "web page" },
    { M("\n<HTML><head>"), "web page" },
    { M("version https://git-lfs.github.com/spec/v1\noid"), "Git LFS pointer" },
};

static void test_D5_others_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
        struct buf file = BUF_INIT;
        struct image image;
        struct error err;
        buf_add(&file, foreign[i].bytes, foreign[i].len);
        assert_false(try_decode(&file, &image, NULL, &err));
        size_t len = strlen(foreign[i].name);
        if (strncmp(err.message, foreign[i].name, len) != 0 || err.message[len] != ':') {
            fail_msg("'%s' is no %s", err.message, foreign[i].name);
        }
        assert_int_equal(err.kind, ERROR_UNSUPPORTED);
        buf_release(&file);
    }
    uint8_t dicom[132] = { 0 };
    memcpy(dicom + 128, "DICM", 4);
    assert_string_equal(image_format_of_bytes(dicom, sizeof dicom)->name, "DICOM");
}

static void test_D5_every_beginning_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
        for (size_t len = 0; len <= foreign[i].len; len++) {
            uint8_t *copy = malloc(len ? len : 1);
            assert_non_null(copy);
            memcpy(copy, foreign[i].bytes, len);
            (void)image_format_of_bytes(copy, len);
            free(copy);
        }
    }
}

static void test_D1_endings(void **state)
{
    (void)state;
    static const struct {
        const char *name, *format;
        bool read;
    } rows[] = {
        { "a.jpg", "JPEG", true },       { "a.JPEG", "JPEG", true }, { "a.jfif", "JPEG", true },
        { "a.pbm", "PNM", true },        { "a.PAM", "PAM", true },   { "x.y.png", "PNG", true },
        { "a.heic", "HEIC", false },     { "a.HIF", "HEIC", false }, { "a.tif", "TIFF", false },
        { "a.nef", "Nikon NEF", false }, { "a.txt", NULL, false },   { "a.mp4", NULL, false },
        { "jpg", NULL, false },          { "a.", NULL, false },      { "", NULL, false },
        { "a.jp", NULL, false },         { "a.jpgg", NULL, false },  { "a.jpg jpeg", NULL, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct image_format *format = image_format_of_name(rows[i].name);
        if (!format != !rows[i].format || (format && strcmp(format->name, rows[i].format) != 0)) {
            fail_msg("%s is %s", rows[i].name, format ? format->name : "nothing");
        }
        assert_true(!format || !format->refusal == rows[i].read);
    }
}

/* No ending stands for two formats. */
static void test_D5_one_table(void **state)
{
    (void)state;
    const struct image_format *format;
    size_t endings = 0;
    for (size_t i = 0; (format = image_format_at(i)); i++) {
        char all[128];
        snprintf(all, sizeof all, "%s", format->endings);
        for (char *rest, *ending = strtok_r(all, " ", &rest); ending;
             ending = strtok_r(NULL, " ", &rest)) {
            char name[64];
            snprintf(name, sizeof name, "x.%s", ending);
            assert_ptr_equal(image_format_of_name(name), format);
            endings++;
        }
    }
    assert_true(endings > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_D3_orientation_of_any_type),
        cmocka_unit_test(test_D3_orientation_among_damage),
        cmocka_unit_test(test_D3_orientation_in_xmp),
        cmocka_unit_test(test_D4_a_remark_is_no_damage),
        cmocka_unit_test(test_D2_kinds_that_are_not_read_are_named),
        cmocka_unit_test(test_D4_bmp_of_all_kinds),
        cmocka_unit_test(test_D4_bmp_that_is_refused),
        cmocka_unit_test(test_D4_gif_of_all_kinds),
        cmocka_unit_test(test_D4_gif_that_ends_early),
        cmocka_unit_test(test_D4_pam),
        cmocka_unit_test(test_D6_levels_that_would_not_be_seen),
        cmocka_unit_test(test_D6_levels_of_8_bits),
        cmocka_unit_test(test_D5_others_are_named),
        cmocka_unit_test(test_D5_every_beginning_is_survived),
        cmocka_unit_test(test_D5_one_table),
        cmocka_unit_test(test_D1_endings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
