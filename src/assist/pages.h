/* Makes pages (assist/page.h) from what the learner knows. Used by the learner's thread. */
#ifndef ASSIST_PAGES_H
#define ASSIST_PAGES_H

#include "assist/page.h"
#include "learn/embedder.h"
#include "learner.h"

struct pages;

/* The embedder is borrowed. NULL when out of memory. */
struct pages *pages_new(const struct embedder *e);
void pages_free(struct pages *p); /* NULL is fine */

/* The best page of the kind that is wished for; count 0: there is none. Classes are the learner's,
 * SIZE_MAX for none. The learner is one for one class a picture. */
void pages_make(struct pages *p, const struct learner *l, const struct page_wish *wish,
                struct page_offer *offer);

#endif
