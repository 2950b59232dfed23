/* A question, or the keys of a list, on the bottom line. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

#define NAME_COLS 24 /* of a class within a question */
#define NAME_COLS_LEAST 8

void question_text(const struct ui *ui, char *text, size_t size, const char *before,
                   const char *class, const char *after)
{
    char name[NAME_COLS * 4 + 8];
    int room = ui->layout.hints.cols - 2 - text_width(before, strlen(before)) -
               text_width(after, strlen(after));
    room = room > NAME_COLS ? NAME_COLS : room < NAME_COLS_LEAST ? NAME_COLS_LEAST : room;
    text_elide(name, sizeof name, class, strlen(class), room);
    snprintf(text, size, "%s%s%s", before, name, after);
}

void question_draw(struct ui *ui, const char *text)
{
    struct cells h = ui->layout.hints;
    screen_fill(ui->screen, h, STYLE_PROMPT);
    screen_put(ui->screen, h.row, 1, h.cols - 2, STYLE_PROMPT, text);
    screen_cursor(ui->screen, -1, 0);
}
