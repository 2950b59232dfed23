/* Sixel of our own beside libsixel's: bytes and quality on the same scaled
 * pixels, then where the time from a file to the bytes goes. Processor time on
 * one thread, medians. */
#include "pictures.h"

#include <fcntl.h>
#include <sixel.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef HAVE_LIBJPEG
#include <jpeglib.h>
#endif

#include "base/buf.h"
#include "base/file.h"
#include "image/encode.h"
#include "similarity.h"
#include "term/frame.h"

#include "../../src/term/sixel/encode.h"
#include "../../src/term/sixel/quantize.h"

enum { PICTURES_MAX = 32, RUNS = 7, STAGE_RUNS = 31, WIDTH = 480, HEIGHT = 360 };

static const struct pane pane = { .cols = WIDTH / 10,
                                  .rows = HEIGHT / 20,
                                  .cell_w = 10,
                                  .cell_h = 20,
                                  .colors = 1 << 24,
                                  .registers = 256 };

static double cpu_ms(void)
{
    return 1e3 * bench_seconds(CLOCK_THREAD_CPUTIME_ID);
}

/* ------------------------------------------------------------------ stages */

/* The linker puts a stopwatch in front of these (tests/rules.mk), so that what is
 * timed is just what a frame takes. */
enum stage { READ, DECODE, SCALE, QUANTIZE, ENCODE, STAGE_COUNT };

static double stage_ms[STAGE_COUNT];

#define STOPWATCH(stage, function, parameters, arguments)                                          \
    bool __real_##function parameters;                                                             \
    bool __wrap_##function parameters;                                                             \
    bool __wrap_##function parameters                                                              \
    {                                                                                              \
        double start = cpu_ms();                                                                   \
        bool ok = __real_##function arguments;                                                     \
        stage_ms[stage] += cpu_ms() - start;                                                       \
        return ok;                                                                                 \
    }

STOPWATCH(READ, file_read, (const char *path, size_t limit, struct buf *out, struct error *err),
          (path, limit, out, err))
STOPWATCH(DECODE, image_decode_file,
          (const char *path, const struct image_limits *limits, int want_width, int want_height,
           struct image *out, struct image_info *info, struct error *err),
          (path, limits, want_width, want_height, out, info, err))
STOPWATCH(SCALE, image_scale,
          (const struct image *in, int width, int height, enum image_filter filter,
           struct image *out, struct error *err),
          (in, width, height, filter, out, err))
STOPWATCH(QUANTIZE, quantize_picture,
          (const struct image *picture, const struct quantize_options *options, uint8_t *indices,
           struct palette *palette, struct error *err),
          (picture, options, indices, palette, err))
STOPWATCH(ENCODE, sixel_encode_indexed,
          (const uint8_t *indices, int width, int height, const struct palette *palette,
           struct buf *out, struct error *err),
          (indices, width, height, palette, out, err))

/* ------------------------------------------------------------- the encoders */

struct encoder {
    const char *name;
    const struct protocol *protocol; /* NULL: libsixel, as img2sixel uses it */
    enum level level;
    bool diffuse; /* by libsixel */
};

enum { PEER, PEER_PLAIN, BEST, DEFAULT, SLOW, ENCODERS };

static const struct encoder encoders[ENCODERS] = {
    [PEER] = { "img2sixel", .diffuse = true },
    [PEER_PLAIN] = { "img2sixel -d none", .diffuse = false },
    [BEST] = { "ours, best", &protocol_sixel, LEVEL_BEST, true },
    [DEFAULT] = { "ours, default", &protocol_sixel, LEVEL_DEFAULT, true },
    [SLOW] = { "ours, slow", &protocol_sixel, LEVEL_SLOW, true },
};

static int add_bytes(char *data, int size, void *context)
{
    struct buf *out = context;
    buf_add(out, data, (size_t)size);
    return out->failed ? -1 : size;
}

