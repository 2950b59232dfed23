/* Private to ui: the page of thumbnails. What it is and what was said of it: page.c; its answers:
 * page_answer.c; its frames: page_frames.c; what is drawn of it: page_draw.c; its keys:
 * page_view.c; when it comes and goes: pages.c. */
#ifndef UI_PAGE_H
#define UI_PAGE_H

#include "page_plan.h"
#include "session/page.h"

struct ui;

#define PAGE_NOWHERE SIZE_MAX /* no thumbnail is selected */

/* An id in place of an item's, for a page's frame; no item has so high a number. */
#define PAGE_ID_FIRST 0x80000000u

/* A page with the id of its frame. The frames of a page are rendered while another is up, so
 * the id must stay its own. */
struct page_sheet {
    struct page page; /* count 0: there is none */
    struct sheet_grid grid;
    uint32_t id;
};

struct paging {
    bool on;       /* it is up, or under another view */
    bool laid_out; /* for this window; pages_follow() does that */
    struct page_sheet now, next;
    uint32_t last_id;
    struct page_room room;
    size_t most;   /* items of a page in this window; 0: it has no room for one */
    size_t wanted; /* items that the session was asked to put on a page; 0: none */
    keycode keys[PAGE_MAX];
    bool keys_apart; /* none of them is a class key */

    /* What the user has said of this page. */
    bool picked[PAGE_MAX];
    struct page_answer answers[PAGE_MAX]; /* of those picked */
    size_t at;                            /* the selected one, or PAGE_NOWHERE */
    bool enlarged;                        /* it alone is shown */

    size_t key_at;                         /* thumbnail of the key that is handled */
    size_t class_index;                    /* class of that key */
    bool declined;                         /* pages come only when asked for */
    bool offered;                          /* the user is told of the page in `now` */
    size_t renewed_answers, renewed_looks; /* learned from and looked at when the pages were made
                                              last, while none is shown */
};

/* page.c */
bool page_is_on(const struct ui *ui);
struct paging *paging_of(const struct ui *ui);
bool page_has_class(const struct ui *ui, const struct page *page); /* it proposes one */
bool page_is_missing(const struct ui *ui, size_t i);               /* it cannot be shown */
void page_show(struct ui *ui); /* the page or the enlarged picture, in the viewer */
/* The class that the page proposes or that was given to the selected picture; the number of
 * classes: none. */
size_t page_marked_class(const struct ui *ui, bool *given);

/* "24 at once, ~98 % dress" */
void page_words(const struct ui *ui, const struct page *page, char *out, size_t size);
#define PAGE_NAME_COLS 24 /* most columns of a class within a line */
const char *page_class_name(const struct ui *ui, size_t class_index,
                            char out[4 * PAGE_NAME_COLS + 1]);
/* "~98 % dress", with `of_what` behind it; "" while not known */
void page_right_words(const struct page *page, const char *of_what, char *out, size_t size);

/* page_answer.c: answers the selected picture, or all where the page asks for it. page_take():
 * writes the page; class_index: of those that were not picked out; number of classes: they are
 * left open. */
void page_answer_one(struct ui *ui, enum label_status status, size_t class_index);
void page_take(struct ui *ui, size_t class_index);

void page_request(struct ui *ui); /* page_frames.c: requests its frames */
void page_draw(struct ui *ui);    /* page_draw.c */

/* page_view.c */
void page_open(struct ui *ui);
void page_close(struct ui *ui);

/* pages.c */
void pages_follow(struct ui *ui); /* call before drawing: one comes, goes, is another one */
void pages_shown(struct ui *ui, uint32_t id); /* that viewer item is on the screen */

#endif
