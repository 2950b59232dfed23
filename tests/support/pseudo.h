/* Numbers that look random and are the same in each run. */
#ifndef PSEUDO_H
#define PSEUDO_H

#include <math.h>
#include <stdint.h>

/* splitmix64; any start of *state will do. */
static inline uint64_t pseudo_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* 0 <= value < 1 */
static inline float pseudo_uniform(uint64_t *state)
{
    return (float)(pseudo_bits(state) >> 40) / 16777216.0f;
}

/* Of mean 0 and variance 1. */
static inline float pseudo_normal(uint64_t *state)
{
    float sum = 0.0f;
    for (int i = 0; i < 12; i++) {
        sum += pseudo_uniform(state);
    }
    return sum - 6.0f;
}

#endif
