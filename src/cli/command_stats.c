/* thumbtag stats: what is in a labels file, how fast it came there, and how right the
 * predictions were. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/proportion.h"
#include "box.h"
#include "command_settings.h"
#include "commands.h"
#include "fail.h"
#include "label_stats.h"
#include "paths.h"
#include "report.h"

#define DISAGREEMENTS_SHOWN 20 /* in text */
#define SPANS 12               /* rows of a chart */
#define BATCH_LEAST 10         /* pictures in a row of the chart of accuracy */
#define BAR_COLUMNS 20

enum column {
    STATUS,
    ANNOTATOR,
    PREDICTION,
    CLASS,
    MEASURE,
    FROM,
    ITEMS,
    ANSWERS,
    LABELED,
    NONE,
    SKIPPED,
    UNSURE,
    RIGHT,
    SHARE,
    LOW,
    HIGH,
    HOURS,
    PER_HOUR,
    MEDIAN,
    P90,
    BAR,
};

static const struct report_column columns[] = {
    [STATUS] = { "status", "status", true },
    [ANNOTATOR] = { "annotator", "annotator", true },
    [PREDICTION] = { "prediction", "prediction", true },
    [CLASS] = { "class", "class", true },
    [MEASURE] = { "measure", "", true },
    [FROM] = { "from", "from (UTC)", true },
    [ITEMS] = { "items", "items", false },
    [ANSWERS] = { "answers", "answers", false },
    [LABELED] = { "labeled", "labeled", false },
    [NONE] = { "none", "none", false },
    [SKIPPED] = { "skipped", "skipped", false },
    [UNSURE] = { "unsure", "unsure", false },
    [RIGHT] = { "right", "right", false },
    [SHARE] = { "share", "share", false },
    [LOW] = { "low", "low", false },
    [HIGH] = { "high", "high", false },
    [HOURS] = { "hours", "hours", false },
    [PER_HOUR] = { "per_hour", "per hour", false },
    [MEDIAN] = { "median_seconds", "median s", false },
    [P90] = { "p90_seconds", "p90 s", false },
    [BAR] = { "bar", "", true },
};
#define MACHINE_COLUMNS BAR /* a bar is for text only */

/* ---------------------------------------------------------------- reporting */

static void report_time(struct report *r, int64_t at_ms)
{
    char text[CLOCK_ISO_SIZE];
    clock_format_iso(at_ms, text);
    if (r->form == REPORT_TEXT) {
        text[10] = ' ';
        text[16] = '\0';
    }
    report_name(r, text);
}

static void report_bar(struct report *r, double share)
{
    struct buf bar = BUF_INIT;
    if (r->form == REPORT_TEXT) {
        report_add_bar(r, share, BAR_COLUMNS, &bar);
        report_name(r, buf_text(&bar));
        r->out.failed |= bar.failed;
        buf_release(&bar);
    }
}

static void report_share(struct report *r, uint64_t part, uint64_t whole)
{
    report_number(r, whole ? (double)part / (double)whole : (double)NAN, 4);
}

static void report_judged(struct report *r, const struct judged *j)
{
    struct interval i = proportion_interval(j->right, j->count);
    report_count(r, j->right);
    if (j->count) {
        report_interval(r, (double)j->right / (double)j->count, i.low, i.high);
    } else {
        report_interval(r, (double)NAN, (double)NAN, (double)NAN);
    }
}

static const char *class_or_none(const char *label)
{
    return label[0] ? label : "(none)";
}

static void report_statuses(struct report *r, struct label_stats *s)
{
    static const size_t shown[] = { STATUS, ITEMS, SHARE };
    report_table(r, "statuses", NULL, shown, ARRAY_LEN(shown));
    for (int i = STATUS_LABELED; i < STATUS_COUNT; i++) {
        if (i == STATUS_PREDICTED && !s->statuses[i]) {
            continue;
        }
        report_name(r, label_status_name((enum label_status)i));
        report_count(r, s->statuses[i]);
        report_share(r, s->statuses[i], s->items);
    }
    if (s->checked) {
        report_name(r, "of these checked");
        report_count(r, s->checked);
        report_share(r, s->checked, s->items);
    }
    report_name(r, "unanswered");
    report_count(r, s->statuses[STATUS_UNANSWERED]);
    report_share(r, s->statuses[STATUS_UNANSWERED], s->items);
    report_end_table(r);
}

