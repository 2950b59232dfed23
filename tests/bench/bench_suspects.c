/* Label errors that are planted in a folder with a sub-folder for each class: how many of them a
 * review finds in its first tenth, and how well its order tells them from the rest; beside the
 * scores of label quality of confident learning (Northcutt, Jiang, Chuang, JAIR 70, 2021; the ones
 * that cleanlab computes), written anew here from their formulas, on the same predictions:
 *
 *     self-confidence      p[y]
 *     normalised margin    p[y] - max p[k], k other than y
 *     weighted entropy     p[y] / (normalised entropy of p), least sure labels first
 *     confident joint      the labels off its diagonal: of the classes k whose p[k] reaches the
 *                          mean of p[k] over the labels k, the likeliest one is not y
 *
 * Then how long it takes with 10,000 labels.
 *
 *   bench_suspects [FOLDER ...]   default: the photographs of ../shared */
#include "bench.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "learn/embedder.h"
#include "learn/suspects.h"

#define PLANTED_EACH 20 /* one label of these is wrong: 5 % */
#define DRAWS 5
#define FOLDS 5
#define CLASSES_MAX 64

struct set {
    size_t count, classes, dims;
    char *names[CLASSES_MAX];
    float *x; /* count x dims */
    uint32_t *truth, *label;
    struct head_parts parts;
};

/* ---------------------------------------------------------------- the pictures */

static size_t class_of(struct set *s, const char *folder)
{
    const char *slash = strrchr(folder, '/');
    const char *name = slash ? slash + 1 : folder;
    size_t c = 0;
    while (c < s->classes && strcmp(s->names[c], name) != 0) {
        c++;
    }
    if (c == s->classes && c < CLASSES_MAX) {
        s->names[s->classes++] = mem_string(name, strlen(name));
    }
    return c;
}

static bool load(struct set *s, const char *root)
{
    struct catalog_source source = { .paths = &root, .count = 1, .list_fd = -1 };
    struct catalog *catalog = catalog_list_all(&source, NULL);
    struct embedder *e = embedder_new(NULL, NULL, NULL);
    struct embed_runner *r = e ? embed_runner_new(e, NULL) : NULL;
    struct buf path = BUF_INIT;
    if (!catalog || !r) {
        return false;
    }
    *s = (struct set){ .dims = embedder_dims(e) };
    embedder_parts(e, &s->parts);
    size_t total = catalog_count(catalog);
    s->x = mem_array(total, s->dims * sizeof *s->x);
    s->truth = mem_array(total, sizeof *s->truth);
    s->label = mem_array(total, sizeof *s->label);
    for (size_t i = 0; s->x && s->truth && s->label && i < total; i++) {
        uint32_t id = catalog_id(catalog, i);
        catalog_path(catalog, id, &path);
        size_t c = class_of(s, catalog_folder_path(catalog, catalog_folder(catalog, id)));
        if (c < CLASSES_MAX &&
            embed_run_file(r, buf_text(&path), NULL, s->x + s->count * s->dims, NULL, NULL)) {
            s->truth[s->count++] = (uint32_t)c;
        }
    }
    buf_release(&path);
    embed_runner_free(r);
    embedder_free(e);
    catalog_free(catalog);
    return s->count > 0 && s->classes > 1;
}

static void release(struct set *s)
{
    for (size_t c = 0; c < s->classes; c++) {
        free(s->names[c]);
    }
    free(s->x);
    free(s->truth);
    free(s->label);
}

/* Another class for each PLANTED_EACH-th picture of a random order. */
static size_t plant(struct set *s, uint64_t seed)
{
    struct random random = random_start(seed, 1);
    size_t *order = mem_array(s->count, sizeof *order);
    size_t errors = s->count / PLANTED_EACH;
    memcpy(s->label, s->truth, s->count * sizeof *s->label);
    for (size_t i = 0; i < s->count; i++) {
        order[i] = i;
    }
    random_shuffle(order, s->count, seed, 2);
    for (size_t i = 0; i < errors; i++) {
        uint32_t other = (uint32_t)random_below(&random, s->classes - 1);
        s->label[order[i]] = other + (other >= s->truth[order[i]]);
    }
    free(order);
    return errors;
}

/* --------------------------------------------------------------- out of sample */

static struct head *head_of(const struct set *s, size_t fold)
{
    struct head *h = head_new(&s->parts, NULL);
    if (!h || !head_resize_classes(h, s->classes, NULL)) {
        exit(1);
    }
    for (size_t i = 0; i < s->count; i++) {
        head_background(h, s->x + i * s->dims, NULL);
        if (i % FOLDS != fold) {
            head_set(h, (uint32_t)i, s->x + i * s->dims, s->label[i], NULL);
        }
    }
    return h;
}

