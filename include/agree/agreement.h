/* Agreement between annotators on nominal classes, and what their annotations say together.
 *
 * An annotation gives an item one value. A value stands for one class or, where an item may
 * have several, for a set of classes: two annotations agree if their values are equal.
 * Missing annotations are simply not in the list.
 *
 * Items with the same annotations are counted, not kept apart, so the cost of all figures
 * depends on the number of different patterns of annotations, which is small for few
 * annotators and classes, however many items there are.
 *
 * Intervals are 95 % percentile intervals of a bootstrap over the items with a fixed seed
 * (Efron and Tibshirani 1993): the same data give the same interval. An estimate or a limit
 * that is undefined (one class only, no shared item) is NAN. */
#ifndef AGREE_AGREEMENT_H
#define AGREE_AGREEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* One annotation, all numbers from 0. */
struct rating {
    uint32_t item, annotator, value;
};

struct vote {
    uint32_t annotator, value;
};

/* The annotations that one or more items have in common. */
struct pattern {
    size_t first;   /* index of the first of its votes, which are by annotator */
    size_t count;   /* of votes, at least 1 */
    uint64_t items; /* that have exactly these votes */
};

#define RATINGS_NO_PATTERN UINT32_MAX

struct ratings {
    size_t items, annotators, values, classes;
    struct vote *votes;
    struct pattern *patterns;
    size_t pattern_count, pattern_cap;
    uint32_t *pattern_of; /* each item's, or RATINGS_NO_PATTERN */
    /* The classes of value v: class_list[class_first[v]] to class_list[class_first[v + 1]],
     * without the latter. */
    size_t *class_first;
    uint32_t *class_list;
};

/* Groups the annotations. Items, annotators, values and classes are those of *shape, with its
 * class_first and class_list, which are copied; without them (NULL) each value is a class of
 * its own. An annotator may have several annotations of an item only where the trust is
 * learned; elsewhere the first one counts for pairs. False: out of memory. Release in any
 * case. */
bool ratings_make(struct ratings *r, const struct ratings *shape, const struct rating *list,
                  size_t count, struct error *err);
void ratings_release(struct ratings *r);

/* The same patterns, in the same order, with value 1 for "has the class" and 0 for "has not". */
bool ratings_of_class(struct ratings *r, const struct ratings *from, uint32_t class_index,
                      struct error *err);

struct estimate {
    double value, low, high;
};

struct class_agreement {
    uint64_t uses;         /* annotations with the class, on items with at least two */
    struct estimate same;  /* if one annotator says the class, another one does, too */
    struct estimate alpha; /* Krippendorff's, of this class against all others */
};

struct annotator_agreement {
    uint64_t items;       /* annotated */
    uint64_t shared;      /* of them, how many also by others */
    struct estimate same; /* share of the others' annotations of the same items that agree */
};

struct agreement {
    uint64_t items;     /* with at least one annotation */
    uint64_t shared;    /* with at least two */
    uint64_t unanimous; /* of those with at least two */
    /* All of these are of items with at least two annotations, in any numbers. */
    struct estimate raw;    /* mean share of the pairs of an item's annotations that agree */
    struct estimate fleiss; /* Fleiss' kappa (1971); with numbers of annotations that differ,
                               each item weighs the same */
    struct estimate alpha;  /* Krippendorff's alpha for nominal data (2011) */
    struct class_agreement *classes;        /* [classes] */
    struct annotator_agreement *annotators; /* [annotators] */
    size_t draws;                           /* of the bootstrap */
};

bool agreement_measure(struct agreement *a, const struct ratings *r, struct error *err);
void agreement_release(struct agreement *a);

/* Items that the first annotator gave one value and the second one another or the same. */
struct confusion_cell {
    uint32_t first, second;
    uint64_t items;
};

struct pair_agreement {
    uint64_t items, same;
    struct estimate raw;
    struct estimate kappa;        /* Cohen's (1960) */
    struct confusion_cell *cells; /* those that are not zero, by first, then second */
    size_t cell_count;
    size_t draws;
};

bool agreement_of_pair(struct pair_agreement *p, const struct ratings *r, uint32_t first,
                       uint32_t second, struct error *err);
void pair_agreement_release(struct pair_agreement *p);

#endif
