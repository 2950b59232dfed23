/* Messages about a session's classes at its start. */
#ifndef CLI_CLASS_NOTICE_H
#define CLI_CLASS_NOTICE_H

#include "classes.h"

/* Classes requested by -c, thumbtag.ini or classes.txt, beside the saved class list. */
struct asked {
    struct classes classes;
    const char *source; /* for messages; NULL: no source names classes */
    bool ordered;       /* -c: keys follow the order, omissions are deliberate */
};

/* Fills found->notice and found->more with how s->classes, the saved and the requested
 * classes merged, differ from what was requested. */
bool class_notice(struct found_classes *found, const struct asked *asked, const struct settings *s,
                  struct error *err);

#endif
