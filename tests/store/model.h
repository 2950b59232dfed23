/* What a labels.csv must say, kept beside it by the tests that break things:
 * a few pictures, their labels as numbers that are never used twice, and the
 * stacks of undo and redo. */
#ifndef TESTS_STORE_MODEL_H
#define TESTS_STORE_MODEL_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/labels.h"

enum { MODEL_PICTURES = 6, MODEL_STEPS = 20000 };

struct model_step {
    int picture, before, after;
};

struct model {
    int now[MODEL_PICTURES]; /* 0: no answer */
    struct model_step done[MODEL_STEPS], undone[MODEL_STEPS];
    int done_count, undone_count;
    int next_label;
};

enum model_kind { MODEL_NOTHING, MODEL_ANSWER, MODEL_UNDO, MODEL_REDO, MODEL_CLOSE };

struct model_op {
    enum model_kind kind;
    int picture, label; /* of an answer */
};

static const char *const model_names[MODEL_PICTURES] = {
    "a.jpg", "sub/b c.jpg", "c,\"d\".jpg", "e\nf.jpg", "\xE9\xFF.jpg", "bytes:",
};

static inline void model_apply(struct model *m, const struct model_op *op)
{
    if (op->kind == MODEL_ANSWER) {
        m->done[m->done_count++] =
            (struct model_step){ op->picture, m->now[op->picture], op->label };
        m->now[op->picture] = op->label;
        m->undone_count = 0;
        m->next_label = op->label + 1;
    } else if (op->kind == MODEL_UNDO && m->done_count > 0) {
        struct model_step s = m->done[--m->done_count];
        m->undone[m->undone_count++] = s;
        m->now[s.picture] = s.before;
    } else if (op->kind == MODEL_REDO && m->undone_count > 0) {
        struct model_step s = m->undone[--m->undone_count];
        m->done[m->done_count++] = s;
        m->now[s.picture] = s.after;
    }
}

/* Does the same to the labels. */
static inline bool model_do(struct labels *l, const struct model_op *op, struct error *err)
{
    char label[32];
    struct answer a;

    if (op->kind == MODEL_UNDO)
        return labels_undo(l, &a, err);
    if (op->kind == MODEL_REDO)
        return labels_redo(l, &a, err);
    snprintf(label, sizeof label, "label %d", op->label);
    a = (struct answer){
        .file_name = model_names[op->picture],
        .label = label,
        .status = STATUS_LABELED,
        .guess = "guess",
        .confidence = 0.5f,
        .seconds = 0.25f,
        .annotator = "ann",
    };
    return labels_answer(l, &a, err);
}

static inline bool model_matches(const struct model *m, const struct labels *l)
{
    size_t answered = 0;

    for (int p = 0; p < MODEL_PICTURES; p++) {
        char label[32];
        struct answer a;
        bool found = labels_find(l, model_names[p], &a);
        snprintf(label, sizeof label, "label %d", m->now[p]);
        if (found != (m->now[p] != 0) || (found && strcmp(a.label, label) != 0))
            return false;
        answered += found;
    }
    return labels_count(l, STATUS_LABELED) == answered;
}

/* Takes back and gives again up to `steps`; both must go as the model says. */
static inline bool model_matches_stack(struct model *m, struct labels *l, int steps)
{
    const struct model_op undo = { MODEL_UNDO, 0, 0 }, redo = { MODEL_REDO, 0, 0 };
    int back = 0;
    struct answer a;

    for (; back < steps && m->done_count > 0; back++) {
        const struct model_step *top = &m->done[m->done_count - 1];
        if (!labels_undo(l, &a, NULL) || a.file_name == NULL ||
            strcmp(a.file_name, model_names[top->picture]) != 0)
            return false;
        model_apply(m, &undo);
        if (!model_matches(m, l))
            return false;
    }
    if (back < steps && (!labels_undo(l, &a, NULL) || a.file_name != NULL))
        return false;
    for (; back > 0; back--) {
        model_apply(m, &redo);
        if (!model_do(l, &redo, NULL) || !model_matches(m, l))
            return false;
    }
    return true;
}

#endif
