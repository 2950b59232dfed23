/* thumbtag compare: agreement between annotators, and one labels file from theirs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agree/agreement.h"
#include "agree/trust.h"
#include "annotation_set.h"
#include "base/mem.h"
#include "box.h"
#include "command_settings.h"
#include "commands.h"
#include "fail.h"
#include "merge_labels.h"
#include "report.h"
#include "say.h"

#define DISAGREEMENTS_SHOWN 20 /* in text */

enum column {
    MEASURE,
    ANNOTATOR,
    OTHER,
    CLASS,
    OTHER_CLASS,
    ITEMS,
    SHARED,
    MISSING,
    USES,
    VALUE,
    LOW,
    HIGH,
    AGREEMENT,
    AGREEMENT_LOW,
    AGREEMENT_HIGH,
    KAPPA,
    KAPPA_LOW,
    KAPPA_HIGH,
    ALPHA,
    ALPHA_LOW,
    ALPHA_HIGH,
    TRUST,
};

static const struct report_column columns[] = {
    [MEASURE] = { "measure", "", true },
    [ANNOTATOR] = { "annotator", "annotator", true },
    [OTHER] = { "other", "other", true },
    [CLASS] = { "class", "class", true },
    [OTHER_CLASS] = { "other_class", "other's class", true },
    [ITEMS] = { "items", "items", false },
    [SHARED] = { "shared", "shared", false },
    [MISSING] = { "missing", "missing", false },
    [USES] = { "uses", "uses", false },
    [VALUE] = { "value", "value", false },
    [LOW] = { "low", "low", false },
    [HIGH] = { "high", "high", false },
    [AGREEMENT] = { "agreement", "agreement", false },
    [AGREEMENT_LOW] = { "agreement_low", "low", false },
    [AGREEMENT_HIGH] = { "agreement_high", "high", false },
    [KAPPA] = { "kappa", "kappa", false },
    [KAPPA_LOW] = { "kappa_low", "low", false },
    [KAPPA_HIGH] = { "kappa_high", "high", false },
    [ALPHA] = { "alpha", "alpha", false },
    [ALPHA_LOW] = { "alpha_low", "low", false },
    [ALPHA_HIGH] = { "alpha_high", "high", false },
    [TRUST] = { "trust", "trust", false },
};

struct comparison {
    const struct settings *settings;
    const char *merge_path; /* or "" */
    enum merge_by by;
    struct annotation_set set;
    struct ratings ratings;
    struct agreement agreement;
    struct pair_agreement *pairs; /* of annotators 0 and 1, 0 and 2 ... */
    size_t pair_count;
    struct trust trust; /* learned if `trusts` */
    bool trusts;
    struct merge_outcome outcome;
    struct report report;
};

/* --------------------------------------------------------------- computing */

static bool measure_pairs(struct comparison *c, struct error *err)
{
    size_t n = c->set.annotator_count;
    c->pairs = mem_array(n * n / 2 + 1, sizeof *c->pairs);
    if (!c->pairs) {
        return error_nomem(err, n * n * sizeof *c->pairs, "the pairs of annotators");
    }
    for (uint32_t a = 0; a < n; a++) {
        for (uint32_t b = a + 1; b < n; b++) {
            if (!agreement_of_pair(&c->pairs[c->pair_count++], &c->ratings, a, b, err)) {
                return false;
            }
        }
    }
    return true;
}

/* Why nothing can be compared. */
static bool refuse(const struct comparison *c, struct error *err)
{
    const struct annotation_set *s = &c->set;
    if (!s->rating_count) {
        return error_set(err, ERROR_DATA, "%s: no annotations%s", s->files[0].path,
                         s->file_count > 1 ? ", nor in the other files" : "");
    }
    if (s->annotator_count == 1) {
        return error_set(err, ERROR_DATA,
                         "%s: all annotations are by one annotator, '%s': name the labels of "
                         "another one, too",
                         s->files[0].path, s->annotators[0].title);
    }
    return error_set(
        err, ERROR_DATA,
        "no item is annotated by two annotators; the first is '%s', the last '%s': are all "
        "names relative to the same folder?",
        s->items[0].name, s->items[s->item_count - 1].name);
}

static bool compute(struct comparison *c, struct error *err)
{
    c->trusts = c->by == MERGE_TRUST && !c->set.multi;
    return annotation_set_ratings(&c->set, &c->ratings, err) &&
           agreement_measure(&c->agreement, &c->ratings, err) &&
           (c->agreement.shared || c->merge_path[0] || refuse(c, err)) && measure_pairs(c, err) &&
           (!c->trusts || trust_learn(&c->trust, &c->ratings, err));
}

/* ---------------------------------------------------------------- reporting */

static const char *title(const struct comparison *c, size_t annotator)
{
    return c->set.annotators[annotator].title;
}

