#include "taps.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define NOTHING 1e-6 /* weights below this cannot change an 8-bit sample */

#define PI 3.14159265358979323846

/* sinc(x) * sinc(x / 3), using sin 3a = 3 sin a - 4 sin^3 a. */
static double lanczos3(double x)
{
    double a = x * (PI / 3.0);
    double s = sin(a);
    if (fabs(x) < 1e-6) {
        return 1.0;
    }
    return fabs(x) < 3.0 ? (3.0 - 4.0 * s * s) * s * s / (3.0 * a * a) : 0.0;
}

static double catmull_rom(double x)
{
    x = fabs(x);
    if (x < 1.0) {
        return (1.5 * x - 2.5) * x * x + 1.0;
    }
    return x < 2.0 ? ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0 : 0.0;
}

/* kernel NULL: the mean of the area covered; with radius 0 the pixel at the centre. */
struct filter {
    double (*kernel)(double);
    double radius;
};

static const struct filter filters[IMAGE_FILTER_COUNT] = {
    [IMAGE_FILTER_NEAREST] = { NULL, 0.0 },
    [IMAGE_FILTER_AREA] = { NULL, 0.5 },
    [IMAGE_FILTER_CUBIC] = { catmull_rom, 2.0 },
    [IMAGE_FILTER_LANCZOS] = { lanczos3, 3.0 },
};

static double weight_at(const struct filter *filter, double centre, double step, int i)
{
    if (filter->kernel) {
        double stretch = step > 1.0 ? step : 1.0;
        return filter->kernel((i + 0.5 - centre) / stretch);
    }
    if (filter->radius == 0.0) {
        return 1.0;
    }
    double low = fmax(centre - step / 2, i);
    double high = fmin(centre + step / 2, i + 1.0);
    return fmax(high - low, 0.0);
}

/* The inputs [*first, *end) around `centre` within reach of the filter. */
static void reach(const struct filter *filter, double centre, double step, int in, int *first,
                  int *end)
{
    double stretch = filter->kernel && step < 1.0 ? 1.0 : step;
    double low = floor(centre - filter->radius * stretch);
    double high = ceil(centre + filter->radius * stretch);
    *first = (int)fmin(fmax(low, 0.0), in - 1);
    *end = (int)fmax(fmin(high, in), *first + 1);
    if (filter->radius == 0.0) {
        *end = *first + 1;
    }
}

void taps_release(struct taps *taps)
{
    free(taps->first);
    free(taps->count);
    free(taps->weights);
}

/* Computes the weights of one output position, for inputs from *first on; returns their
 * number. Negligible weights at both ends are dropped. */
static int weigh(const struct filter *filter, double centre, double step, int in, int *first,
                 float *weights)
{
    double sum = 0.0;
    int end;
    reach(filter, centre, step, in, first, &end);
    int count = 0;
    for (int i = *first; i < end; i++) {
        double weight = weight_at(filter, centre, step, i);
        if (count == 0 && i < end - 1 && fabs(weight) < NOTHING) {
            (*first)++;
            continue;
        }
        weights[count++] = (float)weight;
        sum += weight;
    }
    while (count > 1 && fabsf(weights[count - 1]) < (float)NOTHING) {
        count--;
    }
    for (int k = 0; k < count; k++) {
        weights[k] = (float)((double)weights[k] / sum);
    }
    return count;
}

bool taps_init(struct taps *taps, enum image_filter which, int in, int out, struct error *err)
{
    const struct filter *filter = &filters[which];
    double step = (double)in / out;
    double stretch = step > 1.0 ? step : 1.0;
    taps->most = (int)fmin(ceil(2.0 * filter->radius * stretch) + 2.0, in);
    taps->first = mem_array((size_t)out, sizeof(*taps->first));
    taps->count = mem_array((size_t)out, sizeof(*taps->count));
    taps->weights = mem_array((size_t)out, (size_t)taps->most * sizeof(*taps->weights));
    if (!taps->first || !taps->count || !taps->weights) {
        return error_nomem(err, (size_t)out * (size_t)taps->most * sizeof(float),
                           "scaling weights");
    }
    for (int o = 0; o < out; o++) {
        taps->count[o] = weigh(filter, (o + 0.5) * step, step, in, &taps->first[o],
                               taps->weights + (size_t)o * (size_t)taps->most);
    }
    return true;
}
