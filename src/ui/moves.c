/* The actions that make another picture current, and the order of what comes next. */
#include "app.h"

static void move(struct ui *ui, enum session_move where)
{
    if (session_move(ui->session, where)) {
        picture_start(ui);
    } else {
        ui_message(ui, STYLE_DIM, "There are no more pictures in that direction.");
    }
}

void move_next(struct ui *ui)
{
    move(ui, MOVE_NEXT);
}

void move_previous(struct ui *ui)
{
    move(ui, MOVE_PREVIOUS);
}

void move_next_open(struct ui *ui)
{
    move(ui, MOVE_NEXT_OPEN);
}

void move_previous_open(struct ui *ui)
{
    move(ui, MOVE_PREVIOUS_OPEN);
}

void move_forward(struct ui *ui)
{
    move(ui, MOVE_FORWARD);
}

void move_back(struct ui *ui)
{
    move(ui, MOVE_BACK);
}

void move_first(struct ui *ui)
{
    move(ui, MOVE_FIRST);
}

void move_last(struct ui *ui)
{
    move(ui, MOVE_LAST);
}

void move_order(struct ui *ui)
{
    enum session_order order = session_order(ui->session);
    if (ui->options.mode == SESSION_REVIEW) {
        ui_message(ui, STYLE_DIM,
                   ui->options.suspects ? "The labels likeliest wrong come first, then the others."
                                        : "A review is always in the order of the file names.");
        return;
    }
    do {
        order = (order + 1) % SESSION_ORDERS;
    } while (!session_set_order(ui->session, order));
    ui_message(ui, STYLE_DIM, "What comes next: %s.",
               order == SESSION_ACTIVE ? "the picture that teaches the model most"
               : order == SESSION_FILE ? "the next one, as the files are listed"
               : order == SESSION_NAME ? "the next one by name, whatever its folder"
                                       : "any picture, at random");
}
