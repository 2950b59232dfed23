/* The class list beside the labels, as the session saves it. */
#include "session_private.h"

void session_keep_classes(struct session *s)
{
    struct class_file *file = s->options.class_file;
    s->class_trouble = file && !class_file_save(file, s->classes, &s->class_why);
}

const char *session_class_trouble(const struct session *s)
{
    return s->class_trouble ? s->class_why.message : NULL;
}
