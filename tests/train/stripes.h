/* Pictures to train on, of our own making: stripes this way and that. */
#ifndef TESTS_TRAIN_STRIPES_H
#define TESTS_TRAIN_STRIPES_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "picture.h"
#include "scratch.h"
#include "train/train.h"

#define SIDE 16
#define STRIPES_PICTURES 48
#define STRIPES_CLASSES 3

struct stripes {
    char *dir;
    char *paths[STRIPES_PICTURES];
    struct train_example examples[STRIPES_PICTURES]; /* the class is the index modulo 3 */
};

static inline void stripes_write(const char *path, size_t class_index, struct random *random)
{
    uint8_t pixels[SIDE * SIDE * 3];
    int phase = (int)random_below(random, 8);
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            int at = class_index == 0 ? x : class_index == 1 ? y : x + y;
            float noise = 20 * random_normal(random);
            for (int c = 0; c < 3; c++) {
                float v = ((at + phase) % 8 < 4 ? 190.0f : 60.0f) + noise;
                pixels[(y * SIDE + x) * 3 + c] = (uint8_t)fminf(fmaxf(v, 0), 255);
            }
        }
    }
    struct buf ppm = BUF_INIT;
    picture_ppm(&ppm, SIDE, SIDE, pixels);
    scratch_write(path, ppm.data, ppm.len);
    buf_release(&ppm);
}

static inline void stripes_unlabel(struct stripes *s, int unlabel)
{
    for (size_t i = 0; i < STRIPES_PICTURES; i++) {
        s->examples[i] =
            (struct train_example){ .path = s->paths[i],
                                    .class_index = unlabel ? TRAIN_NO_CLASS : i % STRIPES_CLASSES };
    }
}

static inline void stripes_make(struct stripes *s)
{
    struct random random = random_start(5, 0);
    s->dir = scratch_new();
    for (size_t i = 0; i < STRIPES_PICTURES; i++) {
        char name[32];
        snprintf(name, sizeof name, "%zu.ppm", i);
        s->paths[i] = scratch_path(s->dir, name);
        stripes_write(s->paths[i], i % STRIPES_CLASSES, &random);
    }
    stripes_unlabel(s, 0);
}

static inline void stripes_remove(struct stripes *s)
{
    for (size_t i = 0; i < STRIPES_PICTURES; i++) {
        free(s->paths[i]);
    }
    scratch_remove(s->dir);
}

static inline struct train_options stripes_options(void)
{
    return (struct train_options){ .architecture = "residual-s",
                                   .side = SIDE,
                                   .epochs = 5,
                                   .batch = 20,
                                   .rate = 0.05f,
                                   .decay = 5e-4f,
                                   .smoothing = 0.1f,
                                   .validation = 0.15f,
                                   .seed = 1,
                                   .jobs = 2 };
}

static inline struct train_task stripes_task(const struct stripes *s, const char *const *classes,
                                             const struct train_options *options)
{
    return (struct train_task){ .examples = s->examples,
                                .example_count = STRIPES_PICTURES,
                                .classes = classes,
                                .class_count = STRIPES_CLASSES,
                                .options = options };
}

#endif
