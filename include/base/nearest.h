/* "Did you mean …?": of the valid words, the one most similar to what was typed. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

#define NEAREST_WORD_MAX 64 /* bytes; longer words get no suggestion */

struct nearest {
    const char *word;     /* as typed; borrowed */
    const char *best;     /* nearest of the candidates, borrowed; NULL: none is near enough */
    const char *in_front; /* prefix in the suggestion: "--" for options, "" for none */
    size_t distance;      /* of `best` */
};

struct nearest nearest_to(const char *word, const char *in_front);

/* Offers a valid word. It is near enough if its optimal string alignment distance to the
 * typed word (insertions, deletions, substitutions and swaps of neighbours, over bytes,
 * ASCII case ignored) is at most about a third of the longer word (1 for words of up to
 * three bytes), or if it begins with the typed word of at least three bytes. Of equally
 * near words the first one wins. */
void nearest_offer(struct nearest *n, const char *candidate);

/* "; did you mean '--order'?", or "" when nothing is near. */
#define NEAREST_TEXT_MAX (NEAREST_WORD_MAX * 2 + 32)
const char *nearest_text(const struct nearest *n, char out[NEAREST_TEXT_MAX]);

#endif
