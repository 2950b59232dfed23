#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assist/predictor.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "box.h"
#include "command_settings.h"
#include "commands.h"
#include "fail.h"
#include "found.h"
#include "listed_items.h"
#include "model_choice.h"
#include "model_options.h"
#include "paths.h"
#include "predict_labels.h"
#include "say.h"
#include "store/csv.h"

#define PROGRESS_NS 200000000
#define FLUSH_BYTES 65536

struct predict {
    const struct nn_labels *names;
    size_t outputs, top, total, done;
    struct buf rows;
    bool regions;  /* with their columns */
    bool progress; /* on stderr */
    int64_t start_ns, told_ns;
};

static void add_header(struct buf *out, bool regions, size_t top)
{
    buf_adds(out, regions ? "file_name,x,y,width,height,guess,confidence"
                          : "file_name,guess,confidence");
    for (size_t i = 2; i <= top; i++) {
        buf_addf(out, ",guess_%zu,confidence_%zu", i, i);
    }
    buf_adds(out, ",error\n");
}

/* The most likely output after `last` (count: none yet); ties go by index. */
static size_t next_best(const float *p, size_t count, size_t last)
{
    size_t best = count;
    for (size_t i = 0; i < count; i++) {
        bool below = last == count || p[i] < p[last] || (p[i] == p[last] && i > last);
        if (below && (best == count || p[i] > p[best])) {
            best = i;
        }
    }
    return best;
}

static bool flush_rows(struct predict *p, struct error *err)
{
    bool ok =
        !p->rows.failed && say_bytes(stdout, p->rows.data, p->rows.len) && fflush(stdout) == 0;
    buf_clear(&p->rows);
    return ok || error_errno(err, ERROR_IO, errno, "standard output");
}

static void tell_progress(struct predict *p)
{
    int64_t now = clock_monotonic_ns();
    if (!p->progress || (now - p->told_ns < PROGRESS_NS && p->done < p->total)) {
        return;
    }
    p->told_ns = now;
    double seconds = (double)(now - p->start_ns) / 1e9;
    double rate = seconds > 0.0 ? (double)p->done / seconds : 0.0;
    char bar[31];
    size_t full = p->total ? p->done * 30 / p->total : 30;
    memset(bar, '.', 30);
    memset(bar, '#', full);
    bar[30] = '\0';
    fprintf(stderr, "\r[%s] %zu/%zu  %.0f/s  %.0f s left \033[K", bar, p->done, p->total, rate,
            rate > 0.0 ? (double)(p->total - p->done) / rate : 0.0);
    if (p->done == p->total) {
        fputc('\n', stderr);
    }
}

static void add_region(struct buf *out, const struct region *r)
{
    if (region_is_whole(r)) {
        buf_adds(out, ",,,,");
    } else {
        buf_addf(out, ",%d,%d,%d,%d", (int)r->x, (int)r->y, (int)r->width, (int)r->height);
    }
}

static bool write_row(void *context, const char *path, const struct region *region,
                      const float *probabilities, const struct error *why, struct error *err)
{
    struct predict *p = context;
    labels_add_name(&p->rows, path, strlen(path));
    if (p->regions) {
        add_region(&p->rows, region);
    }
    size_t last = p->outputs;
    for (size_t i = 0; i < p->top; i++) {
        buf_addc(&p->rows, ',');
        if (probabilities) {
            last = next_best(probabilities, p->outputs, last);
            csv_add_field(&p->rows, p->names->names[last], strlen(p->names->names[last]));
            buf_addf(&p->rows, ",%.4f", (double)probabilities[last]);
        } else {
            buf_addc(&p->rows, ',');
        }
    }
    buf_addc(&p->rows, ',');
    if (!probabilities) {
        csv_add_field(&p->rows, why->message, strlen(why->message));
    }
    buf_addc(&p->rows, '\n');
    p->done++;
    tell_progress(p);
    return p->rows.len < FLUSH_BYTES || flush_rows(p, err);
}

static void tell_totals(const struct predict_totals *t)
{
    double all = (double)(t->times.decode + t->times.fit + t->times.infer);
    double seconds = (double)t->wall_ns / 1e9;
    say(stderr, "thumbtag: %zu pictures in %.2f s, %.0f per second", t->pictures, seconds,
        seconds > 0.0 ? (double)t->pictures / seconds : 0.0);
    if (all > 0.0) {
        say(stderr, "; decoding %.0f %%, scaling %.0f %%, the network %.0f %%",
            (double)t->times.decode * 100.0 / all, (double)t->times.fit * 100.0 / all,
            (double)t->times.infer * 100.0 / all);
    }
    say(stderr, "%s\n", t->failed ? "" : "; all could be read");
    if (t->failed) {
        say(stderr, "thumbtag: %zu could not be read; see the column 'error'\n", t->failed);
    }
}

