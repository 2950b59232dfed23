#include "predict_labels.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/proportion.h"
#include "base/scheduler.h"
#include "box.h"
#include "classes.h"
#include "command_settings.h"
#include "disk_cache.h"
#include "fail.h"
#include "found.h"
#include "listed_items.h"
#include "paths.h"
#include "say.h"
#include "session/session.h"
#include "start_guesser.h"

#define AT_ONCE 256 /* predictions asked for at a time */

/* Awaits the guesser, whose threads call wake(). */
struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    bool rings;
};

static void ring(void *context)
{
    struct bell *b = context;
    pthread_mutex_lock(&b->lock);
    b->rings = true;
    pthread_cond_signal(&b->rung);
    pthread_mutex_unlock(&b->lock);
}

static void await(struct bell *b)
{
    pthread_mutex_lock(&b->lock);
    while (!b->rings) {
        pthread_cond_wait(&b->rung, &b->lock);
    }
    b->rings = false;
    pthread_mutex_unlock(&b->lock);
}

/* What is to be written of an item. */
struct entry {
    char *name, *label, *annotator;
    struct region region;
    float confidence;
    bool back; /* an earlier prediction, which is not sure enough now, is taken back */
};

struct prediction {
    const struct settings *settings;
    struct classes classes;
    struct found_classes found;
    struct labels *labels;
    struct listed_items items;
    struct cache *disk;
    struct scheduler *scheduler;
    struct catalog *catalog;
    struct bell bell;
    struct guesser *guesser;
    struct session *session;
    float above;
    bool progress; /* on stderr */

    struct entry *entries;
    float *wrong; /* of each prediction written, the chance that it is */
    size_t count, cap, sure, wrong_cap;
    size_t open, failed, silent; /* items without an answer; of these, not readable, and without
                                    a prediction */
    struct buf name, path, label;
};

/* ---------------------------------------------------------------- predicting */

static void tell_progress(const struct prediction *p)
{
    struct assist_status status;
    if (p->progress && session_assist_status(p->session, &status)) {
        fprintf(stderr, "\rlooking at %zu of %zu pictures \033[K", status.looked,
                catalog_count(p->catalog));
    }
}

/* Until all that was reported is learned, and all that was asked is predicted. */
static void settle(struct prediction *p)
{
    while (session_poll(p->session) || !session_assist_settled(p->session)) {
        tell_progress(p);
        await(&p->bell);
    }
}

/* The classes predicted, as a label; with the confidence of all of them. */
static bool make_label(struct prediction *p, const struct guess *g)
{
    buf_clear(&p->label);
    for (size_t i = 0; i < p->classes.count; i++) {
        bool on = p->classes.multi ? g->classes[i] > ASSIST_ON : i == g->best;
        if (on) {
            buf_adds(&p->label, p->label.len ? "|" : "");
            buf_adds(&p->label, p->classes.items[i].name);
        }
    }
    return p->label.len > 0;
}

static bool keep(struct prediction *p, const struct annotation *now, const struct guess *g,
                 bool sure)
{
    if (!mem_reserve(&p->entries, &p->cap, p->count + 1, sizeof *p->entries)) {
        return false;
    }
    struct entry e = { .name = mem_string(p->name.data, p->name.len),
                       .label = mem_string(sure ? p->label.data : "", sure ? p->label.len : 0),
                       .annotator = mem_string(now->annotator, strlen(now->annotator)),
                       .region = now->region,
                       .confidence = g->confidence,
                       .back = !sure };
    if (sure) {
        p->wrong[p->sure++] = 1.0f - g->confidence;
    }
    p->entries[p->count++] = e;
    return e.name && e.label && e.annotator;
}

/* Whether the labels have this prediction already. */
static bool is_same(const struct annotation *now, const char *label, float confidence)
{
    return now->status == STATUS_PREDICTED && strcmp(now->label, label) == 0 &&
           fabsf(now->confidence - confidence) < 0.00006f;
}

