/* What is said of a session's classes at its start. */
#ifndef CLI_CLASS_NOTICE_H
#define CLI_CLASS_NOTICE_H

#include "classes.h"

/* What names classes besides the list beside the labels. */
struct asked {
    struct classes classes;
    const char *source; /* for messages; NULL: nothing names any */
    bool ordered;       /* the order tells keys, and what is not named was left out: -c */
};

/* Fills found->notice and found->more: how s->classes, the saved ones and those asked
 * for together, differ from what was asked. */
bool class_notice(struct found_classes *found, const struct asked *asked, const struct settings *s,
                  struct error *err);

#endif
