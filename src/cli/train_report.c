#include "train_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/proportion.h"
#include "base/text.h"
#include "say.h"

#define PROGRESS_NS 200000000
#define LOG_NS 30000000000 /* between lines if stderr is not a terminal */
#define BAR 10
#define CLASSES_SHOWN 40 /* if there are more, only the worst are shown */
#define NAME_COLUMNS 32

void train_line_init(struct train_line *line)
{
    *line = (struct train_line){ .terminal = isatty(STDERR_FILENO) != 0 };
}

static void time_text(float seconds, char *out, size_t size)
{
    long s = seconds < 0 ? 0 : lroundf(seconds);
    if (s >= 3600) {
        snprintf(out, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    } else {
        snprintf(out, size, "%ld:%02ld", s / 60, s % 60);
    }
}

/* Columns for the progress line: a wrapped line could not be overwritten. */
static int room(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
}

void train_line_show(struct train_line *line, const struct train_progress *p)
{
    int64_t now = clock_monotonic_ns();
    bool last = p->step == p->steps;
    if (now - line->told_ns < (line->terminal ? PROGRESS_NS : LOG_NS) && !last) {
        return;
    }
    line->told_ns = now;
    char text[256], bar[BAR + 1], left[32], right[32] = "", held[32] = "";
    char explained[32] = "", teacher[32] = "";
    memset(bar, '.', BAR);
    memset(bar, '#', p->step * BAR / p->steps);
    bar[BAR] = '\0';
    time_text(p->seconds_left, left, sizeof left);
    if (p->validation >= 0) {
        snprintf(held, sizeof held, "  held back %.1f %%", (double)p->validation * 100);
    }
    if (p->accuracy >= 0) {
        snprintf(right, sizeof right, "  %s %.1f %%",
                 p->teachers_classes ? "same class" : "accuracy", (double)p->accuracy * 100);
    }
    if (p->explained > TRAIN_NOT_EXPLAINED) {
        snprintf(explained, sizeof explained, "  explained %.1f %%", (double)p->explained * 100);
    }
    if (p->teacher_share >= 0) {
        snprintf(teacher, sizeof teacher, " (teacher %.0f %%)", (double)p->teacher_share * 100);
    }
    snprintf(text, sizeof text, "epoch %d/%d [%s]  loss %.3f%s%s%s  %.0f pictures/s%s  %s left",
             p->epoch, p->epochs, bar, (double)p->loss, right, held, explained,
             (double)p->per_second, teacher, left);
    if (line->terminal) {
        fprintf(stderr, "\r%.*s\033[K", room(), text);
    } else {
        say(stderr, "%s\n", text);
    }
}

void train_line_end(struct train_line *line)
{
    if (line->terminal && line->told_ns) {
        fputc('\n', stderr);
    }
    line->told_ns = 0;
}

/* A row of the table of classes. */
struct class_row {
    const char *name;
    size_t trained_on, held_back, right;
    size_t taken_for, times; /* the class most often predicted in its place */
};

/* times[c] counts how often class c was predicted for the row's class. */
static void find_confusion(struct class_row *row, size_t class_index, size_t *times, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        if (c != class_index && times[c] > row->times) {
            row->taken_for = c;
            row->times = times[c];
        }
        times[c] = 0;
    }
}

static int compare_outcomes(const void *a, const void *b)
{
    size_t x = ((const struct train_outcome *)a)->class_index;
    size_t y = ((const struct train_outcome *)b)->class_index;
    return x < y ? -1 : x > y;
}

/* sorted: by class. */
static void count_outcomes(struct class_row *rows, size_t class_count, size_t *times,
                           const struct train_outcome *sorted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t c = sorted[i].class_index;
        rows[c].held_back++;
        rows[c].right += sorted[i].predicted == c;
        times[sorted[i].predicted]++;
        if (i + 1 == count || sorted[i + 1].class_index != c) {
            find_confusion(&rows[c], c, times, class_count);
        }
    }
}

static int compare_rows(const void *a, const void *b)
{
    const struct class_row *x = a, *y = b;
    size_t left = x->right * y->held_back, right = y->right * x->held_back;
    return left < right ? -1 : left > right;
}

static void print_rows(const struct class_row *rows, size_t count, char *const *classes)
{
    char name[NAME_COLUMNS * 4 + 1], other[NAME_COLUMNS * 4 + 1];
    int width = 5;
    for (size_t i = 0; i < count; i++) {
        int columns = text_width(rows[i].name, strlen(rows[i].name));
        width = columns > width ? columns : width;
    }
    width = width > NAME_COLUMNS ? NAME_COLUMNS : width;
    say(stdout, "\n%-*s  trained on  held back    right\n", width, "class");
    for (size_t i = 0; i < count; i++) {
        const struct class_row *r = &rows[i];
        int used = text_elide(name, sizeof name, r->name, strlen(r->name), width);
        say(stdout, "%s%*s  %10zu  %9zu", name, width - used, "", r->trained_on, r->held_back);
        if (r->held_back) {
            say(stdout, "  %5.1f %%", (double)r->right * 100 / (double)r->held_back);
        }
        if (r->times) {
            text_elide(other, sizeof other, classes[r->taken_for], strlen(classes[r->taken_for]),
                       NAME_COLUMNS);
            say(stdout, "   %zu predicted as %s", r->times, other);
        }
        putchar('\n');
    }
}

