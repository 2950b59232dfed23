#include "label_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/labels.h"

struct part {
    const char *name;
    size_t len;
};

static int compare_parts(const void *a, const void *b)
{
    const struct part *x = a;
    const struct part *y = b;
    int order = memcmp(x->name, y->name, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void add_parts(struct buf *out, const struct part *parts, size_t count)
{
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (i && compare_parts(&parts[i - 1], &parts[i]) == 0) {
            continue;
        }
        if (!first) {
            buf_addc(out, LABEL_SEPARATOR);
        }
        buf_add(out, parts[i].name, parts[i].len);
        first = false;
    }
}

bool label_add_sorted(struct buf *out, const char *label)
{
    struct part *parts = NULL;
    size_t count = 0, cap = 0, len = 0;
    bool ok = true;
    for (const char *c = NULL; ok && (c = label_class(true, label, c, &len));) {
        ok = mem_reserve(&parts, &cap, count + 1, sizeof *parts);
        if (ok && len) {
            parts[count++] = (struct part){ c, len };
        }
    }
    if (count) {
        qsort(parts, count, sizeof *parts, compare_parts);
    }
    add_parts(out, parts, count);
    free(parts);
    return ok && !out->failed;
}
