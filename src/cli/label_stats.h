/* What a labels file says about how it came about: counts, times, and predictions against
 * answers. */
#ifndef CLI_LABEL_STATS_H
#define CLI_LABEL_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer_rate.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/map.h"
#include "drawn.h"
#include "store/labels.h"

/* Answers with a class, or "none", where a prediction was shown. */
struct judged {
    uint64_t count, right;
};

#define STATS_PEOPLE_MAX 1000 /* annotators of one file */

struct person {
    const char *name;
    uint64_t statuses[STATUS_COUNT];
    struct judged predictions;
};

/* A prediction and what was answered: "" for none; several classes are sorted. */
struct confused {
    const char *guess, *label;
    uint64_t items;
};

/* A class, or a predicted one. */
struct counted {
    const char *name;
    uint64_t items;
    struct judged predictions;
};

/* A picture of the random sample whose prediction can be judged. */
struct drawn_answer {
    int64_t at_ms;
    bool right;
};

struct label_stats {
    struct labels *labels;
    bool multi; /* items may have several classes */
    uint64_t items, statuses[STATUS_COUNT];
    uint64_t checked; /* of the answers that count */
    struct person *people;
    size_t person_count, person_cap;
    struct map by_name; /* of people */
    struct timed_answer *answers;
    size_t answer_count, answer_cap;
    float *seconds; /* room for those of one annotator or all */
    struct confused *confusion;
    size_t confused_count, confused_cap;
    struct map by_pair;
    struct buf pair; /* the key last looked up */
    char **keys;     /* of by_pair */
    size_t key_cap;
    struct counted *guesses;
    size_t guess_count;
    struct judged predictions;
    struct drawn drawn;
    bool drawn_found;
    struct drawn_answer *sample;
    size_t sample_count, sample_cap;
};

/* Opens and reads the file, and lists its folder, whose random share is told on stderr if it
 * cannot be known. '|' in label separates classes if `multi`, or if the class list beside the
 * file says so. Release in any case. */
bool label_stats_read(struct label_stats *s, const char *csv, bool multi, struct error *err);
void label_stats_release(struct label_stats *s);

/* Median and 90th percentile of the seconds of an annotator (UINT32_MAX: of all); NAN if none
 * are known. */
void label_stats_seconds(struct label_stats *s, uint32_t annotator, double *median, double *p90);

/* Order of struct counted: the most frequent first. Of struct confused: likewise. */
int label_stats_more_items(const void *a, const void *b);
int label_stats_more_confused(const void *a, const void *b);

#endif
