/* The filter of a review in a few words, for the title. */
#include <stdio.h>
#include <string.h>

#include "app.h"

static void add_word(char *out, const char *before, const char *word)
{
    size_t at = strlen(out);
    snprintf(out + at, FILTER_WORDS_MAX - at, "%s%s%s", at ? ", " : "only ", before, word);
}

/* Of classes those that are shown, or, where pictures may have several, wanted or not. */
static void add_classes(const struct ui *ui, const struct session_filter *f, char *out)
{
    size_t count = ui->options.classes->count;
    bool all = !f->classes || !memchr(f->classes, false, count);
    for (size_t i = 0; i < count; i++) {
        const char *name = ui->options.classes->items[i].name;
        if (multi_is_on(ui) && f->wanted && f->wanted[i] != WANT_EITHER) {
            add_word(out, f->wanted[i] == WANT_HAS_NOT ? "not " : "", name);
        } else if (!multi_is_on(ui) && !all && f->classes[i]) {
            add_word(out, "", name);
        }
    }
    if (!multi_is_on(ui) && !all && f->classes[count]) {
        add_word(out, "", "other labels");
    }
}

void filter_words(const struct ui *ui, char out[FILTER_WORDS_MAX])
{
    struct session_filter filter;
    const struct session_filter *f = &filter;
    bool all = true;
    out[0] = '\0';
    if (ui->options.mode != SESSION_REVIEW || !session_filter_of(ui->session, &filter)) {
        return;
    }
    if (f->statuses[STATUS_LABELED]) {
        add_classes(ui, f, out);
    }
    for (int i = STATUS_LABELED; i < STATUS_PREDICTED; i++) {
        all = all && f->statuses[i];
    }
    for (int i = out[0] ? STATUS_SKIPPED : STATUS_LABELED; i < STATUS_COUNT; i++) {
        if (f->statuses[i] && (!all || i == STATUS_PREDICTED)) {
            add_word(out, "", label_status_name((enum label_status)i));
        }
    }
    if (f->noted) {
        add_word(out, "", "with a note");
    }
}
