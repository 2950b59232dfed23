#include "panel_plan.h"

#include <string.h>

#define COLS_MIN 26
#define COLS_MIN_BARS 32 /* with the model's confidence */
#define COLS_MAX 46      /* of one list */
#define WIDE 36          /* least columns of a panel with room for long key names */
#define PERCENT_COLS 5
#define BAR_COLS 4 /* in lists side by side */
#define COUNT_COLS 5
#define NAME_MIN 8     /* least columns of a name that is longer */
#define NAME_GOOD 20   /* most columns that are reserved for a name */
#define ROOMY 9        /* least rows of a panel with blank lines and statuses */
#define STATUS_ROWS 3  /* unsure, none, skipped */
#define IN_ONE_COLS 34 /* least columns for these three in one row */
#define RECENT_MAX 8
#define COMPARE_ROWS 3

static int min(int a, int b)
{
    return a < b ? a : b;
}

static int max(int a, int b)
{
    return a > b ? a : b;
}

static int clamp(int value, int least, int most)
{
    return max(min(value, most), least);
}

/* Rows left for classes, with `below` rows of other lines under them. */
static int room(int rows, int below)
{
    return max(rows >= ROOMY ? rows - 3 - below : rows - 1, 1);
}

/* Columns of a line without its name, in lists side by side: mark, key, count and gap. */
static int bare_cols(const struct panel_wants *wants)
{
    return 1 + wants->key_cols + 1 + COUNT_COLS + 1;
}

static int list_cols_least(const struct panel_wants *wants)
{
    return bare_cols(wants) + min(wants->name_cols, NAME_MIN);
}

static int list_cols_good(const struct panel_wants *wants)
{
    return bare_cols(wants) + min(wants->name_cols, NAME_GOOD) +
           (wants->guesses ? BAR_COLS + PERCENT_COLS : 0);
}

static int lists_needed(const struct panel_wants *wants, int rows)
{
    int count = (int)wants->classes;
    return max((count + rows - 1) / rows, 1);
}

int panel_plan_compare(const struct panel_wants *wants, int rows)
{
    return wants->compare && rows - COMPARE_ROWS >= ROOMY ? COMPARE_ROWS : 0;
}

int panel_plan_cols(const struct panel_wants *wants, int rows, int screen_cols)
{
    int least = wants->guesses && screen_cols >= 72 ? COLS_MIN_BARS : COLS_MIN;
    int usual = clamp(screen_cols * 3 / 10, least, COLS_MAX);
    int most = max(screen_cols / 2, usual);
    /* Includes a row for other labels, even before there are any. */
    if (lists_needed(wants, room(rows, STATUS_ROWS + 1)) == 1) {
        return usual;
    }
    int lists = clamp(most / list_cols_least(wants), 1, lists_needed(wants, room(rows, 2)));
    int few = min(max(usual, IN_ONE_COLS), most);
    return lists == 1 ? usual : clamp(lists * list_cols_good(wants), few, most);
}

static struct panel_columns across(const struct panel_wants *wants, int cols)
{
    bool wide = cols >= WIDE;
    struct panel_columns c = { .mark = 1,
                               .key = wide ? 3 : 2,
                               .key_cols = clamp(wants->key_cols, 2, 5),
                               .count_cols = wide ? 6 : COUNT_COLS };
    int end = cols - 1;
    if (wants->guesses) {
        c.percent_cols = PERCENT_COLS;
        c.percent = end - PERCENT_COLS;
        c.bar_cols = cols >= COLS_MIN_BARS ? min(cols / 5, COLS_MAX / 5) : 0;
        c.bar = c.percent - c.bar_cols;
        end = c.bar;
    }
    c.count = end - c.count_cols;
    c.name = c.key + c.key_cols + 1;
    c.name_cols = c.count - c.name;
    return c;
}

/* Names have priority over confidence: the predicted class shows its confidence anyway. */
static struct panel_columns in_list(const struct panel_wants *wants, int cols)
{
    struct panel_columns c = { .key = 1, .key_cols = wants->key_cols, .count_cols = COUNT_COLS };
    int spare = cols - bare_cols(wants) - min(wants->name_cols, NAME_GOOD);
    int end = cols - 1;
    if (wants->guesses && spare >= PERCENT_COLS) {
        c.percent_cols = PERCENT_COLS;
        c.percent = end - PERCENT_COLS;
        c.bar_cols = spare >= PERCENT_COLS + BAR_COLS ? BAR_COLS : 0;
        c.bar = c.percent - c.bar_cols;
        end = c.bar;
    }
    c.count = end - c.count_cols;
    c.name = c.key + c.key_cols + 1;
    c.name_cols = c.count - c.name;
    return c;
}

static void plan_lists(struct panel_plan *plan, const struct panel_wants *wants, int rows, int cols)
{
    int needed = lists_needed(wants, rows);
    plan->lists = clamp(cols / list_cols_least(wants), 1, needed);
    if (plan->lists < needed) {
        plan->likely_row = plan->row;
        plan->likely_rows = wants->guesses ? clamp(rows / 4, 1, PANEL_LIKELY_MAX) : 1;
        int gap = rows >= 8 ? 1 : 0;
        plan->row += plan->likely_rows + gap;
        plan->rows = max(rows - plan->likely_rows - gap, 0);
    } else {
        plan->rows = max(((int)wants->classes + plan->lists - 1) / plan->lists, 1);
    }
    plan->list_cols = cols / plan->lists;
    plan->in_list = plan->lists == 1 ? plan->across : in_list(wants, plan->list_cols);
}

void panel_plan_make(struct panel_plan *plan, const struct panel_wants *wants, int rows, int cols,
                     bool others)
{
    memset(plan, 0, sizeof *plan);
    bool roomy = rows >= ROOMY;
    int below = STATUS_ROWS + others;
    if (lists_needed(wants, room(rows, below)) > 1 && cols >= IN_ONE_COLS) {
        plan->statuses_in_one = true;
        below = 1 + others;
    }
    plan->row = roomy ? 2 : 1;
    plan->across = across(wants, cols);
    plan_lists(plan, wants, room(rows, below), cols);
    if (!roomy) {
        return;
    }
    plan->statuses = min(plan->row + plan->rows + 1, rows - below);
    plan->others = others ? plan->statuses + below - 1 : 0;
    int spare = rows - plan->statuses - below - 2; /* a blank line, the heading */
    if (spare > 0) {
        plan->recent = plan->statuses + below + 1;
        plan->recent_rows = min(spare, RECENT_MAX);
    }
}
