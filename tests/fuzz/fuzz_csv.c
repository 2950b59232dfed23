/* Any bytes as a labels.csv: read without harm, and what is accepted comes out
 * of its own tidy form as it was. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/labels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth) {
        abort();
    }
}

/* The parts of the answers that a file holds. */
static void require_same(const struct labels *a, const struct labels *b)
{
    struct annotation x, y;
    uint32_t at_a = 0, at_b = 0;

    while (labels_next(a, &at_a, &x)) {
        require(labels_next(b, &at_b, &y));
        require(strcmp(x.file_name, y.file_name) == 0 && strcmp(x.label, y.label) == 0);
        require(strcmp(x.guess, y.guess) == 0 && strcmp(x.annotator, y.annotator) == 0);
        require(x.status == y.status && x.labeled_at_ms == y.labeled_at_ms);
        require(labels_find(a, x.file_name, NULL, &y));
    }
    require(!labels_next(b, &at_b, &y));
    for (int s = 0; s < STATUS_COUNT; s++) {
        require(labels_count(a, (enum label_status)s) == labels_count(b, (enum label_status)s));
    }
}

/* Half of the inputs get the header in front, or few would come past it. */
static char *with_header(const uint8_t *data, size_t size, size_t *len)
{
    size_t header = size > 0 && data[0] % 2 == 0 ? strlen(LABELS_HEADER) : 0;
    char *text = malloc(header + size + 1);

    require(text != NULL);
    memcpy(text, LABELS_HEADER, header);
    if (size > 0) {
        memcpy(text + header, data, size);
    }
    if (header > 0) {
        memmove(text + header, text + header + 1, --size);
    }
    *len = header + size;
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct labels_report report;
    struct error err = { .kind = ERROR_NONE };
    size_t len;
    char *text = with_header(data, size, &len);
    struct labels *l = labels_parse("fuzz.csv", text, len, 0, &report, &err);

    if (!l) {
        require(err.kind == ERROR_DATA && err.message[0]);
    } else {
        struct buf tidy = BUF_INIT, again = BUF_INIT;
        require(report.torn_bytes >= 0 && (size_t)report.torn_bytes <= len);
        require(labels_format(l, &tidy, NULL));
        struct labels *copy = labels_parse("tidy.csv", tidy.data, tidy.len, 0, &report, NULL);
        require(copy && report.torn_bytes == 0 && !report.row_ended);
        require_same(l, copy);
        require(labels_format(copy, &again, NULL));
        require(tidy.len == again.len && memcmp(tidy.data, again.data, tidy.len) == 0);
        labels_close(copy, NULL);
        buf_release(&tidy);
        buf_release(&again);
    }
    labels_close(l, NULL);
    free(text);
    return 0;
}
