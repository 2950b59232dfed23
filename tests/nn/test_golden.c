/* The shared models against reference outputs: whole, and operator by operator,
 * each fed the reference's own input of that operator. It takes long. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "nn/run.h"

/* Under a sanitizer the long tests take minutes and show nothing new. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOW 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOW 1
#endif
#endif
#ifndef SLOW
#define SLOW 0
#endif

static const char *shared(void)
{
    const char *dir = getenv("THUMBTAG_SHARED");
    return dir ? dir : "../shared";
}

struct golden {
    char dir[256]; /* the archive, unpacked */
    struct nn_model *model;
    struct nn_context *context;
};

static void run_command(const char *command)
{
    if (system(command) != 0) {
        fail_msg("failed: %s", command);
    }
}

/* Loads the model for an instruction set. */
static void load_golden(struct golden *g, const char *model, const struct nn_model_options *options)
{
    char path[512];
    struct error err = { 0 };
    snprintf(path, sizeof(path), "%s/nn/models/%s.tflite", shared(), model);
    g->model = nn_model_load_with(path, options, &err);
    if (!g->model) {
        fail_msg("%s", err.message);
    }
    g->context = nn_context_new(g->model, &err);
    assert_non_null(g->context);
}

static void unload_golden(struct golden *g)
{
    nn_context_free(g->context);
    nn_model_free(g->model);
}

/* Skips the test when the archive is not there. */
static void open_golden(struct golden *g, const char *archive)
{
    char path[512], command[1200];
    snprintf(path, sizeof(path), "%s/nn/golden/%s.tar.gz", shared(), archive);
    if (access(path, R_OK) != 0) {
        skip();
    }
    const char *tmp = getenv("TMPDIR");
    snprintf(g->dir, sizeof(g->dir), "%s/thumbtag-golden-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(g->dir));
    snprintf(command, sizeof(command), "tar -xzf '%s' -C '%s'", path, g->dir);
    run_command(command);
}

static void close_golden(struct golden *g)
{
    char command[300];
    snprintf(command, sizeof(command), "rm -rf '%s'", g->dir);
    run_command(command);
}

/* Runs `check` on the model as each instruction set runs it that is here. */
static void each_isa(const char *model, bool unfolded,
                     void (*check)(struct golden *g, const char *model, const char *inputs),
                     const char *archive, const char *inputs)
{
    struct golden g;
    open_golden(&g, archive);
    for (size_t i = 0; i < nn_isa_count(); i++) {
        const struct nn_model_options options = { nn_isa_at(i), unfolded };
        if (nn_isa_available(options.isa)) {
            load_golden(&g, model, &options);
            check(&g, model, inputs);
            unload_golden(&g);
        }
    }
    close_golden(&g);
}

static bool read_golden(const struct golden *g, const char *name, struct buf *out)
{
    char path[600];
    buf_init(out);
    snprintf(path, sizeof(path), "%s/%s", g->dir, name);
    if (!file_read(path, (size_t)64 << 20, out, NULL)) {
        buf_release(out);
        return false;
    }
    return true;
}

static void need_golden(const struct golden *g, const char *name, struct buf *out)
{
    if (!read_golden(g, name, out)) {
        fail_msg("%s is missing", name);
    }
}

static size_t arg_max(const int8_t *values, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++) {
        best = values[i] > values[best] ? i : best;
    }
    return best;
}

static int most_apart(const int8_t *a, const int8_t *b, size_t count)
{
    int most = 0;
    for (size_t i = 0; i < count; i++) {
        int d = abs(a[i] - b[i]);
        most = d > most ? d : most;
    }
    return most;
}

/* Runs each NAME/N.in.bin; the logits are NAME/N.xnnpack_logits.bin, byte for
 * byte. */
static void compare_whole(struct golden *g, const char *name, const char *inputs)
{
    const size_t count = nn_model_classes(g->model);
    for (const char *n = inputs; *n; n++) {
        char file[64];
        struct buf in, want;
        snprintf(file, sizeof(file), "%s/%c.in.bin", name, *n);
        need_golden(g, file, &in);
        snprintf(file, sizeof(file), "%s/%c.xnnpack_logits.bin", name, *n);
        need_golden(g, file, &want);
        assert_int_equal(in.len, nn_model_input(g->model)->bytes);
        assert_int_equal(want.len, count);
        nn_run(g->context, in.data, NULL);
        int apart = most_apart(nn_raw_logits(g->context), (const int8_t *)want.data, count);
        if (apart != 0) {
            fail_msg("%s on %s, input %c: %d apart", name, nn_isa_name(nn_model_isa(g->model)), *n,
                     apart);
        }
        buf_release(&in);
        buf_release(&want);
    }
}

static void vww_equals_xnnpack(void **state)
{
    (void)state;
    each_isa("vww", false, compare_whole, "vww", "01234567");
}

static void resnet8_equals_xnnpack(void **state)
{
    (void)state;
    each_isa("resnet8", false, compare_whole, "resnet8", "01234567");
}

static void mobilenet_equals_xnnpack(void **state)
{
    (void)state;
    each_isa("mobilenet_v2", false, compare_whole, "mobilenet_v2", SLOW ? "2" : "01234567");
}