static bool report_classes(struct report *r, struct label_stats *s, struct error *err)
{
    static const size_t shown[] = { CLASS, ITEMS, SHARE };
    struct counted *classes = NULL;
    size_t count = 0, cap = 0, items;
    uint32_t cursor = 0;
    const char *name;
    while (labels_next_class(s->labels, &cursor, &name, &items)) {
        if (!mem_reserve(&classes, &cap, count + 1, sizeof *classes)) {
            free(classes);
            return error_nomem(err, count * sizeof *classes, "the classes");
        }
        classes[count++] = (struct counted){ .name = name, .items = items };
    }
    if (count) {
        qsort(classes, count, sizeof *classes, label_stats_more_items);
    }
    report_table(r, "classes", "Classes", shown, ARRAY_LEN(shown));
    for (size_t i = 0; i < count; i++) {
        report_name(r, classes[i].name);
        report_count(r, classes[i].items);
        report_share(r, classes[i].items, s->statuses[STATUS_LABELED]);
    }
    report_end_table(r);
    free(classes);
    return true;
}

static void report_person(struct report *r, struct label_stats *s, const char *name,
                          const uint64_t *statuses, uint32_t annotator)
{
    struct rate rate = rate_of(s->answers, s->answer_count, annotator);
    double median, p90;
    label_stats_seconds(s, annotator, &median, &p90);
    report_name(r, name);
    report_count(r, statuses[STATUS_LABELED]);
    report_count(r, statuses[STATUS_NONE]);
    report_count(r, statuses[STATUS_SKIPPED]);
    report_count(r, statuses[STATUS_UNSURE]);
    report_number(r, rate.answers ? (double)rate.work_ms / 3600000.0 : (double)NAN, 2);
    report_number(r, rate_per_hour(&rate), 0);
    report_number(r, median, 2);
    report_number(r, p90, 2);
}

static void report_people(struct report *r, struct label_stats *s)
{
    static const size_t shown[] = { ANNOTATOR, LABELED,  NONE,   SKIPPED, UNSURE,
                                    HOURS,     PER_HOUR, MEDIAN, P90 };
    uint64_t sums[STATUS_COUNT] = { 0 };
    report_table(r, "annotators", "Annotators", shown, ARRAY_LEN(shown));
    for (size_t i = 0; i < s->person_count; i++) {
        report_person(r, s, s->people[i].name[0] ? s->people[i].name : "(no name)",
                      s->people[i].statuses, (uint32_t)i);
        for (int k = 0; k < STATUS_COUNT; k++) {
            sums[k] += s->people[i].statuses[k];
        }
    }
    if (s->person_count > 1 && r->form == REPORT_TEXT) {
        report_person(r, s, "all", sums, UINT32_MAX);
    }
    report_end_table(r);
    report_line(r, "hours: between answers, without breaks of more than %d minutes.",
                RATE_PAUSE_MS / 60000);
}

static void report_rate(struct report *r, struct label_stats *s)
{
    static const size_t shown[] = { FROM, ANSWERS, PER_HOUR, BAR };
    struct rate spans[SPANS];
    size_t count = rate_spans(s->answers, s->answer_count, SPANS, spans);
    if (!count && r->form == REPORT_TEXT) {
        return;
    }
    double most = 0.0;
    for (size_t i = 0; i < count; i++) {
        most = fmax(most, rate_per_hour(&spans[i]));
    }
    report_table(r, "rate", "Answers per hour, over the time worked", shown,
                 ARRAY_LEN(shown) - (r->form != REPORT_TEXT));
    for (size_t i = 0; i < count; i++) {
        double rate = rate_per_hour(&spans[i]);
        report_time(r, spans[i].from_ms);
        report_count(r, spans[i].answers);
        report_number(r, rate, 0);
        report_bar(r, most > 0.0 && !isnan(rate) ? rate / most : 0.0);
    }
    report_end_table(r);
}

static void report_agreement(struct report *r, struct label_stats *s)
{
    static const size_t shown[] = { ANNOTATOR, ANSWERS, RIGHT, SHARE, LOW, HIGH };
    report_table(r, "agreement", "How often answers agree with the prediction shown", shown,
                 ARRAY_LEN(shown));
    for (size_t i = 0; i < s->person_count; i++) {
        const struct person *p = &s->people[i];
        report_name(r, p->name[0] ? p->name : "(no name)");
        report_count(r, p->predictions.count);
        report_judged(r, &p->predictions);
    }
    report_end_table(r);
}

static void report_predictions(struct report *r, struct label_stats *s)
{
    static const size_t shown[] = { PREDICTION, ITEMS, RIGHT, SHARE, LOW, HIGH };
    report_table(r, "predictions", "Predictions by class", shown, ARRAY_LEN(shown));
    for (size_t i = 0; i < s->guess_count; i++) {
        report_name(r, class_or_none(s->guesses[i].name));
        report_count(r, s->guesses[i].items);
        report_judged(r, &s->guesses[i].predictions);
    }
    report_end_table(r);
}

