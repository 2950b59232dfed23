#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "box.h"
#include "command_settings.h"
#include "commands.h"
#include "examples.h"
#include "fail.h"
#include "learn/backbone.h"
#include "mixed_examples.h"
#include "model_choice.h"
#include "model_options.h"
#include "nn/labels.h"
#include "say.h"
#include "teacher_options.h"
#include "train/train.h"
#include "train_report.h"

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static bool show_progress(void *context, const struct train_progress *p)
{
    train_line_show(context, p);
    return !interrupted;
}

/* The model of --from. */
struct start {
    struct buf bytes;        /* the file; empty for the built-in one */
    char *own_path;          /* of the user's own backbone, if there is one */
    struct nn_labels labels; /* its classes */
};

static bool same_classes(const struct examples *e, const struct nn_labels *names)
{
    bool same = e->class_count == names->count;
    for (size_t c = 0; same && c < names->count; c++) {
        same = strcmp(e->classes[c], names->names[c]) == 0;
    }
    return same;
}

/* Starts from the user's own backbone, if there is one. Most networks can be learned on but
 * not trained: unless `backbone` was asked for, training then starts from the built-in one. */
static bool take_own_backbone(const struct settings *s, struct start *start,
                              struct train_options *o, struct error *err)
{
    struct error why;
    start->own_path = own_backbone_find();
    if (!start->own_path) {
        return true;
    }
    struct train_options own = { .start_name = start->own_path };
    bool ok = file_read(start->own_path, NN_MODEL_MAX_BYTES, &start->bytes, &why);
    if (ok) {
        own.start = start->bytes.data;
        own.start_len = start->bytes.len;
        ok = train_check_start(&own, &why);
    }
    if (!ok && (why.kind != ERROR_UNSUPPORTED || s->values[OPTION_FROM].given)) {
        return error_set(err, why.kind,
                         "%s (remove that file, or start from the built-in network: --from "
                         "builtin)",
                         why.message);
    }
    if (!ok) {
        say(stderr, "thumbtag: starting from the built-in network: %s\n", why.message);
        return true;
    }
    o->start = own.start;
    o->start_len = own.start_len;
    o->start_name = own.start_name;
    return true;
}

static bool find_start(const struct settings *s, const struct examples *e, struct start *start,
                       struct train_options *o, struct error *err)
{
    const char *from = settings_text(s, OPTION_FROM);
    bool made = s->values[OPTION_ARCHITECTURE].given && !s->values[OPTION_FROM].given;
    if (made || strcmp(from, "scratch") == 0) {
        return true;
    }
    o->start_name = from;
    if (strcmp(from, "backbone") == 0 || strcmp(from, "builtin") == 0) {
        o->start = backbone_bytes(&o->start_len);
        return strcmp(from, "builtin") == 0 || take_own_backbone(s, start, o, err);
    }
    if (!file_read(from, NN_MODEL_MAX_BYTES, &start->bytes, err)) {
        return false;
    }
    o->start = start->bytes.data;
    o->start_len = start->bytes.len;
    o->start_classes = nn_labels_parse_model(&start->labels, o->start, o->start_len, from, NULL) &&
                       same_classes(e, &start->labels);
    return true;
}

static float default_rate(const struct train_options *o)
{
    return o->optimizer == TRAIN_ADAM ? 0.001f : o->start ? 0.005f : 0.1f;
}

static enum train_optimizer optimizer_of(const struct settings *s, bool taught)
{
    bool by_teacher = taught && !s->values[OPTION_OPTIMIZER].given;
    return by_teacher || settings_choice(s, OPTION_OPTIMIZER) == CHOICE_OPTIMIZER_ADAM ? TRAIN_ADAM
                                                                                       : TRAIN_SGD;
}

static void make_options(const struct settings *s, struct train_options *o)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    int jobs = settings_number(s, OPTION_JOBS);
    o->architecture = settings_text(s, OPTION_ARCHITECTURE);
    o->side = settings_number(s, OPTION_SIDE);
    o->fit = model_fit(s);
    o->optimizer = optimizer_of(s, o->teacher != NULL);
    o->memory = (size_t)settings_number(s, OPTION_MEMORY) << 20;
    o->epochs = settings_number(s, OPTION_EPOCHS);
    o->batch = settings_number(s, OPTION_BATCH);
    o->rate = settings_text(s, OPTION_RATE)[0] ? settings_real(s, OPTION_RATE) : default_rate(o);
    o->decay = settings_real(s, OPTION_DECAY);
    o->smoothing = settings_real(s, OPTION_SMOOTHING);
    o->validation = settings_real(s, OPTION_VALIDATION);
    o->balance = settings_number(s, OPTION_BALANCE);
    o->augment = !settings_number(s, OPTION_PLAIN);
    o->grow = !o->start;
    o->patience = settings_number(s, OPTION_PATIENCE);
    o->seed = (uint64_t)settings_number(s, OPTION_SEED);
    o->jobs = jobs ? jobs : cpus > 1 ? (int)cpus : 1;
}

