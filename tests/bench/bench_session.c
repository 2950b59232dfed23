/* Whole sessions without a screen: the real engine, answers from pictures whose
 * class is known. Counts keys, how often Enter was enough, what would be wrong
 * if the guesses were taken for the rest, and how long guesses and order take to
 * follow an answer. Only the last answers of a stretch wait for that. An
 * argument names a folder with a sub-folder a class.
 *
 *     bench_session FOLDER any FROM TO
 *
 * labels in the active order, in the draws FROM to TO - 1, and compares the accuracy on
 * any picture that the screen would tell with what it is on the rest. */
#include "bench.h"

#include <pthread.h>
#include <unistd.h>

#include "assist/guesser.h"
#include "base/buf.h"
#include "base/cache.h"
#include "base/mem.h"
#include "base/proportion.h"
#include "session/session.h"

#define AHEAD 4
#define ASKED 256 /* guesses wanted at a time */
#define WINDOW 50 /* answers whose guesses are waited for, at the end of each stretch */

struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    bool heard;
};

static void ring(void *context)
{
    struct bell *b = context;
    pthread_mutex_lock(&b->lock);
    b->heard = true;
    pthread_cond_signal(&b->rung);
    pthread_mutex_unlock(&b->lock);
}

static void listen(struct bell *b)
{
    pthread_mutex_lock(&b->lock);
    while (!b->heard) {
        pthread_cond_wait(&b->rung, &b->lock);
    }
    b->heard = false;
    pthread_mutex_unlock(&b->lock);
}

struct run {
    struct bell bell;
    struct classes classes;
    struct catalog *catalog;
    struct labels *labels;
    struct scheduler *scheduler;
    struct guesser *guesser;
    struct cache *disk;
    struct session *session;
    size_t enters, keys, errors; /* Enter; class keys; answers that differ from the truth */
};

/* The folder that the picture lies in. */
static size_t truth(const struct run *r, uint32_t id)
{
    const char *folder = catalog_folder_path(r->catalog, catalog_folder(r->catalog, id));
    const char *slash = strrchr(folder, '/');
    return classes_find(&r->classes, slash ? slash + 1 : folder);
}

static void want(struct run *r, const uint32_t *ids, size_t count)
{
    struct guess_request requests[ASKED] = { { 0 } };
    struct buf paths[ASKED];
    for (size_t i = 0; i < count; i++) {
        buf_init(&paths[i]);
        session_path(r->session, ids[i], &paths[i]);
        requests[i] = (struct guess_request){ ids[i], paths[i].data, { 0 } };
    }
    session_want_guesses(r->session, requests, count);
    for (size_t i = 0; i < count; i++) {
        buf_release(&paths[i]);
    }
}

static void want_ahead(struct run *r)
{
    uint32_t ids[AHEAD];
    session_look_ahead(r->session, AHEAD);
    want(r, ids, session_ahead(r->session, ids, AHEAD, AHEAD));
}

static void settle(struct run *r)
{
    session_poll(r->session);
    while (!session_assist_settled(r->session)) {
        listen(&r->bell);
        session_poll(r->session);
    }
    session_take_guess(r->session);
}

/* Answers the current picture: Enter where the guess is right, else the class's
 * key. Seconds that the key took. */
static double answer(struct run *r)
{
    uint32_t id = session_current(r->session);
    size_t class_index = truth(r, id);
    struct guess g;
    bool right = session_guess(r->session, &g) && !g.failed && g.best == class_index;
    r->enters += right;
    r->keys += !right;
    double start = bench_now();
    bool ok = session_answer(r->session, STATUS_LABELED, class_index, NULL);
    double took = bench_now() - start;
    r->errors += !ok;
    return took;
}

/* Open pictures whose guess is not their class. */
static size_t errors_left(struct run *r)
{
    uint32_t ids[ASKED];
    size_t count = 0;
    size_t wrong = 0;
    float *confidences = mem_array(r->classes.count, sizeof *confidences);
    for (size_t at = 0; confidences && at < catalog_count(r->catalog); at++) {
        uint32_t id = catalog_id(r->catalog, at);
        struct annotation a;
        if (!session_answer_of(r->session, id, &a)) {
            ids[count++] = id;
        }
        if (count < ASKED && at + 1 < catalog_count(r->catalog)) {
            continue;
        }
        want(r, ids, count);
        settle(r);
        for (size_t i = 0; i < count; i++) {
            struct guess g;
            wrong += !assist_propose(guesser_assist(r->guesser), ids[i], &g, confidences) ||
                     g.best != truth(r, ids[i]);
        }
        count = 0;
    }
    free(confidences);
    return wrong;
}

