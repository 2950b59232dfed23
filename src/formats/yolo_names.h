/* The class names of a YOLO data set. */
#ifndef FORMATS_YOLO_NAMES_H
#define FORMATS_YOLO_NAMES_H

#include "arena.h"
#include "base/buf.h"
#include "base/error.h"

struct yolo_names {
    struct arena arena;
    const char **names;
    size_t count, cap;
};

#define YOLO_NAMES_MAX 100000

/* The member `names` of data.yaml: a list in brackets, one item a line, or NUMBER: NAME. False
 * with ERROR_DATA if there is none. */
bool yolo_names_of_yaml(struct yolo_names *n, const char *path, const struct buf *text,
                        struct error *err);

/* classes.txt, obj.names: a name a line. */
bool yolo_names_of_lines(struct yolo_names *n, const char *path, const struct buf *text,
                         struct error *err);

void yolo_names_release(struct yolo_names *n);

#endif