static void report_counts(struct comparison *c)
{
    static const size_t shown[] = { MEASURE, ITEMS };
    const struct agreement *a = &c->agreement;
    struct report *r = &c->report;
    report_table(r, "counts", NULL, shown, ARRAY_LEN(shown));
    report_name(r, "items");
    report_count(r, c->set.item_count);
    report_name(r, "by two annotators or more");
    report_count(r, a->shared);
    report_name(r, "unanimous");
    report_count(r, a->unanimous);
    report_name(r, "by one annotator");
    report_count(r, a->items - a->shared);
    report_name(r, "not annotated");
    report_count(r, c->set.item_count - a->items);
    for (size_t i = 0; i < c->set.file_count && c->set.file_count > 1; i++) {
        struct buf name = BUF_INIT;
        buf_addf(&name, "only in %s", c->set.files[i].title);
        report_name(r, buf_text(&name));
        report_count(r, c->set.files[i].alone);
        r->out.failed |= name.failed;
        buf_release(&name);
    }
    report_end_table(r);
    report_line(r,
                "%llu answers \"skipped\" or \"unsure\" are missing annotations; \"none\" is a "
                "class, %s.",
                (unsigned long long)c->set.missing, CLASS_NONE_NAME);
}

static void report_measures(struct comparison *c)
{
    static const size_t shown[] = { MEASURE, VALUE, LOW, HIGH };
    struct report *r = &c->report;
    report_table(r, "agreement",
                 c->set.multi ? "Agreement (on all classes of an item)" : "Agreement", shown,
                 ARRAY_LEN(shown));
    report_name(r, "raw agreement");
    report_estimate(r, &c->agreement.raw);
    report_name(r, "Fleiss' kappa");
    report_estimate(r, &c->agreement.fleiss);
    report_name(r, "Krippendorff's alpha");
    report_estimate(r, &c->agreement.alpha);
    report_end_table(r);
    report_line(r, "low, high: 95 %% percentile interval, bootstrap over the items, %zu draws.",
                c->agreement.draws);
}

static void report_annotators(struct comparison *c)
{
    static const size_t shown[] = { ANNOTATOR, ITEMS,         SHARED,         MISSING,
                                    AGREEMENT, AGREEMENT_LOW, AGREEMENT_HIGH, TRUST };
    struct report *r = &c->report;
    report_table(r, "annotators", "Annotators (agreement with the others)", shown,
                 ARRAY_LEN(shown) - !c->trusts);
    for (size_t i = 0; i < c->set.annotator_count; i++) {
        const struct annotator_agreement *a = &c->agreement.annotators[i];
        report_name(r, title(c, i));
        report_count(r, a->items);
        report_count(r, a->shared);
        report_count(r, c->set.annotators[i].missing);
        report_estimate(r, &a->same);
        if (c->trusts) {
            report_number(r, a->items ? trust_accuracy(&c->trust, (uint32_t)i) : (double)NAN, 4);
        }
    }
    report_end_table(r);
    if (c->trusts) {
        report_line(r,
                    "trust: share of right answers, learned from agreement (Dawid and Skene, "
                    "%u rounds%s).",
                    c->trust.rounds, c->trust.settled ? "" : ", not settled");
    }
}

static void report_pairs(struct comparison *c)
{
    static const size_t shown[] = { ANNOTATOR,      OTHER, ITEMS,     AGREEMENT, AGREEMENT_LOW,
                                    AGREEMENT_HIGH, KAPPA, KAPPA_LOW, KAPPA_HIGH };
    struct report *r = &c->report;
    size_t pair = 0;
    report_table(r, "pairs", "Pairs (Cohen's kappa)", shown, ARRAY_LEN(shown));
    for (size_t a = 0; a < c->set.annotator_count; a++) {
        for (size_t b = a + 1; b < c->set.annotator_count; b++) {
            const struct pair_agreement *p = &c->pairs[pair++];
            report_name(r, title(c, a));
            report_name(r, title(c, b));
            report_count(r, p->items);
            report_estimate(r, &p->raw);
            report_estimate(r, &p->kappa);
        }
    }
    report_end_table(r);
}

static void report_classes(struct comparison *c)
{
    static const size_t shown[] = { CLASS,          USES,  AGREEMENT, AGREEMENT_LOW,
                                    AGREEMENT_HIGH, ALPHA, ALPHA_LOW, ALPHA_HIGH };
    struct report *r = &c->report;
    report_table(r, "classes",
                 "Classes (agreement of the others when one says it; alpha against "
                 "all other classes)",
                 shown, ARRAY_LEN(shown));
    for (size_t i = 0; i < c->set.class_count; i++) {
        const struct class_agreement *a = &c->agreement.classes[i];
        report_name(r, c->set.classes[i]);
        report_count(r, a->uses);
        report_estimate(r, &a->same);
        report_estimate(r, &a->alpha);
    }
    report_end_table(r);
}

/* A cell of the confusion of two annotators. */
struct confused {
    size_t a, b;
    const struct confusion_cell *cell;
};

static void report_confused(struct comparison *c, const struct confused *x)
{
    struct report *r = &c->report;
    report_name(r, title(c, x->a));
    report_name(r, title(c, x->b));
    report_name(r, annotation_set_value(&c->set, x->cell->first));
    report_name(r, annotation_set_value(&c->set, x->cell->second));
    report_count(r, x->cell->items);
}

