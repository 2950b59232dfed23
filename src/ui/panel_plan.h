/* The layout of the panel beside the picture: pure arithmetic. It does not depend on the
 * predictions, so that each class keeps its place. Rows and columns count from the
 * panel's upper left corner. */
#ifndef UI_PANEL_PLAN_H
#define UI_PANEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#define PANEL_LIKELY_MAX 5

/* The content that the panel is laid out for. */
struct panel_wants {
    size_t classes;
    int name_cols; /* of the longest name */
    int key_cols;  /* of the widest key */
    bool guesses;  /* show the model's confidence */
    bool compare; /* label and prediction of a suspect stand above the panel, where there is room */
};

/* The columns of a class's line: mark, key, name, count, bar and percent. bar_cols and
 * percent_cols are 0 without room or without a model. */
struct panel_columns {
    int mark, key, key_cols, name, name_cols, count, count_cols;
    int bar, bar_cols, percent, percent_cols;
};

struct panel_plan {
    /* The classes, in lists side by side, filled downwards. */
    int row, rows; /* first row, and rows of each list */
    int lists;
    int list_cols; /* of each list */
    struct panel_columns in_list;

    /* If not all classes fit: rows at the top for the likeliest, or for the answer. */
    int likely_row, likely_rows;

    struct panel_columns across; /* for a line as wide as the panel */
    int statuses;                /* row of unsure, none and skipped; 0: no room */
    bool statuses_in_one;        /* all in that row, else in three rows */
    int others;                  /* row of labels that are no class; 0: there are none */
    int recent, recent_rows;     /* last answers: row of the heading, rows below it; 0: none */
};

/* Rows above the panel for `compare`, with a blank one; 0: there is no room. */
int panel_plan_compare(const struct panel_wants *wants, int rows);

/* Columns for a panel of `rows` rows on a screen of screen_cols columns. */
int panel_plan_cols(const struct panel_wants *wants, int rows, int screen_cols);

/* others: some labels are no class of the session. */
void panel_plan_make(struct panel_plan *plan, const struct panel_wants *wants, int rows, int cols,
                     bool others);

#endif
