/* From a photograph to the bytes that show it, and to a guess: milliseconds by
 * stage on one thread. */
#include "bench.h"

#include <sys/resource.h>

#include "image/decode.h"
#include "image/scale.h"
#include "nn/model.h"
#include "nn/preprocess.h"
#include "nn/run.h"
#include "term/frame.h"

enum { PHOTOS_MAX = 60, RUNS = 20 };

/* As a screen of 120 x 40 cells has it. */
static struct frame_style style_of(const struct protocol *protocol)
{
    return (struct frame_style){
        .protocol = protocol,
        .enlarge = ENLARGE_SMOOTH,
        .pane = { .cols = 83,
                  .rows = 36,
                  .cell_w = 10,
                  .cell_h = 20,
                  .colors = 1 << 24,
                  .registers = 256,
                  .level = LEVEL_DEFAULT },
    };
}

struct stages {
    double decode, scale, encode, whole, bytes;
    double width, height;
    size_t count;
};

static void measure(const char *path, const struct frame_style *style, struct stages *sum)
{
    const struct pane *pane = &style->pane;
    struct image whole = IMAGE_INIT;
    struct image scaled = IMAGE_INIT;
    struct image_info info;
    struct frame frame;
    struct buf bytes = BUF_INIT;
    int w, h, grid_w, grid_h;
    double start = bench_now();
    frame_render(&frame, path, style, FRAME_VIEW_ALL);
    double rendered = bench_now();
    if (image_decode_file(path, NULL, pane->cols * pane->cell_w, pane->rows * pane->cell_h, &whole,
                          &info, NULL)) {
        double decoded = bench_now();
        image_fit(info.width, info.height, pane->cols * pane->cell_w, pane->rows * pane->cell_h,
                  true, &w, &h);
        style->protocol->grid(pane, w, h, &grid_w, &grid_h);
        enum image_filter filter = grid_w > whole.width || grid_h > whole.height
                                       ? IMAGE_FILTER_CUBIC
                                       : IMAGE_FILTER_LANCZOS;
        bool ok = image_scale(&whole, grid_w, grid_h, filter, &scaled, NULL);
        double fitted = bench_now();
        ok = ok && style->protocol->encode(&scaled, pane, w, h, &bytes, NULL);
        double encoded = bench_now();
        if (ok && !frame.failed) {
            sum->decode += decoded - rendered;
            sum->scale += fitted - decoded;
            sum->encode += encoded - fitted;
            sum->whole += rendered - start;
            sum->bytes += (double)bytes.len;
            sum->width += grid_w;
            sum->height += grid_h;
            sum->count++;
        }
    }
    frame_release(&frame);
    image_release(&whole);
    image_release(&scaled);
    buf_release(&bytes);
}

static void bench_protocol(const struct protocol *protocol, const glob_t *photos)
{
    struct frame_style style = style_of(protocol);
    struct stages s = { 0 };
    char what[64];
    size_t step = photos->gl_pathc > PHOTOS_MAX ? photos->gl_pathc / PHOTOS_MAX : 1;
    for (size_t i = 0; i < photos->gl_pathc; i += step) {
        measure(photos->gl_pathv[i], &style, &s);
    }
    double n = s.count ? (double)s.count : 1.0;
    snprintf(what, sizeof what, "%s, mean %.0fx%.0f samples", protocol->name, s.width / n,
             s.height / n);
    bench_row(what, "%.1f ms: decode %.1f, scale %.1f, encode %.1f ms (%.0f %%); %.0f KB a picture",
              1e3 * s.whole / n, 1e3 * s.decode / n, 1e3 * s.scale / n, 1e3 * s.encode / n,
              100.0 * s.encode / (s.decode + s.scale + s.encode + 1e-12), s.bytes / n / 1e3);
}

static void bench_model(const char *name, const glob_t *photos)
{
    char path[4096];
    struct error err;
    struct nn_image_shape shape;
    snprintf(path, sizeof path, "%s/nn/models/%s.tflite", bench_shared(), name);
    struct nn_model *model = nn_model_load(path, &err);
    if (!model || !nn_model_image(model, &shape)) {
        bench_row(name, "not here");
        nn_model_free(model);
        return;
    }
    struct nn_context *context = nn_context_new(model, &err);
    void *input = malloc(nn_model_input(model)->bytes);
    double feed = 0.0;
    double run[RUNS];
    size_t count = 0;
    for (size_t i = 0; context && input && i < photos->gl_pathc && count < RUNS; i++) {
        struct image whole = IMAGE_INIT;
        struct image fitted = IMAGE_INIT;
        double start = bench_now();
        bool ok =
            image_decode_file(photos->gl_pathv[i], NULL, shape.width, shape.height, &whole, NULL,
                              NULL) &&
            image_scale(&whole, shape.width, shape.height, IMAGE_FILTER_AREA, &fitted, NULL) &&
            fitted.channels == 3 &&
            nn_input_from_rgb(model, NULL, fitted.pixels, image_stride(&fitted), input, NULL);
        double fed = bench_now();
        if (ok) {
            nn_run(context, input, NULL);
            run[count++] = bench_now() - fed;
            feed += fed - start;
        }
        image_release(&whole);
        image_release(&fitted);
    }
    double mean = bench_mean(run, count);
    bench_row(name, "%.2f ms (%.0f million MACs, %.2f G a second); the photograph as input %.2f ms",
              1e3 * mean, (double)nn_model_macs(model) / 1e6,
              mean > 0.0 ? (double)nn_model_macs(model) / mean / 1e9 : 0.0,
              count ? 1e3 * feed / (double)count : 0.0);
    free(input);
    nn_context_free(context);
    nn_model_free(model);
}

int main(void)
{
    static const char *const models[] = { "resnet8", "vww" };
    glob_t photos;
    struct rusage usage;
    if (!bench_photos(&photos)) {
        puts("No photographs to measure with.");
        return 0;
    }
    puts("A photograph made ready, one thread, pane of 83x36 cells of 10x20 pixels");
    bench_protocol(&protocol_sixel, &photos);
    bench_protocol(&protocol_libsixel, &photos);
    bench_protocol(&protocol_blocks, &photos);
    getrusage(RUSAGE_SELF, &usage);
    bench_row("memory at most", "%.0f MiB", (double)usage.ru_maxrss / 1024.0);
    puts("A guess, one thread");
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        bench_model(models[i], &photos);
    }
    globfree(&photos);
    return 0;
}
