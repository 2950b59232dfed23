/* Undo and redo where only the last annotation of the operation matters. */
#ifndef TESTS_STORE_STEPS_H
#define TESTS_STORE_STEPS_H

#include "store/labels.h"

/* *moved is the annotation that was taken back; its file_name is NULL if there was none. */
static inline bool undo_one(struct labels *l, struct annotation *moved, struct error *err)
{
    struct labels_step step;
    bool ok = labels_undo(l, &step, err);

    *moved = step.moved;
    return ok;
}

static inline bool redo_one(struct labels *l, struct annotation *moved, struct error *err)
{
    struct labels_step step;
    bool ok = labels_redo(l, &step, err);

    *moved = step.moved;
    return ok;
}

#endif