static bool print_classes(const struct trained *t, const struct examples *e, struct error *err)
{
    size_t held;
    const struct train_outcome *outcomes = trained_outcomes(t, &held);
    struct class_row *rows = mem_array(e->class_count, sizeof *rows);
    size_t *times = mem_array(e->class_count, sizeof *times);
    struct train_outcome *sorted = mem_array(held ? held : 1, sizeof *sorted);
    bool ok = rows && times && sorted;
    if (!ok) {
        error_nomem(err, e->class_count * sizeof *rows, "the table of classes");
    } else {
        for (size_t c = 0; c < e->class_count; c++) {
            rows[c].name = e->classes[c];
        }
        for (size_t i = 0; i < e->count && e->items[i].class_index != EXAMPLE_NO_CLASS; i++) {
            rows[e->items[i].class_index].trained_on++;
        }
        if (held) {
            memcpy(sorted, outcomes, held * sizeof *sorted);
            qsort(sorted, held, sizeof *sorted, compare_outcomes);
        }
        count_outcomes(rows, e->class_count, times, sorted, held);
        for (size_t c = 0; c < e->class_count; c++) {
            rows[c].trained_on -= rows[c].held_back;
        }
        size_t shown = e->class_count;
        if (shown > CLASSES_SHOWN) {
            qsort(rows, shown, sizeof *rows, compare_rows);
            say(stdout, "\nThe %d of %zu classes with the lowest accuracy:", CLASSES_SHOWN, shown);
            shown = CLASSES_SHOWN;
        }
        print_rows(rows, shown, e->classes);
    }
    free(rows);
    free(times);
    free(sorted);
    return ok;
}

/* Prints the accuracy, its interval, and whether the pictures are a random sample. held: those
 * with a class. */
static void print_held_back(const struct train_report *r, const struct examples *e, size_t held,
                            float quantized)
{
    char text[PROPORTION_TEXT];
    size_t right = (size_t)lroundf(quantized * (float)held);
    bool all = !e->labels || e->any.count == e->any.pictures;
    proportion_text(right, held, text);
    say(stdout,
        "accuracy of the int8 model on %zu other pictures, held back from training%s: %s "
        "(in float %.0f %%)\n",
        held, r->validation_drawn ? " and chosen at random" : "", text,
        (double)r->validation * 100);
    if (!all && !r->validation_drawn) {
        say(stdout,
            "these are not a random sample of the folder: accuracy on any picture may be higher "
            "or lower\n");
    }
}

/* Prints how well the teacher's features are learned; and its classes, if no picture has one
 * of its own. */
static void print_distillation(const struct train_report *r, const struct train_teacher *from,
                               size_t held, float quantized)
{
    char text[PROPORTION_TEXT];
    if (r->explained > TRAIN_NOT_EXPLAINED) {
        say(stdout,
            "teacher %s: %.1f %% of its features' variance is explained on %zu pictures held "
            "back from training\n",
            from->name, (double)r->explained * 100, r->validation_pictures);
    }
    if (from->classes && held) {
        proportion_text((size_t)lroundf(quantized * (float)held), held, text);
        say(stdout, "the int8 model gives them the teacher's class: %s (in float %.0f %%)\n", text,
            (double)r->validation * 100);
    }
    if (r->cosine > -1.5f) {
        say(stdout, "its features in int8 and in float: mean cosine %.4f\n", (double)r->cosine);
    }
    if (r->teacher_share >= 0) {
        say(stdout, "the teacher took %.0f %% of the time\n", (double)r->teacher_share * 100);
    }
}

bool train_report_result(const struct trained *trained, const struct examples *e,
                         const struct train_teacher *teacher, const char *output,
                         size_t model_bytes, float quantized, struct error *err)
{
    struct train_report r;
    size_t held;
    trained_outcomes(trained, &held);
    trained_report(trained, &r);
    say(stdout, "%s: %zu bytes, %zu classes, %.1f million multiply-accumulates per picture\n",
        output, model_bytes, e->class_count, r.macs / 1e6);
    say(stdout, "trained on %zu pictures", r.pictures);
    if (teacher && !teacher->classes) {
        say(stdout, ", %zu of them labelled", r.labelled);
    }
    say(stdout, "\n");
    if (teacher) {
        print_distillation(&r, teacher, held, quantized);
    }
    bool judged = held && !(teacher && teacher->classes);
    if (judged) {
        print_held_back(&r, e, held, quantized);
    }
    if (judged && !print_classes(trained, e, err)) {
        return false;
    }
    fflush(stdout);
    if (r.unreadable) {
        say(stderr, "thumbtag: %zu pictures could not be read and were left out; the first: %s\n",
            r.unreadable, r.why.message);
    }
    say(stderr, "\nNext:\n  thumbtag predict -m %s DIR > predictions.csv\n  thumbtag DIR -m %s\n",
        output, output);
    return true;
}
