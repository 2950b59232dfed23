/* `thumbtag eval --effort`: what a person who makes no mistake but overlooking some would press
 * for a whole folder. */
#include "eval_effort.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "box.h"
#include "effort.h"
#include "examples.h"
#include "fail.h"
#include "model_choice.h"
#include "report.h"
#include "scratch_folder.h"

/* A stated model of a person. */
#define SECONDS_A_KEY 0.2
#define SECONDS_A_LOOK 0.15

enum column {
    KIND,
    PAGES,
    DISMISSED,
    PICTURES,
    EXCEPTIONS,
    SECOND_RIGHT,
    KEYS,
    PER_100,
    WRONG,
    RIGHT,
    SECONDS,
};

static const struct report_column columns[] = {
    [KIND] = { "kind", "", true },
    [PAGES] = { "pages", "pages", false },
    [DISMISSED] = { "dismissed", "dismissed", false },
    [PICTURES] = { "pictures", "pictures", false },
    [EXCEPTIONS] = { "exceptions", "exceptions", false },
    [SECOND_RIGHT] = { "second_right", "second right", false },
    [KEYS] = { "keys", "keys", false },
    [PER_100] = { "keys_per_100", "keys per 100", false },
    [WRONG] = { "wrong", "wrong", false },
    [RIGHT] = { "right", "right %", false },
    [SECONDS] = { "seconds", "seconds", false },
};

static const char *const kinds[] = {
    [PAGE_SURE] = "predicted alike", [PAGE_ALIKE] = "look alike",  [PAGE_SAME] = "duplicates",
    [PAGE_LABELED] = "labelled",     [PAGE_CONFUSED] = "confused", [PAGE_KINDS] = "one by one",
};

static double seconds(const struct effort_part *p)
{
    return SECONDS_A_KEY * (double)p->keys + SECONDS_A_LOOK * (double)p->looked;
}

static double per_100(const struct effort_part *p)
{
    return p->pictures ? 100.0 * (double)p->keys / (double)p->pictures : 0.0;
}

static void report_parts(struct report *r, const struct effort *e)
{
    static const size_t shown[] = { KIND,         PAGES, DISMISSED, PICTURES, EXCEPTIONS,
                                    SECOND_RIGHT, KEYS,  PER_100,   SECONDS };
    report_table(r, "kind", "By kind of page", shown, ARRAY_LEN(shown));
    for (size_t k = 0; k <= PAGE_KINDS; k++) {
        const struct effort_part *p = &e->parts[k];
        if (p->keys) {
            report_name(r, kinds[k]);
            report_count(r, p->pages);
            report_count(r, p->dismissed);
            report_count(r, p->pictures);
            report_count(r, p->exceptions);
            report_count(r, p->seconds);
            report_count(r, p->keys);
            report_number(r, per_100(p), 1);
            report_number(r, seconds(p), 1);
        }
    }
    report_end_table(r);
}

static void report_all(struct report *r, const struct effort *e)
{
    static const size_t shown[] = { PAGES,   PICTURES, EXCEPTIONS, SECOND_RIGHT, KEYS,
                                    PER_100, WRONG,    RIGHT,      SECONDS };
    struct effort_part all = { .pages = 0 };
    for (size_t k = 0; k <= PAGE_KINDS; k++) {
        all.pages += e->parts[k].pages;
        all.keys += e->parts[k].keys;
        all.pictures += e->parts[k].pictures;
        all.exceptions += e->parts[k].exceptions;
        all.seconds += e->parts[k].seconds;
        all.looked += e->parts[k].looked;
    }
    report_table(r, "effort", "In all", shown, ARRAY_LEN(shown));
    report_count(r, all.pages);
    report_count(r, all.pictures);
    report_count(r, all.exceptions);
    report_count(r, all.seconds);
    report_count(r, all.keys);
    report_number(r, per_100(&all), 1);
    report_count(r, e->wrong);
    report_number(r, 100.0 * (double)(e->pictures - e->wrong) / (double)e->pictures, 1);
    report_number(r, seconds(&all), 1);
    report_end_table(r);
}

static bool print(const struct settings *s, const struct examples *examples,
                  const struct effort_task *task, const struct effort *e, struct error *err)
{
    struct report r;
    bool ok = report_init(&r, s, columns, ARRAY_LEN(columns), err);
    if (ok) {
        report_line(
            &r,
            "%zu pictures of %zu classes, pages of up to %zu, %g %% of the wrong thumbnails "
            "overlooked, seed %llu; %g s a key, %g s a picture looked at",
            examples->count, examples->class_count, task->page, 100.0 * (double)task->misses,
            (unsigned long long)task->seed, SECONDS_A_KEY, SECONDS_A_LOOK);
        report_parts(&r, e);
        report_all(&r, e);
        ok = report_print(&r, err);
    }
    report_release(&r);
    return ok;
}

static bool measure(const struct command_line *line, const struct settings *s, const char *csv_path,
                    struct error *err)
{
    struct model_choice model;
    struct classifier_options classifier;
    struct examples examples = { .count = 0 };
    struct effort effort;
    model_choose(&model, s);
    bool ok = model.source != MODEL_NONE ||
              error_set(err, ERROR_USAGE,
                        "model = none: there is nothing to measure; name a model, "
                        "or the built-in network: -m builtin");
    ok = ok && model_choice_options(&model, s, &classifier, err) &&
         examples_load(&examples, line->operands[0], err);
    if (ok) {
        struct effort_task task = { .examples = &examples,
                                    .model_path = model.path,
                                    .classifier = &classifier,
                                    .csv_path = csv_path,
                                    .workers = settings_workers(s),
                                    .page = (size_t)settings_number(s, OPTION_PAGE),
                                    .second = settings_number(s, OPTION_SECOND) != 0,
                                    .misses = settings_real(s, OPTION_MISSES),
                                    .seed = (uint64_t)settings_number(s, OPTION_SEED) };
        ok = effort_measure(&task, &effort, err) && print(s, &examples, &task, &effort, err);
    }
    examples_release(&examples);
    model_choice_release(&model);
    return ok;
}

int eval_effort(const struct command_line *line, const struct settings *s)
{
    struct error err;
    struct scratch_folder folder;
    if (!scratch_folder_make(&folder, &err)) {
        return fail(&err);
    }
    char *csv = file_join(folder.path, "labels.csv");
    bool ok = (csv || error_nomem(&err, 0, "a file's name")) &&
              box_enter(s, &(struct box){ .folder = folder.path }, NULL, &err) &&
              measure(line, s, csv, &err);
    free(csv);
    scratch_folder_remove(&folder);
    return ok ? EXIT_DONE : fail(&err);
}