/* Keeps the prediction of an item, if it is sure enough. */
static bool take(struct prediction *p, uint32_t id, float *classes)
{
    const struct assist *assist = guesser_assist(p->guesser);
    struct region region = session_region(p->session, id);
    struct annotation now;
    struct guess g;
    if (!session_name(p->session, id, &p->name)) {
        return !p->name.failed;
    }
    labels_find(p->labels, p->name.data, &region, &now);
    now.region = region;
    if (!assist_propose(assist, id, &g, classes) || g.failed) {
        p->failed++;
        g = (struct guess){ .best = p->classes.count };
    } else if (g.best >= p->classes.count) {
        p->silent++;
    }
    if (!mem_reserve(&p->wrong, &p->wrong_cap, p->sure + 1, sizeof *p->wrong)) {
        return false;
    }
    bool sure = g.best < p->classes.count && g.confidence >= p->above && make_label(p, &g);
    if (p->label.failed) {
        return false;
    }
    if (sure && is_same(&now, buf_text(&p->label), g.confidence)) {
        p->wrong[p->sure++] = 1.0f - g.confidence;
        return true;
    }
    return (!sure && now.status != STATUS_PREDICTED) || keep(p, &now, &g, sure);
}

static bool is_open(struct prediction *p, uint32_t id)
{
    struct annotation now;
    return !session_answer_of(p->session, id, &now);
}

/* Asks for the predictions of `count` items, and waits for them. */
static bool ask(struct prediction *p, const uint32_t *ids, size_t count)
{
    struct guess_request requests[AT_ONCE];
    char *paths[AT_ONCE] = { NULL };
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        session_path(p->session, ids[i], &p->path);
        paths[i] = p->path.failed ? NULL : mem_string(p->path.data, p->path.len);
        ok = ok && paths[i];
        requests[i] =
            (struct guess_request){ ids[i], paths[i], session_region(p->session, ids[i]) };
    }
    if (ok) {
        session_want_guesses(p->session, requests, count);
        settle(p);
    }
    for (size_t i = 0; i < count; i++) {
        free(paths[i]);
    }
    return ok;
}

static bool predict_open(struct prediction *p, struct error *err)
{
    uint32_t ids[AT_ONCE];
    size_t total = catalog_count(p->catalog);
    float *classes = mem_array(p->classes.count, sizeof *classes);
    bool ok = classes != NULL;
    for (size_t at = 0; ok && at < total;) {
        size_t count = 0;
        for (; at < total && count < AT_ONCE; at++) {
            uint32_t id = catalog_id(p->catalog, at);
            if (is_open(p, id)) {
                ids[count++] = id;
            }
        }
        p->open += count;
        ok = !count || ask(p, ids, count);
        for (size_t i = 0; ok && i < count; i++) {
            ok = take(p, ids[i], classes);
        }
    }
    free(classes);
    if (p->progress) {
        fputs("\r\033[K", stderr);
    }
    return ok || error_nomem(err, (p->count + 1) * sizeof *p->entries, "the predictions");
}

/* Why nothing can be predicted at all. */
static bool is_predicting(const struct prediction *p, const char *csv, struct error *err)
{
    struct assist_status status;
    if (!session_assist_status(p->session, &status) || status.state == ASSIST_PREDICTING) {
        return true;
    }
    return error_set(err, ERROR_DATA,
                     status.state == ASSIST_NEEDS_CLASSES
                         ? "%s: fewer than two classes have labelled pictures to learn from; label "
                           "more first"
                         : "%s: what was learned from %zu labels predicts no better than the most "
                           "frequent class; label more first",
                     csv, status.answers);
}

/* ------------------------------------------------------------------- writing */

