/* Which frames of pages are rendered. */
#include "app.h"

#define WANT_MAX 4 /* pictures and sheets */

struct wanted {
    struct viewer_item items[WANT_MAX];
    struct sheet sheets[2];
    struct sheet_item thumbs[2][PAGE_MAX];
    struct buf paths[2 * PAGE_MAX + WANT_MAX];
    size_t count, sheet_count, path_count;
};

/* The item's path, until release(). */
static const char *path_of(const struct ui *ui, struct wanted *w, uint32_t id)
{
    struct buf *path = &w->paths[w->path_count++];
    buf_init(path);
    session_path(ui->session, id, path);
    return buf_text(path);
}

static void add_picture(const struct ui *ui, struct wanted *w, uint32_t id)
{
    if (id != CATALOG_NO_ID) {
        w->items[w->count++] =
            (struct viewer_item){ id, path_of(ui, w, id), session_region(ui->session, id), NULL };
    }
}

/* What lies between the thumbnails where the protocol cannot leave it alone. */
static int32_t background(const struct ui *ui)
{
    int32_t rgb = ui->options.light_theme && ui->theme == ui->options.light_theme ? 0xffffff : 0;
    probe_background(screen_caps(ui->screen), &rgb);
    return rgb;
}

static void add_sheet(const struct ui *ui, struct wanted *w, const struct page_sheet *sheet)
{
    const struct page *page = &sheet->page;
    struct sheet_item *thumbs = w->thumbs[w->sheet_count];
    if (!page->count) {
        return;
    }
    for (size_t i = 0; i < page->count; i++) {
        uint32_t id = page->ids[i];
        thumbs[i] = (struct sheet_item){ path_of(ui, w, id), session_region(ui->session, id) };
    }
    w->sheets[w->sheet_count] = (struct sheet){
        .grid = sheet->grid, .background = background(ui), .count = page->count, .items = thumbs
    };
    w->items[w->count++] =
        (struct viewer_item){ sheet->id, thumbs[0].path, { 0 }, &w->sheets[w->sheet_count++] };
}

static void release(struct wanted *w)
{
    for (size_t i = 0; i < w->path_count; i++) {
        buf_release(&w->paths[i]);
    }
}

/* The page first, or what is enlarged of it; then the one after it, and what may be asked for
 * next. */
void page_request(struct ui *ui)
{
    const struct paging *p = paging_of(ui);
    struct wanted w = { .count = 0 };
    struct frame_request frames[WANT_MAX + 1];
    bool selected = p->now.page.count && p->at != PAGE_NOWHERE;
    if (p->enlarged) {
        add_picture(ui, &w, p->now.page.ids[p->at]);
    }
    add_sheet(ui, &w, &p->now);
    if (selected && !p->enlarged) {
        add_picture(ui, &w, p->now.page.ids[p->at]);
    }
    add_sheet(ui, &w, &p->next);
    add_picture(ui, &w, session_current(ui->session));
    frames_want(ui->frames, frames, viewer_requests(&ui->viewer, w.items, w.count, frames));
    release(&w);
}
