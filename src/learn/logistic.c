#include "logistic.h"

#include <math.h>

#define STEPS 12
#define CAUTION 0.5 /* standard deviations of the slope's logarithm below its likeliest value */

float logistic_of(double logit)
{
    return (float)(1.0 / (1.0 + exp(-logit)));
}

/* log(1 + exp(-x)) without overflow */
static double softplus_of_minus(double x)
{
    return x > 0.0 ? log1p(exp(-x)) : log1p(exp(x)) - x;
}

/* Derivatives with respect to the slope's logarithm (s) and the offset (o). */
struct derivatives {
    double s, o, ss, so, oo;
};

static struct derivatives derive(const struct logistic_data *d, double log_slope, double offset)
{
    double off = (log_slope - d->slope_mean) / d->slope_sigma;
    double shift = offset / d->offset_sigma;
    double slope = exp(log_slope);
    struct derivatives r = { .s = off / d->slope_sigma,
                             .o = shift / d->offset_sigma,
                             .ss = 1.0 / (d->slope_sigma * d->slope_sigma),
                             .oo = 1.0 / (d->offset_sigma * d->offset_sigma) };
    for (size_t i = 0; i < d->count; i++) {
        double x = slope * (double)d->scores[i];
        double logit = x + (double)d->prior[i] + offset;
        double p = (double)logistic_of(logit);
        double wrong = p - (double)d->truth[i];
        double weight = p * (1.0 - p);
        r.s += wrong * x;
        r.o += wrong;
        r.ss += weight * x * x;
        r.so += weight * x;
        r.oo += weight;
    }
    return r;
}

static double loss_at(const struct logistic_data *d, double log_slope, double offset)
{
    double off = (log_slope - d->slope_mean) / d->slope_sigma;
    double shift = offset / d->offset_sigma;
    double slope = exp(log_slope);
    double loss = 0.5 * (off * off + shift * shift);
    for (size_t i = 0; i < d->count; i++) {
        double logit = slope * (double)d->scores[i] + (double)d->prior[i] + offset;
        loss += softplus_of_minus(d->truth[i] ? logit : -logit);
    }
    return loss;
}

static double clamp(double x)
{
    return fmax(-1.0, fmin(1.0, x));
}

struct logistic logistic_fit(const struct logistic_data *d)
{
    double log_slope = d->slope_mean;
    double offset = 0.0;
    for (int step = 0;; step++) {
        struct derivatives r = derive(d, log_slope, offset);
        double determinant = r.ss * r.oo - r.so * r.so;
        double s = clamp((r.oo * r.s - r.so * r.o) / determinant);
        double o = clamp((r.ss * r.o - r.so * r.s) / determinant);
        if ((fabs(s) < 0.01 && fabs(o) < 0.01) || step == STEPS) {
            double sigma = sqrt(r.oo / determinant);
            return (struct logistic){ exp(log_slope - CAUTION * sigma), offset,
                                      loss_at(d, log_slope, offset) };
        }
        log_slope -= s;
        offset -= o;
    }
}

double logistic_loss_without(const struct logistic_data *d)
{
    double loss = 0.0;
    for (size_t i = 0; i < d->count; i++) {
        double logit = (double)d->prior[i];
        loss += softplus_of_minus(d->truth[i] ? logit : -logit);
    }
    return loss;
}
