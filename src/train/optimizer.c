#include "optimizer.h"

#include <math.h>

#include "base/clones.h"

#define MOMENTUM 0.9f
#define BETA1 0.9f
#define BETA2 0.999f
#define EPSILON 1e-8f

size_t optimizer_state_values(enum train_optimizer kind)
{
    return kind == TRAIN_ADAM ? 2 : 1;
}

CLONES static void sgd(const struct optimizer_step *s, size_t count, const float *restrict grad,
                       float *restrict parameters, float *restrict velocity)
{
    for (size_t i = 0; i < count; i++) {
        float g = grad[i] + s->decay * parameters[i];
        velocity[i] = MOMENTUM * velocity[i] + g;
        parameters[i] -= s->rate * (g + MOMENTUM * velocity[i]);
    }
}

CLONES static void adam(const struct optimizer_step *s, size_t count, const float *restrict grad,
                        float *restrict parameters, float *restrict mean, float *restrict square)
{
    float step = (float)s->step;
    float correct1 = 1 / (1 - powf(BETA1, step));
    float correct2 = 1 / (1 - powf(BETA2, step));
    for (size_t i = 0; i < count; i++) {
        mean[i] = BETA1 * mean[i] + (1 - BETA1) * grad[i];
        square[i] = BETA2 * square[i] + (1 - BETA2) * grad[i] * grad[i];
        float direction = mean[i] * correct1 / (sqrtf(square[i] * correct2) + EPSILON);
        parameters[i] -= s->rate * (direction + s->decay * parameters[i]);
    }
}

void optimizer_update(const struct optimizer_step *step, size_t count, const float *grad,
                      float *parameters, float *state0, float *state1)
{
    if (step->kind == TRAIN_ADAM) {
        adam(step, count, grad, parameters, state0, state1);
    } else {
        sgd(step, count, grad, parameters, state0);
    }
}

float schedule_rate(float peak, uint64_t step, uint64_t steps, uint64_t warm_up)
{
    if (step < warm_up) {
        return peak * (float)(step + 1) / (float)warm_up;
    }
    if (step >= steps) {
        return 0;
    }
    double done = (double)(step - warm_up) / (double)(steps - warm_up);
    return peak * (float)(0.5 * (1 + cos(3.14159265358979 * done)));
}