static void report_confusion(struct report *r, struct label_stats *s)
{
    static const size_t shown[] = { PREDICTION, CLASS, ITEMS };
    bool text = r->form == REPORT_TEXT;
    size_t told = 0;
    if (s->confused_count && text) {
        qsort(s->confusion, s->confused_count, sizeof *s->confusion, label_stats_more_confused);
    }
    report_table(r, "confusion", "Predictions and other answers, the most frequent", shown,
                 ARRAY_LEN(shown));
    for (size_t i = 0; i < s->confused_count && told < DISAGREEMENTS_SHOWN; i++) {
        const struct confused *c = &s->confusion[i];
        if (!text || strcmp(c->guess, c->label) != 0) {
            report_name(r, class_or_none(c->guess));
            report_name(r, class_or_none(c->label));
            report_count(r, c->items);
            told += text;
        }
    }
    report_end_table(r);
}

/* The share of right predictions in batches of the random sample, in the order of answers. */
static void report_accuracy_chart(struct report *r, struct label_stats *s)
{
    static const size_t in_text[] = { FROM, ITEMS, SHARE, BAR };
    static const size_t for_machines[] = { FROM, ITEMS, RIGHT, SHARE, LOW, HIGH };
    bool text = r->form == REPORT_TEXT;
    size_t batches = s->sample_count / BATCH_LEAST;
    batches = batches > SPANS ? SPANS : batches;
    report_table(r, "random_share", "Right predictions in the random share, over the session",
                 text ? in_text : for_machines,
                 text ? ARRAY_LEN(in_text) : ARRAY_LEN(for_machines));
    for (size_t b = 0; b < batches; b++) {
        size_t from = b * s->sample_count / batches;
        struct judged j = { (b + 1) * s->sample_count / batches - from, 0 };
        for (size_t i = from; i < from + j.count; i++) {
            j.right += s->sample[i].right;
        }
        report_time(r, s->sample[from].at_ms);
        report_count(r, j.count);
        if (text) {
            report_share(r, j.right, j.count);
            report_bar(r, (double)j.right / (double)j.count);
        } else {
            report_judged(r, &j);
        }
    }
    report_end_table(r);
    if (!batches) {
        report_line(r,
                    "not known: of the random share of the folder, %zu pictures have a "
                    "prediction that can be judged, and %d are needed.",
                    s->sample_count, BATCH_LEAST);
    }
}

static void report_accuracy(struct report *r, struct label_stats *s)
{
    static const size_t shown[] = { MEASURE, ITEMS, RIGHT, SHARE, LOW, HIGH };
    struct judged random = { s->sample_count, 0 };
    struct judged latest = { s->drawn.any_judged, s->drawn.any_right };
    for (size_t i = 0; i < s->sample_count; i++) {
        random.right += s->sample[i].right;
    }
    report_table(r, "accuracy", "Right predictions", shown, ARRAY_LEN(shown));
    report_name(r, "all answers");
    report_count(r, s->predictions.count);
    report_judged(r, &s->predictions);
    report_name(r, "random share");
    report_count(r, random.count);
    report_judged(r, &random);
    report_name(r, "latest third of it");
    report_count(r, latest.count);
    report_judged(r, &latest);
    report_end_table(r);
    report_line(r, "The random share stands for any picture of the folder; all answers may be of "
                   "harder ones.");
}

static bool report_all(struct report *r, struct label_stats *s, struct error *err)
{
    report_statuses(r, s);
    if (!report_classes(r, s, err)) {
        return false;
    }
    report_people(r, s);
    report_rate(r, s);
    if (s->predictions.count || r->form != REPORT_TEXT) {
        report_accuracy(r, s);
        report_accuracy_chart(r, s);
        report_agreement(r, s);
        report_predictions(r, s);
        report_confusion(r, s);
    } else {
        report_line(r, "\nNo predictions were shown.");
    }
    return report_print(r, err);
}

/* ---------------------------------------------------------------- the command */

static int run_stats(const struct command_line *line, const struct settings *settings)
{
    struct error err;
    struct label_stats stats = { .labels = NULL };
    struct report report;
    char *csv = labels_path(line->operands[0]);
    bool multi = settings_number(settings, OPTION_MULTI) != 0;
    bool ok = report_init(&report, settings, columns, MACHINE_COLUMNS, &err) &&
              (csv || error_nomem(&err, strlen(line->operands[0]), "a path")) &&
              box_enter(settings, &(struct box){ 0 }, NULL, &err) &&
              label_stats_read(&stats, csv, multi, &err) && report_all(&report, &stats, &err);
    int code = ok ? EXIT_DONE : fail(&err);
    label_stats_release(&stats);
    report_release(&report);
    free(csv);
    return code;
}

int command_stats(const struct command_line *line)
{
    struct error err;
    if (line->operand_count != 1 || line->stdin_list) {
        error_set(&err, ERROR_USAGE,
                  "usage: thumbtag stats LABELS.csv|DIR: name one labels.csv, or the folder that "
                  "contains it");
        return fail(&err);
    }
    return command_with_settings(line, run_stats);
}