static bool draw_by_libsixel(const struct image *picture, bool diffuse, struct buf *out)
{
    sixel_output_t *output = NULL;
    sixel_dither_t *dither = NULL;
    struct image copy = IMAGE_INIT; /* errors are diffused into it */
    if (!image_init(&copy, picture->width, picture->height, 3, NULL)) {
        return false;
    }
    memcpy(copy.pixels, picture->pixels, image_stride(&copy) * (size_t)copy.height);
    bool ok = SIXEL_SUCCEEDED(sixel_output_new(&output, add_bytes, out, NULL)) &&
              SIXEL_SUCCEEDED(sixel_dither_new(&dither, 256, NULL)) &&
              SIXEL_SUCCEEDED(sixel_dither_initialize(dither, copy.pixels, copy.width, copy.height,
                                                      SIXEL_PIXELFORMAT_RGB888, SIXEL_LARGE_AUTO,
                                                      SIXEL_REP_AUTO, SIXEL_QUALITY_AUTO));
    if (ok) {
        sixel_dither_set_diffusion_type(dither, diffuse ? SIXEL_DIFFUSE_AUTO : SIXEL_DIFFUSE_NONE);
        ok = SIXEL_SUCCEEDED(sixel_encode(copy.pixels, copy.width, copy.height, 3, dither, output));
    }
    sixel_dither_unref(dither);
    sixel_output_unref(output);
    image_release(&copy);
    return ok && !out->failed;
}

static bool draw(const struct encoder *e, const struct image *picture, struct buf *out)
{
    struct pane with_level = pane;
    with_level.level = e->level;
    buf_clear(out);
    return e->protocol ? e->protocol->encode(picture, &with_level, picture->width, picture->height,
                                             out, NULL)
                       : draw_by_libsixel(picture, e->diffuse, out);
}

/* The program itself. */
static bool draw_by_program(const char *folder, const struct image *picture, bool diffuse,
                            struct buf *out)
{
    static char piece[65536];
    char command[256];
    struct buf file = BUF_INIT;
    char *path = file_join(folder, "picture.ppm");
    buf_addf(&file, "P6\n%d %d\n255\n", picture->width, picture->height);
    buf_add(&file, picture->pixels, image_stride(picture) * (size_t)picture->height);
    bool ok = path && !file.failed && file_replace(path, file.data, file.len, NULL);
    snprintf(command, sizeof command, "exec img2sixel%s %s", diffuse ? "" : " -d none", path);
    FILE *from = ok ? popen(command, "r") : NULL;
    buf_clear(out);
    for (size_t n; from && (n = fread(piece, 1, sizeof piece, from)) > 0;) {
        buf_add(out, piece, n);
    }
    ok = from && pclose(from) == 0 && !out->failed;
    if (path) {
        unlink(path);
    }
    buf_release(&file);
    free(path);
    return ok;
}

/* ------------------------------------------------------------- the quality */

struct score {
    double bytes, quantize, encode; /* milliseconds; libsixel's are all in encode */
    struct similarity like;
};

static bool is_like(const struct image *picture, const struct buf *bytes, struct similarity *like)
{
    unsigned char *indices = NULL;
    unsigned char *palette = NULL;
    int w, h, colors;
    struct image seen = IMAGE_INIT;
    bool ok = SIXEL_SUCCEEDED(sixel_decode_raw((unsigned char *)bytes->data, (int)bytes->len,
                                               &indices, &w, &h, &palette, &colors, NULL)) &&
              w >= picture->width && h >= picture->height &&
              image_init(&seen, picture->width, picture->height, 3, NULL);
    for (int y = 0; ok && y < seen.height; y++) {
        for (int x = 0; x < seen.width; x++) {
            memcpy(image_at(&seen, x, y), palette + 3 * indices[y * w + x], 3);
        }
    }
    ok = ok && similarity(picture->pixels, seen.pixels, seen.width, seen.height, like);
    image_release(&seen);
    free(indices);
    free(palette);
    return ok;
}

