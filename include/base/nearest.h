/* "Did you mean …?": of the words that would have been right, the one that was
 * probably meant. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

#define NEAREST_WORD_MAX 64 /* bytes; nothing is near to a longer word */

struct nearest {
    const char *word;     /* as it was typed; the caller's */
    const char *best;     /* one of those offered, the caller's; NULL: none is near enough */
    const char *in_front; /* in suggestions: "--" for options, "" for none */
    size_t distance;      /* of the best */
};

struct nearest nearest_to(const char *word, const char *in_front);

/* A word that would have been right. Near enough: at most every third letter is
 * missing, added, another one or changed places with its neighbour (the optimal string
 * alignment distance, over bytes; small and capital ASCII letters are the same), or
 * the typed word, three letters or more, is its beginning. The first of equals stays. */
void nearest_offer(struct nearest *n, const char *candidate);

/* "; did you mean '--order'?", or "" when nothing is near. */
#define NEAREST_TEXT_MAX (NEAREST_WORD_MAX * 2 + 32)
const char *nearest_text(const struct nearest *n, char out[NEAREST_TEXT_MAX]);

#endif
