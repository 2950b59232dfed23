#include "base/random.h"

#include <math.h>

uint64_t random_bits(struct random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

struct random random_start(uint64_t seed, uint64_t place)
{
    struct random r = { seed };
    r.state = random_bits(&r) ^ (place * 0xd1342543de82ef95u);
    random_bits(&r);
    return r;
}

float random_unit(struct random *r)
{
    return (float)(random_bits(r) >> 40) * 0x1p-24f;
}

float random_between(struct random *r, float low, float high)
{
    return low + (high - low) * random_unit(r);
}

size_t random_below(struct random *r, size_t count)
{
    return (size_t)(((random_bits(r) >> 32) * (uint64_t)count) >> 32);
}

float random_normal(struct random *r)
{
    float radius = sqrtf(-2 * logf(1 - random_unit(r)));
    return radius * cosf(6.2831853f * random_unit(r));
}

void random_shuffle(size_t *items, size_t count, uint64_t seed, uint64_t place)
{
    struct random random = random_start(seed, place);
    for (size_t i = count; i > 1; i--) {
        size_t j = random_below(&random, i);
        size_t item = items[i - 1];
        items[i - 1] = items[j];
        items[j] = item;
    }
}