/* "302 of 498 pictures without an answer are at least 95 % sure; about 5 of them wrong (2 to 9)" */
static void tell_sure(const struct prediction *p)
{
    double expected = 0.0;
    for (size_t i = 0; i < p->sure; i++) {
        expected += (double)p->wrong[i];
    }
    struct interval i = proportion_sum_interval(p->wrong, p->sure);
    say(stderr, "thumbtag: %zu of %zu pictures without an answer are at least %g %% sure", p->sure,
        p->open, (double)p->above * 100.0);
    if (p->sure) {
        say(stderr, "; about %.0f of them wrong (%.0f to %.0f)", expected, i.low, i.high);
    }
    say(stderr, "\n");
    if (p->failed) {
        say(stderr, "thumbtag: %zu could not be read\n", p->failed);
    }
}

static const char *source_of(const struct settings *s)
{
    const char *model = settings_text(s, OPTION_MODEL);
    return model[0] ? file_basename(model) : "builtin";
}

static bool write_entries(struct prediction *p, size_t *back, struct error *err)
{
    struct operation op = { .annotator = settings_text(p->settings, OPTION_ANNOTATOR),
                            .about = OPERATION_PREDICTIONS };
    struct annotation *list = mem_array(p->count, sizeof *list);
    if (!list) {
        return error_nomem(err, p->count * sizeof *list, "the predictions");
    }
    *back = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct entry *e = &p->entries[i];
        list[i] = (struct annotation){ .file_name = e->name,
                                       .region = e->region,
                                       .annotator = e->annotator,
                                       .confidence = -1.0f,
                                       .seconds = -1.0f };
        *back += e->back;
        if (e->back) {
            list[i].note = "";
            continue;
        }
        list[i].status = STATUS_PREDICTED;
        list[i].label = list[i].guess = e->label;
        list[i].source = source_of(p->settings);
        list[i].confidence = e->confidence;
    }
    bool ok = !p->count || labels_write(p->labels, list, p->count, &op, err);
    free(list);
    return ok;
}

/* ------------------------------------------------------------------- the parts */

static bool find_source(struct prediction *p, struct catalog_source *source, const char **folder,
                        const struct command_line *line, const char *csv, struct error *err)
{
    *source = (struct catalog_source){ .paths = (const char *const *)line->operands,
                                       .count = line->operand_count,
                                       .list_fd = line->stdin_list ? STDIN_FILENO : -1,
                                       .separator = line->stdin_list_nul ? '\0' : '\n' };
    if (!line->operand_count && !line->stdin_list) {
        source->paths = folder;
        source->count = 1;
    }
    if (labels_has_regions(p->labels)) {
        if (!listed_items_init(&p->items, p->labels, csv, LISTED_ALL, err)) {
            return false;
        }
        source->regions = listed_items_of;
        source->regions_context = &p->items;
    }
    return true;
}

static bool start(struct prediction *p, const struct command_line *line, struct settings *s,
                  const char *csv, const char *folder, const struct labels_report *report,
                  struct error *err)
{
    char note[400];
    struct catalog_source source;
    if (!find_classes(&p->found, s, folder, csv, p->labels, report, err) ||
        !add_labels_in_use(&s->classes, p->labels, csv, err) ||
        !find_source(p, &source, &folder, line, csv, err) || !disk_cache_new(&p->disk, s, err) ||
        !(p->scheduler = scheduler_new((size_t)settings_workers(s), err)) ||
        !(p->catalog = catalog_list_all(&source, err))) {
        return false;
    }
    if (!guesser_is_on(s, SESSION_LABEL)) {
        return error_set(err, ERROR_USAGE, "model = none: predictions need a model, -m builtin");
    }
    struct guesser_start guesser = { .settings = s,
                                     .classes = &s->classes,
                                     .disk = p->disk,
                                     .scheduler = p->scheduler,
                                     .in_step = true,
                                     .wake = ring,
                                     .context = &p->bell };
    p->guesser = start_guesser(&guesser, note, sizeof note, err);
    if (!p->guesser) {
        return false;
    }
    if (note[0]) {
        say(stderr, "thumbtag: %s\n", note);
    }
    struct session_options options = { .mode = SESSION_LABEL,
                                       .order = SESSION_FILE,
                                       .annotator = settings_text(s, OPTION_ANNOTATOR),
                                       .csv_path = csv };
    p->classes = s->classes; /* borrowed */
    p->session =
        session_new(&options, p->catalog, p->labels, &s->classes, guesser_assist(p->guesser), err);
    return p->session != NULL;
}

