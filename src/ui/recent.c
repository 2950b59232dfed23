/* The last answers, newest first: shows what a key has just done to which picture. */
#include <string.h>

#include "app.h"
#include "base/text.h"

/* An answer as text: its label or its status. */
static const char *answer_text(const struct annotation *a)
{
    return a->status == STATUS_LABELED ? a->label : label_status_name(a->status);
}

static enum style answer_style(const struct annotation *a)
{
    return a->status == STATUS_LABELED ? STYLE_CLASS : STYLE_DIM;
}

/* Finds the next older picture from answer *i on and advances *i, each picture once.
 * False: there are no more. */
static bool next_back(struct ui *ui, size_t *i, struct buf *name, struct annotation *a)
{
    for (uint32_t id; (id = session_last_answered(ui->session, *i)) != CATALOG_NO_ID;) {
        size_t newest = 0;
        while (session_last_answered(ui->session, newest) != id) {
            newest++;
        }
        if (newest == (*i)++ && session_answer_of(ui->session, id, a) &&
            session_title(ui->session, id, name)) {
            return true;
        }
    }
    return false;
}

/* The path, or only the file name if there is no room for the folders. */
static int put_name(struct ui *ui, int row, int col, int cols, const struct buf *name)
{
    const char *text = buf_text(name);
    const char *slash = strrchr(text, '/');
    if (slash && text_width(text, name->len) > cols) {
        text = slash + 1;
    }
    return screen_put_name(ui->screen, row, col, cols, STYLE_DIM, text, strlen(text));
}

static void put_answer(struct ui *ui, int row, int col, int cols, const struct annotation *a)
{
    size_t i = a->status == STATUS_LABELED ? classes_find(ui->options.classes, a->label)
                                           : ui->options.classes->count;
    char text[4 * (CLASS_NAME_MAX + 1)];
    const char *answer = answer_text(a);
    text_elide(text, sizeof text, answer, strlen(answer), cols);
    screen_put_colored(ui->screen, row, col, cols, answer_style(a), class_color(ui, i), text);
}

void recent_draw(struct ui *ui, struct cells at)
{
    struct buf name = BUF_INIT;
    struct annotation a;
    size_t next = 0;
    int name_cols = (at.cols - 3) * 3 / 5;
    for (int row = at.row + 1; row < at.row + at.rows && next_back(ui, &next, &name, &a); row++) {
        if (row == at.row + 1) {
            screen_put(ui->screen, at.row, at.col + 1, at.cols - 1, STYLE_HEADING, "Last answers");
        }
        put_name(ui, row, at.col + 1, name_cols, &name);
        put_answer(ui, row, at.col + 1 + name_cols + 1, at.cols - name_cols - 3, &a);
    }
    buf_release(&name);
}

int recent_draw_last(struct ui *ui, int row, int end, int cols)
{
    struct buf name = BUF_INIT;
    struct annotation a;
    size_t next = 0;
    if (cols < RECENT_COLS_MIN || !next_back(ui, &next, &name, &a)) {
        buf_release(&name);
        return end;
    }
    const char *answer = answer_text(&a);
    int answer_cols = text_width(answer, strlen(answer));
    int name_cols = text_width(name.data, name.len);
    int room = cols - 7; /* without "last: " and the gap before the answer */
    answer_cols = answer_cols > room / 2 ? room / 2 : answer_cols;
    name_cols = name_cols > room - answer_cols ? room - answer_cols : name_cols;
    int col = end - answer_cols - name_cols - 7;
    screen_put(ui->screen, row, col, 6, STYLE_DIM, "last: ");
    int used = put_name(ui, row, col + 6, name_cols, &name);
    put_answer(ui, row, col + 6 + used + 1, answer_cols, &a);
    buf_release(&name);
    return col;
}