/* On to so many answers; the last WINDOW of them wait for their guesses. */
static void stretch(struct run *r, size_t from, size_t to)
{
    double keys[WINDOW], refreshes[WINDOW];
    size_t measured = 0;
    size_t enters = r->enters;
    size_t window = to - from < WINDOW ? to - from : WINDOW;
    for (size_t n = from; n < to; n++) {
        want_ahead(r);
        if (to - n <= window) {
            enters = to - n == window ? r->enters : enters;
            settle(r);
            keys[measured] = answer(r) * 1e3;
            double start = bench_now();
            want_ahead(r);
            settle(r);
            refreshes[measured++] = (bench_now() - start) * 1e3;
        } else {
            session_poll(r->session);
            session_take_guess(r->session);
            answer(r);
        }
    }
    char what[64];
    snprintf(what, sizeof what, "%zu answers", to);
    size_t left = errors_left(r);
    bench_row(
        what,
        "Enter right %3.0f %% lately, %zu of %zu wrong if the rest is guessed; a key %.2f ms, "
        "guesses and order after it %.1f ms (p90 %.1f)",
        100.0 * (double)(r->enters - enters) / (double)window, left, catalog_count(r->catalog) - to,
        bench_quantile(keys, measured, 0.5), bench_quantile(refreshes, measured, 0.5),
        bench_quantile(refreshes, measured, 0.9));
}

static bool start(struct run *r, const char *folder, const char *csv, enum session_order order,
                  const char *cache)
{
    struct catalog_source source = { .paths = &folder, .count = 1, .list_fd = -1 };
    struct error err = { ERROR_NONE, "" };
    pthread_mutex_init(&r->bell.lock, NULL);
    pthread_cond_init(&r->bell.rung, NULL);
    classes_init(&r->classes);
    r->catalog = catalog_new(&source, ring, &r->bell, &err);
    while (r->catalog && !catalog_done(r->catalog)) {
        catalog_wait(r->catalog, 1000);
        catalog_poll(r->catalog);
    }
    for (size_t i = 0; r->catalog && i < catalog_count(r->catalog); i++) {
        const char *path =
            catalog_folder_path(r->catalog, catalog_folder(r->catalog, catalog_id(r->catalog, i)));
        const char *slash = strrchr(path, '/');
        const char *name = slash ? slash + 1 : path;
        if (classes_find(&r->classes, name) == r->classes.count) {
            classes_add(&r->classes, name, strlen(name), KEYCODE_NONE, CLASS_COLOR_NONE, folder,
                        &err);
        }
    }
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    r->scheduler = scheduler_new(cpus > 1 ? (size_t)cpus : 1, &err);
    r->disk = cache ? cache_new(cache, (int64_t)1 << 30, &err) : NULL;
    struct guesser_options options = { .classes = &r->classes,
                                       .disk = r->disk,
                                       .scheduler = r->scheduler };
    struct session_options session = { .order = order, .annotator = "bench", .csv_path = csv };
    r->labels = labels_open(csv, LABELS_READ_WRITE, NULL, &err);
    r->guesser = r->scheduler ? guesser_new(&options, ring, &r->bell, &err) : NULL;
    r->session = r->catalog && r->labels && r->guesser
                     ? session_new(&session, r->catalog, r->labels, &r->classes,
                                   guesser_assist(r->guesser), &err)
                     : NULL;
    if (!r->session) {
        bench_row("no session", "%s", err.message);
    }
    return r->session != NULL;
}

static void stop(struct run *r)
{
    session_free(r->session);
    guesser_free(r->guesser);
    scheduler_free(r->scheduler);
    cache_free(r->disk);
    catalog_free(r->catalog);
    labels_close(r->labels, NULL);
    classes_release(&r->classes);
}

static void remove_tree(const char *folder)
{
    struct buf command = BUF_INIT;
    buf_addf(&command, "rm -rf %s", folder);
    if (system(command.data) != 0) {
        perror(folder);
    }
    buf_release(&command);
}

static void simulate(const char *title, const char *folder, enum session_order order,
                     const size_t *steps, size_t step_count)
{
    char csv[] = "/tmp/thumbtag-bench-XXXXXX";
    struct run r = { .keys = 0 };
    struct buf path = BUF_INIT;
    if (!mkdtemp(csv)) {
        return;
    }
    buf_addf(&path, "%s/labels.csv", csv);
    printf(" %s\n", title);
    if (start(&r, folder, path.data, order, NULL)) {
        double from = bench_now();
        want_ahead(&r);
        settle(&r);
        bench_row("all looked at", "%zu pictures, %.1f s", catalog_count(r.catalog),
                  bench_now() - from);
        size_t last = 0;
        for (size_t i = 0; i < step_count && steps[i] <= catalog_count(r.catalog); i++) {
            stretch(&r, last, steps[i]);
            last = steps[i];
        }
        bench_row("in all", "%zu keys, %zu of them Enter; %zu answers failed", r.keys + r.enters,
                  r.enters, r.errors);
    }
    stop(&r);
    buf_release(&path);
    remove_tree(csv);
}

