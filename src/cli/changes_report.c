#include "changes_report.h"

#include <string.h>

#include "base/clock.h"
#include "base/folder.h"
#include "store/csv.h"

bool changes_report_can_write(const char *path, struct error *err)
{
    struct folder folder;
    const char *name;
    bool ok = folder_open_of(&folder, path, &name, err);
    if (ok && folder_look(&folder, name, NULL) != FOLDER_NOTHING) {
        ok = error_set(err, ERROR_USAGE,
                       "%s: exists already, and a report replaces nothing: name a new file", path);
    }
    ok = ok && folder_can_replace(&folder, name, err);
    folder_close(&folder);
    return ok;
}

static void add_text(struct buf *out, const char *text)
{
    csv_add_field(out, text, strlen(text));
}

static void add_answer(struct buf *out, const struct annotation *a)
{
    buf_addc(out, ',');
    if (label_status_has_label(a->status)) {
        add_text(out, a->label);
    } else if (a->status != STATUS_UNANSWERED) {
        buf_addf(out, "(%s)", label_status_name(a->status));
    }
}

static void add_row(struct buf *out, const struct session_change *c, bool regions)
{
    const struct annotation *a = &c->now;
    const struct region *r = &a->region;
    char at[CLOCK_ISO_SIZE];
    labels_add_name(out, a->file_name, strlen(a->file_name));
    if (regions && region_is_whole(r)) {
        buf_adds(out, ",,,,");
    } else if (regions) {
        buf_addf(out, ",%d,%d,%d,%d", (int)r->x, (int)r->y, (int)r->width, (int)r->height);
    }
    add_answer(out, &c->before);
    add_answer(out, a);
    buf_addc(out, ',');
    add_text(out, a->annotator);
    clock_format_iso(a->labeled_at_ms, at);
    buf_addf(out, ",%s\n", a->labeled_at_ms ? at : "");
}

bool changes_report_write(struct session *s, const char *path, size_t *count, struct error *err)
{
    struct folder folder;
    struct buf out = BUF_INIT;
    struct session_change c;
    const char *name;
    bool regions = false;
    *count = 0;
    for (size_t cursor = 0; session_next_change(s, &cursor, &c);) {
        regions = regions || !region_is_whole(&c.now.region);
    }
    buf_addf(&out, "file_name%s,before,after,annotator,labeled_at\n",
             regions ? ",x,y,width,height" : "");
    for (size_t cursor = 0; session_next_change(s, &cursor, &c); (*count)++) {
        add_row(&out, &c, regions);
    }
    bool ok = (!out.failed || error_nomem(err, out.len, "the report")) &&
              changes_report_can_write(path, err) && folder_open_of(&folder, path, &name, err);
    if (ok) {
        ok = folder_replace(&folder, name, out.data, out.len, err);
        folder_close(&folder);
    }
    buf_release(&out);
    return ok;
}
