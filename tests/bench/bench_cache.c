/* What is kept of pictures: frames in memory, thumbnails on the disk. Processor
 * time on one thread, medians. */
#include "pictures.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "image/encode.h"
#include "term/frames.h"
#include "thumbnail.h"

enum { RUNS = 7, WANT_W = 830, WANT_H = 720, WANTED = 160, KEPT = 640, TIMES = 200 };

static double cpu_ms(void)
{
    return 1e3 * bench_seconds(CLOCK_THREAD_CPUTIME_ID);
}

/* ------------------------------------------------------------- thumbnails */

/* What has just changed gets no thumbnail. */
static bool write_old(const char *path, const struct buf *bytes)
{
    static const struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
    return file_replace(path, bytes->data, bytes->len, NULL) &&
           utimensat(AT_FDCWD, path, old, 0) == 0;
}

/* A folder and the files in it. */
static void remove_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    for (struct dirent *d; dir && (d = readdir(dir));) {
        unlinkat(dirfd(dir), d->d_name, 0);
    }
    if (dir) {
        closedir(dir);
    }
    rmdir(folder);
}

/* As the screen shows it. */
static bool shown(struct thumbnails *t, const char *path, struct image *out, double *ms)
{
    struct image whole;
    struct image_info info;
    struct thumbnail_key key;
    int w, h;
    double start = cpu_ms();
    bool ok = thumbnail_or_file(t, path, WANT_W, WANT_H, &whole, &info, &key, NULL);
    *ms = cpu_ms() - start;
    image_fit(info.width, info.height, WANT_W, WANT_H, true, &w, &h);
    ok = ok && image_scale(&whole, w, h, IMAGE_FILTER_LANCZOS, out, NULL);
    image_release(&whole);
    return ok;
}

static double psnr(const struct image *a, const struct image *b)
{
    double sum = 0.0;
    size_t n = (size_t)a->height * image_stride(a);
    for (size_t i = 0; i < n; i++) {
        double d = (double)a->pixels[i] - (double)b->pixels[i];
        sum += d * d;
    }
    return 10.0 * log10(255.0 * 255.0 * (double)n / (sum + 1e-9));
}

/* Decoding without, keeping, decoding with. */
static void bench_picture(const char *folder, const char *path, const char *what)
{
    double with[RUNS], without[RUNS], keep[RUNS];
    double quality = 0.0;
    for (int i = 0; i < RUNS; i++) {
        char *store = file_join(folder, "thumbnails");
        struct cache *disk = cache_new(folder, (int64_t)1 << 30, NULL);
        struct thumbnails *t = thumbnails_new(disk, NULL);
        struct image a = IMAGE_INIT, b = IMAGE_INIT, whole;
        struct image_info info;
        struct thumbnail_key key;
        shown(NULL, path, &a, &without[i]);
        thumbnail_or_file(t, path, WANT_W, WANT_H, &whole, &info, &key, NULL);
        double start = cpu_ms();
        thumbnails_keep(t, path, &key, &whole, &info);
        keep[i] = cpu_ms() - start;
        image_release(&whole);
        shown(t, path, &b, &with[i]);
        quality = psnr(&a, &b);
        image_release(&a);
        image_release(&b);
        thumbnails_free(t);
        cache_free(disk);
        remove_folder(store);
        free(store);
    }
    double decode = bench_quantile(without, RUNS, 0.5);
    if (quality > 150.0) {
        bench_row(what, "decode %5.1f ms, no thumbnail", decode);
        return;
    }
    bench_row(what, "decode %5.1f ms, from the thumbnail %5.1f, to keep it %5.1f; %.1f dB", decode,
              bench_quantile(with, RUNS, 0.5), bench_quantile(keep, RUNS, 0.5), quality);
}