/* p: count x classes, each by the head without that label. */
static void leave_one_out(const struct set *s, float *p)
{
    struct head *h = head_of(s, FOLDS);
    head_model_free(head_refresh(h, NULL));
    for (size_t i = 0; i < s->count; i++) {
        suspects_judge(h, (uint32_t)i, p + i * s->classes, NULL);
    }
    head_free(h);
}

/* The same by heads that did not learn from a fifth of the labels, this one among them. */
static void cross_validate(const struct set *s, float *p)
{
    for (size_t fold = 0; fold < FOLDS; fold++) {
        struct head *h = head_of(s, fold);
        struct head_model *m = head_refresh(h, NULL);
        for (size_t i = fold; i < s->count; i += FOLDS) {
            head_model_guess(m, s->x + i * s->dims, 1, p + i * s->classes, NULL);
        }
        head_model_free(m);
        head_free(h);
    }
}

/* ---------------------------------------------------------------------- scores */

enum score { SELF_CONFIDENCE, MARGIN, ENTROPY, SCORES };

static const char *const score_names[SCORES] = { "self-confidence", "normalised margin",
                                                 "weighted entropy" };

static float score_of(const float *p, size_t classes, uint32_t label, enum score score)
{
    float other = 0.0f, entropy = 0.0f;
    for (size_t c = 0; c < classes; c++) {
        other = c != label ? fmaxf(other, p[c]) : other;
        entropy -= p[c] > 1e-9f ? p[c] * logf(p[c]) : 0.0f;
    }
    switch (score) {
    case MARGIN:
        return p[label] - other;
    case ENTROPY:
        return p[label] / fmaxf(entropy / logf((float)classes), 1e-6f);
    default:
        return p[label];
    }
}

struct scored {
    float score;
    bool wrong;
};

static int by_score(const void *a, const void *b)
{
    float x = ((const struct scored *)a)->score, y = ((const struct scored *)b)->score;
    return (x > y) - (x < y);
}

struct found {
    double tenth, auroc; /* share of the errors in the first tenth; area under the ROC curve */
};

static struct found measure(struct scored *list, size_t count, size_t errors)
{
    struct found f = { 0.0, 0.0 };
    size_t wrong = 0;
    qsort(list, count, sizeof *list, by_score);
    for (size_t i = 0; i < count; i++) {
        wrong += list[i].wrong;
        f.tenth += list[i].wrong && i < count / 10;
        f.auroc += list[i].wrong ? 0.0 : (double)wrong; /* pairs in the right order */
    }
    f.tenth /= (double)errors;
    f.auroc /= (double)errors * (double)(count - errors);
    return f;
}

/* Precision and recall of what a rule takes for wrong. */
struct rule {
    size_t taken, right;
};

/* A self-confidence below a limit. */
static void doubt_below(const struct scored *list, size_t count, float limit, struct rule *rule)
{
    for (size_t i = 0; i < count && list[i].score < limit; i++) {
        rule->taken++;
        rule->right += list[i].wrong;
    }
}

/* The lowest self-confidence, of as many labels as `joint` has taken in this draw. */
static void doubt_first(const struct scored *list, size_t taken, struct rule *first)
{
    for (size_t i = 0; i < taken; i++) {
        first->taken++;
        first->right += list[i].wrong;
    }
}

static size_t doubt(const struct set *s, const float *p, struct rule *argmax, struct rule *joint)
{
    size_t before = joint->taken;
    double sums[CLASSES_MAX] = { 0 }, n[CLASSES_MAX] = { 0 };
    for (size_t i = 0; i < s->count; i++) {
        sums[s->label[i]] += (double)p[i * s->classes + s->label[i]];
        n[s->label[i]] += 1.0;
    }
    for (size_t i = 0; i < s->count; i++) {
        const float *row = p + i * s->classes;
        size_t best = 0, sure = s->classes;
        for (size_t c = 0; c < s->classes; c++) {
            best = row[c] > row[best] ? c : best;
            if ((double)row[c] >= sums[c] / n[c] && (sure == s->classes || row[c] > row[sure])) {
                sure = c;
            }
        }
        bool wrong = s->label[i] != s->truth[i];
        argmax->taken += best != s->label[i];
        argmax->right += best != s->label[i] && wrong;
        joint->taken += sure < s->classes && sure != s->label[i];
        joint->right += sure < s->classes && sure != s->label[i] && wrong;
    }
    return joint->taken - before;
}

static void print_rule(const char *what, const struct rule *r, size_t errors)
{
    bench_row(what, "%zu labels, %.0f %% of them wrong, %.0f %% of the errors", r->taken / DRAWS,
              100.0 * (double)r->right / (double)(r->taken ? r->taken : 1),
              100.0 * (double)r->right / (double)(errors * DRAWS));
}

