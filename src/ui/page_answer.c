/* Writes the answers of a page. */
#include <stdio.h>

#include "app.h"

static void tell_taken(struct ui *ui, const struct page_answer *answers, size_t count,
                       size_t class_index)
{
    size_t same = 0, other = 0;
    char undo[KEYS_SYMBOL_SIZE], rest[64] = "";
    for (size_t i = 0; i < count; i++) {
        bool labeled = !answers[i].open && answers[i].status == STATUS_LABELED;
        bool is = labeled && answers[i].class_index == class_index;
        same += is;
        other += !answers[i].open && !is;
    }
    size_t open = count - same - other;
    if (open) {
        snprintf(rest, sizeof rest, "; %zu left open", open);
    }
    keys_symbol(ui, ACTION_UNDO, undo);
    if (class_index >= ui->options.classes->count || !same) {
        ui_message(ui, STYLE_GOOD, "%zu answered%s. %s undoes that.", other, rest, undo);
    } else if (other) {
        ui_message(ui, STYLE_GOOD, "%zu answered as '%s', %zu otherwise%s. %s undoes all.", same,
                   ui->options.classes->items[class_index].name, other, rest, undo);
    } else {
        ui_message(ui, STYLE_GOOD, "%zu answered as '%s'%s. %s undoes all.", same,
                   ui->options.classes->items[class_index].name, rest, undo);
    }
}

/* Writes the page; class_index: of those that were not picked; number of classes: they are left
 * open. */
void page_take(struct ui *ui, size_t class_index)
{
    const struct paging *p = paging_of(ui);
    struct page_answer answers[PAGE_MAX];
    struct error err;
    size_t count = p->now.page.count, given = 0;
    bool open = class_index >= ui->options.classes->count;
    for (size_t i = 0; i < count; i++) {
        answers[i] = p->picked[i] ? p->answers[i]
                                  : (struct page_answer){ .open = open || page_is_missing(ui, i),
                                                          .status = STATUS_LABELED,
                                                          .class_index = class_index };
        given += !answers[i].open;
    }
    if (!given) {
        session_dismiss_page(ui->session);
        ui_message(ui, STYLE_DIM, "%zu pictures are left open.", count);
    } else if (session_answer_page(ui->session, answers, &err)) {
        ui->written.action = ACTION_CLASS;
        tell_taken(ui, answers, count, class_index);
    } else {
        ui_not_saved(ui, &err);
    }
}

void page_answer_one(struct ui *ui, enum label_status status, size_t class_index)
{
    struct paging *p = paging_of(ui);
    if (p->at == PAGE_NOWHERE) {
        if (status == STATUS_LABELED && !page_has_class(ui, &p->now.page)) {
            page_take(ui, class_index);
        } else {
            ui_message(ui, STYLE_DIM, "Select a picture first, by its letter or an arrow key.");
        }
        return;
    }
    if (page_is_missing(ui, p->at)) {
        ui_message(ui, STYLE_WARN, "This picture cannot be shown; it is left open.");
        return;
    }
    p->answers[p->at] = (struct page_answer){ .status = status, .class_index = class_index };
    p->picked[p->at] = true;
    p->at = PAGE_NOWHERE;
    p->enlarged = false;
    page_show(ui);
}
