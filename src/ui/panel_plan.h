/* Where things stand in the panel beside the picture: pure arithmetic. What is
 * predicted for a picture moves nothing, so that the eye finds a class where it
 * was. Rows and columns count from the panel's upper left corner. */
#ifndef UI_PANEL_PLAN_H
#define UI_PANEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#define PANEL_LIKELY_MAX 5

/* What is to be shown. */
struct panel_wants {
    size_t classes;
    int name_cols; /* of the longest name */
    int key_cols;  /* of the widest key */
    bool guesses;  /* with the model's confidence */
};

/* A class's line: mark, key, name, count, bar and percent. bar_cols and
 * percent_cols are 0 where there is no room, or no model. */
struct panel_columns {
    int mark, key, key_cols, name, name_cols, count, count_cols;
    int bar, bar_cols, percent, percent_cols;
};

struct panel_plan {
    /* The classes, from the first on, down and then across. */
    int row, rows; /* of the list */
    int lists;     /* side by side */
    int list_cols; /* of each */
    struct panel_columns in_list;

    /* Where not all fit: rows at the top for the most likely ones, or for the answer. */
    int likely_row, likely_rows;

    struct panel_columns across; /* a line as wide as the panel */
    int statuses;                /* row of the answers that are no class; 0: no room */
    bool statuses_in_one;        /* side by side in that row, else one below the other */
    int others;                  /* row of the labels that are no class; 0: there are none */
    int recent, recent_rows;     /* the last answers: row of the heading, rows below it; 0 */
};

/* Columns that a panel of so many rows should have on a screen of so many. */
int panel_plan_cols(const struct panel_wants *wants, int rows, int screen_cols);

/* others: some labels are no class. */
void panel_plan_make(struct panel_plan *plan, const struct panel_wants *wants, int rows, int cols,
                     bool others);

#endif
