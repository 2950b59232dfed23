#include "base/nearest.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t s = a < b ? a : b;
    return s < c ? s : c;
}

/* Optimal string alignment distance of two words of at most NEAREST_WORD_MAX bytes. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][NEAREST_WORD_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t k = 0; k <= b_len; k++) {
        above[k] = k;
    }
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (size_t k = 1; k <= b_len; k++) {
            size_t change = lower(a[i - 1]) != lower(b[k - 1]);
            row[k] = smallest(above[k] + 1, row[k - 1] + 1, above[k - 1] + change);
            if (i > 1 && k > 1 && lower(a[i - 1]) == lower(b[k - 2]) &&
                lower(a[i - 2]) == lower(b[k - 1]) && before[k - 2] + 1 < row[k]) {
                row[k] = before[k - 2] + 1;
            }
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b_len];
}

struct nearest nearest_to(const char *word, const char *in_front)
{
    return (struct nearest){ .word = word, .in_front = in_front, .distance = NEAREST_WORD_MAX };
}

void nearest_offer(struct nearest *n, const char *candidate)
{
    size_t len = strlen(n->word);
    size_t candidate_len = strlen(candidate);
    if (!len || !candidate_len || len > NEAREST_WORD_MAX || candidate_len > NEAREST_WORD_MAX) {
        return;
    }
    size_t longer = len > candidate_len ? len : candidate_len;
    size_t limit = longer < 4 ? 1 : (longer + 1) / 3;
    size_t d = distance(n->word, len, candidate, candidate_len);
    if (len >= 3 && strncasecmp(n->word, candidate, len) == 0) {
        d = d < limit ? d : limit;
    }
    if (d <= limit && d < longer && d < n->distance) {
        n->best = candidate;
        n->distance = d;
    }
}

const char *nearest_text(const struct nearest *n, char out[NEAREST_TEXT_MAX])
{
    out[0] = '\0';
    if (n->best) {
        snprintf(out, NEAREST_TEXT_MAX, "; did you mean '%s%s'?", n->in_front, n->best);
    }
    return out;
}
