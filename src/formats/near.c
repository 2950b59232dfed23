#include "near.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/pool.h"
#include "image/decode.h"
#include "image/scale.h"

enum {
    SIDE = 32, /* pixels */
    LOW = 8,   /* frequencies, in each direction */
    FEATURES = LOW * LOW - 1,
    THREADS_MAX = 8,
    BANDS = NEAR_BITS + 1, /* so that one of them is the same */
};

#define FLAT 2.0 /* levels: below that standard deviation a picture has a single colour */

struct look {
    bool known;
    uint64_t bits;             /* of each feature: above the median */
    int8_t features[FEATURES]; /* of length 127 together */
};

struct near {
    const struct export *e;
    struct look *looks;
    double cosines[LOW][SIDE];
    atomic_size_t unread;
};

static bool read_grey(const struct near *n, size_t picture, double grey[SIDE][SIDE])
{
    struct image image = IMAGE_INIT, small = IMAGE_INIT;
    char *path = export_path(n->e, &n->e->pictures[picture], NULL);
    bool ok = path && image_decode_file(path, NULL, SIDE, SIDE, &image, NULL, NULL) &&
              image_scale(&image, SIDE, SIDE, IMAGE_FILTER_AREA, &small, NULL);
    for (int y = 0; ok && y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            const uint8_t *p = image_at(&small, x, y);
            grey[y][x] = 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
        }
    }
    image_release(&image);
    image_release(&small);
    free(path);
    return ok;
}

/* The lowest frequencies of grey, in rows, without the first. */
static void transform(const struct near *n, double grey[SIDE][SIDE], double out[FEATURES])
{
    double rows[SIDE][LOW];
    for (int y = 0; y < SIDE; y++) {
        for (int u = 0; u < LOW; u++) {
            rows[y][u] = 0.0;
            for (int x = 0; x < SIDE; x++) {
                rows[y][u] += grey[y][x] * n->cosines[u][x];
            }
        }
    }
    for (int v = 0; v < LOW; v++) {
        for (int u = v ? 0 : 1; u < LOW; u++) {
            double sum = 0.0;
            for (int y = 0; y < SIDE; y++) {
                sum += rows[y][u] * n->cosines[v][y];
            }
            out[v * LOW + u - 1] = sum;
        }
    }
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void look_at(void *context, size_t picture, size_t worker)
{
    struct near *n = context;
    struct look *l = &n->looks[picture];
    double grey[SIDE][SIDE], f[FEATURES], sorted[FEATURES], sum = 0.0;
    (void)worker;
    if (!read_grey(n, picture, grey)) {
        atomic_fetch_add(&n->unread, 1);
        return;
    }
    transform(n, grey, f);
    memcpy(sorted, f, sizeof f);
    qsort(sorted, FEATURES, sizeof *sorted, compare_doubles);
    for (int i = 0; i < FEATURES; i++) {
        sum += f[i] * f[i];
        l->bits |= (uint64_t)(f[i] > sorted[FEATURES / 2]) << i;
    }
    l->known = sqrt(sum) >= FLAT * SIDE;
    for (int i = 0; l->known && i < FEATURES; i++) {
        l->features[i] = (int8_t)lround(127.0 * f[i] / sqrt(sum));
    }
}

/* An orthonormal transform: the features' length is SIDE times the standard deviation that they
 * explain. */
static void set_cosines(struct near *n)
{
    for (int u = 0; u < LOW; u++) {
        for (int x = 0; x < SIDE; x++) {
            n->cosines[u][x] = sqrt((u ? 2.0 : 1.0) / SIDE) *
                               cos(3.14159265358979323846 * u * (2 * x + 1) / (2.0 * SIDE));
        }
    }
}

/* ------------------------------------------------------------------- comparing */

static bool same(const struct look *a, const struct look *b)
{
    int dot = 0, aa = 0, bb = 0;
    if (__builtin_popcountll(a->bits ^ b->bits) > NEAR_BITS) {
        return false;
    }
    for (int i = 0; i < FEATURES; i++) {
        dot += a->features[i] * b->features[i];
        aa += a->features[i] * a->features[i];
        bb += b->features[i] * b->features[i];
    }
    return dot >= NEAR_CORRELATION * sqrt((double)aa * bb);
}

static uint32_t band_of(const struct look *l, int band)
{
    int from = band * FEATURES / BANDS, to = (band + 1) * FEATURES / BANDS;
    return (uint32_t)(l->bits >> from & (((uint64_t)1 << (to - from)) - 1));
}

/* The known pictures by the value of a band; at[v] to at[v + 1] - 1 have value v. */
static void sort_by_band(const struct near *n, int band, uint32_t *order, size_t *at, size_t values)
{
    memset(at, 0, (values + 1) * sizeof *at);
    for (size_t i = 0; i < n->e->picture_count; i++) {
        if (n->looks[i].known) {
            at[band_of(&n->looks[i], band) + 1]++;
        }
    }
    for (size_t v = 0; v < values; v++) {
        at[v + 1] += at[v];
    }
    for (size_t i = n->e->picture_count; i-- > 0;) {
        if (n->looks[i].known) {
            order[--at[band_of(&n->looks[i], band) + 1]] = (uint32_t)i;
        }
    }
    memmove(at, at + 1, values * sizeof *at);
    size_t known = 0;
    for (size_t i = 0; i < n->e->picture_count; i++) {
        known += n->looks[i].known;
    }
    at[values] = known;
}

static void join_same(const struct near *n, const uint32_t *order, size_t count, struct sets *sets)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = i + 1; k < count; k++) {
            if (same(&n->looks[order[i]], &n->looks[order[k]])) {
                sets_join(sets, order[i], order[k]);
            }
        }
    }
}

