#include "answer_rate.h"

#include <math.h>
#include <stdlib.h>

static int by_annotator(const void *a, const void *b)
{
    const struct timed_answer *x = a;
    const struct timed_answer *y = b;
    return x->annotator != y->annotator ? (x->annotator > y->annotator ? 1 : -1)
                                        : (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static int by_time(const void *a, const void *b)
{
    const struct timed_answer *x = a;
    const struct timed_answer *y = b;
    return x->at_ms != y->at_ms ? (x->at_ms > y->at_ms ? 1 : -1)
                                : (x->annotator > y->annotator) - (x->annotator < y->annotator);
}

void rate_sort(struct timed_answer *answers, size_t count)
{
    if (!count) {
        return;
    }
    qsort(answers, count, sizeof *answers, by_annotator);
    for (size_t i = 0; i < count; i++) {
        int64_t gap = i && answers[i].annotator == answers[i - 1].annotator
                          ? answers[i].at_ms - answers[i - 1].at_ms
                          : INT64_MAX;
        answers[i].took_ms = gap <= RATE_PAUSE_MS ? (int32_t)gap : -1;
    }
    qsort(answers, count, sizeof *answers, by_time);
}

static void add(struct rate *r, const struct timed_answer *a)
{
    if (r->from_ms < 0) {
        r->from_ms = a->at_ms;
    }
    if (a->took_ms >= 0) {
        r->answers++;
        r->work_ms += a->took_ms;
    }
}

struct rate rate_of(const struct timed_answer *answers, size_t count, uint32_t annotator)
{
    struct rate r = { .from_ms = -1 };
    for (size_t i = 0; i < count; i++) {
        if (annotator == UINT32_MAX || answers[i].annotator == annotator) {
            add(&r, &answers[i]);
        }
    }
    return r;
}

size_t rate_spans(const struct timed_answer *answers, size_t count, size_t most, struct rate *spans)
{
    int64_t work_ms = rate_of(answers, count, UINT32_MAX).work_ms;
    int64_t done_ms = 0;
    size_t used = 0;
    if (work_ms <= 0) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (answers[i].took_ms < 0) {
            continue;
        }
        size_t span = (size_t)((double)done_ms / (double)work_ms * (double)most);
        if (used == 0 || span >= used) {
            spans[used++] = (struct rate){ .from_ms = -1 };
        }
        add(&spans[used - 1], &answers[i]);
        done_ms += answers[i].took_ms;
    }
    return used;
}

double rate_per_hour(const struct rate *r)
{
    return r->work_ms > 0 ? (double)r->answers * 3600000.0 / (double)r->work_ms : (double)NAN;
}

double quantile(const float *sorted, size_t count, double share)
{
    if (!count) {
        return (double)NAN;
    }
    double place = share * (double)(count - 1);
    size_t below = (size_t)place;
    size_t above = below + 1 < count ? below + 1 : below;
    double part = place - (double)below;
    return (double)sorted[below] * (1.0 - part) + (double)sorted[above] * part;
}
