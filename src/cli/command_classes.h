/* What `thumbtag classes` can do. */
#ifndef CLI_COMMAND_CLASSES_H
#define CLI_COMMAND_CLASSES_H

#include <stddef.h>

struct class_action {
    const char *name, *arguments; /* arguments: "" or " NAME [KEY]" */
    const char *text;
};

/* NULL past the last one. */
const struct class_action *class_action_at(size_t index);

#endif
