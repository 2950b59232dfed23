#include "formats.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "exif.h"
#include "recognise.h"

#ifdef HAVE_LIBJPEG
#define CODEC_JPEG &codec_jpeg_turbo
#else
#define CODEC_JPEG &codec_stb
#endif
#ifdef HAVE_LIBPNG
#define CODEC_PNG &codec_png
#else
#define CODEC_PNG &codec_stb
#endif
#ifdef HAVE_LIBWEBP
#define CODEC_WEBP &codec_webp
#define REFUSAL_WEBP NULL
#else
#define CODEC_WEBP NULL
#define REFUSAL_WEBP "this build does not include libwebp; convert the picture to JPEG or PNG"
#endif

#define NOT_YET "not supported yet; convert the picture to JPEG or PNG"
#define NO_PICTURE "not a picture"

#define MAGICS 4

struct magic {
    size_t offset, len; /* len 0: unused */
    const char *bytes;
};

struct rule {
    struct format format;
    struct magic magics[MAGICS];                     /* one of them must match, */
    bool (*looks)(const uint8_t *bytes, size_t len); /* or this must return true */
};

#define READ(name, endings, library, refusal, codec, orientation, thumbnail)                       \
    {                                                                                              \
        { name, endings, library, refusal }, codec, orientation, thumbnail                         \
    }
#define NAMED(name, endings, refusal) READ(name, endings, NULL, refusal, NULL, NULL, NO_THUMBNAIL)
#define THUMBNAIL(number, pixels, shrink)                                                          \
    {                                                                                              \
        number, pixels, shrink                                                                     \
    }
#define NO_THUMBNAIL THUMBNAIL(0, 0, 0)
#define ANYWHERE                                                                                   \
    {                                                                                              \
        {                                                                                          \
            0, 0, NULL                                                                             \
        }                                                                                          \
    }

/* In the order in which they are tried: unambiguous formats first, TIFF after the raw
 * formats based on it, videos after pictures in the same container, and TGA, which has no
 * magic bytes, last. */