static bool compare_all(const struct near *n, struct sets *sets, struct error *err)
{
    size_t values = (size_t)1 << (FEATURES / BANDS + 1), count = n->e->picture_count;
    uint32_t *order = mem_array(count, sizeof *order);
    size_t *at = mem_array(values + 1, sizeof *at);
    bool ok = (order && at) || error_nomem(err, count * sizeof *order, "near-duplicates");
    for (int band = 0; ok && band < BANDS; band++) {
        sort_by_band(n, band, order, at, values);
        for (size_t v = 0; v < values; v++) {
            join_same(n, order + at[v], at[v + 1] - at[v], sets);
        }
    }
    free(order);
    free(at);
    return ok;
}

static bool count_groups(const struct near *n, struct sets *sets, struct error *err)
{
    size_t *sizes = mem_array(n->e->picture_count, sizeof *sizes);
    if (!sizes) {
        return error_nomem(err, n->e->picture_count * sizeof *sizes, "near-duplicates");
    }
    for (uint32_t i = 0; i < n->e->picture_count; i++) {
        sizes[sets_root(sets, i)]++;
    }
    for (size_t i = 0; i < n->e->picture_count; i++) {
        n->e->report->near_groups += sizes[i] > 1;
        n->e->report->near_pictures += sizes[i] > 1 ? sizes[i] : 0;
    }
    free(sizes);
    return true;
}

bool near_join(const struct export *e, struct sets *sets, struct error *err)
{
    struct near n = { .e = e, .looks = mem_array(e->picture_count, sizeof *n.looks) };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t workers = processors < 1             ? 1
                     : processors > THREADS_MAX ? THREADS_MAX
                                                : (size_t)processors;
    if (!n.looks) {
        return error_nomem(err, e->picture_count * sizeof *n.looks, "near-duplicates");
    }
    struct pool *pool = pool_new(workers, err);
    bool ok = pool != NULL;
    if (ok) {
        set_cosines(&n);
        pool_run(pool, e->picture_count, look_at, &n);
        pool_free(pool);
    }
    ok = ok && compare_all(&n, sets, err) && count_groups(&n, sets, err);
    e->report->unread = atomic_load(&n.unread);
    free(n.looks);
    return ok;
}
