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

enum { MODEL_PICTURES = 6, MODEL_STEPS = 60000, MODEL_PAGE = 3, MODEL_NO_PICTURE = -1 };

struct model_step {
    int picture, before, after; /* MODEL_NO_PICTURE: the operation changed none */
    int operation, about;       /* about: the number in what a renaming is about; 0: nothing */
};

struct model {
    int now[MODEL_PICTURES]; /* 0: no answer */
    struct model_step done[MODEL_STEPS], undone[MODEL_STEPS];
    int done_count, undone_count;
    int next_label, operations;
};

enum model_kind {
    MODEL_NOTHING,
    MODEL_ANSWER,  /* one picture */
    MODEL_ANSWERS, /* MODEL_PAGE pictures at once */
    MODEL_RENAME,  /* the labels of so many pictures, in the rows that have them */
    MODEL_UNDO,
    MODEL_REDO,
    MODEL_CLOSE
};

struct model_op {
    enum model_kind kind;
    int picture, label; /* the first ones */
};

static const char *const model_names[MODEL_PICTURES] = {
    "a.jpg", "sub/b c.jpg", "c,\"d\".jpg", "e\nf.jpg", "\xE9\xFF.jpg", "bytes:",
};

/* Only what is used: a model has room for much more. */
static inline void model_copy(struct model *to, const struct model *from)
{
    memcpy(to->now, from->now, sizeof to->now);
    memcpy(to->done, from->done, (size_t)from->done_count * sizeof *to->done);
    memcpy(to->undone, from->undone, (size_t)from->undone_count * sizeof *to->undone);
    to->done_count = from->done_count;
    to->undone_count = from->undone_count;
    to->next_label = from->next_label;
    to->operations = from->operations;
}

static inline bool model_is_operation(enum model_kind kind)
{
    return kind == MODEL_ANSWER || kind == MODEL_ANSWERS || kind == MODEL_RENAME;
}

static inline void model_push(struct model *m, const struct model_op *op, int picture, int after)
{
    int about = op->kind == MODEL_RENAME ? op->label : 0;
    int before = picture == MODEL_NO_PICTURE ? 0 : m->now[picture];

    m->done[m->done_count++] = (struct model_step){ picture, before, after, m->operations, about };
    if (picture != MODEL_NO_PICTURE) {
        m->now[picture] = after;
    }
}

static inline void model_begin(struct model *m, const struct model_op *op)
{
    int pictures = op->kind == MODEL_ANSWER ? 1 : MODEL_PAGE, pushed = 0;

    m->operations++;
    for (int i = 0; i < pictures; i++) {
        int picture = (op->picture + i) % MODEL_PICTURES;
        if (op->kind == MODEL_RENAME && m->now[picture] == 0) {
            continue;
        }
        model_push(m, op, picture, op->label + i);
        pushed++;
    }
    if (pushed == 0) {
        model_push(m, op, MODEL_NO_PICTURE, 0);
    }
    m->undone_count = 0;
    m->next_label = op->label + pictures;
}

/* Moves the operation on top from one stack to the other. */
static inline void model_move(struct model *m, bool undo)
{
    struct model_step *from = undo ? m->done : m->undone, *to = undo ? m->undone : m->done;
    int *from_count = undo ? &m->done_count : &m->undone_count;
    int *to_count = undo ? &m->undone_count : &m->done_count;
    int operation = *from_count > 0 ? from[*from_count - 1].operation : 0, first = *from_count;

    while (first > 0 && from[first - 1].operation == operation) {
        first--;
    }
    for (int i = first; i < *from_count; i++) {
        to[(*to_count)++] = from[i];
        if (from[i].picture != MODEL_NO_PICTURE) {
            m->now[from[i].picture] = undo ? from[i].before : from[i].after;
        }
    }
    *from_count = first;
}

static inline void model_apply(struct model *m, const struct model_op *op)
{
    if (model_is_operation(op->kind)) {
        model_begin(m, op);
    } else if (op->kind == MODEL_UNDO || op->kind == MODEL_REDO) {
        model_move(m, op->kind == MODEL_UNDO);
    }
}

static inline void model_label(char label[32], int number)
{
    snprintf(label, 32, "label %d", number);
}

static inline void model_about(char about[32], int number)
{
    snprintf(about, 32, "renaming %d", number);
}