/* folder: NULL where there is no img2sixel. */
static bool measure(const struct encoder *e, const char *folder, const struct image *picture,
                    struct score *score)
{
    double quantize[RUNS], encode[RUNS];
    struct buf bytes = BUF_INIT;
    bool ok = true;
    for (int i = 0; ok && i < RUNS; i++) {
        memset(stage_ms, 0, sizeof stage_ms);
        double start = cpu_ms();
        ok = draw(e, picture, &bytes);
        quantize[i] = stage_ms[QUANTIZE];
        encode[i] = cpu_ms() - start - quantize[i];
    }
    if (!e->protocol && folder) {
        ok = ok && draw_by_program(folder, picture, e->diffuse, &bytes);
    }
    ok = ok && is_like(picture, &bytes, &score->like);
    score->bytes = (double)bytes.len;
    score->quantize = bench_quantile(quantize, RUNS, 0.5);
    score->encode = bench_quantile(encode, RUNS, 0.5);
    buf_release(&bytes);
    return ok;
}

static void add_score(struct score *sum, const struct score *s, double share)
{
    sum->bytes += s->bytes * share;
    sum->quantize += s->quantize * share;
    sum->encode += s->encode * share;
    sum->like.psnr += s->like.psnr * share;
    sum->like.blurred += s->like.blurred * share;
    sum->like.ssim += s->like.ssim * share;
}

static void print_score(const struct encoder *e, const struct score *s, const struct score *peer)
{
    char times[64];
    if (e->protocol) {
        snprintf(times, sizeof times, "%.2f + %.2f", s->quantize, s->encode);
    } else {
        snprintf(times, sizeof times, "%.2f", s->encode);
    }
    bench_row(e->name, "%6.1f KB %4.0f %%  PSNR %.2f  blurred %.2f  SSIM %.4f  %s ms",
              s->bytes / 1e3, 100.0 * s->bytes / peer->bytes, s->like.psnr, s->like.blurred,
              s->like.ssim, times);
}

static bool beats_peer(const struct score *s)
{
    return s[DEFAULT].bytes <= 0.75 * s[PEER].bytes && s[DEFAULT].like.psnr > s[PEER].like.psnr &&
           s[DEFAULT].like.ssim > s[PEER].like.ssim &&
           s[DEFAULT].like.blurred > s[PEER].like.blurred;
}

static bool is_small(const struct score *s)
{
    return s[SLOW].bytes <= 0.5 * s[PEER].bytes &&
           s[SLOW].like.blurred >= s[PEER_PLAIN].like.blurred;
}

static void print_targets(const struct score *s)
{
    bench_target(100.0 * s[DEFAULT].bytes / s[PEER].bytes, 75, "% of img2sixel's bytes, default");
    bench_target_least(s[DEFAULT].like.psnr, s[PEER].like.psnr, "dB PSNR, default");
    bench_target_least(s[DEFAULT].like.ssim, s[PEER].like.ssim, "SSIM, default");
    bench_target_least(s[DEFAULT].like.blurred, s[PEER].like.blurred, "dB blurred, default");
    bench_target(100.0 * s[SLOW].bytes / s[PEER].bytes, 50, "% of img2sixel's bytes, slow");
    bench_target_least(s[SLOW].like.blurred, s[PEER_PLAIN].like.blurred, "dB blurred, slow");
}

static void compare(const char *what, const char *folder, const struct image *pictures,
                    size_t count)
{
    struct score mean[ENCODERS] = { 0 };
    size_t beaten = 0;
    size_t small = 0;
    printf("Sixel of %zu %s, %dx%d at most: bytes, likeness, quantising + encoding\n", count, what,
           WIDTH, HEIGHT);
    for (size_t p = 0; p < count; p++) {
        struct score s[ENCODERS];
        for (size_t i = 0; i < ENCODERS; i++) {
            if (!measure(&encoders[i], folder, &pictures[p], &s[i])) {
                bench_row(encoders[i].name, "failed");
                return;
            }
            add_score(&mean[i], &s[i], 1.0 / (double)count);
        }
        beaten += beats_peer(s);
        small += is_small(s);
    }
    for (size_t i = 0; i < ENCODERS; i++) {
        print_score(&encoders[i], &mean[i], &mean[PEER]);
    }
    print_targets(mean);
    if (count > 1) {
        bench_row("of them each for itself", "%zu of %zu meet the targets of default, %zu of slow",
                  beaten, count, small);
    }
}

