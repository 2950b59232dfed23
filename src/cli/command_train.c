#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli.h"
#include "examples.h"
#include "work.h"
#include "train/train.h"

#define PROGRESS_NS 200000000
#define LOG_NS 30000000000 /* between lines, where there is no terminal */

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

struct shown {
    bool terminal; /* stderr is one */
    int epoch;
    int64_t told_ns;
};

static void time_text(float seconds, char *out, size_t size)
{
    long s = seconds < 0 ? 0 : lroundf(seconds);
    if (s >= 3600) {
        snprintf(out, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    } else {
        snprintf(out, size, "%ld:%02ld", s / 60, s % 60);
    }
}

static bool show(void *context, const struct train_progress *p)
{
    struct shown *s = context;
    int64_t now = clock_monotonic_ns();
    bool last = p->step == p->steps;
    if (now - s->told_ns < (s->terminal ? PROGRESS_NS : LOG_NS) && !last) {
        return !interrupted;
    }
    s->told_ns = now;
    char bar[21], left[32], held[32] = "";
    size_t full = p->step * 20 / p->steps;
    memset(bar, '.', 20);
    memset(bar, '#', full);
    bar[20] = '\0';
    time_text(p->seconds_left, left, sizeof left);
    if (p->validation >= 0) {
        snprintf(held, sizeof held, "  held back %.1f %%", (double)p->validation * 100);
    }
    fprintf(stderr, "%sepoch %d/%d [%s]  loss %.3f  right %.1f %%%s  %.0f/s  %s left%s",
            s->terminal ? "\r" : "", p->epoch, p->epochs, bar, (double)p->loss,
            (double)p->accuracy * 100, held, (double)p->per_second, left,
            s->terminal && !last ? "\033[K"
            : s->terminal        ? "\033[K\n"
                                 : "\n");
    return !interrupted;
}

/* A decimal number of an option within limits. */
static bool number(const struct settings *s, enum option_id o, float low, float high, float *out,
                   struct error *err)
{
    const char *text = settings_text(s, o);
    char *end;
    *out = strtof(text, &end);
    return (end != text && !*end && *out >= low && *out <= high) ||
           error_set(err, ERROR_USAGE, "%s = '%s': must be a number from %g to %g",
                     option_info(o)->name, text, (double)low, (double)high);
}

static bool make_options(const struct settings *s, struct train_options *o, struct error *err)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    int jobs = settings_number(s, OPTION_JOBS);
    *o = (struct train_options){
        .architecture = settings_text(s, OPTION_ARCHITECTURE),
        .side = settings_number(s, OPTION_SIDE),
        .fit = (enum image_reshape)settings_number(s, OPTION_FIT),
        .optimizer = (enum train_optimizer)settings_number(s, OPTION_OPTIMIZER),
        .epochs = settings_number(s, OPTION_EPOCHS),
        .batch = settings_number(s, OPTION_BATCH),
        .rate = settings_number(s, OPTION_OPTIMIZER) == TRAIN_ADAM ? 0.001f : 0.1f,
        .balance = settings_number(s, OPTION_BALANCE),
        .augment = !settings_number(s, OPTION_PLAIN),
        .grow = true,
        .patience = settings_number(s, OPTION_PATIENCE),
        .seed = (uint64_t)settings_number(s, OPTION_SEED),
        .jobs = jobs       ? jobs
                : cpus > 1 ? (int)cpus
                           : 1,
    };
    return (!settings_text(s, OPTION_RATE)[0] ||
            number(s, OPTION_RATE, 1e-9f, 100, &o->rate, err)) &&
           number(s, OPTION_DECAY, 0, 1, &o->decay, err) &&
           number(s, OPTION_SMOOTHING, 0, 0.9f, &o->smoothing, err) &&
           number(s, OPTION_VALIDATION, 0, 0.9f, &o->validation, err);
}

static int train(const struct examples *e, const struct train_options *options)
{
    struct error err;
    struct shown shown = { .terminal = isatty(STDERR_FILENO) != 0 };
    struct train_example *examples = mem_array(e->count, sizeof *examples);
    if (!examples) {
        error_nomem(&err, e->count * sizeof *examples, "the examples");
        return fail(&err);
    }
    for (size_t i = 0; i < e->count; i++) {
        examples[i] = (struct train_example){ e->items[i].path, e->items[i].class_index };
    }
    struct train_task task = { .examples = examples,
                               .example_count = e->count,
                               .classes = (const char *const *)e->classes,
                               .class_count = e->class_count,
                               .options = options,
                               .progress = show,
                               .context = &shown };
    struct trained *trained = train_run(&task, &err);
    int code = trained ? EXIT_DONE : fail(&err);
    if (trained) {
        struct train_report r;
        trained_report(trained, &r);
        printf("%zu pictures learned from, %zu held back; right %.1f %% of these\n", r.pictures,
               r.validation_pictures, (double)r.validation * 100);
        trained_free(trained);
    }
    free(examples);
    return code;
}

static int run(const struct command_line *line, const struct settings *s)
{
    struct error err;
    struct train_options options;
    struct examples examples;
    const char *output = settings_text(s, OPTION_OUTPUT);
    if (line->operand_count != 1 || line->stdin_list || !output[0]) {
        error_set(&err, ERROR_USAGE, "thumbtag train LABELS.csv|DIR -o MODEL.tflite");
        return fail(&err);
    }
    if (!make_options(s, &options, &err) || !examples_load(&examples, line->operands[0], &err)) {
        return fail(&err);
    }
    char *checkpoint = NULL;
    struct sigaction action = { .sa_handler = interrupt };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    int code = EXIT_IO;
    if (asprintf(&checkpoint, "%s.checkpoint", output) > 0) {
        options.checkpoint = checkpoint;
        code = train(&examples, &options);
        free(checkpoint);
    }
    examples_release(&examples);
    return code;
}

int command_train(const struct command_line *line)
{
    struct error err;
    struct settings settings;
    char *folder = data_folder(line);
    if (!folder || !args_settings(&settings, line, folder, &err)) {
        int code = folder ? fail(&err) : EXIT_IO;
        free(folder);
        return code;
    }
    int code = run(line, &settings);
    settings_release(&settings);
    free(folder);
    return code;
}
