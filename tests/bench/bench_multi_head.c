/* How long the head for several classes a picture takes to learn from one more answer. */
#include "bench.h"

#include "base/random.h"
#include "learn/multi_head.h"

#define DIMS 1792 /* of the embeddings of the backbone */
#define CLASSES 30
#define EACH 2 /* classes of a picture */
#define MEASURED 20

struct maker {
    struct random random;
    float centers[CLASSES][DIMS];
};

/* A picture of EACH classes, different ones. */
static void picture(struct maker *m, float *out, uint16_t classes[EACH])
{
    classes[0] = (uint16_t)random_below(&m->random, CLASSES);
    classes[1] = (uint16_t)((classes[0] + 1 + random_below(&m->random, CLASSES - 1)) % CLASSES);
    for (size_t j = 0; j < DIMS; j++) {
        out[j] = 0.2f * (m->centers[classes[0]][j] + m->centers[classes[1]][j]) +
                 random_unit(&m->random);
    }
}

static double refresh(struct multi_head *h)
{
    double start = bench_now();
    struct head_model *model = multi_head_refresh(h, NULL);
    double took = (bench_now() - start) * 1e3;
    head_model_free(model);
    return took;
}

int main(void)
{
    static const size_t steps[] = { 200, 1000, 10000 };
    static struct maker m;
    static float x[DIMS];
    uint16_t classes[EACH];
    double times[MEASURED];
    struct head_parts parts = { 1, { { DIMS, 1.0f } } };
    struct multi_head *h = multi_head_new(&parts, CLASSES, NULL);
    if (!h) {
        return 1;
    }
    m.random = random_start(1, 0);
    for (size_t c = 0; c < CLASSES; c++) {
        for (size_t j = 0; j < DIMS; j++) {
            m.centers[c][j] = random_unit(&m.random);
        }
    }
    for (size_t i = 0; i < HEAD_SETTLED; i++) {
        picture(&m, x, classes);
        multi_head_background(h, x, NULL);
    }
    printf("The head for several classes: %d classes, embeddings of %d values, one thread\n",
           CLASSES, DIMS);
    size_t n = 0;
    for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
        for (; n < steps[s]; n++) {
            picture(&m, x, classes);
            multi_head_set(h, (uint32_t)n, x, classes, EACH, NULL);
            if (steps[s] - n <= MEASURED) {
                times[steps[s] - n - 1] = refresh(h);
            }
        }
        char what[64];
        snprintf(what, sizeof what, "refresh at %zu answers", n);
        bench_row(what, "%.2f ms (p90 %.2f)", bench_quantile(times, MEASURED, 0.5),
                  bench_quantile(times, MEASURED, 0.9));
    }
    multi_head_free(h);
    return 0;
}
