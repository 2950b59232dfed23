/* How long the head takes to learn from one more answer. */
#include "bench.h"

#include "base/random.h"
#include "learn/head.h"

#define DIMS 1792 /* of the embeddings of the backbone */
#define CLASSES 30
#define ANSWERS 10000
#define MEASURED 100 /* refreshes, the last ones of a step */

struct maker {
    struct random random;
    float centers[CLASSES][DIMS];
};

static void embedding(struct maker *m, size_t class_index, float *out)
{
    for (size_t j = 0; j < DIMS; j++) {
        out[j] = 0.2f * m->centers[class_index][j] + random_unit(&m->random);
    }
}

static double refresh(struct head *h)
{
    double start = bench_now();
    struct head_model *model = head_refresh(h, NULL);
    double took = (bench_now() - start) * 1e3;
    head_model_free(model);
    return took;
}

int main(void)
{
    static const size_t steps[] = { 200, 1000, 3000, ANSWERS };
    static struct maker m;
    static float x[DIMS];
    double times[MEASURED];
    struct head_parts parts = { 1, { { DIMS, 1.0f } } };
    struct head *h = head_new(&parts, NULL);
    if (!h || !head_resize_classes(h, CLASSES, NULL)) {
        return 1;
    }
    m.random = random_start(1, 0);
    for (size_t c = 0; c < CLASSES; c++) {
        for (size_t j = 0; j < DIMS; j++) {
            m.centers[c][j] = random_unit(&m.random);
        }
    }
    for (size_t i = 0; i < HEAD_SETTLED; i++) {
        embedding(&m, i % CLASSES, x);
        head_background(h, x, NULL);
    }
    printf("The head: %d classes, embeddings of %d values, one thread\n", CLASSES, DIMS);
    size_t n = 0;
    for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
        for (; n < steps[s]; n++) {
            size_t class_index = random_below(&m.random, CLASSES);
            embedding(&m, class_index, x);
            head_set(h, (uint32_t)n, x, class_index, NULL);
            if (steps[s] - n <= MEASURED) {
                times[steps[s] - n - 1] = refresh(h);
            }
        }
        char what[64];
        snprintf(what, sizeof what, "refresh at %zu answers", n);
        double median = bench_quantile(times, MEASURED, 0.5);
        bench_row(what, "%.2f ms (p99 %.2f)", median, bench_quantile(times, MEASURED, 0.99));
        if (n == ANSWERS) {
            bench_target(median, 10, "ms");
        }
    }
    head_free(h);
    return 0;
}
