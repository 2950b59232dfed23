/* Progressive refinement: a picture that was made small or coarse for a slow link is
 * improved while no key is pressed. The full view is drawn in pieces over the picture, so
 * that a key waits for at most one piece; or, if the protocol has no pieces, in frames of
 * more and more bytes. A picture is never replaced by a smaller one. */
#include "app.h"

/* Without a key for this long the user is looking at the picture. */
#define PATIENT_MS 700

static int still_ms(const struct ui *ui)
{
    int64_t ms = (screen_now_ns(ui->screen) - ui->still_ns) / 1000000;
    return ms < PATIENT_MS ? (int)ms : PATIENT_MS;
}

static bool has_pieces_left(const struct ui *ui)
{
    return ui->frame && ui->piece_at < ui->frame->piece_count;
}

/* True when the current picture is displayed, drawn by the terminal and not covered. */
static bool is_up(struct ui *ui)
{
    return ui->frame && !ui->frame->failed && picture_settled(ui) && !screen_busy(ui->screen) &&
           !ui->repaint && !ui->views[ui->view_count - 1]->covers_picture;
}

static bool can_be_better(const struct ui *ui)
{
    return ui->frame->limited && ui->frame_view.effort + 1 < EFFORT_QUALITY;
}

int refine_patience(struct ui *ui)
{
    if (!is_up(ui) || (!has_pieces_left(ui) && !can_be_better(ui))) {
        return -1;
    }
    int left = PATIENT_MS - still_ms(ui);
    return left > 0 ? left : has_pieces_left(ui) ? screen_piece_due(ui->screen) : 0;
}

static void want(struct ui *ui, int effort)
{
    ui->zoom.effort = effort;
    ui->effort_id = session_current(ui->session);
    picture_want(ui);
}

void refine_go_on(struct ui *ui)
{
    if (refine_patience(ui) == 0 && !has_pieces_left(ui)) {
        want(ui, ui->frame_view.effort + 1);
    }
}

void refine_quality(struct ui *ui)
{
    if (!ui->protocol || session_current(ui->session) == CATALOG_NO_ID) {
        return;
    }
    refine_restart(ui);
    want(ui, EFFORT_QUALITY);
    ui_message(ui, STYLE_DIM, "Sending the picture in full quality; any key interrupts.");
}

void refine_restart(struct ui *ui)
{
    ui->still_ns = 0;
}

void refine_settle(struct ui *ui)
{
    if (ui->effort_id != session_current(ui->session)) {
        ui->zoom.effort = EFFORT_NONE;
    }
}

bool refine_serves(struct ui *ui, const struct frame *frame)
{
    const struct frame *up = ui->frame;
    return !frame->failed &&
           (frame->piece_count || frame->grid_w > up->grid_w || frame->grid_h > up->grid_h ||
            (frame->grid_w == up->grid_w && frame->bytes.len > up->bytes.len));
}

void refine_draw(struct ui *ui)
{
    while (has_pieces_left(ui) && refine_patience(ui) == 0) {
        bool complete;
        if (!screen_piece(ui->screen, ui->frame, ui->piece_at, ui->layout.pane, &complete)) {
            return; /* the next event says why */
        }
        if (!complete) {
            return; /* handle the key first */
        }
        ui->piece_at++;
    }
}

void picture_arrived(struct ui *ui)
{
    if (ui->still_ns && !has_pieces_left(ui)) {
        ui->still_ns = screen_now_ns(ui->screen);
    }
}
