/* Our own labels.csv: all that it says of the current annotation of each item. */
#include <string.h>

#include "format.h"

static bool thumbtag_looks_like(const struct source *s)
{
    static const char header[] = "file_name,label,status,guess,";
    return !s->folder && s->text.len >= sizeof header - 1 &&
           memcmp(s->text.data, header, sizeof header - 1) == 0;
}

static bool thumbtag_read(const struct source *s, struct dataset *d, struct error *err)
{
    if (s->folder) {
        return not_a_file(s, "a labels.csv", err);
    }
    struct labels *l = labels_parse(s->path, s->text.data, s->text.len,
                                    LABELS_READ_ONLY | LABELS_MULTI, NULL, err);
    struct annotation a;
    bool ok = l != NULL;
    for (uint32_t cursor = 0; ok && labels_next(l, &cursor, &a);) {
        ok = dataset_add_annotation(d, &a, err);
    }
    if (l) {
        labels_close(l, NULL);
    }
    return ok;
}

const struct format format_thumbtag = {
    .info = { "thumbtag", "labels.csv of thumbtag", NULL, true, false, 0 },
    .looks_like = thumbtag_looks_like,
    .read = thumbtag_read,
};