/* How often the interval that is told holds the accuracy on the rest. */
struct honesty {
    size_t runs, inside;
    double said, so, shown, width;
};

static void compare_with_rest(struct run *r, size_t answers, struct honesty *h)
{
    struct session_stats st;
    settle(r);
    session_stats(r->session, &st);
    size_t rest = catalog_count(r->catalog) - answers;
    double so = 1.0 - (double)errors_left(r) / (double)rest;
    struct interval i = proportion_interval(st.any_right, st.any_judged);
    bool inside = i.low <= so && so <= i.high;
    double said = st.any_judged ? (double)st.any_right / (double)st.any_judged : 0.0;
    double shown = st.guesses_judged ? (double)st.guesses_right / (double)st.guesses_judged : 0.0;
    h->runs++;
    h->inside += inside;
    h->said += said;
    h->so += so;
    h->shown += shown;
    h->width += i.high - i.low;
    bench_row("",
              "%4zu answers: any picture %.3f (%.3f to %.3f, of %3zu), the rest %.3f%s; last "
              "%zu shown %.3f",
              answers, said, i.low, i.high, st.any_judged, so, inside ? "" : " OUTSIDE",
              st.guesses_judged, shown);
}

/* A run under a name of its own for the folder, and so with other ranks. */
static void run_any(const char *folder, const char *work, size_t number, const size_t *steps,
                    size_t step_count, struct honesty *honesty)
{
    struct run r = { .keys = 0 };
    struct buf link = BUF_INIT, csv = BUF_INIT, cache = BUF_INIT;
    buf_addf(&link, "%s/run%zu", work, number);
    buf_addf(&csv, "%s/labels%zu.csv", work, number);
    buf_addf(&cache, "%s/cache", work);
    if (symlink(folder, link.data) == 0 &&
        start(&r, link.data, csv.data, SESSION_ACTIVE, cache.data)) {
        want_ahead(&r);
        settle(&r);
        for (size_t n = 0, s = 0; s < step_count; n++) {
            if (n == steps[s]) {
                compare_with_rest(&r, n, &honesty[s++]);
            }
            want_ahead(&r);
            if (n % 4 == 0) { /* as often as there is a new plan */
                settle(&r);
            }
            session_poll(r.session);
            session_take_guess(r.session);
            answer(&r);
        }
    }
    stop(&r);
    buf_release(&link);
    buf_release(&csv);
    buf_release(&cache);
}

static void measure_any(const char *folder, size_t from, size_t to)
{
    static const size_t steps[] = { 100, 200, 400 };
    struct honesty honesty[ARRAY_LEN(steps)] = { { 0 } };
    char work[] = "/tmp/thumbtag-bench-XXXXXX";
    char *real = realpath(folder, NULL);
    if (!real || !mkdtemp(work)) {
        perror(folder);
        free(real);
        return;
    }
    for (size_t i = from; i < to; i++) {
        run_any(real, work, i, steps, ARRAY_LEN(steps), honesty);
    }
    for (size_t s = 0; s < ARRAY_LEN(steps); s++) {
        const struct honesty *h = &honesty[s];
        double n = (double)h->runs;
        bench_row("in all",
                  "%zu answers: inside %zu of %zu; said %.3f, the rest %.3f, shown %.3f; "
                  "interval %.3f wide",
                  steps[s], h->inside, h->runs, h->said / n, h->so / n, h->shown / n, h->width / n);
    }
    remove_tree(work);
    free(real);
}

int main(int argc, char **argv)
{
    static const size_t steps[] = { 10, 50, 100, 200, 500, 1000, 2000, 5000, 10000 };
    size_t count = sizeof steps / sizeof steps[0];
    char clothing[4096];
    puts("Simulated sessions");
    if (argc > 4 && strcmp(argv[2], "any") == 0) {
        measure_any(argv[1], (size_t)atoi(argv[3]), (size_t)atoi(argv[4]));
        return 0;
    }
    if (argc > 1) {
        simulate(argv[1], argv[1], SESSION_ACTIVE, steps, count);
        return 0;
    }
    snprintf(clothing, sizeof clothing, "%s/data/clothing/train", bench_shared());
    if (access(clothing, R_OK) != 0) {
        bench_row("there are no photographs", "in %s; a folder a class may be named", clothing);
        return 0;
    }
    simulate("clothing, the order that teaches most", clothing, SESSION_ACTIVE, steps, 5);
    simulate("clothing, random order", clothing, SESSION_RANDOM, steps, 5);
    return 0;
}
