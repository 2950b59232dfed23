/* Pages: items that are answered together. What is asked of who proposes (assist/assist.h), and
 * what is offered. */
#ifndef ASSIST_PAGE_H
#define ASSIST_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_MAX 48 /* most items of a page */

/* What a page puts together. */
enum page_kind {
    PAGE_SURE,     /* the surest open items of one predicted class */
    PAGE_ALIKE,    /* open items that look alike; a class key answers them */
    PAGE_SAME,     /* near-duplicates: answered as the first of them is */
    PAGE_LABELED,  /* items with one label, those that fit it least first */
    PAGE_CONFUSED, /* items with one label that look like another */
    PAGE_KINDS,
};

/* What people press: a key for the whole page; for each item that its proposal does not fit a
 * letter, which may already give it the class that comes second, and else a class; for a picture on
 * its own one key. */
#define PAGE_KEYS_ACCEPT 1
#define PAGE_KEYS_LETTER 1
#define PAGE_KEYS_CLASS 1
#define PAGE_KEYS_SINGLE 1

struct page_wish {
    enum page_kind kind;   /* PAGE_KINDS: whatever saves most keys, if anything does */
    size_t size;           /* most items, up to PAGE_MAX; 0: no page is wanted any more */
    const uint32_t *taken; /* items that must not be on it; copied */
    size_t taken_count;
    bool second;    /* a letter alone gives an item the class that comes second */
    float surprise; /* how many times as many exceptions there were so far as were expected; > 0 */
};

struct page_item {
    uint32_t id;
    size_t best;      /* the class predicted for it; number of classes: none */
    float confidence; /* of that class, 0 to 1 */
    size_t second;    /* the likeliest class of those that the page does not propose; the same */
};

struct page_offer {
    enum page_kind kind;
    size_t class_index; /* proposed for all; number of classes: none */
    size_t other_class; /* PAGE_CONFUSED: what they look like */
    size_t count;       /* 0: no page of the kind is worth its keys, or there is none */
    size_t of;          /* items that could be on such a page */
    float right;        /* expected share that the proposal fits; < 0: unknown */
    struct page_item items[PAGE_MAX]; /* surest first; PAGE_LABELED, PAGE_CONFUSED: least */
};

#endif