static const struct rule rules[] = {
    { READ("JPEG", "jpg jpeg jpe jfif jif mpo", "libjpeg-turbo", NULL, CODEC_JPEG,
           exif_orientation_jpeg, THUMBNAIL(0, 6000000, 4)), /* decoded near the wanted size */
      { { 0, 3, "\xFF\xD8\xFF" } },
      NULL },
    { READ("PNG", "png apng", "libpng", NULL, CODEC_PNG, exif_orientation_png,
           THUMBNAIL(1, 1000000, 1)),
      { { 0, 8, "\x89PNG\r\n\x1a\n" } },
      NULL },
    { READ("WebP", "webp", "libwebp", REFUSAL_WEBP, CODEC_WEBP, exif_orientation_webp,
           THUMBNAIL(2, 2000000, 1)),
      ANYWHERE, looks_like_webp },
    { READ("GIF", "gif", "built in", NULL, &codec_gif, NULL, THUMBNAIL(3, 4000000, 1)),
      { { 0, 6, "GIF87a" }, { 0, 6, "GIF89a" } },
      NULL },
    { READ("BMP", "bmp dib", "built in", NULL, &codec_bmp, NULL, THUMBNAIL(4, 12000000, 4)),
      ANYWHERE, looks_like_bmp },
    { READ("PNM", "pbm pgm ppm pnm", "built in", NULL, &codec_pnm, NULL, THUMBNAIL(6, 12000000, 4)),
      ANYWHERE, looks_like_pnm },
    { READ("PAM", "pam", "built in", NULL, &codec_pnm, NULL, NO_THUMBNAIL), ANYWHERE,
      looks_like_pam },

    { NAMED("AVIF", "avif avifs", NOT_YET), ANYWHERE, looks_like_avif },
    { NAMED("HEIC", "heic heics hif", NOT_YET), ANYWHERE, looks_like_heic },
    { NAMED("HEIF", "heif heifs", NOT_YET), ANYWHERE, looks_like_heif },
    { NAMED("Canon CR3", "cr3", NOT_YET), ANYWHERE, looks_like_cr3 },
    { NAMED("JPEG XL", "jxl", NOT_YET),
      { { 0, 2, "\xFF\x0A" }, { 0, 8, "\0\0\0\x0CJXL " } },
      NULL },
    { NAMED("JPEG 2000", "jp2 j2k jpf jpx jpm j2c jpc", NOT_YET),
      { { 0, 8, "\0\0\0\x0CjP  " }, { 0, 4, "\xFF\x4F\xFF\x51" } },
      NULL },
    { NAMED("JPEG XR", "jxr wdp hdp", NOT_YET), { { 0, 3, "II\xBC" } }, NULL },

    { NAMED("Canon CR2", "cr2", NOT_YET), { { 8, 2, "CR" } }, NULL },
    { NAMED("Canon CRW", "crw", NOT_YET), { { 6, 8, "HEAPCCDR" } }, NULL },
    { NAMED("Adobe DNG", "dng", NOT_YET), ANYWHERE, looks_like_dng },
    { NAMED("Nikon NEF", "nef nrw", NOT_YET), ANYWHERE, looks_like_nef },
    { NAMED("Sony ARW", "arw srf sr2", NOT_YET), ANYWHERE, looks_like_arw },
    { NAMED("Olympus ORF", "orf", NOT_YET),
      { { 0, 4, "IIRO" }, { 0, 4, "IIRS" }, { 0, 4, "MMOR" } },
      NULL },
    { NAMED("Panasonic RW2", "rw2 raw rwl", NOT_YET), { { 0, 4, "IIU\0" } }, NULL },
    { NAMED("Fujifilm RAF", "raf", NOT_YET), { { 0, 15, "FUJIFILMCCD-RAW" } }, NULL },
    { NAMED("Pentax PEF", "pef", NOT_YET), ANYWHERE, looks_like_pef },
    { NAMED("Samsung SRW", "srw", NOT_YET), ANYWHERE, looks_like_srw },
    { NAMED("Sigma X3F", "x3f", NOT_YET), { { 0, 4, "FOVb" } }, NULL },
    { NAMED("Minolta MRW", "mrw", NOT_YET), { { 0, 4, "\0MRM" } }, NULL },
    { NAMED("BigTIFF", "", NOT_YET), { { 0, 4, "II+\0" }, { 0, 4, "MM\0+" } }, NULL },
    { NAMED("TIFF", "tif tiff", NOT_YET), { { 0, 4, "II*\0" }, { 0, 4, "MM\0*" } }, NULL },

    { NAMED("Photoshop PSD", "psd psb", NOT_YET), { { 0, 4, "8BPS" } }, NULL },
    { NAMED("GIMP XCF", "xcf", NOT_YET), { { 0, 9, "gimp xcf " } }, NULL },
    { NAMED("OpenEXR", "exr", NOT_YET), { { 0, 4, "\x76\x2F\x31\x01" } }, NULL },
    { NAMED("Radiance HDR", "hdr", NOT_YET),
      { { 0, 10, "#?RADIANCE" }, { 0, 6, "#?RGBE" } },
      NULL },
    { NAMED("PFM", "pfm", NOT_YET), { { 0, 3, "PF\n" }, { 0, 3, "Pf\n" } }, NULL },
    { NAMED("QOI", "qoi", NOT_YET), { { 0, 4, "qoif" } }, NULL },
    { NAMED("DDS", "dds", NOT_YET), { { 0, 4, "DDS " } }, NULL },
    { NAMED("Windows icon", "ico cur", NOT_YET), { { 0, 4, "\0\0\1\0" } }, NULL },
    { NAMED("Apple icon", "icns", NOT_YET), { { 0, 4, "icns" } }, NULL },
    { NAMED("DICOM", "dcm dicom", NOT_YET), { { 128, 4, "DICM" } }, NULL },
    { NAMED("FITS", "fits fit fts", NOT_YET), { { 0, 10, "SIMPLE  = " } }, NULL },
    { NAMED("DjVu", "djvu djv", NOT_YET), { { 0, 8, "AT&TFORM" } }, NULL },
    { NAMED("SVG", "svg svgz", NOT_YET), ANYWHERE, looks_like_svg },

    { NAMED("PDF", "", NO_PICTURE), { { 0, 5, "%PDF-" } }, NULL },
    { NAMED("MP4 or QuickTime video", "", NO_PICTURE), ANYWHERE, looks_like_video },
    { NAMED("AVI video", "", NO_PICTURE), { { 8, 4, "AVI " } }, NULL },
    { NAMED("Matroska or WebM video", "", NO_PICTURE), { { 0, 4, "\x1A\x45\xDF\xA3" } }, NULL },
    { NAMED("web page", "", NO_PICTURE), ANYWHERE, looks_like_html },
    { NAMED("Git LFS pointer", "", "the picture itself is not here; run 'git lfs pull'"),
      { { 0, 24, "version https://git-lfs." } },
      NULL },
    { NAMED("ZIP archive", "", NO_PICTURE), { { 0, 4, "PK\3\4" } }, NULL },
    { NAMED("gzip file", "", NO_PICTURE), { { 0, 3, "\x1F\x8B\x08" } }, NULL },

    { READ("TGA", "tga targa icb vda vst", "stb_image", NULL, &codec_stb, NULL,
           THUMBNAIL(5, 12000000, 4)),
      ANYWHERE, looks_like_tga },
};

static bool has_magic(const struct rule *rule, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < MAGICS && rule->magics[i].len > 0; i++) {
        const struct magic *m = &rule->magics[i];
        if (len >= m->offset + m->len && memcmp(bytes + m->offset, m->bytes, m->len) == 0) {
            return true;
        }
    }
    return false;
}

const struct format *format_of_bytes(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        const struct rule *rule = &rules[i];
        if (has_magic(rule, bytes, len) || (rule->looks && rule->looks(bytes, len))) {
            return &rule->format;
        }
    }
    return NULL;
}

const struct image_format *image_format_of_bytes(const uint8_t *bytes, size_t len)
{
    const struct format *format = format_of_bytes(bytes, len);
    return format ? &format->public : NULL;
}

static bool has_ending(const char *endings, const char *ending)
{
    size_t len = strlen(ending);
    for (const char *at = endings; *at;) {
        size_t size = strcspn(at, " ");
        if (size == len && strncasecmp(at, ending, len) == 0) {
            return true;
        }
        at += size + (at[size] == ' ');
    }
    return false;
}

const struct image_format *image_format_of_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && dot[1] && i < ARRAY_LEN(rules); i++) {
        if (has_ending(rules[i].format.public.endings, dot + 1)) {
            return &rules[i].format.public;
        }
    }
    return NULL;
}

const struct image_format *image_format_at(size_t index)
{
    return index < ARRAY_LEN(rules) ? &rules[index].format.public : NULL;
}

const struct format *format_at(size_t index)
{
    return index < ARRAY_LEN(rules) ? &rules[index].format : NULL;
}