static void bench_thumbnails(const glob_t *photos)
{
    static const struct {
        int width, height;
    } sizes[] = { { 1200, 900 },  { 1600, 1200 }, { 2400, 1800 },
                  { 3264, 2448 }, { 4000, 3000 }, { 6000, 4000 } };
    char folder[] = "/tmp/thumbtag-bench-XXXXXX";
    if (!mkdtemp(folder)) {
        return;
    }
    puts("Thumbnails: a picture decoded for a pane of 830x720 pixels, without and with");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct image mosaic = IMAGE_INIT;
        if (!bench_mosaic(photos, 4, 3, sizes[i].width, sizes[i].height, &mosaic)) {
            continue;
        }
        for (int png = 0; png < 2 && (!png || i < 5); png++) {
            struct buf bytes = BUF_INIT;
            char name[64];
            snprintf(name, sizeof name, "%.1f MP %s",
                     (double)sizes[i].width * sizes[i].height / 1e6, png ? "PNG" : "JPEG");
            char *path = file_join(folder, "picture");
            if ((png ? image_encode_png(&mosaic, &bytes, NULL)
                     : image_encode_jpeg(&mosaic, 88, &bytes, NULL)) &&
                write_old(path, &bytes)) {
                bench_picture(folder, path, name);
            }
            buf_release(&bytes);
            free(path);
        }
        image_release(&mosaic);
    }
    remove_folder(folder);
}

/* ----------------------------------------------------------------- frames */

static void count_wake(void *context)
{
    ssize_t n = write(*(int *)context, "", 1);
    (void)n;
}

static void want(struct frames *f, const char *path, uint32_t first, size_t count)
{
    struct frame_request requests[KEPT];
    for (size_t i = 0; i < count; i++) {
        requests[i] =
            (struct frame_request){ first + (uint32_t)i, path, { 0 }, FRAME_VIEW_ALL, NULL };
    }
    frames_want(f, requests, count);
}

static void bench_frames(const glob_t *photos)
{
    double wants[TIMES], gets[TIMES];
    int pipe_fds[2];
    char byte;
    if (pipe(pipe_fds) != 0) {
        return;
    }
    struct frame_style style = { .pane = { .cols = 80, .rows = 30, .cell_w = 10, .cell_h = 20 } };
    struct scheduler *s = scheduler_new(1, NULL);
    struct frames *f =
        s ? frames_new(s, (size_t)64 << 20, NULL, count_wake, &pipe_fds[1], NULL) : NULL;
    if (!f) {
        scheduler_free(s);
        return;
    }
    const char *path = photos->gl_pathv[0];
    frames_set_style(f, &style);
    want(f, path, 0, KEPT);
    for (int i = 0; i < KEPT && read(pipe_fds[0], &byte, 1) == 1; i++) {
    }
    for (int i = 0; i < TIMES; i++) {
        double start = cpu_ms();
        want(f, path, (uint32_t)(i % (KEPT - WANTED)), WANTED);
        double wanted = cpu_ms();
        const struct frame *frame = frames_get(f, (uint32_t)(i % KEPT), FRAME_VIEW_ALL);
        gets[i] = cpu_ms() - wanted;
        wants[i] = wanted - start;
        frames_unpin(f, frame);
    }
    printf("Frames in memory: %d kept, %d wanted\n", KEPT, WANTED);
    double p99 = bench_quantile(wants, TIMES, 0.99);
    bench_row("frames_want()", "p50 %.3f  p99 %.3f ms", bench_quantile(wants, TIMES, 0.5), p99);
    bench_target(p99, 0.2, "ms");
    bench_row("frames_get()", "p50 %.4f  p99 %.4f ms", bench_quantile(gets, TIMES, 0.5),
              bench_quantile(gets, TIMES, 0.99));
    frames_free(f);
    scheduler_free(s);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

int main(void)
{
    glob_t photos;
    if (!bench_photos(&photos)) {
        puts("No photographs to measure with.");
        return 0;
    }
    bench_frames(&photos);
    bench_thumbnails(&photos);
    globfree(&photos);
    return 0;
}