/* Keeps the DISAGREEMENTS_SHOWN most frequent ones, the first of equals first. */
static void keep_frequent(struct confused *list, size_t *count, const struct confused *x)
{
    size_t at = *count;
    if (x->cell->first == x->cell->second) {
        return;
    }
    while (at > 0 && list[at - 1].cell->items < x->cell->items) {
        at--;
    }
    if (at == DISAGREEMENTS_SHOWN) {
        return;
    }
    *count += *count < DISAGREEMENTS_SHOWN;
    memmove(list + at + 1, list + at, (*count - at - 1) * sizeof *list);
    list[at] = *x;
}

static void report_confusion(struct comparison *c)
{
    static const size_t shown[] = { ANNOTATOR, OTHER, CLASS, OTHER_CLASS, ITEMS };
    struct confused frequent[DISAGREEMENTS_SHOWN];
    size_t pair = 0, count = 0;
    report_table(&c->report, "confusion", "Confusion (the most frequent disagreements)", shown,
                 ARRAY_LEN(shown));
    for (size_t a = 0; a < c->set.annotator_count; a++) {
        for (size_t b = a + 1; b < c->set.annotator_count; b++, pair++) {
            for (size_t i = 0; i < c->pairs[pair].cell_count; i++) {
                struct confused x = { a, b, &c->pairs[pair].cells[i] };
                if (c->report.form == REPORT_TEXT) {
                    keep_frequent(frequent, &count, &x);
                } else {
                    report_confused(c, &x);
                }
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        report_confused(c, &frequent[i]);
    }
    report_end_table(&c->report);
}

static void report_outcome(struct comparison *c)
{
    static const size_t shown[] = { MEASURE, ITEMS };
    const struct merge_outcome *o = &c->outcome;
    struct report *r = &c->report;
    report_table(r, "merged", "Merged (tied items are left open)", shown, ARRAY_LEN(shown));
    report_name(r, "unanimous");
    report_count(r, o->unanimous);
    report_name(r, c->by == MERGE_TRUST ? "by trust" : "by majority");
    report_count(r, o->decided);
    report_name(r, "tied");
    report_count(r, o->tied);
    report_name(r, "by one annotator");
    report_count(r, o->single);
    report_name(r, "without an annotation");
    report_count(r, o->open);
    report_end_table(r);
}

static void report_all(struct comparison *c)
{
    report_counts(c);
    if (c->agreement.shared) {
        report_measures(c);
        report_annotators(c);
        report_pairs(c);
        report_classes(c);
        report_confusion(c);
    }
    if (c->merge_path[0]) {
        report_outcome(c);
    }
}

/* ---------------------------------------------------------------- the command */

static void release(struct comparison *c)
{
    for (size_t i = 0; i < c->pair_count; i++) {
        pair_agreement_release(&c->pairs[i]);
    }
    free(c->pairs);
    trust_release(&c->trust);
    agreement_release(&c->agreement);
    ratings_release(&c->ratings);
    annotation_set_release(&c->set);
    report_release(&c->report);
}

static bool compare(struct comparison *c, const struct command_line *line, struct error *err)
{
    const struct settings *s = c->settings;
    bool merges = c->merge_path[0] != '\0';
    if ((merges && !merge_can_write(c->merge_path, err)) ||
        !annotation_set_read(&c->set, line->operands, line->operand_count,
                             settings_number(s, OPTION_MULTI) != 0, err) ||
        !compute(c, err) ||
        (merges && !merge_labels(&c->set, &c->ratings, c->by, c->merge_path, &c->outcome, err))) {
        return false;
    }
    report_all(c);
    if (!report_print(&c->report, err)) {
        return false;
    }
    if (merges) {
        say(stderr, "thumbtag: %llu items merged into %s%s\n", (unsigned long long)c->outcome.items,
            c->merge_path,
            c->outcome.tied + c->outcome.open ? "; rows without a status are still to be labelled"
                                              : "");
    }
    return true;
}

static int run_compare(const struct command_line *line, const struct settings *s)
{
    struct error err;
    struct comparison c = { .settings = s,
                            .merge_path = settings_text(s, OPTION_MERGE),
                            .by = settings_choice(s, OPTION_BY) == CHOICE_BY_TRUST
                                      ? MERGE_TRUST
                                      : MERGE_MAJORITY };
    struct box box = { .output = c.merge_path };
    bool ok = report_init(&c.report, s, columns, ARRAY_LEN(columns), &err) &&
              box_enter(s, &box, NULL, &err) && compare(&c, line, &err);
    int code = !ok                                          ? fail(&err)
               : c.agreement.shared > c.agreement.unanimous ? EXIT_FINDINGS
                                                            : EXIT_DONE;
    release(&c);
    return code;
}

int command_compare(const struct command_line *line)
{
    struct error err;
    if (!line->operand_count || line->stdin_list) {
        error_set(&err, ERROR_USAGE,
                  "usage: thumbtag compare A.csv|DIR…: name the labels of each annotator, or "
                  "one file with those of several");
        return fail(&err);
    }
    return command_with_settings(line, run_compare);
}
