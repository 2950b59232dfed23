/* How fast answers were given, from their times. */
#ifndef CLI_ANSWER_RATE_H
#define CLI_ANSWER_RATE_H

#include <stddef.h>
#include <stdint.h>

#define RATE_PAUSE_MS 300000 /* a longer time between two answers is a break, not work */

struct timed_answer {
    int64_t at_ms;
    float seconds; /* spent on the item; < 0: not known */
    uint32_t annotator;
    int32_t took_ms; /* since the same annotator's answer before; < 0: first after a break.
                        Set by rate_sort() */
};

struct rate {
    int64_t from_ms; /* the first answer */
    size_t answers;  /* that took a known time */
    int64_t work_ms;
};

/* Sets took_ms, and sorts the answers by time. */
void rate_sort(struct timed_answer *answers, size_t count);

/* Of all answers, or of one annotator (UINT32_MAX: all). */
struct rate rate_of(const struct timed_answer *answers, size_t count, uint32_t annotator);

/* Splits sorted answers into at most `most` spans of equal working time, with at least one
 * answer each; returns their number. */
size_t rate_spans(const struct timed_answer *answers, size_t count, size_t most,
                  struct rate *spans);

double rate_per_hour(const struct rate *r); /* NAN if no time passed */

/* The value below which that share of the sorted values lies, between two of them by linear
 * interpolation; NAN if there are none. */
double quantile(const float *sorted, size_t count, double share);

#endif
