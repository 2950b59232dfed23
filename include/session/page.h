/* Pages: many items answered at once. A page proposes one class for all of them, or asks for
 * one; the items that it does not fit are answered one by one, or left open.
 *
 * Pages need an assistant that makes them (assist/assist.h), and one class a picture. All
 * functions are called from the session's thread. */
#ifndef SESSION_PAGE_H
#define SESSION_PAGE_H

#include "assist/page.h"
#include "session/session.h"

struct page {
    enum page_kind kind;
    size_t class_index;     /* proposed for all; number of classes: none, a class key says it */
    size_t other_class;     /* PAGE_CONFUSED: what they look like */
    size_t count;           /* 1 to PAGE_MAX */
    uint32_t ids[PAGE_MAX]; /* surest first; PAGE_LABELED, PAGE_CONFUSED: least */
    size_t of;              /* items in all that could be on such a page: "24 of 131" */
    float right;            /* share of the page for which the proposal is right, as expected;
                               < 0: unknown */
    struct page_guess {
        size_t best;      /* the class predicted for the item; number of classes: none */
        float confidence; /* of that class, 0 to 1 */
        size_t second;    /* the likeliest class but the proposed one; the same */
    } guesses[PAGE_MAX];
};

/* Asks for pages of at most `size` items (up to PAGE_MAX), of one kind or (PAGE_KINDS) of
 * whatever saves most keys; 0: no more pages are needed. Made in the background; those that
 * were asked for otherwise are forgotten. */
void session_want_pages(struct session *s, enum page_kind kind, size_t size);

/* Whether a letter alone gives an exception its second class, and a class key follows only where
 * that is wrong: exceptions cost fewer keys then, and more pages are worth theirs. At first no. */
void session_take_second(struct session *s, bool second);

/* The pages fixed are forgotten and asked for anew: more has been learned and looked at since. */
void session_renew_pages(struct session *s);

enum page_state {
    PAGES_OFF,    /* not asked for, or nothing here makes them */
    PAGES_COMING, /* being made */
    PAGES_READY,  /* session_page() has one */
    PAGES_NONE,   /* there is no such page, or single pictures cost fewer keys; this may change
                     with each answer and each picture that is looked at */
};
enum page_state session_page_state(struct session *s);

/* The next page, and the one after it (ahead = 1), so that it can be rendered meanwhile; false
 * while there is none. A page stays the same until it is answered, dismissed, or an item of it
 * is answered otherwise: then the others stay, in their order. To be called whenever the
 * session was woken. */
bool session_page(struct session *s, size_t ahead, struct page *page);

/* Reports that the next page is on the screen now: the time spent on it starts. */
void session_page_shown(struct session *s);

/* What an item of the page gets. */
struct page_answer {
    bool open;                /* left open: nothing is written, and no page proposes it again */
    enum label_status status; /* STATUS_LABELED: class_index */
    size_t class_index;
};

/* Writes the answers of the next page, one for each of its items, as one operation: one sync,
 * one undo, which makes the first item written current and the page the next one again (in a
 * later session only the former). The page after it is next. If the current item was answered,
 * the next open one is current. All left open: as session_dismiss_page(). */
bool session_answer_page(struct session *s, const struct page_answer *answers, struct error *err);

/* Leaves the whole page open; its items are on no page again in this session. Such a page of
 * predictions counts as half wrong when the next ones are judged. */
void session_dismiss_page(struct session *s);

/* The number of items that the last undo or redo answered or opened. */
size_t session_moved(const struct session *s);

#endif
