#include "labels_existing.h"

#include <errno.h>
#include <unistd.h>

#include "say.h"

struct labels *labels_open_existing(const char *csv, enum labels_mode mode, struct error *err)
{
    struct labels_report report;
    if (access(csv, F_OK) != 0) {
        error_errno(err, ERROR_IO, errno, "%s", csv);
        return NULL;
    }
    struct labels *labels = labels_open(csv, mode | LABELS_READ_ONLY, &report, err);
    if (labels && report.torn_bytes) {
        say(stderr, "thumbtag: %s: its last %lld bytes are an incomplete row, which is left out\n",
            csv, (long long)report.torn_bytes);
    }
    return labels;
}