/* Every step-th, as it is shown. */
static size_t load(const glob_t *paths, size_t step, struct image *pictures)
{
    size_t count = 0;
    for (size_t i = 0; i < paths->gl_pathc && count < PICTURES_MAX; i += step) {
        struct image whole = IMAGE_INIT;
        int w, h, grid_w, grid_h;
        if (image_decode_file(paths->gl_pathv[i], NULL, 0, 0, &whole, NULL, NULL) &&
            whole.channels == 3) {
            image_fit(whole.width, whole.height, WIDTH, HEIGHT, true, &w, &h);
            protocol_sixel.grid(&pane, w, h, &grid_w, &grid_h);
            count += image_scale(&whole, grid_w, grid_h,
                                 grid_w > whole.width ? IMAGE_FILTER_CUBIC : IMAGE_FILTER_LANCZOS,
                                 &pictures[count], NULL);
        }
        image_release(&whole);
    }
    return count;
}

static void compare_files(const char *what, const char *pattern, size_t step, const char *folder)
{
    struct image pictures[PICTURES_MAX] = { 0 };
    glob_t paths;
    if (glob(pattern, 0, NULL, &paths) != 0) {
        return;
    }
    size_t count = load(&paths, step, pictures);
    if (count) {
        compare(what, folder, pictures, count);
    }
    for (size_t i = 0; i < count; i++) {
        image_release(&pictures[i]);
    }
    globfree(&paths);
}

static void compare_all(const char *folder, const glob_t *photos)
{
    struct image mosaic = IMAGE_INIT;
    char pattern[4096];
    snprintf(pattern, sizeof pattern, "%s/data/clothing/validation/*/*.jpg", bench_shared());
    compare_files("photographs", pattern, 23, folder);
    compare_files("samples", "samples/photos/*", 5, folder);
    if (bench_mosaic(photos, 8, 6, WIDTH, HEIGHT, &mosaic)) {
        compare("mosaic of photographs", folder, &mosaic, 1);
    }
    image_release(&mosaic);
}

/* ------------------------------------------------------ from file to bytes */

/* Milliseconds that the library alone takes to decode the file at n/8 of its
 * size; < 0: it cannot. Its errors end the program, but the file is our own. */
static double jpeg_alone(const char *path, unsigned eighths)
{
#ifdef HAVE_LIBJPEG
    struct buf file = BUF_INIT;
    if (!file_read(path, SIZE_MAX, &file, NULL)) {
        return -1.0;
    }
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    double start = cpu_ms();
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, (unsigned char *)file.data, file.len);
    jpeg_read_header(&jpeg, TRUE);
    jpeg.scale_num = eighths;
    jpeg.scale_denom = 8;
    jpeg_start_decompress(&jpeg);
    JSAMPARRAY row =
        jpeg.mem->alloc_sarray((j_common_ptr)&jpeg, JPOOL_IMAGE, 3 * jpeg.output_width, 1);
    while (jpeg.output_scanline < jpeg.output_height) {
        jpeg_read_scanlines(&jpeg, row, 1);
    }
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    double took = cpu_ms() - start;
    buf_release(&file);
    return took;
#else
    (void)path;
    (void)eighths;
    return -1.0;
#endif
}

