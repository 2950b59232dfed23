/* Choices, made by the bytes of a fuzzer. */
#ifndef TESTS_FUZZ_SOURCE_H
#define TESTS_FUZZ_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct source {
    const uint8_t *data;
    size_t len, at;
};

/* 0 behind the end. */
static inline unsigned next(struct source *s)
{
    return s->at < s->len ? s->data[s->at++] : 0;
}

/* from to most, both included; they differ by less than 65536. */
static inline int next_within(struct source *s, int from, int most)
{
    unsigned n = next(s) << 8;
    return from + (int)((n | next(s)) % (unsigned)(most - from + 1));
}

#endif
