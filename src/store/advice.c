#include "advice.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"

static const struct {
    int errnum;
    const char *first; /* a remedy to try before -o */
} rows[] = {
    { EACCES, "" },
    { EPERM, "" },
    { EROFS, "" },
    { ENOSPC, "make room there, or " },
    { EDQUOT, "make room there, or " },
};

bool advise(const struct folder *f, const char *name, int errnum, struct error *err)
{
    char why[128];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (errnum == rows[i].errnum) {
            return error_set(err, ERROR_IO,
                             "%s%s: cannot write to this %s (%s); %sput the labels elsewhere with "
                             "-o FILE",
                             name ? f->prefix : f->path, name ? name : "", name ? "file" : "folder",
                             strerror_r(errnum, why, sizeof why), rows[i].first);
        }
    }
    return false;
}
