#include "advice.h"

#include <errno.h>

#include "base/mem.h"

static const char may_not[] = "you may not write there";
static const char no_room[] = "make room there";

static const struct {
    int errnum;
    const char *advice;
} rows[] = {
    { EACCES, may_not }, { EPERM, may_not },  { EROFS, "nothing can be written on this disk" },
    { ENOSPC, no_room }, { EDQUOT, no_room },
};

bool advise(const struct folder *f, const char *name, int errnum, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (errnum == rows[i].errnum)
            return error_errno(
                err, ERROR_IO, errnum, "%s%s: %s, or put the labels elsewhere with -o FILE",
                name == NULL ? f->path : f->prefix, name == NULL ? "" : name, rows[i].advice);
    }
    return false;
}
