#include "found.h"

#include <stdio.h>
#include <string.h>

#include "image/format.h"
#include "say.h"

void found_tell_left_out(const struct catalog *c)
{
    struct buf text = BUF_INIT;
    if (catalog_left_out(c, &text)) {
        say(stderr, "thumbtag: %s\n", buf_text(&text));
    }
    buf_release(&text);
}

/* Appends "jpg, png, ...": the usual ending of each readable format. */
static void add_endings(struct buf *text)
{
    const struct image_format *format;
    bool first = true;
    for (size_t i = 0; (format = image_format_at(i)); i++) {
        if (!format->refusal) {
            buf_addf(text, "%s%.*s", first ? "" : ", ", (int)strcspn(format->endings, " "),
                     format->endings);
            first = false;
        }
    }
}

bool found_nothing(struct catalog *c, struct error *err)
{
    struct buf text = BUF_INIT;
    if (catalog_count(c)) {
        return false;
    }
    if (catalog_problems(c, err)) {
        return true;
    }
    if (catalog_left_out(c, &text)) {
        error_set(err, ERROR_DATA, "no pictures that can be read; %s", buf_text(&text));
    } else {
        add_endings(&text);
        error_set(err, ERROR_DATA, "no pictures (%s) found", buf_text(&text));
    }
    buf_release(&text);
    return true;
}