struct model_renaming {
    const struct model_op *op;
    char label[32];
};

static inline bool model_rename(void *context, const struct annotation *a, struct amendment *to)
{
    struct model_renaming *r = context;

    for (int i = 0; i < MODEL_PAGE; i++) {
        if (strcmp(a->file_name, model_names[(r->op->picture + i) % MODEL_PICTURES]) == 0) {
            model_label(r->label, r->op->label + i);
            to->label = r->label;
            return true;
        }
    }
    return false;
}

static inline bool model_answer(struct labels *l, const struct model_op *op, struct error *err)
{
    char text[MODEL_PAGE][32];
    struct annotation list[MODEL_PAGE];
    int count = op->kind == MODEL_ANSWER ? 1 : MODEL_PAGE;

    for (int i = 0; i < count; i++) {
        model_label(text[i], op->label + i);
        list[i] = (struct annotation){
            .file_name = model_names[(op->picture + i) % MODEL_PICTURES],
            .label = text[i],
            .status = STATUS_LABELED,
            .guess = "guess",
            .confidence = 0.5f,
            .seconds = 0.25f,
            .annotator = "ann",
        };
    }
    return labels_write(l, list, (size_t)count, NULL, err);
}

/* Does the same to the labels. */
static inline bool model_do(struct labels *l, const struct model_op *op, struct error *err)
{
    char text[32];
    const struct operation about = { "ann", text };
    struct model_renaming renaming = { op, "" };
    struct labels_step step;
    size_t changed;

    model_about(text, op->label);
    if (op->kind == MODEL_UNDO) {
        return labels_undo(l, &step, err);
    }
    if (op->kind == MODEL_REDO) {
        return labels_redo(l, &step, err);
    }
    if (op->kind == MODEL_RENAME) {
        return labels_amend(l, model_rename, &renaming, &about, &changed, err);
    }
    return model_answer(l, op, err);
}

static inline bool model_matches(const struct model *m, const struct labels *l)
{
    size_t answered = 0;

    for (int p = 0; p < MODEL_PICTURES; p++) {
        char label[32];
        struct annotation a;
        bool found = labels_find(l, model_names[p], NULL, &a);
        model_label(label, m->now[p]);
        if (found != (m->now[p] != 0) || (found && strcmp(a.label, label) != 0)) {
            return false;
        }
        answered += found;
    }
    return labels_count(l, STATUS_LABELED) == answered;
}

/* Whether the step is the operation on top of the model's. */
static inline bool model_is_top(const struct model *m, const struct labels_step *step)
{
    size_t count = 0;
    bool there = false;
    int about = m->done[m->done_count - 1].about;
    char text[32];

    model_about(text, about);
    for (int i = m->done_count;
         i > 0 && m->done[i - 1].operation == m->done[m->done_count - 1].operation; i--) {
        int picture = m->done[i - 1].picture;
        count += picture != MODEL_NO_PICTURE;
        there = there || (picture == MODEL_NO_PICTURE
                              ? !step->moved.file_name
                              : step->moved.file_name &&
                                    strcmp(step->moved.file_name, model_names[picture]) == 0);
    }
    return step->done && step->count == count && there &&
           (about == 0 ? !step->about : step->about && strcmp(step->about, text) == 0);
}

static inline bool model_steps_back(struct model *m, struct labels *l)
{
    const struct model_op undo = { MODEL_UNDO, 0, 0 };
    struct labels_step step;

    if (!labels_undo(l, &step, NULL) || !model_is_top(m, &step)) {
        return false;
    }
    model_apply(m, &undo);
    return model_matches(m, l);
}

/* Takes back and gives again up to `steps`; both must go as the model says. */
static inline bool model_matches_stack(struct model *m, struct labels *l, int steps)
{
    const struct model_op redo = { MODEL_REDO, 0, 0 };
    int back = 0;
    struct labels_step step;

    for (; back < steps && m->done_count > 0; back++) {
        if (!model_steps_back(m, l)) {
            return false;
        }
    }
    if (back < steps && (!labels_undo(l, &step, NULL) || step.done)) {
        return false;
    }
    for (; back > 0; back--) {
        model_apply(m, &redo);
        if (!model_do(l, &redo, NULL) || !model_matches(m, l)) {
            return false;
        }
    }
    return true;
}

#endif
