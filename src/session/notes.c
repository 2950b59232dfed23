/* Notes: a line of text about a picture, beside any answer. */
#include "session_private.h"

#include <string.h>

#define ABOUT_NOTE "note" /* what an operation is about that changes only a note */

/* The annotation with another note: one's own answer as it is, with its time, or none. */
static struct annotation with_note(const struct session *s, const char *file_name,
                                   const struct region *region, const char *note)
{
    struct annotation own;
    struct annotation a = { .confidence = -1.0f,
                            .seconds = -1.0f,
                            .labeled_at_ms = session_now_ms(s) };
    const char *who = s->options.annotator ? s->options.annotator : "";
    if (labels_find_by(s->labels, file_name, region, who, &own)) {
        a = own;
    }
    a.file_name = file_name;
    a.region = *region;
    a.annotator = s->options.annotator;
    a.note = note;
    return a;
}

bool session_write_note(struct session *s, const char *note, struct error *err)
{
    uint32_t id = s->current;
    struct operation op = { .annotator = s->options.annotator, .about = ABOUT_NOTE };
    if (s->options.read_only) {
        return error_set(err, ERROR_USAGE, "read-only: nothing is changed");
    }
    if (id == CATALOG_NO_ID || !session_name(s, id, &s->name)) {
        return error_set(err, ERROR_USAGE, "there is no picture to write about");
    }
    struct region region = session_region(s, id);
    struct annotation a = with_note(s, s->name.data, &region, note);
    if (!labels_write(s->labels, &a, 1, &op, err)) {
        return false;
    }
    session_update_mark(s, id);
    return true;
}

bool session_is_note(const struct labels_step *step)
{
    return step->about && strcmp(step->about, ABOUT_NOTE) == 0;
}

bool session_changed_note(const struct session *s)
{
    return s->note_changed;
}
