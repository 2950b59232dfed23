/* XML of other programs, read by Expat as a stream. Entities of a document's own are refused:
 * no format here has them, and they can be made to fill the memory. */
#ifndef FORMATS_XML_H
#define FORMATS_XML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define XML_DEPTH_MAX 64
#define XML_TEXT_MAX 4096 /* bytes of the text of an element; longer ones are cut */

struct xml_handler {
    /* attributes: name, value, name, value ..., NULL */
    bool (*begin)(void *context, const char *name, const char **attributes, uint64_t line,
                  struct error *err);
    /* text: what stood in the element itself, without blanks at its ends */
    bool (*end)(void *context, const char *name, const char *text, uint64_t line,
                struct error *err);
};

/* False, with file and line, if the text is not XML or a handler fails. */
bool xml_read(const char *path, const struct buf *text, const struct xml_handler *handler,
              void *context, struct error *err);

/* The value of an attribute, or NULL. */
const char *xml_attribute(const char **attributes, const char *name);

/* Appends text with what XML wants escaped. */
void xml_add(struct buf *out, const char *text, size_t len);

#endif