static void release(struct prediction *p)
{
    session_free(p->session);
    guesser_free(p->guesser);
    scheduler_free(p->scheduler);
    catalog_free(p->catalog);
    cache_free(p->disk);
    listed_items_release(&p->items);
    found_classes_release(&p->found);
    for (size_t i = 0; i < p->count; i++) {
        free(p->entries[i].name);
        free(p->entries[i].label);
        free(p->entries[i].annotator);
    }
    free(p->entries);
    free(p->wrong);
    buf_release(&p->name);
    buf_release(&p->path);
    buf_release(&p->label);
    pthread_cond_destroy(&p->bell.rung);
    pthread_mutex_destroy(&p->bell.lock);
}

/* Predicts, tells what it would write, and writes it. */
static int run(const struct command_line *line, struct settings *s, const char *csv,
               const char *folder, struct labels *labels, const struct labels_report *report)
{
    struct error err;
    struct prediction p = { .settings = s,
                            .labels = labels,
                            .found = { .file = CLASS_FILE_NONE },
                            .above = (float)settings_real(s, OPTION_ABOVE),
                            .progress = isatty(STDERR_FILENO) != 0 };
    size_t back = 0;
    pthread_mutex_init(&p.bell.lock, NULL);
    pthread_cond_init(&p.bell.rung, NULL);
    bool ok = start(&p, line, s, csv, folder, report, &err);
    if (ok) {
        settle(&p);
        ok = is_predicting(&p, csv, &err) && predict_open(&p, &err);
    }
    if (ok) {
        tell_sure(&p);
        ok = write_entries(&p, &back, &err);
    }
    int code = ok ? p.failed ? EXIT_FINDINGS : EXIT_DONE : fail(&err);
    if (ok && p.count) {
        say(stderr, "thumbtag: written to %s with the status predicted", csv);
        if (back) {
            say(stderr, " (%zu earlier ones are no longer sure, and taken back)", back);
        }
        say(stderr, "; one undo in thumbtag takes that back\n");
    }
    if (ok) {
        found_tell_left_out(p.catalog);
    }
    release(&p);
    return code;
}

static int open_and_run(const struct command_line *line, struct settings *s, const char *csv,
                        const char *folder)
{
    struct error err;
    struct labels_report report;
    struct box box = { .output = csv, .cache = true };
    if (!find_annotator(s, &err) || !box_enter(s, &box, NULL, &err)) {
        return fail(&err);
    }
    enum labels_mode mode = class_file_is_multi(csv) ? LABELS_MULTI : LABELS_READ_WRITE;
    struct labels *labels = labels_open(csv, mode, &report, &err);
    if (!labels) {
        return fail(&err);
    }
    int code = run(line, s, csv, folder, labels, &report);
    if (!labels_close(labels, &err)) {
        int close_code = fail(&err);
        code = code ? code : close_code;
    }
    return code;
}

int predict_labels(const struct command_line *line)
{
    struct error err;
    struct settings settings;
    char *csv = labels_path(line->values[OPTION_LABELS]);
    char *folder = csv ? file_dirname(csv) : NULL;
    int code;
    if (!folder) {
        code = fail_nomem("a path");
    } else if (access(csv, R_OK) != 0) {
        error_errno(&err, ERROR_IO, errno, "%s", csv);
        code = fail(&err);
    } else if (!command_settings(&settings, line, folder, &err)) {
        code = fail(&err);
    } else {
        code = open_and_run(line, &settings, csv, folder);
        settings_release(&settings);
    }
    free(folder);
    free(csv);
    return code;
}
