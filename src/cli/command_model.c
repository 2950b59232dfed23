#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "box.h"
#include "command_settings.h"
#include "commands.h"
#include "fail.h"
#include "model_options.h"
#include "model_speed.h"
#include "nn/labels.h"
#include "nn/model.h"
#include "nn/run.h"
#include "say.h"

#define INPUT_MAX ((size_t)1 << 30)

static const char *type_name(enum nn_type type)
{
    static const char *const names[] = {
        [NN_FLOAT32] = "float32", [NN_INT8] = "int8",   [NN_UINT8] = "uint8",
        [NN_INT32] = "int32",     [NN_INT64] = "int64", [NN_OTHER] = "other",
    };
    return names[type];
}

static void print_tensor(const char *name, const struct nn_tensor_info *t)
{
    char shape[96];
    model_shape_text(t, shape, sizeof shape);
    say(stdout, "%-12s %s %s", name, shape, type_name(t->type));
    if (t->scale > 0.0f) {
        say(stdout, ", scale %.7g, zero point %d", (double)t->scale, t->zero_point);
    }
    putchar('\n');
}

/* "3, from red to blue" */
static void print_names(const char *path)
{
    struct nn_labels names;
    struct error err;
    if (!nn_labels_load_model(&names, path, &err)) {
        say(stdout, "%-12s %s\n", "class names", err.message);
    } else if (names.count == 0) {
        say(stdout, "%-12s none in the file\n", "class names");
    } else {
        say(stdout, "%-12s %zu, from %s to %s\n", "class names", names.count, names.names[0],
            names.names[names.count - 1]);
    }
    nn_labels_release(&names);
}

static bool print_model(const char *path, const struct nn_model *model, struct error *err)
{
    struct nn_image_shape shape;
    struct model_speed speed;
    if (!model_speed_measure(&speed, model, err)) {
        return false;
    }
    say(stdout, "%-12s %s\n", "model", path);
    print_tensor("input", nn_model_input(model));
    print_tensor("output", nn_model_output(model));
    if (nn_model_image(model, &shape)) {
        say(stdout, "%-12s %d x %d pixels, %s, %s\n", "picture", shape.width, shape.height,
            shape.channels == 3 ? "RGB" : "grey",
            shape.channels_first ? "channels first" : "channels last");
    } else {
        say(stdout, "%-12s the input is not a single picture\n", "picture");
    }
    print_names(path);
    say(stdout, "%-12s %.2f million\n", "MACs", (double)nn_model_macs(model) / 1e6);
    say(stdout, "%-12s %zu bytes for each thread\n", "arena", nn_model_arena_bytes(model));
    say(stdout, "%-12s %s\n", "kernels", nn_isa_title(nn_model_isa(model)));
    model_speed_print(&speed, model);
    model_speed_release(&speed);
    return true;
}

/* ------------------------------------------------------------ --run, --layers */

struct layers {
    const struct nn_model *model;
    const char *folder;
    bool failed;
    struct error error; /* of the first file that could not be written */
};

/* Writes FOLDER/opNN_NAME_SHAPE.bin: raw values in C order. */
static void write_layer(void *user, size_t op, void *output)
{
    struct layers *l = user;
    const struct nn_op_info *info = nn_model_op(l->model, op);
    char shape[96];
    struct buf path = BUF_INIT;
    if (l->failed) {
        return;
    }
    model_shape_text(&info->output, shape, sizeof shape);
    buf_addf(&path, "%s/op%02zu_%s_%s.bin", l->folder, op, info->name, shape);
    l->failed = path.failed || !file_replace(path.data, output, info->output.bytes, &l->error);
    buf_release(&path);
}

static bool run_raw(const struct nn_model *model, const struct buf *input, const char *out_path,
                    const char *folder, struct error *err)
{
    struct nn_context *context = nn_context_new(model, err);
    size_t bytes = nn_model_output(model)->bytes;
    void *output = malloc(bytes);
    struct layers layers = { .model = model, .folder = folder };
    bool ok = context && (output || error_nomem(err, bytes, "a model's output"));
    if (ok) {
        if (folder) {
            nn_context_watch(context, write_layer, &layers);
        }
        nn_run(context, input->data, output);
        ok = file_replace(out_path, output, bytes, err);
    }
    if (ok && layers.failed) {
        *err = layers.error;
        ok = false;
    }
    nn_context_free(context);
    free(output);
    return ok;
}

static bool run_file(const struct nn_model *model, const char *in_path, const char *out_path,
                     const char *folder, struct error *err)
{
    struct buf input = BUF_INIT;
    size_t want = nn_model_input(model)->bytes;
    if (!file_read(in_path, INPUT_MAX, &input, err)) {
        return false;
    }
    bool ok = input.len == want ||
              error_set(err, ERROR_DATA, "%s: %zu bytes, but the model's input takes %zu", in_path,
                        input.len, want);
    ok = ok && run_raw(model, &input, out_path, folder, err);
    buf_release(&input);
    return ok;
}

static bool is_model(const char *path)
{
    size_t len = strlen(path);
    return len > 7 && strcmp(path + len - 7, ".tflite") == 0;
}

static int run_model(const struct command_line *line, const struct settings *s)
{
    struct error err;
    const char *in_path = settings_text(s, OPTION_RUN);
    const char *folder = settings_text(s, OPTION_LAYERS);
    size_t want = in_path[0] ? 2 : 1;
    if (line->operand_count != want || line->stdin_list || (folder[0] && !in_path[0])) {
        error_set(&err, ERROR_USAGE,
                  "usage: thumbtag model FILE.tflite [--run IN.bin OUT.bin [--layers FOLDER]]");
        return fail(&err);
    }
    /* The operand that is not a model is the output file. */
    size_t which = want == 2 && !is_model(line->operands[0]) && is_model(line->operands[1]);
    const char *path = line->operands[which];
    struct nn_model_options options = { .unfolded = folder[0] != '\0' };
    struct nn_model *model = NULL;
    struct box box = { .output = want == 2 ? line->operands[1 - which] : NULL, .folder = folder };
    if (box_enter(s, &box, NULL, &err) && model_isa(s, &options.isa, &err)) {
        model = nn_model_load_with(path, &options, &err);
    }
    bool ok = model && (in_path[0] ? run_file(model, in_path, line->operands[1 - which],
                                              folder[0] ? folder : NULL, &err)
                                   : print_model(path, model, &err));
    nn_model_free(model);
    return ok ? EXIT_DONE : fail(&err);
}

int command_model(const struct command_line *line)
{
    struct error err;
    struct settings settings;
    if (!command_settings(&settings, line, ".", &err)) {
        return fail(&err);
    }
    int code = run_model(line, &settings);
    settings_release(&settings);
    return code;
}