/* Writes the model, then removes the checkpoint: after a crash in between, the run resumes
 * from its last step. */
static bool write_model(struct trained *t, const struct examples *e, const char *output,
                        const struct train_options *o, struct error *err)
{
    struct buf model = BUF_INIT;
    float quantized = -1;
    bool ok = trained_export(t, (const char *const *)e->classes, &model, &quantized, err) &&
              file_replace(output, model.data, model.len, err) && file_remove(o->checkpoint, err);
    ok = ok && train_report_result(t, e, o->teacher, output, model.len, quantized, err);
    buf_release(&model);
    return ok;
}

static bool train_examples(const struct examples *e, const struct train_options *options,
                           const char *output, struct error *err)
{
    struct train_line shown;
    struct train_example *examples = mem_array(e->count, sizeof *examples);
    if (!examples) {
        return error_nomem(err, e->count * sizeof *examples, "the examples");
    }
    for (size_t i = 0; i < e->count; i++) {
        const struct example *from = &e->items[i];
        examples[i] =
            (struct train_example){ from->path, from->class_index, from->drawn, from->region };
    }
    train_line_init(&shown);
    struct train_task task = { .examples = examples,
                               .example_count = e->count,
                               .classes = (const char *const *)e->classes,
                               .class_count = e->class_count,
                               .options = options,
                               .progress = show_progress,
                               .context = &shown };
    struct trained *trained = train_run(&task, err);
    train_line_end(&shown);
    bool ok = trained && write_model(trained, e, output, options, err);
    trained_free(trained);
    free(examples);
    return ok;
}

static bool check_line(const struct command_line *line, bool taught, const char *output,
                       struct error *err)
{
    size_t sources = line->operand_count + line->stdin_list;
    if (taught ? sources > 0 && output[0]
               : line->operand_count == 1 && !line->stdin_list && output[0]) {
        return true;
    }
    return error_set(err, ERROR_USAGE,
                     taught ? "usage: thumbtag train --teacher TEACHER.tflite "
                              "LABELS.csv|DIR|FILE|LIST… -o MODEL.tflite"
                            : "usage: thumbtag train LABELS.csv|DIR -o MODEL.tflite");
}

static bool load_examples(struct examples *e, const struct command_line *line,
                          const struct settings *s, struct error *err)
{
    return settings_text(s, OPTION_TEACHER)[0]
               ? examples_load_mixed(e, line, !settings_number(s, OPTION_UNLABELED), err)
               : examples_load(e, line->operands[0], err);
}

static int run_train(const struct command_line *line, const struct settings *s)
{
    struct error err;
    struct train_options options = { 0 };
    struct examples examples = { 0 };
    struct start start = { 0 };
    struct teacher_options teacher = { 0 };
    const char *output = settings_text(s, OPTION_OUTPUT);
    char *checkpoint = NULL;
    bool taught = settings_text(s, OPTION_TEACHER)[0] != '\0';
    if (!check_line(line, taught, output, &err)) {
        return fail(&err);
    }
    /* The first signal ends the run after the current step, a second one the program: a
     * step may hang in a file system. */
    struct sigaction action = { .sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    bool ok = asprintf(&checkpoint, "%s.checkpoint", output) > 0 ||
              error_nomem(&err, strlen(output), "a path");
    options.checkpoint = checkpoint;
    options.teacher = taught ? &teacher.teacher : NULL;
    ok = ok && box_enter(s, &(struct box){ .output = output }, NULL, &err) &&
         file_can_replace(output, &err) && file_can_replace(checkpoint, &err) &&
         load_examples(&examples, line, s, &err) &&
         (!taught || teacher_options_load(&teacher, s, &examples, &err)) &&
         find_start(s, &examples, &start, &options, &err);
    if (ok) {
        make_options(s, &options);
        ok = train_examples(&examples, &options, output, &err);
    }
    free(checkpoint);
    buf_release(&start.bytes);
    free(start.own_path);
    teacher_options_release(&teacher);
    nn_labels_release(&start.labels);
    examples_release(&examples);
    return ok ? EXIT_DONE : fail(&err);
}

int command_train(const struct command_line *line)
{
    return command_with_settings(line, run_train);
}