/* Eighths that a decoder is asked for as the frame does. */
static unsigned eighths_of(const char *path)
{
    struct image whole = IMAGE_INIT;
    struct image_info info;
    unsigned eighths = 8;
    if (image_decode_file(path, NULL, WIDTH, HEIGHT, &whole, &info, NULL)) {
        eighths = (unsigned)((8 * whole.width + info.width - 1) / info.width);
    }
    image_release(&whole);
    return eighths;
}

static void bench_file(const char *what, const char *path)
{
    double whole[STAGE_RUNS], alone[STAGE_RUNS], stages[STAGE_COUNT][STAGE_RUNS];
    struct frame_style style = { .protocol = &protocol_sixel,
                                 .enlarge = ENLARGE_SMOOTH,
                                 .pane = pane };
    style.pane.level = LEVEL_DEFAULT;
    struct stat st = { 0 };
    struct frame frame;
    unsigned eighths = eighths_of(path);
    double ms[STAGE_COUNT];
    int w = 0, h = 0;
    for (int i = 0; i < STAGE_RUNS; i++) {
        memset(stage_ms, 0, sizeof stage_ms);
        double start = cpu_ms();
        frame_render(&frame, path, &style, FRAME_VIEW_ALL);
        w = frame.grid_w;
        h = frame.grid_h;
        if (frame.failed) {
            bench_row(what, "%s", frame.error.message);
            return;
        }
        frame_release(&frame);
        whole[i] = cpu_ms() - start;
        stage_ms[DECODE] -= stage_ms[READ];
        for (size_t s = 0; s < STAGE_COUNT; s++) {
            stages[s][i] = stage_ms[s];
        }
        alone[i] = jpeg_alone(path, eighths);
    }
    for (size_t s = 0; s < STAGE_COUNT; s++) {
        ms[s] = bench_quantile(stages[s], STAGE_RUNS, 0.5);
    }
    double all = bench_quantile(whole, STAGE_RUNS, 0.5);
    stat(path, &st);
    char name[96];
    snprintf(name, sizeof name, "%s, %.0f KB, to %dx%d", what, (double)st.st_size / 1e3, w, h);
    bench_row(name, "%.2f ms: read %.2f, decode %.2f, scale %.2f, quantise %.2f, encode %.2f", all,
              ms[READ], ms[DECODE], ms[SCALE], ms[QUANTIZE], ms[ENCODE]);
    bench_target(all, 10, "ms");
    bench_row("", "libjpeg alone, at %u/8: %.2f ms", eighths,
              bench_quantile(alone, STAGE_RUNS, 0.5));
}

static void bench_files(const char *folder, const glob_t *photos)
{
    static const char *const names[] = { "a mosaic of photographs", "a photograph enlarged" };
    puts("A JPEG of 1632x1224 pixels to sixel, inside one process, stage by stage");
    for (size_t i = 0; i < 2; i++) {
        struct image picture = IMAGE_INIT;
        struct buf bytes = BUF_INIT;
        char *path = file_join(folder, "picture.jpg");
        bool ok = path &&
                  (i ? bench_enlarged(photos->gl_pathv[0], 1632, 1224, &picture)
                     : bench_mosaic(photos, 8, 6, 1632, 1224, &picture)) &&
                  image_encode_jpeg(&picture, 89, &bytes, NULL) &&
                  file_replace(path, bytes.data, bytes.len, NULL);
        if (ok) {
            bench_file(names[i], path);
            unlink(path);
        }
        image_release(&picture);
        buf_release(&bytes);
        free(path);
    }
}

int main(void)
{
    char folder[] = "/tmp/thumbtag-bench-XXXXXX";
    glob_t photos;
    if (!bench_photos(&photos) || !mkdtemp(folder)) {
        puts("No photographs to measure with.");
        return 0;
    }
    bool peer = system("command -v img2sixel >/dev/null 2>&1") == 0;
    if (!peer) {
        puts("No img2sixel here: its bytes are the library's.");
    }
    compare_all(peer ? folder : NULL, &photos);
    bench_files(folder, &photos);
    rmdir(folder);
    globfree(&photos);
    return 0;
}
