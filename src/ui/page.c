/* The page of thumbnails that is shown, and what was said of it. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

bool page_is_on(const struct ui *ui)
{
    return ui->paging.on;
}

struct paging *paging_of(const struct ui *ui)
{
    return (struct paging *)(uintptr_t)&ui->paging;
}

bool page_has_class(const struct ui *ui, const struct page *page)
{
    return page->class_index < ui->options.classes->count;
}

bool page_is_missing(const struct ui *ui, size_t i)
{
    const struct viewer *v = &ui->viewer;
    return v->up.frame && v->up.item == paging_of(ui)->now.id && (v->up.frame->missing >> i & 1);
}

void page_show(struct ui *ui)
{
    const struct paging *p = paging_of(ui);
    uint32_t item = !p->now.page.count ? VIEWER_NO_ITEM
                    : p->enlarged      ? p->now.page.ids[p->at]
                                       : p->now.id;
    if (ui->viewer.item != item || !viewer_same_view(ui->viewer.view, FRAME_VIEW_ALL)) {
        viewer_show(&ui->viewer, item, FRAME_VIEW_ALL);
    }
}

size_t page_marked_class(const struct ui *ui, bool *given)
{
    const struct paging *p = paging_of(ui);
    *given = p->now.page.count && p->at != PAGE_NOWHERE && p->picked[p->at];
    return !p->now.page.count                           ? ui->options.classes->count
           : !*given                                    ? p->now.page.class_index
           : p->answers[p->at].status == STATUS_LABELED ? p->answers[p->at].class_index
                                                        : ui->options.classes->count;
}

const char *page_class_name(const struct ui *ui, size_t class_index,
                            char out[4 * PAGE_NAME_COLS + 1])
{
    const char *name = ui->options.classes->items[class_index].name;
    text_elide(out, 4 * PAGE_NAME_COLS + 1, name, strlen(name), PAGE_NAME_COLS);
    return out;
}

/* "~98 % right", at most 99; "" while not known. */
void page_right_words(const struct page *page, const char *of_what, char *out, size_t size)
{
    double percent = page->right < 0.99f ? (double)page->right * 100.0 : 99.0;
    out[0] = '\0';
    if (page->right >= 0.0f) {
        snprintf(out, size, "~%.0f %% %s", percent, of_what);
    }
}

void page_words(const struct ui *ui, const struct page *page, char *out, size_t size)
{
    char name[4 * PAGE_NAME_COLS + 1] = "", right[4 * PAGE_NAME_COLS + 32] = "";
    if (page_has_class(ui, page)) {
        page_class_name(ui, page->class_index, name);
    }
    if (name[0]) {
        page_right_words(page, name, right, sizeof right);
    }
    snprintf(out, size, "%zu at once%s%s", page->count,
             right[0]  ? ", "
             : name[0] ? ", all "
                       : ", which look alike",
             right[0] ? right : name);
}
