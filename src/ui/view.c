#include "view.h"

#include <stdlib.h>

#include "app.h"

bool views_init(struct views *v, const struct view *const *views, struct error *err)
{
    for (size_t i = 0; i < VIEWS_COUNT; i++) {
        v->all[i].view = views[i];
        v->all[i].state = calloc(1, views[i]->state_size ? views[i]->state_size : 1);
        if (!v->all[i].state) {
            return error_nomem(err, views[i]->state_size, "the screen");
        }
    }
    return true;
}

void views_release(struct views *v)
{
    for (size_t i = 0; i < VIEWS_COUNT; i++) {
        free(v->all[i].state);
        v->all[i].state = NULL;
    }
}

void *view_state(const struct ui *ui, const struct view *view)
{
    size_t i = 0;
    while (i < VIEWS_COUNT - 1 && ui->views.all[i].view != view) {
        i++;
    }
    return ui->views.all[i].state;
}

const struct view *ui_top(const struct ui *ui)
{
    return ui->views.stack[ui->views.count - 1];
}

void ui_push(struct ui *ui, const struct view *view)
{
    if (ui->views.count < VIEWS_MAX) {
        ui->views.stack[ui->views.count++] = view;
        viewer_cover(&ui->viewer, view->covers_picture);
    }
}

void ui_pop(struct ui *ui)
{
    if (ui->views.count > 1) {
        ui->views.count--;
        viewer_cover(&ui->viewer, ui_top(ui)->covers_picture);
    }
}
