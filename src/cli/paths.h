/* Which folder and which labels the operands of a command stand for. */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include <stdbool.h>

#include "command_line.h"

/* The folder of thumbtag.ini, classes.txt and labels.csv: the first operand or, if that is
 * not a folder, the one that contains it; "." without operands. The caller frees it; NULL when out
 * of memory. */
char *data_folder(const struct command_line *line);

bool is_folder(const char *path);

/* A file named *.csv. */
bool is_csv(const char *path);

/* The CSV for an operand: a file itself, or labels.csv in a folder. The caller frees it;
 * NULL when out of memory. */
char *labels_path(const char *operand);

#endif