static int predict(const struct classifier *classifier, const struct nn_labels *names,
                   const struct catalog *catalog, bool regions, const struct settings *s)
{
    struct error err;
    struct predict_totals totals;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    int jobs = settings_number(s, OPTION_JOBS);
    struct predict p = { .names = names,
                         .outputs = classifier_outputs(classifier),
                         .top = (size_t)settings_number(s, OPTION_TOP),
                         .total = catalog_count(catalog),
                         .regions = regions,
                         .progress = isatty(STDERR_FILENO) != 0,
                         .start_ns = clock_monotonic_ns() };
    buf_init(&p.rows);
    if (p.top > p.outputs) {
        p.top = p.outputs;
    }
    add_header(&p.rows, p.regions, p.top);
    bool ok = predict_all(classifier, catalog,
                          jobs       ? jobs
                          : cpus > 1 ? (int)cpus
                                     : 1,
                          write_row, &p, &totals, &err) &&
              flush_rows(&p, &err);
    buf_release(&p.rows);
    if (!ok) {
        return fail(&err);
    }
    tell_totals(&totals);
    return totals.failed ? EXIT_FINDINGS : EXIT_DONE;
}

static bool load_classifier(const struct settings *s, struct classifier **classifier,
                            struct nn_labels *names, struct error *err)
{
    const char *model = model_named(s);
    struct classifier_options options;
    if (!model && settings_text(s, OPTION_MODEL)[0]) {
        return error_set(err, ERROR_USAGE,
                         "model = %s: predict needs a model with classes; name a file: -m "
                         "MODEL.tflite (./%s for a file of that name)",
                         settings_text(s, OPTION_MODEL), settings_text(s, OPTION_MODEL));
    }
    if (!model) {
        return error_set(err, ERROR_USAGE,
                         "usage: thumbtag predict -m MODEL.tflite DIR|FILE|LIST…: name a model");
    }
    if (!model_options(s, &options, err) ||
        !classifier_names(model, settings_text(s, OPTION_MODEL_LABELS), names, err)) {
        return false;
    }
    *classifier = classifier_load(model, &options, err);
    if (*classifier && classifier_outputs(*classifier) != names->count) {
        return error_set(err, ERROR_DATA, "%s: the model has %zu outputs, but %zu class names",
                         model, classifier_outputs(*classifier), names->count);
    }
    return *classifier != NULL;
}

/* The items of --regions, or of a CSV that is the only operand. *regions: it has their
 * columns. */
static bool find_items(struct listed_items *items, struct catalog_source *source,
                       const struct command_line *line, const struct settings *s, bool *regions,
                       struct error *err)
{
    const char *named = settings_text(s, OPTION_REGIONS);
    bool alone = line->operand_count == 1 && !line->stdin_list && is_csv(line->operands[0]);
    const char *csv = named[0] ? named : alone ? line->operands[0] : NULL;
    bool operands = named[0] && (line->operand_count || line->stdin_list);
    if (!csv) {
        return true;
    }
    struct labels *labels = open_listed(csv, err);
    if (!labels) {
        return false;
    }
    *regions = labels_has_regions(labels);
    bool ok = listed_items_init(items, labels, csv,
                                LISTED_AS_FILED | (operands ? LISTED_ALONE : LISTED_ALL), err);
    ok = ok && listed_items_exist(items, csv, err);
    labels_close(labels, NULL);
    if (ok && operands) {
        source->regions = listed_items_of;
        source->regions_context = items;
    } else if (ok) {
        listed_items_source(items, source);
    }
    return ok;
}

static int run_predict(const struct command_line *line, const struct settings *s)
{
    struct error err;
    struct classifier *classifier = NULL;
    struct nn_labels names = { 0 };
    struct catalog *catalog = NULL;
    struct catalog_source source = { .paths = (const char *const *)line->operands,
                                     .count = line->operand_count,
                                     .list_fd = line->stdin_list ? STDIN_FILENO : -1,
                                     .separator = line->stdin_list_nul ? '\0' : '\n' };
    int code;
    if (!box_enter(s, &(struct box){ 0 }, NULL, &err)) {
        return fail(&err);
    }
    struct listed_items items = { .alone = false };
    bool regions = false;
    if (!load_classifier(s, &classifier, &names, &err) ||
        !find_items(&items, &source, line, s, &regions, &err) ||
        !(catalog = catalog_list_all(&source, &err))) {
        code = fail(&err);
    } else if (line->operand_count && found_nothing(catalog, &err)) {
        code = fail(&err);
    } else {
        code = predict(classifier, &names, catalog, regions, s);
        if (catalog_problems(catalog, &err)) {
            int problem = fail(&err);
            code = code > EXIT_FINDINGS ? code : problem;
        }
        found_tell_left_out(catalog);
    }
    catalog_free(catalog);
    listed_items_release(&items);
    classifier_free(classifier);
    nn_labels_release(&names);
    return code;
}

int command_predict(const struct command_line *line)
{
    struct error err;
    if (line->values[OPTION_LABELS]) {
        return predict_labels(line);
    }
    if (!line->operand_count && !line->stdin_list && !line->values[OPTION_REGIONS]) {
        error_set(&err, ERROR_USAGE,
                  "usage: thumbtag predict -m MODEL.tflite DIR|FILE|LIST…: name a folder, pictures "
                  "or a list of pictures");
        return fail(&err);
    }
    return command_with_settings(line, run_predict);
}
