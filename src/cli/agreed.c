#include "agreed.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct vote {
    struct annotation a;
    size_t order; /* of writing */
};

static int compare(const void *a, const void *b)
{
    const struct vote *x = a, *y = b;
    int order = strcmp(x->a.file_name, y->a.file_name);
    order = order ? order : region_compare(&x->a.region, &y->a.region);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

static bool same_item(const struct vote *x, const struct vote *y)
{
    return strcmp(x->a.file_name, y->a.file_name) == 0 && region_equal(&x->a.region, &y->a.region);
}

static bool same_answer(const struct annotation *x, const struct annotation *y)
{
    size_t len = 0;
    if (x->status != y->status || strlen(x->label) != strlen(y->label)) {
        return false;
    }
    for (const char *c = NULL; (c = label_class(true, x->label, c, &len));) {
        if (!label_has_class(true, y->label, c, len)) {
            return false;
        }
    }
    return true;
}

/* The votes for one item, in the order of writing. */
static void settle(struct agreed *a, const struct vote *votes, size_t count, double share)
{
    size_t best = 0, most = 0;
    for (size_t i = 0; i < count; i++) {
        size_t n = 0;
        for (size_t k = 0; k < count; k++) {
            n += same_answer(&votes[i].a, &votes[k].a);
        }
        if (n >= most) {
            most = n;
            best = i;
        }
    }
    if ((double)most >= (share - 1e-6) * (double)count) {
        a->list[a->count++] = votes[best].a;
    } else {
        a->disagreed++;
    }
}

bool agreed_collect(struct agreed *a, const struct labels *l, double share, struct error *err)
{
    struct vote *votes = NULL, v = { .order = 0 };
    size_t count = 0, cap = 0;
    *a = (struct agreed){ NULL, 0, 0 };
    for (uint32_t cursor = 0; labels_next_row(l, &cursor, &v.a);) {
        if (v.a.status == STATUS_UNANSWERED) {
            continue;
        }
        if (!mem_reserve(&votes, &cap, count + 1, sizeof *votes)) {
            free(votes);
            return error_nomem(err, (count + 1) * sizeof *votes, "the annotations");
        }
        v.order = count;
        votes[count++] = v;
    }
    a->list = mem_array(count, sizeof *a->list);
    if (!a->list) {
        free(votes);
        return error_nomem(err, count * sizeof *a->list, "the annotations");
    }
    if (count) {
        qsort(votes, count, sizeof *votes, compare);
    }
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && same_item(&votes[i], &votes[end]);) {
            end++;
        }
        settle(a, votes + i, end - i, share);
    }
    free(votes);
    return true;
}

void agreed_release(struct agreed *a)
{
    free(a->list);
    *a = (struct agreed){ NULL, 0, 0 };
}