static void mobilenet_sees_a_samoyed(void **state)
{
    struct golden g;
    struct buf in;
    int8_t out[1000];
    (void)state;
    open_golden(&g, "mobilenet_v2");
    load_golden(&g, "mobilenet_v2", NULL);
    struct nn_image_shape shape;
    assert_true(nn_model_image(g.model, &shape));
    assert_true(shape.channels_first);
    assert_int_equal(shape.height, 224);
    assert_int_equal(shape.channels, 3);
    need_golden(&g, "mobilenet_v2/dog.in.bin", &in);
    nn_run(g.context, in.data, out);
    assert_int_equal(arg_max(out, sizeof(out)), 258);
    buf_release(&in);
    unload_golden(&g);
    close_golden(&g);
}

struct layers {
    const struct golden *golden;
    char folder[64];
    size_t seen;
};

/* The dump of operator `op` among opKK_NAME_tT_SHAPE.bin. */
static bool find_layer(const struct layers *l, size_t op, char *name, size_t size)
{
    char folder[400], prefix[16];
    snprintf(folder, sizeof(folder), "%s/%s", l->golden->dir, l->folder);
    snprintf(prefix, sizeof(prefix), "op%02zu_", op);
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    bool found = false;
    for (struct dirent *e; !found && (e = readdir(dir));) {
        found = strncmp(e->d_name, prefix, strlen(prefix)) == 0;
        if (found) {
            snprintf(name, size, "%s/%s", l->folder, e->d_name);
        }
    }
    closedir(dir);
    return found;
}

static void compare_layer(void *user, size_t op, void *output)
{
    struct layers *l = user;
    const struct nn_op_info *info = nn_model_op(l->golden->model, op);
    char name[400];
    struct buf want;
    if (!find_layer(l, op, name, sizeof(name))) {
        return;
    }
    need_golden(l->golden, name, &want);
    assert_int_equal(want.len, info->output.bytes);
    int apart = most_apart(output, (const int8_t *)want.data, want.len);
    if (apart > 1) {
        fail_msg("%s: %d apart", name, apart);
    }
    memcpy(output, want.data, want.len);
    l->seen++;
    buf_release(&want);
}

static void compare_layers(struct golden *g, const char *model, const char *inputs)
{
    (void)inputs;
    for (int n = 0; n <= 2; n += 2) {
        char name[64], path[400];
        struct buf in;
        struct layers layers = { .golden = g };
        snprintf(layers.folder, sizeof(layers.folder), "%s/layers%d", model, n);
        snprintf(path, sizeof(path), "%s/%s", g->dir, layers.folder);
        if (access(path, R_OK) != 0) {
            assert_int_equal(n, 0); /* of mobilenet_v2 there is only input 2 */
            continue;
        }
        snprintf(name, sizeof(name), "%s/%d.in.bin", model, n);
        need_golden(g, name, &in);
        nn_context_watch(g->context, compare_layer, &layers);
        nn_run(g->context, in.data, NULL);
        assert_int_equal(layers.seen, nn_model_op_count(g->model));
        buf_release(&in);
    }
}

static void layers_of_resnet8(void **state)
{
    (void)state;
    each_isa("resnet8", true, compare_layers, "resnet8", "");
}

static void layers_of_vww(void **state)
{
    (void)state;
    each_isa("vww", true, compare_layers, "vww", "");
}

static void layers_of_mobilenet(void **state)
{
    (void)state;
    each_isa("mobilenet_v2", true, compare_layers, "mobilenet_v2", "");
}

static void compare_accuracy(struct golden *g, const char *model, const char *inputs)
{
    struct buf in, labels;
    int8_t out[10];
    size_t right = 0;
    (void)model;
    (void)inputs;
    need_golden(g, "resnet8_cifar10_raw846.in.bin", &in);
    need_golden(g, "resnet8_cifar10_raw846.labels.bin", &labels);
    assert_int_equal(labels.len, 846);
    size_t bytes = nn_model_input(g->model)->bytes;
    assert_int_equal(in.len, labels.len * bytes);
    for (size_t i = 0; i < labels.len; i++) {
        nn_run(g->context, in.data + i * bytes, out);
        right += arg_max(out, sizeof(out)) == (uint8_t)labels.data[i];
    }
    double percent = 100.0 * (double)right / (double)labels.len;
    print_message("# resnet8 on %s: %.2f %% of %zu\n", nn_isa_name(nn_model_isa(g->model)), percent,
                  labels.len);
    assert_true(percent > 87.94 - 0.8 && percent < 87.94 + 0.8);
    buf_release(&in);
    buf_release(&labels);
}

static void accuracy_of_resnet8(void **state)
{
    (void)state;
    if (SLOW) {
        skip();
    }
    each_isa("resnet8", false, compare_accuracy, "resnet8_cifar10_raw846", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vww_equals_xnnpack),       cmocka_unit_test(resnet8_equals_xnnpack),
        cmocka_unit_test(layers_of_resnet8),        cmocka_unit_test(layers_of_vww),
        cmocka_unit_test(layers_of_mobilenet),      cmocka_unit_test(mobilenet_equals_xnnpack),
        cmocka_unit_test(mobilenet_sees_a_samoyed), cmocka_unit_test(accuracy_of_resnet8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