static void measure_set(const char *root)
{
    static const char *const ways[2] = { "leave one out", "5 folds" };
    static const float limits[] = { 0.05f, 0.1f, 0.2f };
    struct set s;
    if (!load(&s, root)) {
        printf("Label errors: no pictures in %s\n", root);
        return;
    }
    float *p = mem_array(s.count, s.classes * sizeof *p);
    struct scored *list = mem_array(s.count, sizeof *list);
    size_t errors = s.count / PLANTED_EACH;
    printf("Label errors: %zu among %zu pictures of %zu classes, mean of %d draws; %s\n", errors,
           s.count, s.classes, DRAWS, root);
    for (int way = 0; p && list && way < 2; way++) {
        struct found sum[SCORES] = { { 0.0, 0.0 } };
        struct rule argmax = { 0, 0 }, joint = { 0, 0 }, first = { 0, 0 };
        struct rule below[ARRAY_LEN(limits)] = { { 0, 0 } };
        for (uint64_t draw = 0; draw < DRAWS; draw++) {
            plant(&s, draw);
            (way ? cross_validate : leave_one_out)(&s, p);
            size_t taken = doubt(&s, p, &argmax, &joint);
            for (int k = 0; k < SCORES; k++) {
                for (size_t i = 0; i < s.count; i++) {
                    list[i].score =
                        score_of(p + i * s.classes, s.classes, s.label[i], (enum score)k);
                    list[i].wrong = s.label[i] != s.truth[i];
                }
                struct found f = measure(list, s.count, errors);
                sum[k].tenth += f.tenth / DRAWS;
                sum[k].auroc += f.auroc / DRAWS;
                if (k == SELF_CONFIDENCE) {
                    doubt_first(list, taken, &first);
                    for (size_t b = 0; b < ARRAY_LEN(limits); b++) {
                        doubt_below(list, s.count, limits[b], &below[b]);
                    }
                }
            }
        }
        for (int k = 0; k < SCORES; k++) {
            char what[64];
            snprintf(what, sizeof what, "%s, %s", ways[way], score_names[k]);
            bench_row(what, "first tenth has %.1f %% of the errors, AUROC %.4f",
                      100.0 * sum[k].tenth, sum[k].auroc);
        }
        print_rule("  doubted: another class is likelier", &argmax, errors);
        print_rule("  doubted: off the confident joint's diagonal", &joint, errors);
        print_rule("  as many of the lowest self-confidence", &first, errors);
        for (size_t b = 0; b < ARRAY_LEN(limits); b++) {
            char what[64];
            snprintf(what, sizeof what, "  self-confidence below %.2f", (double)limits[b]);
            print_rule(what, &below[b], errors);
        }
    }
    free(p);
    free(list);
    release(&s);
}

/* ------------------------------------------------------------------------ time */

static void measure_time(void)
{
    enum { DIMS = 1792, CLASSES = 30, LABELS = 10000 };
    static float x[DIMS];
    struct random random = random_start(1, 0);
    struct head_parts parts = { 1, { { DIMS, 1.0f } } };
    struct head *h = head_new(&parts, NULL);
    struct suspect *list = NULL;
    size_t count = 0;
    if (!h || !head_resize_classes(h, CLASSES, NULL)) {
        exit(1);
    }
    double start = bench_seconds(CLOCK_THREAD_CPUTIME_ID);
    for (uint32_t i = 0; i < LABELS; i++) {
        size_t c = random_below(&random, CLASSES);
        for (size_t j = 0; j < DIMS; j++) {
            x[j] = random_unit(&random) + (j % CLASSES == c ? 0.3f : 0.0f);
        }
        head_background(h, x, NULL);
        head_set(h, i, x, c, NULL);
        if (i == HEAD_SETTLED) { /* as in a session, where embeddings come one by one */
            head_model_free(head_refresh(h, NULL));
        }
    }
    double learned = bench_seconds(CLOCK_THREAD_CPUTIME_ID);
    head_model_free(head_refresh(h, NULL));
    suspects_find(h, &list, &count, NULL);
    double found = bench_seconds(CLOCK_THREAD_CPUTIME_ID);
    bench_row("10,000 labels, 30 classes: made and learned", "%.2f s of processor time",
              learned - start);
    bench_row("  judged and put in order", "%.2f s", found - learned);
    bench_target(found - learned, 1, "s");
    free(list);
    head_free(h);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        measure_set(argv[i]);
    }
    if (argc < 2) {
        measure_set("../shared/data/clothing");
    }
    measure_time();
    return 0;
}
